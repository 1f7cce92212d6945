//! The arguments of functions: constants become what the parameter asks for, other values must be of its type.

use std::rc::Rc;

use super::{Call, Result, Scope, Val};
use crate::ast::{Arg, ArgKind};
use crate::object::Type;
use crate::value::{Elem, Kind, List, Map, MapKind, Value};

impl Call<'_> {
    /// The values of all arguments, each of the type that its parameter has.
    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of a call, and what is around it"
    )]
    pub(super) fn arguments<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        name: &str,
        params: &[Type],
        variadic: bool,
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Vec<Value>> {
        let given = args.len() + usize::from(last.is_some());
        let fixed = params.len() - usize::from(variadic);
        if variadic && given < fixed {
            let got = args.len();
            return self.fail(
                scope,
                format!("wrong number of args for {name}: want at least {fixed} got {got}"),
            );
        }
        if !variadic && given != fixed {
            return self.fail(
                scope,
                format!("wrong number of args for {name}: want {fixed} got {given}"),
            );
        }
        let type_of = |index: usize| {
            let last = params.last().copied().unwrap_or(Type::Any);
            params.get(index).copied().unwrap_or(last)
        };
        let mut values = Vec::with_capacity(given);
        let mut interfaces = 0;
        for (i, arg) in args.iter().enumerate() {
            let value = self.argument(scope, dot, type_of(i), arg)?;
            if value.interface && i < 64 {
                interfaces |= 1 << i;
            }
            values.push(value.value);
        }
        if let Some(last) = last {
            values.push(self.validate(scope, last, type_of(given - 1))?.value);
        }
        self.interfaces = interfaces;
        Ok(values)
    }

    /// An argument for a parameter of a type.
    pub(super) fn argument<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        wanted: Type,
        arg: &'a Arg,
    ) -> Result<Val> {
        scope.at = arg;
        match &arg.kind {
            ArgKind::Nil if wanted.can_be_nil() => Ok(zero(wanted)),
            ArgKind::Nil => self.fail(scope, format!("cannot assign nil to {}", wanted.name())),
            ArgKind::Bool(_) | ArgKind::Number(_) | ArgKind::String(..) => {
                self.constant_argument(scope, wanted, arg)
            }
            _ => {
                let value = self.operand(scope, dot, arg)?;
                self.validate(scope, value, wanted)
            }
        }
    }

    /// The value of an argument that is not a constant.
    pub(super) fn operand<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        arg: &'a Arg,
    ) -> Result<Val> {
        scope.at = arg;
        match &arg.kind {
            ArgKind::Dot => Ok(dot.clone()),
            ArgKind::Field(fields) => self.fields(scope, dot, dot.clone(), fields, &[], None),
            ArgKind::Variable(variable, fields) => {
                let value = self.variable(scope, variable)?;
                self.fields(scope, dot, value, fields, &[], None)
            }
            ArgKind::Pipe(pipe) => {
                self.check_stack(scope)?;
                self.pipeline(scope, dot, pipe)
            }
            ArgKind::Identifier(_, function) => {
                self.function(scope, dot, *function, arg, &[], None)
            }
            ArgKind::Chain(inner, fields) => self.chain(scope, dot, arg, inner, fields, &[], None),
            _ => self.literal(scope, arg),
        }
    }

    pub(super) fn constant_argument<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        wanted: Type,
        arg: &'a Arg,
    ) -> Result<Val> {
        let (value, expected): (Option<Kind>, &str) = match (wanted, &arg.kind) {
            (Type::Any | Type::Reflect, _) => return self.literal(scope, arg),
            (Type::Str, ArgKind::String(text, _)) => (Some(Kind::Str(text.clone())), "string"),
            (Type::Str, _) => (None, "string"),
            (Type::Bool, ArgKind::Bool(value)) => (Some(Kind::Bool(*value)), "bool"),
            (Type::Bool, _) => (None, "bool"),
            (Type::Int, ArgKind::Number(number)) => (number.int.map(Kind::Int), "integer"),
            (Type::Int64, ArgKind::Number(number)) => (number.int.map(Kind::Int64), "integer"),
            (Type::Int | Type::Int64, _) => (None, "integer"),
            (Type::Uint32, ArgKind::Number(number)) => {
                let value = number.uint.filter(|value| *value <= u64::from(u32::MAX));
                (value.map(Kind::Uint64), "unsigned integer")
            }
            (Type::Uint32, _) => (None, "unsigned integer"),
            (Type::Float, ArgKind::Number(number)) => (number.float.map(Kind::Float), "float"),
            (Type::Float, _) => (None, "float"),
            (Type::Map | Type::List | Type::Strs | Type::Object(_), _) => {
                let text = arg.text(&scope.tree.source);
                let reason = format!("can't handle {text} for arg of type {}", wanted.name());
                return self.fail(scope, reason);
            }
        };
        match value {
            Some(kind) => Ok(Val::of(kind.into())),
            None => {
                let text = arg.text(&scope.tree.source);
                self.fail(scope, format!("expected {expected}; found {text}"))
            }
        }
    }

    /// Makes sure that a value can be given to a parameter.
    pub(super) fn validate(&self, scope: &Scope<'_>, mut value: Val, wanted: Type) -> Result<Val> {
        if value.is_invalid() {
            return match wanted.can_be_nil() {
                true => Ok(zero(wanted)),
                false => self.fail(scope, format!("invalid value; expected {}", wanted.name())),
            };
        }
        if matches!(wanted, Type::Any | Type::Reflect) {
            return Ok(value);
        }
        if wanted.takes(&value.value.kind) {
            value.interface = false;
            if let Kind::Map(map) = &value.value.kind
                && let Some(plain) = map.underlying()
            {
                value.value.kind = Kind::Map(Rc::clone(plain));
            }
            return Ok(value);
        }
        let got = match value.value.is_nil() {
            true => "interface {}".into(),
            false => value.value.type_name(),
        };
        let wanted = wanted.name();
        self.fail(
            scope,
            format!("wrong type for value; expected {wanted}; got {got}"),
        )
    }
}

/// The zero value of a type that has a nil.
fn zero(wanted: Type) -> Val {
    match wanted {
        Type::Any => Val::item(Value::NIL),
        Type::Map => Val::of(Map::nil(MapKind::Any).into()),
        Type::List => Val::of(List::nil(Elem::Any).into()),
        Type::Strs => Val::of(List::nil(Elem::Str).into()),
        _ => Val::nothing(),
    }
}
