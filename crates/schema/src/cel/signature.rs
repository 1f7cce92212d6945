use std::sync::Arc;

use super::eval::Context;
use super::types::{Solutions, Type};
use super::value::{Failure, Value};

/// A type as the signature of a function has it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sig {
    Dyn,
    Bool,
    Int,
    Uint,
    Double,
    Str,
    Bytes,
    Duration,
    Timestamp,
    /// Types that are the same wherever they stand in one signature.
    A,
    B,
    List(&'static Sig),
    Map(&'static Sig, &'static Sig),
    Optional(&'static Sig),
    Type(&'static Sig),
    Opaque(&'static str),
}

/// A function with all its overloads; a name can occur in several libraries.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) overloads: &'static [Overload],
}

/// One signature and what it does.
#[derive(Debug)]
pub(super) struct Overload {
    /// The name by which costs are told apart.
    pub(super) id: &'static str,
    /// Whether it is called as a method, its target being the first parameter.
    pub(super) method: bool,
    pub(super) params: &'static [Sig],
    pub(super) result: Sig,
    pub(super) run: Run,
}

/// Runs an overload with arguments that fit its parameters.
pub(super) type Run = for<'v> fn(&mut Context<'v>, &[Value<'v>]) -> Result<Value<'v>, Failure>;

/// An overload that is called by name.
pub(super) const fn function(
    id: &'static str,
    params: &'static [Sig],
    result: Sig,
    run: Run,
) -> Overload {
    Overload {
        id,
        method: false,
        params,
        result,
        run,
    }
}

/// An overload that is called on its first parameter.
pub(super) const fn method(
    id: &'static str,
    params: &'static [Sig],
    result: Sig,
    run: Run,
) -> Overload {
    Overload {
        id,
        method: true,
        params,
        result,
        run,
    }
}

/// The open types of one use of a signature.
#[derive(Default)]
pub(super) struct Instance {
    a: Option<Type>,
    b: Option<Type>,
}

impl Sig {
    /// The type, with open types of its own for each instance.
    pub(super) fn instantiate(self, instance: &mut Instance, solutions: &mut Solutions) -> Type {
        let mut part = |sig: &'static Sig| Arc::new(sig.instantiate(instance, solutions));
        match self {
            Sig::Dyn => Type::Dyn,
            Sig::Bool => Type::Bool,
            Sig::Int => Type::Int,
            Sig::Uint => Type::Uint,
            Sig::Double => Type::Double,
            Sig::Str => Type::Str,
            Sig::Bytes => Type::Bytes,
            Sig::Duration => Type::Duration,
            Sig::Timestamp => Type::Timestamp,
            Sig::Opaque(name) => Type::Opaque(name),
            Sig::List(item) => Type::List(part(item)),
            Sig::Optional(value) => Type::Optional(part(value)),
            Sig::Type(of) => Type::Named(part(of)),
            Sig::Map(key, value) => Type::Map(part(key), part(value)),
            Sig::A => instance.a.get_or_insert_with(|| solutions.fresh()).clone(),
            Sig::B => instance.b.get_or_insert_with(|| solutions.fresh()).clone(),
        }
    }

    /// Whether a value may be passed for it. Of collections the first item counts, as in the original.
    pub(super) fn fits(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Sig::Dyn | Sig::A | Sig::B, _) => true,
            (Sig::Bool, value) => matches!(value, Value::Bool(_)),
            (Sig::Int, value) => matches!(value, Value::Int(_)),
            (Sig::Uint, value) => matches!(value, Value::Uint(_)),
            (Sig::Double, value) => matches!(value, Value::Double(_)),
            (Sig::Str, value) => matches!(value, Value::Str(_)),
            (Sig::Bytes, value) => matches!(value, Value::Bytes(_)),
            (Sig::Duration, value) => matches!(value, Value::Duration(_)),
            (Sig::Timestamp, value) => matches!(value, Value::Timestamp(_)),
            (Sig::Type(_), value) => matches!(value, Value::Type(_)),
            (Sig::Opaque(name), value) => value.type_name() == name,
            (Sig::List(item), Value::List(list)) => match list.get(0) {
                Some(first) => first.is_ok_and(|first| item.fits(&first)),
                None => true,
            },
            (Sig::Optional(item), Value::Optional(value)) => {
                value.as_ref().is_none_or(|value| item.fits(value))
            }
            (Sig::Map(..), Value::Map(_)) => true,
            (Sig::List(_) | Sig::Optional(_) | Sig::Map(..), _) => false,
        }
    }
}

impl Overload {
    /// Whether the arguments fit all parameters.
    pub(super) fn fits(&self, args: &[Value<'_>]) -> bool {
        self.params.len() == args.len()
            && self.params.iter().zip(args).all(|(sig, arg)| sig.fits(arg))
    }
}
