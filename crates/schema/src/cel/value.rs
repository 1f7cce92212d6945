use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;
use tidegate_yaml::Node;

use super::collections::{List, Map};
use super::library::cidr::Cidr;
use super::library::format::Format;
use super::library::semver::Version;
use super::time::Timestamp;
use crate::quantity::Quantity;
use tidegate_golang::Url;

/// A value while a rule is evaluated. What is of the object stays in its nodes.
#[derive(Clone, Debug)]
pub(super) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Str(SmolStr),
    Bytes(Arc<[u8]>),
    /// In nanoseconds.
    Duration(i64),
    Timestamp(Timestamp),
    List(List<'v>),
    Map(Map<'v>),
    Optional(Option<Rc<Value<'v>>>),
    /// A type, by its name.
    Type(SmolStr),
    Quantity(Rc<Quantity>),
    Semver(Rc<Version>),
    Ip(IpAddr),
    Cidr(Cidr),
    Url(Rc<Url>),
    Format(&'static Format),
    /// A value of which the schema says nothing: it can be compared with its like only.
    Unknown(&'v Node),
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// `&&`, `||` and the loops can do without a value.
    Error(String),
    /// The cost limit is exceeded: evaluation ends.
    CostLimit,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Failure {
        Failure::Error(message.into())
    }

    pub(super) fn no_such_overload() -> Failure {
        Failure::new("no such overload")
    }

    /// The words for it.
    pub(super) fn message(self) -> String {
        match self {
            Failure::Error(message) => message,
            Failure::CostLimit => "operation cancelled: actual cost limit exceeded".to_owned(),
        }
    }
}

impl<'v> Value<'v> {
    pub(super) fn text(text: impl Into<SmolStr>) -> Value<'v> {
        Value::Str(text.into())
    }

    pub(super) fn list(items: Vec<Value<'v>>) -> Value<'v> {
        Value::List(List::Made(Rc::new(items)))
    }

    pub(super) fn some(value: Value<'v>) -> Value<'v> {
        Value::Optional(Some(Rc::new(value)))
    }

    /// The name that `type()` gives.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::Str(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Optional(_) => "optional_type",
            Value::Type(_) => "type",
            Value::Quantity(_) => "kubernetes.Quantity",
            Value::Semver(_) => "kubernetes.Semver",
            Value::Ip(_) => "net.IP",
            Value::Cidr(_) => "net.CIDR",
            Value::Url(_) => "kubernetes.URL",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Unknown(_) => "unknown",
        }
    }

    /// How large a value is, as costs count it.
    pub(super) fn size(&self) -> u64 {
        match self {
            Value::Str(text) => text.chars().count() as u64,
            Value::Bytes(bytes) => bytes.len() as u64,
            Value::List(list) => list.len() as u64,
            Value::Map(map) => map.len() as u64,
            Value::Optional(Some(value)) => value.size(),
            Value::Ip(IpAddr::V4(_)) => 4,
            Value::Ip(IpAddr::V6(_)) => 16,
            Value::Cidr(cidr) => u64::from(cidr.bits.div_ceil(8)),
            _ => 1,
        }
    }

    /// What it costs to walk through a value.
    pub(super) fn traversal(&self) -> Result<u64, Failure> {
        Ok(match self {
            Value::Str(text) => (text.len() as f64 * 0.1) as u64,
            Value::Bytes(bytes) => (bytes.len() as f64 * 0.1) as u64,
            Value::List(list) => {
                let mut cost = 0;
                for item in list.iter() {
                    cost += item?.traversal()?;
                }
                cost
            }
            Value::Map(map) => {
                let mut cost = 0;
                for (key, value) in map.entries()? {
                    cost += key.traversal()? + value.traversal()?;
                }
                cost
            }
            _ => 1,
        })
    }

    /// Equality of the operator `==`: numbers by their value, collections by what they hold.
    pub(super) fn equals(&self, other: &Value<'v>) -> Result<bool, Failure> {
        use Value as V;
        Ok(match (self, other) {
            (V::Null, V::Null) => true,
            (V::Null, _) | (_, V::Null) => false,
            (V::Bool(a), V::Bool(b)) => a == b,
            (V::Str(a), V::Str(b)) => a == b,
            (V::Bytes(a), V::Bytes(b)) => a == b,
            (V::Duration(a), V::Duration(b)) => a == b,
            (V::Timestamp(a), V::Timestamp(b)) => a == b,
            (V::Type(a), V::Type(b)) => a == b,
            (V::Int(_) | V::Uint(_) | V::Double(_), V::Int(_) | V::Uint(_) | V::Double(_)) => {
                self.compare_numbers(other) == Some(Ordering::Equal)
            }
            (V::List(a), V::List(b)) => a.equals(b)?,
            (V::Map(a), V::Map(b)) => a.equals(b)?,
            (V::Optional(None), V::Optional(None)) => true,
            (V::Optional(Some(a)), V::Optional(Some(b))) => a.equals(b)?,
            (V::Quantity(a), V::Quantity(b)) => a == b,
            (V::Semver(a), V::Semver(b)) => a.cmp_precedence(b) == Ordering::Equal,
            (V::Ip(a), V::Ip(b)) => a == b,
            (V::Cidr(a), V::Cidr(b)) => a == b,
            (V::Url(a), V::Url(b)) => a.to_string() == b.to_string(),
            (V::Format(a), V::Format(b)) => a.name == b.name,
            (V::Unknown(a), V::Unknown(b)) => a.same_value(b),
            (
                V::Quantity(_) | V::Semver(_) | V::Ip(_) | V::Cidr(_) | V::Url(_) | V::Format(_),
                _,
            ) => return Err(Failure::no_such_overload()),
            (V::List(list), _) if list.is_of_object() => return Err(Failure::no_such_overload()),
            (V::Map(map), _) if map.is_of_object() => return Err(Failure::no_such_overload()),
            _ => false,
        })
    }

    /// The order of two numbers of any kinds; none where one is not a number or NaN.
    pub(super) fn compare_numbers(&self, other: &Value<'v>) -> Option<Ordering> {
        use Value as V;
        match (self, other) {
            (V::Double(a), V::Double(b)) => a.partial_cmp(b),
            (V::Double(a), b) => cmp_double(*a, b.whole()?),
            (a, V::Double(b)) => Some(cmp_double(*b, a.whole()?)?.reverse()),
            (a, b) => Some(a.whole()?.cmp(&b.whole()?)),
        }
    }

    fn whole(&self) -> Option<i128> {
        match self {
            Value::Int(value) => Some(i128::from(*value)),
            Value::Uint(value) => Some(i128::from(*value)),
            _ => None,
        }
    }

    /// The order of two values that have one.
    pub(super) fn compare(&self, other: &Value<'v>) -> Result<Ordering, Failure> {
        use Value as V;
        match (self, other) {
            (V::Bool(a), V::Bool(b)) => Ok(a.cmp(b)),
            (V::Str(a), V::Str(b)) => Ok(a.cmp(b)),
            (V::Bytes(a), V::Bytes(b)) => Ok(a.cmp(b)),
            (V::Duration(a), V::Duration(b)) => Ok(a.cmp(b)),
            (V::Timestamp(a), V::Timestamp(b)) => Ok(a.cmp(b)),
            (V::Double(a), V::Double(b)) if a.is_nan() || b.is_nan() => {
                Err(Failure::new("NaN values cannot be ordered"))
            }
            _ => self
                .compare_numbers(other)
                .ok_or_else(Failure::no_such_overload),
        }
    }

    /// Whether it is what `optional.ofNonZeroValue` takes for nothing.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Int(value) => *value == 0,
            Value::Uint(value) => *value == 0,
            Value::Double(value) => *value == 0.0,
            Value::Str(text) => text.is_empty(),
            Value::Bytes(bytes) => bytes.is_empty(),
            Value::Duration(value) => *value == 0,
            Value::Timestamp(time) => time.is_zero(),
            Value::List(List::Made(items)) => items.is_empty(),
            Value::Map(Map::Made(entries)) => entries.len() == 0,
            Value::Optional(value) => value.is_none(),
            _ => false,
        }
    }
}

fn cmp_double(a: f64, b: i128) -> Option<Ordering> {
    if a.is_nan() {
        return None;
    }
    // All numbers of 64 bits lie within these bounds, where a double's whole part is exact.
    if a >= 1e20 {
        return Some(Ordering::Greater);
    }
    if a <= -1e20 {
        return Some(Ordering::Less);
    }
    let whole = a.trunc() as i128;
    let fraction = a.fract().partial_cmp(&0.0)?;
    Some(whole.cmp(&b).then(fraction))
}
