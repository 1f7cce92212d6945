//! Gives each expression its type, as the API server does before it takes a rule.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::CompileError;
use super::ast::{Call, Element, Entry, Expr, ExprKind, Fold, Literal, Select, Selection};
use super::declared::{declared, field};
use super::library::overloads;
use super::signature::{Instance, Overload};
use super::types::{Solutions, Type, most_general};
use crate::structural::SchemaRef;

/// What the checker found out about an expression.
pub(super) struct Checked {
    /// The type of each part by its number.
    types: Vec<Type>,
    /// The overloads that each call may come to.
    calls: FxHashMap<u32, Vec<&'static Overload>>,
    /// Names with dots that stand for one thing, by the number of the selection.
    pub(super) names: FxHashMap<u32, SmolStr>,
    pub(super) uses_old_self: bool,
}

impl Checked {
    pub(super) fn type_of(&self, expr: &Expr) -> &Type {
        self.types.get(expr.id as usize).unwrap_or(&Type::Dyn)
    }

    pub(super) fn overloads(&self, expr: &Expr) -> &[&'static Overload] {
        self.calls.get(&expr.id).map_or(&[], Vec::as_slice)
    }
}

/// Names of types, with which the result of `type` can be compared.
const TYPES: [(&str, Type); 15] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::Str),
    ("bytes", Type::Bytes),
    ("null_type", Type::Null),
    ("list", Type::Dyn),
    ("map", Type::Dyn),
    ("type", Type::Dyn),
    ("optional_type", Type::Dyn),
    ("google.protobuf.Duration", Type::Duration),
    ("google.protobuf.Timestamp", Type::Timestamp),
    ("net.IP", Type::Opaque("net.IP")),
    ("net.CIDR", Type::Opaque("net.CIDR")),
];

/// Whether a name stands for a type.
pub(super) fn is_type_name(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name)
}

/// Names that expressions of admission policies can use.
const ADMISSION: [&str; 7] = [
    "object",
    "oldObject",
    "request",
    "params",
    "namespaceObject",
    "variables",
    "authorizer",
];

/// Checks an expression about a value of a schema. Calls of functions whose names have dots are
/// brought into one form.
pub(super) fn check(
    expr: &mut Expr,
    count: u32,
    schema: SchemaRef<'_>,
    resource: bool,
    optional_old_self: bool,
) -> Result<Checked, CompileError> {
    let own = declared(schema, resource).ok_or_else(|| {
        let reason = "failed to convert to declType for CEL validation rules";
        CompileError::new(0, reason.to_owned())
    })?;
    let old = match optional_old_self {
        true => Type::optional(own.clone()),
        false => own.clone(),
    };
    let scopes = vec![("self".into(), own), ("oldSelf".into(), old)];
    Checker::new(Some(schema), count, scopes).run(expr)
}

/// Checks an expression of an admission policy: the types of what it is about are not known.
pub(super) fn check_dynamic(expr: &mut Expr, count: u32) -> Result<Checked, CompileError> {
    let scopes = ADMISSION.map(|name| (name.into(), Type::Dyn));
    Checker::new(None, count, scopes.to_vec()).run(expr)
}

struct Checker<'s> {
    schema: Option<SchemaRef<'s>>,
    solutions: Solutions,
    types: Vec<Type>,
    /// What the expression is about, then the names that loops bind, the innermost last.
    scopes: Vec<(SmolStr, Type)>,
    /// How many of them are no names of loops.
    globals: usize,
    calls: FxHashMap<u32, Vec<&'static Overload>>,
    names: FxHashMap<u32, SmolStr>,
    uses_old_self: bool,
}

type Checking<T> = Result<T, CompileError>;

impl<'s> Checker<'s> {
    fn new(schema: Option<SchemaRef<'s>>, count: u32, scopes: Vec<(SmolStr, Type)>) -> Checker<'s> {
        Checker {
            schema,
            solutions: Solutions::default(),
            types: vec![Type::Dyn; count as usize],
            globals: scopes.len(),
            scopes,
            calls: FxHashMap::default(),
            names: FxHashMap::default(),
            uses_old_self: false,
        }
    }

    fn run(mut self, expr: &mut Expr) -> Checking<Checked> {
        self.expr(expr)?;
        let types = self.types.iter().map(|of| self.solutions.resolve(of, true));
        Ok(Checked {
            types: types.collect(),
            calls: self.calls,
            names: self.names,
            uses_old_self: self.uses_old_self,
        })
    }

    fn expr(&mut self, expr: &mut Expr) -> Checking<Type> {
        let (id, at) = (expr.id, expr.at);
        let found = match &mut expr.kind {
            ExprKind::Literal(literal) => literal_type(literal),
            ExprKind::Ident(name) => self.ident(name).ok_or_else(|| undeclared(at, name))?,
            ExprKind::Select(select) => self.select(id, at, select)?,
            ExprKind::Call(call) => self.call(id, at, call)?,
            ExprKind::List(items) => self.list(items)?,
            ExprKind::Map(entries) => self.map(entries)?,
            ExprKind::Fold(fold) => self.fold(fold)?,
        };
        self.types[id as usize] = found.clone();
        Ok(found)
    }

    /// The type of a name.
    fn ident(&mut self, name: &str) -> Option<Type> {
        // With a dot in front names of loops do not count.
        let (name, visible) = match name.strip_prefix('.') {
            Some(name) => (name, self.globals),
            None => (name, self.scopes.len()),
        };
        let found = self.scopes[..visible]
            .iter()
            .rposition(|(known, _)| known == name);
        if let Some(index) = found {
            self.uses_old_self |= index < self.globals && name == "oldSelf";
            return Some(self.scopes[index].1.clone());
        }
        let known = TYPES.iter().find(|(known, _)| *known == name);
        known.map(|(_, of)| Type::Named(Arc::new(of.clone())))
    }

    fn select(&mut self, id: u32, at: u32, select: &mut Select) -> Checking<Type> {
        if select.how == Selection::Value
            && let Some(mut name) = dotted(&select.operand)
        {
            name.push('.');
            name.push_str(&select.field);
            if is_type_name(&name) {
                let found = self.ident(&name).unwrap_or(Type::Dyn);
                self.names.insert(id, name.into());
                return Ok(found);
            }
        }
        let operand = self.expr(&mut select.operand)?;
        let operand = self.solutions.resolve(&operand, false);
        let (target, was_optional) = operand.unwrap_optional();
        let found = match &target {
            Type::Map(_, value) => (**value).clone(),
            Type::Object(_) | Type::Resource(_) | Type::Metadata => self
                .schema
                .and_then(|schema| field(schema, &target, &select.field))
                .ok_or_else(|| {
                    CompileError::new(at, format!("undefined field '{}'", select.field))
                })?,
            Type::Opaque(_) => {
                let reason = format!("undefined field '{}'", select.field);
                return Err(CompileError::new(at, reason));
            }
            Type::Var(_) => {
                self.solutions.assignable(&Type::Dyn, &target);
                Type::Dyn
            }
            Type::Dyn => Type::Dyn,
            other => {
                let reason = format!("type '{other}' does not support field selection");
                return Err(CompileError::new(at, reason));
            }
        };
        Ok(match select.how {
            Selection::Test => Type::Bool,
            Selection::Optional => Type::optional(found),
            Selection::Value if was_optional => Type::optional(found),
            Selection::Value => found,
        })
    }

    fn call(&mut self, id: u32, at: u32, call: &mut Call) -> Checking<Type> {
        let mut args = Vec::with_capacity(call.args.len() + 1);
        for arg in &mut call.args {
            args.push(self.expr(arg)?);
        }
        // A name with dots in front of a function may be a part of its name.
        if let Some(target) = &call.target
            && let Some(namespace) = dotted(target)
        {
            let namespace = namespace.strip_prefix('.').unwrap_or(&namespace);
            let name = format!("{namespace}.{}", call.function);
            if !overloads(&name).is_empty() {
                call.function = name.into();
                call.target = None;
            }
        }
        let is_method = call.target.is_some();
        if let Some(target) = &mut call.target {
            let target = self.expr(target)?;
            args.insert(0, target);
        }
        let name = call.function.strip_prefix('.').unwrap_or(&call.function);
        let candidates = overloads(name);
        if candidates.is_empty() {
            return Err(undeclared(at, name));
        }
        if matches!(name, "_&&_" | "_||_") {
            for (arg, of) in call.args.iter().zip(&args) {
                if !self.solutions.assignable(of, &Type::Bool) {
                    return Err(self.mismatch(arg, &Type::Bool, of));
                }
            }
            return Ok(Type::Bool);
        }
        let mut result: Option<Type> = None;
        let mut found = Vec::new();
        for overload in candidates {
            if overload.method != is_method || overload.params.len() != args.len() {
                continue;
            }
            let mut instance = Instance::default();
            let params: Vec<Type> = overload
                .params
                .iter()
                .map(|param| param.instantiate(&mut instance, &mut self.solutions))
                .collect();
            let returned = overload
                .result
                .instantiate(&mut instance, &mut self.solutions);
            if !self.solutions.all_assignable(args.iter().zip(&params)) {
                continue;
            }
            found.push(overload);
            let returned = self.solutions.resolve(&returned, false);
            result = Some(match result {
                None => returned,
                Some(known) if known == Type::Dyn || known == returned => known,
                Some(_) => Type::Dyn,
            });
        }
        let Some(result) = result else {
            let shown = args
                .iter()
                .map(|of| self.solutions.resolve(of, true).to_string());
            let mut shown: Vec<String> = shown.collect();
            let applied = match is_method {
                true => {
                    let target = shown.remove(0);
                    format!("{target}.({})", shown.join(", "))
                }
                false => format!("({})", shown.join(", ")),
            };
            let reason = format!("found no matching overload for '{name}' applied to '{applied}'");
            return Err(CompileError::new(at, reason));
        };
        self.calls.insert(id, found);
        Ok(result)
    }

    fn list(&mut self, items: &mut [Element]) -> Checking<Type> {
        let mut joined = None;
        for item in items {
            let of = self.expr(&mut item.value)?;
            let of = self.optional_item(&item.value, of, item.optional)?;
            joined = Some(self.join(joined, of));
        }
        let item = joined.unwrap_or_else(|| self.solutions.fresh());
        Ok(Type::list(item))
    }

    fn map(&mut self, entries: &mut [Entry]) -> Checking<Type> {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let key = self.expr(&mut entry.key)?;
            keys = Some(self.join(keys, key));
            let value = self.expr(&mut entry.value)?;
            let value = self.optional_item(&entry.value, value, entry.optional)?;
            values = Some(self.join(values, value));
        }
        let key = keys.unwrap_or_else(|| self.solutions.fresh());
        let value = values.unwrap_or_else(|| self.solutions.fresh());
        Ok(Type::map(key, value))
    }

    /// The type of an item that is left out where it has no value.
    fn optional_item(&self, item: &Expr, of: Type, optional: bool) -> Checking<Type> {
        if !optional {
            return Ok(of);
        }
        match self.solutions.resolve(&of, false).unwrap_optional() {
            (of, true) => Ok(of),
            (Type::Dyn, false) => Ok(Type::Dyn),
            (of, false) => Err(self.mismatch(item, &Type::optional(of.clone()), &of)),
        }
    }

    /// The type that two items of a list have in common. Lists of several types are refused later,
    /// where they are not the arguments of `format`.
    fn join(&mut self, known: Option<Type>, of: Type) -> Type {
        match known {
            None => of,
            Some(known) if self.solutions.assignable(&known, &of) => most_general(known, of),
            Some(_) => Type::Dyn,
        }
    }

    fn fold(&mut self, fold: &mut Fold) -> Checking<Type> {
        let range = self.expr(&mut fold.range)?;
        let accu = self.expr(&mut fold.init)?;
        let range = self.solutions.resolve(&range, false);
        let (first, second) = match &range {
            Type::List(item) if fold.var2.is_some() => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Var(_) => {
                self.solutions.assignable(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let reason = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                return Err(CompileError::new(fold.range.at, reason));
            }
        };
        let before = self.scopes.len();
        self.scopes.push((fold.accu.clone(), accu.clone()));
        self.scopes.push((fold.var.clone(), first));
        if let Some(var2) = &fold.var2 {
            self.scopes.push((var2.clone(), second));
        }
        self.expect(&mut fold.condition, &Type::Bool)?;
        self.expect(&mut fold.step, &accu)?;
        self.scopes.truncate(before + 1);
        let result = self.expr(&mut fold.result)?;
        self.scopes.truncate(before);
        Ok(self.solutions.resolve(&result, false))
    }

    fn expect(&mut self, expr: &mut Expr, wanted: &Type) -> Checking<()> {
        let of = self.expr(expr)?;
        match self.solutions.assignable(wanted, &of) {
            true => Ok(()),
            false => Err(self.mismatch(expr, wanted, &of)),
        }
    }

    fn mismatch(&self, at: &Expr, wanted: &Type, of: &Type) -> CompileError {
        let (wanted, of) = (
            self.solutions.resolve(wanted, true),
            self.solutions.resolve(of, true),
        );
        CompileError::new(at.at, format!("expected type '{wanted}' but found '{of}'"))
    }
}

fn undeclared(at: u32, name: &str) -> CompileError {
    CompileError::new(
        at,
        format!("undeclared reference to '{name}' (in container '')"),
    )
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::Str(_) => Type::Str,
        Literal::Bytes(_) => Type::Bytes,
    }
}

/// The name with dots that an expression is, if it is nothing else.
fn dotted(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ident(name) => Some(name.to_string()),
        ExprKind::Select(select) if select.how == Selection::Value => {
            let mut name = dotted(&select.operand)?;
            name.push('.');
            name.push_str(&select.field);
            Some(name)
        }
        _ => None,
    }
}
