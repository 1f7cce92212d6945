//! The macros: `has`, and the methods over collections and optional values, which all become loops.

use smol_str::SmolStr;

use super::CompileError;
use super::ast::{Call, Element, Expr, ExprKind, Fold, Literal, Select, Selection};
use super::parser::Ids;

/// The name of what a loop gathers. No user can write it.
const ACCU: &str = "@result";

/// What became of a method call.
pub(super) enum Expanded {
    Expr(Expr),
    /// It is no macro: its target and arguments as they were.
    None(Expr, Vec<Expr>),
}

/// A call without a target: `has`, or a plain function.
pub(super) fn global(
    ids: &mut Ids,
    at: u32,
    function: &str,
    mut args: Vec<Expr>,
) -> Result<Expr, CompileError> {
    if function == "has" && args.len() == 1 {
        let arg = args.remove(0);
        return match arg.kind {
            ExprKind::Select(select) if select.how == Selection::Value => {
                let select = Select {
                    how: Selection::Test,
                    ..select
                };
                Ok(ids.expr(at, ExprKind::Select(select)))
            }
            _ => Err(CompileError::new(
                arg.at,
                "invalid argument to has() macro".to_owned(),
            )),
        };
    }
    Ok(ids.call(at, function, args))
}

/// A call with a target.
pub(super) fn method(
    ids: &mut Ids,
    at: u32,
    target: Expr,
    function: &str,
    args: Vec<Expr>,
) -> Result<Expanded, CompileError> {
    let vars = match (function, args.len()) {
        ("all" | "exists" | "exists_one" | "existsOne" | "filter", 2) => 1,
        ("map", 2 | 3) | ("sortBy" | "optMap" | "optFlatMap", 2) => 1,
        ("all" | "exists" | "exists_one" | "existsOne", 3) => 2,
        ("transformList" | "transformMap" | "transformMapEntry", 3 | 4) => 2,
        _ => return Ok(Expanded::None(target, args)),
    };
    let var = variable(&args[0])?;
    let var2 = match vars {
        1 => None,
        _ => Some(variable(&args[1])?),
    };
    if var2.as_ref() == Some(&var) {
        let message = format!("duplicate variable name: {var}");
        return Err(CompileError::new(args[1].at, message));
    }
    let rest: Vec<Expr> = args.into_iter().skip(vars).collect();
    let mut build = Build { ids, at };
    let expr = match function {
        "optMap" | "optFlatMap" => build.optional(target, var, rest, function == "optMap"),
        "sortBy" => build.sort_by(target, var, rest),
        _ => build.fold(function, target, var, var2, rest),
    };
    Ok(Expanded::Expr(expr))
}

fn variable(expr: &Expr) -> Result<SmolStr, CompileError> {
    match &expr.kind {
        ExprKind::Ident(name) if !name.starts_with('.') => Ok(name.clone()),
        _ => Err(CompileError::new(
            expr.at,
            "argument must be a simple name".to_owned(),
        )),
    }
}

struct Build<'a> {
    ids: &'a mut Ids,
    at: u32,
}

impl Build<'_> {
    fn ident(&mut self, name: &str) -> Expr {
        self.ids.expr(self.at, ExprKind::Ident(name.into()))
    }

    fn accu(&mut self) -> Expr {
        self.ident(ACCU)
    }

    fn literal(&mut self, literal: Literal) -> Expr {
        self.ids.expr(self.at, ExprKind::Literal(literal))
    }

    fn list(&mut self, items: Vec<Expr>) -> Expr {
        let items = items.into_iter().map(|value| Element {
            value,
            optional: false,
        });
        self.ids.expr(self.at, ExprKind::List(items.collect()))
    }

    fn call(&mut self, function: &str, args: Vec<Expr>) -> Expr {
        self.ids.call(self.at, function, args)
    }

    fn member(&mut self, target: Expr, function: &str, args: Vec<Expr>) -> Expr {
        let call = Call {
            function: function.into(),
            target: Some(Box::new(target)),
            args,
        };
        self.ids.expr(self.at, ExprKind::Call(call))
    }

    /// The same expression once more, with numbers of its own. What it can grow to is bounded by
    /// the check that the parser makes after each method.
    fn copy(&mut self, expr: &Expr) -> Expr {
        let mut copy = expr.clone();
        self.renumber(&mut copy);
        copy
    }

    fn renumber(&mut self, expr: &mut Expr) {
        let fresh = self.ids.expr(expr.at, ExprKind::Literal(Literal::Null));
        expr.id = fresh.id;
        match &mut expr.kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => {}
            ExprKind::Select(select) => self.renumber(&mut select.operand),
            ExprKind::Call(call) => {
                for arg in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                    self.renumber(arg);
                }
            }
            ExprKind::List(items) => {
                for item in items {
                    self.renumber(&mut item.value);
                }
            }
            ExprKind::Map(entries) => {
                for entry in entries {
                    self.renumber(&mut entry.key);
                    self.renumber(&mut entry.value);
                }
            }
            ExprKind::Fold(fold) => {
                let Fold {
                    range,
                    init,
                    condition,
                    step,
                    result,
                    ..
                } = &mut **fold;
                for part in [range, init, condition, step, result] {
                    self.renumber(part);
                }
            }
        }
    }

    fn fold(
        &mut self,
        function: &str,
        range: Expr,
        var: SmolStr,
        var2: Option<SmolStr>,
        mut rest: Vec<Expr>,
    ) -> Expr {
        let body = rest.pop().unwrap_or_else(|| self.literal(Literal::Null));
        // `map`, `transformList` and their like take a filter in front of what they make.
        let filter = rest.pop();
        let accu = self.accu();
        let (init, condition, step, result) = match function {
            "all" => {
                let condition = self.accu();
                (
                    self.literal(Literal::Bool(true)),
                    self.call("@not_strictly_false", vec![condition]),
                    self.call("_&&_", vec![accu, body]),
                    self.accu(),
                )
            }
            "exists" => {
                let condition = self.accu();
                let condition = self.call("!_", vec![condition]);
                (
                    self.literal(Literal::Bool(false)),
                    self.call("@not_strictly_false", vec![condition]),
                    self.call("_||_", vec![accu, body]),
                    self.accu(),
                )
            }
            "exists_one" | "existsOne" => {
                let one = self.literal(Literal::Int(1));
                let more = self.call("_+_", vec![accu, one]);
                let same = self.accu();
                let (found, one) = (self.accu(), self.literal(Literal::Int(1)));
                (
                    self.literal(Literal::Int(0)),
                    self.literal(Literal::Bool(true)),
                    self.call("_?_:_", vec![body, more, same]),
                    self.call("_==_", vec![found, one]),
                )
            }
            "filter" => {
                let item = self.ident(&var);
                let item = self.list(vec![item]);
                let more = self.call("_+_", vec![accu, item]);
                let same = self.accu();
                (
                    self.list(Vec::new()),
                    self.literal(Literal::Bool(true)),
                    self.call("_?_:_", vec![body, more, same]),
                    self.accu(),
                )
            }
            "map" | "transformList" => {
                let item = self.list(vec![body]);
                let step = self.call("_+_", vec![accu, item]);
                self.gather(ExprKind::List(Vec::new()), step, filter)
            }
            _ => {
                let mut args = vec![accu];
                if function == "transformMap" {
                    args.push(self.ident(&var));
                }
                args.push(body);
                let step = self.call("cel.@mapInsert", args);
                self.gather(ExprKind::Map(Vec::new()), step, filter)
            }
        };
        let fold = Fold {
            range,
            var,
            var2,
            accu: ACCU.into(),
            init,
            condition,
            step,
            result,
        };
        self.ids.expr(self.at, ExprKind::Fold(Box::new(fold)))
    }

    /// The parts of a loop that gathers what passes the filter.
    fn gather(
        &mut self,
        empty: ExprKind,
        step: Expr,
        filter: Option<Expr>,
    ) -> (Expr, Expr, Expr, Expr) {
        let step = match filter {
            Some(filter) => {
                let same = self.accu();
                self.call("_?_:_", vec![filter, step, same])
            }
            None => step,
        };
        (
            self.ids.expr(self.at, empty),
            self.literal(Literal::Bool(true)),
            step,
            self.accu(),
        )
    }

    /// A value under a name: a loop over nothing.
    fn bind(&mut self, name: &str, value: Expr, result: Expr) -> Expr {
        let fold = Fold {
            range: self.list(Vec::new()),
            var: "#unused".into(),
            var2: None,
            accu: name.into(),
            init: value,
            condition: self.literal(Literal::Bool(false)),
            step: self.ident(name),
            result,
        };
        self.ids.expr(self.at, ExprKind::Fold(Box::new(fold)))
    }

    fn optional(&mut self, target: Expr, var: SmolStr, mut rest: Vec<Expr>, wrap: bool) -> Expr {
        let body = rest.pop().unwrap_or_else(|| self.literal(Literal::Null));
        let again = self.copy(&target);
        let value = self.member(again, "value", Vec::new());
        let mut bound = self.bind(&var, value, body);
        if wrap {
            bound = self.dotted_call("optional", "of", vec![bound]);
        }
        let has_value = self.member(target, "hasValue", Vec::new());
        let none = self.dotted_call("optional", "none", Vec::new());
        self.call("_?_:_", vec![has_value, bound, none])
    }

    fn dotted_call(&mut self, namespace: &str, function: &str, args: Vec<Expr>) -> Expr {
        self.call(&format!("{namespace}.{function}"), args)
    }

    fn sort_by(&mut self, target: Expr, var: SmolStr, rest: Vec<Expr>) -> Expr {
        const INPUT: &str = "@__sortBy_input__";
        let input = self.ident(INPUT);
        let keys = self.fold("map", input, var, None, rest);
        let input = self.ident(INPUT);
        let sorted = self.member(input, "@sortByAssociatedKeys", vec![keys]);
        self.bind(INPUT, target, sorted)
    }
}
