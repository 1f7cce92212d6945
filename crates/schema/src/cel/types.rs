use std::fmt;
use std::sync::Arc;

use crate::structural::SchemaId;

/// The type of an expression, as far as it is known before anything is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Known at run time only.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Str,
    Bytes,
    Duration,
    Timestamp,
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// The type of types.
    Named(Arc<Type>),
    /// A type of a library, such as `kubernetes.Quantity`.
    Opaque(&'static str),
    /// An object of the schema.
    Object(SchemaId),
    /// An object of the schema that is a resource: it has `apiVersion`, `kind` and `metadata` in any case.
    Resource(SchemaId),
    /// The metadata of a resource: `name` and `generateName`.
    Metadata,
    /// A type that is still to be found.
    Var(u32),
}

impl Type {
    pub(super) fn list(item: Type) -> Type {
        Type::List(Arc::new(item))
    }

    pub(super) fn map(key: Type, value: Type) -> Type {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    pub(super) fn optional(value: Type) -> Type {
        Type::Optional(Arc::new(value))
    }

    /// The type within an optional one, and whether it was optional.
    pub(super) fn unwrap_optional(self) -> (Type, bool) {
        match self {
            Type::Optional(value) => ((*value).clone(), true),
            other => (other, false),
        }
    }

    /// Whether null is a value of it: of all types that are messages in the language's own terms.
    fn takes_null(&self) -> bool {
        matches!(
            self,
            Type::Null
                | Type::Optional(_)
                | Type::Opaque(_)
                | Type::Object(_)
                | Type::Resource(_)
                | Type::Metadata
                | Type::Duration
                | Type::Timestamp
        )
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn | Type::Var(_) => f.write_str("dyn"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Uint => f.write_str("uint"),
            Type::Double => f.write_str("double"),
            Type::Str => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Duration => f.write_str("google.protobuf.Duration"),
            Type::Timestamp => f.write_str("google.protobuf.Timestamp"),
            Type::List(item) => write!(f, "list({item})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Optional(value) => write!(f, "optional_type({value})"),
            Type::Named(of) => write!(f, "type({of})"),
            Type::Opaque(name) => f.write_str(name),
            Type::Object(_) | Type::Resource(_) | Type::Metadata => f.write_str("object"),
        }
    }
}

/// What is known of the types that are still to be found.
///
/// Solutions are a log, so that an attempt that fails can be taken back.
#[derive(Default)]
pub(super) struct Solutions {
    solved: Vec<Option<Type>>,
    log: Vec<(u32, Option<Type>)>,
}

impl Solutions {
    pub(super) fn fresh(&mut self) -> Type {
        self.solved.push(None);
        Type::Var(self.solved.len() as u32 - 1)
    }

    fn find(&self, var: u32) -> Option<&Type> {
        self.solved[var as usize].as_ref()
    }

    fn set(&mut self, var: u32, to: Type) {
        let before = self.solved[var as usize].replace(to);
        self.log.push((var, before));
    }

    /// Whether a value of type `b` may stand where one of type `a` is wanted. What was learnt of
    /// open types is kept only if so.
    pub(super) fn assignable(&mut self, a: &Type, b: &Type) -> bool {
        self.all_assignable(std::iter::once((a, b)))
    }

    /// The same for several pairs, kept only if all are.
    pub(super) fn all_assignable<'t>(
        &mut self,
        pairs: impl Iterator<Item = (&'t Type, &'t Type)>,
    ) -> bool {
        let before = self.log.len();
        for (a, b) in pairs {
            if !self.unify(a, b) {
                while self.log.len() > before {
                    if let Some((var, old)) = self.log.pop() {
                        self.solved[var as usize] = old;
                    }
                }
                return false;
            }
        }
        true
    }

    fn unify(&mut self, a: &Type, b: &Type) -> bool {
        if let Type::Var(var) = b {
            let (valid, solved) = self.substitute_var(a, *var);
            if valid || solved {
                return valid;
            }
        }
        if let Type::Var(var) = a {
            return self.substitute_var(b, *var).0;
        }
        if matches!((a, b), (Type::Dyn, _) | (_, Type::Dyn)) {
            return true;
        }
        match (a, b) {
            (Type::Null, other) | (other, Type::Null) => other.takes_null(),
            (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
                self.unify(a, b)
            }
            (Type::Map(ak, av), Type::Map(bk, bv)) => self.unify(ak, bk) && self.unify(av, bv),
            (Type::Named(_), Type::Named(_)) => true,
            _ => a == b,
        }
    }

    /// Whether `var` may be `a`, and whether it had a solution before.
    fn substitute_var(&mut self, a: &Type, var: u32) -> (bool, bool) {
        if *a == Type::Var(var) {
            return (true, true);
        }
        if let Some(known) = self.find(var).cloned() {
            if *a == known {
                return (true, true);
            }
            if self.unify(a, &known) {
                let general = most_general(a.clone(), known);
                if !self.occurs(var, &general) {
                    self.set(var, general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.occurs(var, a) {
            return (false, false);
        }
        self.set(var, a.clone());
        (true, false)
    }

    fn occurs(&self, var: u32, within: &Type) -> bool {
        match within {
            Type::Var(other) if *other == var => true,
            Type::Var(other) => match self.find(*other) {
                Some(known) => self.occurs(var, known),
                None => false,
            },
            Type::List(of) | Type::Optional(of) | Type::Named(of) => self.occurs(var, of),
            Type::Map(key, value) => self.occurs(var, key) || self.occurs(var, value),
            _ => false,
        }
    }

    /// The type with all that is known put in; what is not known stays, or is dynamic in the end.
    pub(super) fn resolve(&self, of: &Type, last: bool) -> Type {
        match of {
            Type::Var(var) => match self.find(*var) {
                Some(known) => self.resolve(known, last),
                None if last => Type::Dyn,
                None => of.clone(),
            },
            Type::List(item) => Type::list(self.resolve(item, last)),
            Type::Optional(value) => Type::optional(self.resolve(value, last)),
            Type::Named(of) => Type::Named(Arc::new(self.resolve(of, last))),
            Type::Map(key, value) => Type::map(self.resolve(key, last), self.resolve(value, last)),
            _ => of.clone(),
        }
    }
}

/// Of two types that fit each other, the one that says less.
pub(super) fn most_general(a: Type, b: Type) -> Type {
    if says_no_more(&a, &b) { a } else { b }
}

fn says_no_more(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn | Type::Var(_), _) => true,
        (_, Type::Dyn | Type::Var(_)) => false,
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
            says_no_more(a, b)
        }
        (Type::Map(ak, av), Type::Map(bk, bv)) => says_no_more(ak, bk) && says_no_more(av, bv),
        (Type::Named(_), Type::Named(_)) => true,
        _ => a == b,
    }
}
