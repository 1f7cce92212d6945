//! Expressions in the form in which they are evaluated: names are places, functions are found, what
//! is known is known.

use regex::bytes::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::CompileError;
use super::ast::{Call, Expr, ExprKind, Fold, Literal, Select, Selection};
use super::checker::{Checked, is_type_name};
use super::constant::Constant;
use super::eval::Context;
use super::library::WITH_PATTERN;
use super::signature::Overload;
use super::value::{Failure, Value};

/// One step of an evaluation.
#[derive(Debug)]
pub(super) enum Step {
    Constant(Constant),
    Attribute(Attribute),
    Call(Box<Invocation>),
    Condition(Box<[Step; 3]>),
    And(Vec<Step>),
    Or(Vec<Step>),
    /// True for all that is not false, failures included.
    NotFalse(Box<Step>),
    /// `a.or(b)`, `a.orValue(b)`: the second is evaluated only if the first has no value.
    OptionalOr {
        first: Box<Step>,
        second: Box<Step>,
        unwrap: bool,
    },
    /// `x in [constants]`
    Member(Box<Step>, Vec<Constant>),
    List(Vec<(Step, bool)>),
    Map(Vec<(Step, Step, bool)>),
    /// `accumulator + [items]`, done in place.
    Append(usize, Vec<(Step, bool)>),
    Fold(Box<Loop>),
}

/// A value and the way into it.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) base: Base,
    pub(super) path: Vec<Qualifier>,
}

/// Where an attribute begins.
#[derive(Debug)]
pub(super) enum Base {
    Own,
    Old,
    /// A name that a loop binds, by its place on the stack.
    Local(usize),
    Step(Box<Step>),
}

/// One part of the way into a value.
#[derive(Debug)]
pub(super) struct Qualifier {
    pub(super) key: QualifierKey,
    pub(super) how: Selection,
}

#[derive(Debug)]
pub(super) enum QualifierKey {
    Constant(Constant),
    Step(Step),
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) function: SmolStr,
    pub(super) overloads: Vec<&'static Overload>,
    pub(super) args: Vec<Step>,
}

impl Invocation {
    /// The overload to run. The only one there is says itself what does not fit.
    pub(super) fn overload(&self, args: &[Value<'_>]) -> Option<&'static Overload> {
        match self.overloads.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|overload| overload.fits(args)).copied(),
        }
    }
}

/// A loop.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) range: Step,
    pub(super) two: bool,
    pub(super) init: Step,
    pub(super) condition: Step,
    pub(super) step: Step,
    pub(super) result: Step,
}

/// The steps of an expression, and the regular expressions in it.
pub(super) fn plan(
    expr: &Expr,
    checked: &Checked,
) -> Result<(Step, FxHashMap<SmolStr, Regex>), CompileError> {
    let mut planner = Planner {
        checked,
        scopes: Vec::new(),
        regexes: FxHashMap::default(),
    };
    let step = planner.expr(expr)?;
    Ok((step, planner.regexes))
}

struct Planner<'c> {
    checked: &'c Checked,
    scopes: Vec<SmolStr>,
    regexes: FxHashMap<SmolStr, Regex>,
}

type Planning<T> = Result<T, CompileError>;

impl Planner<'_> {
    fn expr(&mut self, expr: &Expr) -> Planning<Step> {
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Step::Constant(literal.clone().into())),
            ExprKind::Ident(name) => Ok(self.ident(name)),
            ExprKind::Select(select) => self.select(expr, select),
            ExprKind::Call(call) => self.call(expr, call),
            ExprKind::List(items) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    out.push((self.expr(&item.value)?, item.optional));
                }
                let constants = out.iter().map(|(step, optional)| match step {
                    Step::Constant(constant) if !optional => Some(constant.clone()),
                    _ => None,
                });
                Ok(match constants.collect() {
                    Some(constants) => Step::Constant(Constant::List(constants)),
                    None => Step::List(out),
                })
            }
            ExprKind::Map(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                for entry in entries {
                    let key = self.expr(&entry.key)?;
                    out.push((key, self.expr(&entry.value)?, entry.optional));
                }
                let constants = out.iter().map(|entry| match entry {
                    (Step::Constant(key), Step::Constant(value), false) => {
                        Some((key.clone(), value.clone()))
                    }
                    _ => None,
                });
                Ok(match constants.collect() {
                    Some(constants) => Step::Constant(Constant::Map(constants)),
                    None => Step::Map(out),
                })
            }
            ExprKind::Fold(fold) => self.fold(fold),
        }
    }

    fn ident(&self, name: &SmolStr) -> Step {
        let global = name.strip_prefix('.');
        let local = self.scopes.iter().rposition(|known| known == name);
        let base = match (local, global.unwrap_or(name)) {
            (Some(place), _) => Base::Local(place),
            (None, "self") => Base::Own,
            (None, "oldSelf") => Base::Old,
            (None, name) => return Step::Constant(Constant::Type(name.into())),
        };
        Step::Attribute(Attribute {
            base,
            path: Vec::new(),
        })
    }

    /// The attribute that a step is, or one that begins with it.
    fn attribute(step: Step) -> Attribute {
        match step {
            Step::Attribute(attribute) => attribute,
            step => Attribute {
                base: Base::Step(Box::new(step)),
                path: Vec::new(),
            },
        }
    }

    fn select(&mut self, expr: &Expr, select: &Select) -> Planning<Step> {
        if let Some(name) = self.checked.names.get(&expr.id) {
            debug_assert!(is_type_name(name));
            return Ok(Step::Constant(Constant::Type(name.clone())));
        }
        let mut attribute = Planner::attribute(self.expr(&select.operand)?);
        // Nothing follows a test: a selection from its result begins anew.
        if attribute
            .path
            .last()
            .is_some_and(|last| last.how == Selection::Test)
        {
            attribute = Attribute {
                base: Base::Step(Box::new(Step::Attribute(attribute))),
                path: Vec::new(),
            };
        }
        attribute.path.push(Qualifier {
            key: QualifierKey::Constant(Constant::Literal(Literal::Str(select.field.clone()))),
            how: select.how,
        });
        Ok(Step::Attribute(attribute))
    }

    fn call(&mut self, expr: &Expr, call: &Call) -> Planning<Step> {
        let mut args = Vec::with_capacity(call.args.len() + 1);
        if let Some(target) = &call.target {
            args.push(self.expr(target)?);
        }
        if let Some(step) = self.append(call)? {
            return Ok(step);
        }
        for arg in &call.args {
            args.push(self.expr(arg)?);
        }
        let name = call.function.strip_prefix('.').unwrap_or(&call.function);
        let overloads = self.checked.overloads(expr).to_vec();
        match (name, args.len()) {
            ("_&&_", _) => return Ok(Step::And(args)),
            ("_||_", _) => return Ok(Step::Or(args)),
            ("_?_:_", 3) => {
                if let Ok(parts) = <[Step; 3]>::try_from(args) {
                    return Ok(Step::Condition(Box::new(parts)));
                }
                return Err(CompileError::new(expr.at, "no condition".to_owned()));
            }
            ("@not_strictly_false", 1) => {
                return Ok(Step::NotFalse(Box::new(args.remove(0))));
            }
            ("or" | "orValue", 2) if call.target.is_some() => {
                let second = Box::new(args.remove(1));
                return Ok(Step::OptionalOr {
                    first: Box::new(args.remove(0)),
                    second,
                    unwrap: name == "orValue",
                });
            }
            ("_[_]" | "_[?_]", 2) => {
                let key = match args.remove(1) {
                    Step::Constant(constant) => QualifierKey::Constant(constant),
                    step => QualifierKey::Step(step),
                };
                let mut attribute = Planner::attribute(args.remove(0));
                attribute.path.push(Qualifier {
                    key,
                    how: match name {
                        "_[_]" => Selection::Value,
                        _ => Selection::Optional,
                    },
                });
                return Ok(Step::Attribute(attribute));
            }
            ("@in", 2) if overloads.iter().any(|overload| overload.id == "in_list") => {
                if let Step::Constant(Constant::List(list)) = &args[1]
                    && list.iter().all(Constant::is_member)
                {
                    let list = list.clone();
                    return Ok(match list.is_empty() {
                        true => Step::Constant(Constant::Literal(Literal::Bool(false))),
                        false => Step::Member(Box::new(args.remove(0)), list),
                    });
                }
            }
            _ => {}
        }
        if let [Step::Constant(constant)] = args.as_slice()
            && super::library::FOLDED.contains(&name)
            && let Some(folded) = fold_constant(constant, &overloads)
                .map_err(|error| CompileError::instantiation(expr.at, error))?
        {
            return Ok(Step::Constant(folded));
        }
        if WITH_PATTERN.contains(&name)
            && let Some(Step::Constant(Constant::Literal(Literal::Str(pattern)))) = args.get(1)
        {
            let regex = tidegate_golang::regexp::compile(pattern)
                .map_err(|reason| CompileError::instantiation(expr.at, reason))?;
            self.regexes.insert(pattern.clone(), regex);
        }
        Ok(Step::Call(Box::new(Invocation {
            function: name.into(),
            overloads,
            args,
        })))
    }

    /// The step for `accumulator + [items]`, with which loops make lists.
    fn append(&mut self, call: &Call) -> Planning<Option<Step>> {
        let [first, second] = call.args.as_slice() else {
            return Ok(None);
        };
        let (ExprKind::Ident(name), ExprKind::List(items)) = (&first.kind, &second.kind) else {
            return Ok(None);
        };
        if call.function != "_+_" || !name.starts_with('@') {
            return Ok(None);
        }
        let Some(place) = self.scopes.iter().rposition(|known| known == name) else {
            return Ok(None);
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            out.push((self.expr(&item.value)?, item.optional));
        }
        Ok(Some(Step::Append(place, out)))
    }

    fn fold(&mut self, fold: &Fold) -> Planning<Step> {
        let range = self.expr(&fold.range)?;
        let init = self.expr(&fold.init)?;
        let before = self.scopes.len();
        self.scopes.push(fold.accu.clone());
        self.scopes.push(fold.var.clone());
        self.scopes.extend(fold.var2.clone());
        let condition = self.expr(&fold.condition)?;
        let step = self.expr(&fold.step)?;
        self.scopes.truncate(before + 1);
        let result = self.expr(&fold.result)?;
        self.scopes.truncate(before);
        Ok(Step::Fold(Box::new(Loop {
            range,
            two: fold.var2.is_some(),
            init,
            condition,
            step,
            result,
        })))
    }
}

/// What a conversion makes of a constant. It fails as the evaluation would.
fn fold_constant(
    constant: &Constant,
    overloads: &[&'static Overload],
) -> Result<Option<Constant>, String> {
    let regexes = FxHashMap::default();
    let mut context = Context::new(&regexes, None, None);
    let args = [constant.value().map_err(|failure| failure.message())?];
    let Some(overload) = overloads.iter().find(|overload| overload.fits(&args)) else {
        return Ok(None);
    };
    match (overload.run)(&mut context, &args) {
        Ok(value) => Ok(Constant::of(&value)),
        Err(Failure::Error(reason)) => Err(reason),
        Err(Failure::CostLimit) => Ok(None),
    }
}
