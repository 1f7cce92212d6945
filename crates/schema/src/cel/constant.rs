use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::Literal;
use super::collections::{Entries, Map};
use super::time::Timestamp;
use super::value::{Failure, Value};

/// A value that is known once a rule is compiled.
#[derive(Clone, Debug)]
pub(super) enum Constant {
    Literal(Literal),
    Duration(i64),
    Timestamp(Timestamp),
    Type(SmolStr),
    List(Vec<Constant>),
    Map(Vec<(Constant, Constant)>),
}

impl From<Literal> for Constant {
    fn from(literal: Literal) -> Constant {
        Constant::Literal(literal)
    }
}

impl Constant {
    /// The value.
    pub(super) fn value<'v>(&self) -> Result<Value<'v>, Failure> {
        Ok(match self {
            Constant::Literal(literal) => match literal {
                Literal::Null => Value::Null,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::Int(value) => Value::Int(*value),
                Literal::Uint(value) => Value::Uint(*value),
                Literal::Double(value) => Value::Double(*value),
                Literal::Str(text) => Value::Str(text.clone()),
                Literal::Bytes(bytes) => Value::Bytes(bytes.clone()),
            },
            Constant::Duration(value) => Value::Duration(*value),
            Constant::Timestamp(time) => Value::Timestamp(*time),
            Constant::Type(name) => Value::Type(name.clone()),
            Constant::List(items) => {
                let items = items.iter().map(Constant::value);
                Value::list(items.collect::<Result<_, _>>()?)
            }
            Constant::Map(pairs) => {
                let mut entries = Entries::default();
                for (key, value) in pairs {
                    entries.set(key.value()?, value.value()?)?;
                }
                Value::Map(Map::Made(Rc::new(entries)))
            }
        })
    }

    /// A value that can be kept with a rule.
    pub(super) fn of(value: &Value<'_>) -> Option<Constant> {
        Some(match value {
            Value::Null => Literal::Null.into(),
            Value::Bool(value) => Literal::Bool(*value).into(),
            Value::Int(value) => Literal::Int(*value).into(),
            Value::Uint(value) => Literal::Uint(*value).into(),
            Value::Double(value) => Literal::Double(*value).into(),
            Value::Str(text) => Literal::Str(text.clone()).into(),
            Value::Bytes(bytes) => Literal::Bytes(bytes.clone()).into(),
            Value::Duration(value) => Constant::Duration(*value),
            Value::Timestamp(time) => Constant::Timestamp(*time),
            Value::Type(name) => Constant::Type(name.clone()),
            Value::List(list) => {
                let items = list.iter().map(|item| Constant::of(&item.ok()?));
                Constant::List(items.collect::<Option<_>>()?)
            }
            Value::Map(map) => {
                let pairs = map.entries().ok()?;
                let pairs = pairs
                    .iter()
                    .map(|(key, value)| Some((Constant::of(key)?, Constant::of(value)?)));
                Constant::Map(pairs.collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// Whether membership in a list of its like is looked up at no cost.
    pub(super) fn is_member(&self) -> bool {
        matches!(
            self,
            Constant::Literal(
                Literal::Bool(_)
                    | Literal::Int(_)
                    | Literal::Uint(_)
                    | Literal::Double(_)
                    | Literal::Str(_)
            )
        )
    }
}
