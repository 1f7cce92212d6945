//! Pipelines, commands, fields and calls.

use std::rc::Rc;

use tidegate_yaml::SmolStr;

use super::{Call, Result, Scope, Val};
use crate::ast::{Arg, ArgKind, Command, Number, Part, Pipe, Variable};
use crate::functions::{Code, Failure, FunctionId};
use crate::methods::Method;
use crate::object::{Object, Type};
use crate::origin::Origin;
use crate::set::MissingKey;
use crate::value::{Kind, Map, MapKind, Value};

impl Call<'_> {
    pub(super) fn pipeline<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        pipe: &'a Pipe,
    ) -> Result<Val> {
        scope.at = pipe;
        let mut value: Option<Val> = None;
        for command in &pipe.commands {
            let mut next = self.command(scope, dot, command, value)?;
            // What stands in an interface is taken out of it.
            next.interface = false;
            value = Some(next);
        }
        let value = value.unwrap_or_else(Val::nothing);
        for variable in &pipe.variables {
            if pipe.assigns {
                self.assign(scope, variable, value.clone())?;
            } else {
                self.variables.push((variable.id, value.clone()));
            }
        }
        Ok(value)
    }

    pub(super) fn assign(
        &mut self,
        scope: &Scope<'_>,
        variable: &Variable,
        value: Val,
    ) -> Result<()> {
        let value = Val {
            value: value.value.influenced(self.control, self.origins),
            ..value
        };
        let known = self.variables[scope.base..]
            .iter_mut()
            .rev()
            .find(|(id, _)| *id == variable.id);
        match known {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.fail(scope, format!("undefined variable: {}", variable.name)),
        }
    }

    pub(super) fn variable(&self, scope: &Scope<'_>, variable: &Variable) -> Result<Val> {
        let known = self.variables[scope.base..]
            .iter()
            .rev()
            .find(|(id, _)| *id == variable.id);
        match known {
            Some((_, value)) => Ok(value.clone()),
            None => self.fail(scope, format!("undefined variable: {}", variable.name)),
        }
    }

    fn command<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        command: &'a Command,
        last: Option<Val>,
    ) -> Result<Val> {
        let (first, args) = command.args.split_first().unwrap_or((&NOTHING, &[]));
        match &first.kind {
            ArgKind::Field(fields) => {
                scope.at = first;
                self.fields(scope, dot, dot.clone(), fields, args, last)
            }
            ArgKind::Chain(inner, fields) => {
                self.chain(scope, dot, first, inner, fields, args, last)
            }
            ArgKind::Identifier(_, function) => {
                scope.at = first;
                self.function(scope, dot, *function, command, args, last)
            }
            ArgKind::Pipe(pipe) => {
                self.refuse_args(scope, first, args, last.as_ref())?;
                self.check_stack(scope)?;
                self.pipeline(scope, dot, pipe)
            }
            ArgKind::Variable(variable, fields) => {
                scope.at = first;
                let value = self.variable(scope, variable)?;
                if fields.is_empty() {
                    self.refuse_args(scope, first, args, last.as_ref())?;
                    return Ok(value);
                }
                self.fields(scope, dot, value, fields, args, last)
            }
            _ => {
                scope.at = first;
                self.refuse_args(scope, first, args, last.as_ref())?;
                match &first.kind {
                    ArgKind::Dot => Ok(dot.clone()),
                    ArgKind::Nil => self.fail(scope, "nil is not a command"),
                    _ => self.literal(scope, first),
                }
            }
        }
    }

    fn refuse_args(
        &self,
        scope: &Scope<'_>,
        first: &Arg,
        args: &[Arg],
        last: Option<&Val>,
    ) -> Result<()> {
        if args.is_empty() && last.is_none() {
            return Ok(());
        }
        let text = first.text(&scope.tree.source);
        self.fail(scope, format!("can't give argument to non-function {text}"))
    }

    /// A constant where nothing says which type it is to be of.
    pub(super) fn literal<'a>(&mut self, scope: &mut Scope<'a>, arg: &'a Arg) -> Result<Val> {
        scope.at = arg;
        Ok(Val::of(match &arg.kind {
            ArgKind::Bool(value) => (*value).into(),
            ArgKind::String(text, _) => text.clone().into(),
            ArgKind::Number(number) => match constant(number) {
                Some(kind) => kind.into(),
                None => return self.fail(scope, format!("{} overflows int", number.text)),
            },
            _ => Value::NIL,
        }))
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of a chain, and what is around it"
    )]
    pub(super) fn chain<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        whole: &'a Arg,
        inner: &'a Arg,
        fields: &'a [SmolStr],
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        scope.at = whole;
        if matches!(inner.kind, ArgKind::Nil) {
            let text = whole.text(&scope.tree.source);
            return self.fail(scope, format!("indirection through explicit nil in {text}"));
        }
        let receiver = self.operand(scope, dot, inner)?;
        self.fields(scope, dot, receiver, fields, args, last)
    }

    /// `.A.B.C`: only the last field can be a method with arguments.
    pub(super) fn fields<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        receiver: Val,
        fields: &'a [SmolStr],
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        let Some((name, before)) = fields.split_last() else {
            return Ok(receiver);
        };
        let mut receiver = receiver;
        for (at, field) in before.iter().enumerate() {
            if at + 1 == before.len()
                && let Kind::Object(object) = &receiver.value.kind
                && let Some(params) = object.method_of_field(field, name)
            {
                let object = Rc::clone(object);
                return self.object_method(scope, dot, &object, name, params, args, last);
            }
            receiver = self.field(scope, dot, receiver, field, &[], None)?;
        }
        self.field(scope, dot, receiver, name, args, last)
    }

    fn field<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        receiver: Val,
        name: &'a SmolStr,
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        if receiver.is_invalid() {
            if self.missing_key() == MissingKey::Error {
                return self.fail(
                    scope,
                    format!("nil data; no entry for key {}", quoted(name)),
                );
            }
            return Ok(Val::nothing());
        }
        let has_args = !args.is_empty() || last.is_some();
        if let Some(method) = Method::find(&receiver.value.kind, name) {
            let params = method.params();
            let values = self.arguments(scope, dot, name, params, false, args, last)?;
            let result = method.call(&receiver.value, &values, self);
            return self.method_result(scope, name, result);
        }
        match &receiver.value.kind {
            Kind::Nil => {
                return self.fail(
                    scope,
                    format!("nil pointer evaluating interface {{}}.{name}"),
                );
            }
            Kind::Map(map) => {
                if has_args {
                    return self.fail(scope, format!("{name} is not a method but has arguments"));
                }
                return self.entry(scope, map, receiver.value.origin, name);
            }
            Kind::Object(object) => {
                if let Some(params) = object.method(name) {
                    let object = Rc::clone(object);
                    return self.object_method(scope, dot, &object, name, params, args, last);
                }
                if let Some(value) = object.field(name) {
                    if has_args {
                        return self.fail(
                            scope,
                            format!("{name} has arguments but cannot be invoked as function"),
                        );
                    }
                    return Ok(Val::of(value));
                }
                if object.is_nil() {
                    let type_name = object.type_name();
                    return self.fail(scope, format!("nil pointer evaluating {type_name}.{name}"));
                }
            }
            _ => {}
        }
        let type_name = match receiver.interface {
            true => "interface {}".into(),
            false => receiver.value.type_name(),
        };
        self.fail(
            scope,
            format!("can't evaluate field {name} in type {type_name}"),
        )
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of a call, and what is around it"
    )]
    fn object_method<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        object: &Rc<dyn Object>,
        name: &str,
        params: &[Type],
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        let values = self.arguments(scope, dot, name, params, false, args, last)?;
        let result = object.call(name, &values, self);
        self.method_result(scope, name, result)
    }

    fn method_result(
        &self,
        scope: &Scope<'_>,
        name: &str,
        result: std::result::Result<Value, Failure>,
    ) -> Result<Val> {
        result
            .map(Val::of)
            .map_err(|failure| self.error(scope, failure.calling(name)))
    }

    fn entry(
        &mut self,
        scope: &Scope<'_>,
        map: &Map,
        origin: Origin,
        name: &SmolStr,
    ) -> Result<Val> {
        if let Some(value) = map.get(name) {
            self.origins.mark_read(value.origin);
            self.last_read = value.origin;
            return Ok(Val {
                value,
                interface: map.kind != MapKind::Strings,
            });
        }
        self.mark_missing(origin, name);
        match self.missing_key() {
            MissingKey::Default => Ok(Val::nothing()),
            MissingKey::Zero if map.kind == MapKind::Strings => Ok(Val::of("".into())),
            MissingKey::Zero => Ok(Val::item(Value::NIL)),
            MissingKey::Error => {
                self.fail(scope, format!("map has no entry for key {}", quoted(name)))
            }
        }
    }

    pub(super) fn function<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        id: FunctionId,
        node: &'a dyn Part,
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        self.step(scope)?;
        let function = *self.set.functions().get(id);
        let result = match function.code {
            Code::And | Code::Or => {
                let wanted = matches!(function.code, Code::Or);
                return self.short_circuit(scope, dot, function.name, wanted, args, last);
            }
            Code::Native(code) => {
                let values = self.arguments(
                    scope,
                    dot,
                    function.name,
                    function.params,
                    function.variadic,
                    args,
                    last,
                )?;
                let result = code(self, &values);
                result.map(|value| self.with_origins(value, &values))
            }
            Code::Host => {
                let values = self.arguments(
                    scope,
                    dot,
                    function.name,
                    function.params,
                    function.variadic,
                    args,
                    last,
                )?;
                self.host.call(function.name, &values)
            }
            Code::CallValue => {
                let callee = match (args.first(), &last) {
                    (Some(arg), _) => arg.text(&scope.tree.source),
                    // What comes out of a pipe has no name: Go shows strings, and the types of others.
                    (None, Some(last)) => match last.value.as_str() {
                        Some(text) => text.to_text().to_string(),
                        None => format!("<{} Value>", last.value.type_name()),
                    },
                    (None, None) => String::new(),
                };
                let values = self.arguments(
                    scope,
                    dot,
                    function.name,
                    function.params,
                    function.variadic,
                    args,
                    last,
                )?;
                Err(match values.first() {
                    Some(value) if !value.is_nil() => {
                        format!("non-function {callee} of type {}", value.type_name()).into()
                    }
                    _ => "call of nil".into(),
                })
            }
        };
        result.map(Val::of).map_err(|failure| {
            scope.at = node;
            self.error(scope, failure.calling(function.name))
        })
    }

    /// Gives a result that says nothing of where it came from the origins of the arguments.
    fn with_origins(&mut self, value: Value, args: &[Value]) -> Value {
        if !self.origins.is_on() || value.origin.is_some() {
            return value;
        }
        match &value.kind {
            Kind::Str(text) if text.pieces().is_some() => return value,
            Kind::Nil | Kind::List(_) | Kind::Map(_) | Kind::Object(_) => return value,
            _ => {}
        }
        let mut all = value.origin;
        for arg in args {
            let origin = match &arg.kind {
                Kind::List(_) | Kind::Map(_) => arg.origin,
                _ => arg.deep_origin(self.origins),
            };
            all = self.origins.union(all, origin);
        }
        value.with_origin(all)
    }

    fn short_circuit<'a>(
        &mut self,
        scope: &mut Scope<'a>,
        dot: &Val,
        name: &str,
        wanted: bool,
        args: &'a [Arg],
        last: Option<Val>,
    ) -> Result<Val> {
        if args.is_empty() && last.is_none() {
            return self.fail(
                scope,
                format!("wrong number of args for {name}: want at least 1 got 0"),
            );
        }
        let mut value = Val::nothing();
        for arg in args {
            let next = self.argument(scope, dot, Type::Reflect, arg)?;
            let before = std::mem::replace(&mut value, next);
            value.value = self.chosen(value.value, &[before.value]);
            if value.value.is_true() == wanted {
                return Ok(value);
            }
        }
        if let Some(mut last) = last {
            last.value = self.chosen(last.value, &[value.value]);
            return Ok(last);
        }
        Ok(value)
    }
}

/// What a command without operands, which the parser does not make, would be.
const NOTHING: Arg = Arg {
    pos: 0,
    kind: ArgKind::Nil,
};

fn quoted(name: &str) -> String {
    tidegate_golang::quote(name.as_bytes())
}

/// The value of a number whose type only its notation tells; none where it is too large for an `int`.
fn constant(number: &Number) -> Option<Kind> {
    if let Some((real, imaginary)) = number.complex {
        return Some(Kind::Complex(real, imaginary));
    }
    let text = number.text.as_str();
    let hex = matches!(text.as_bytes(), [b'0', b'x' | b'X', _, ..]) && !text.contains(['p', 'P']);
    let is_float = !hex && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']);
    match number.float {
        Some(value) if is_float => Some(Kind::Float(value)),
        _ => number.int.map(Kind::Int),
    }
}
