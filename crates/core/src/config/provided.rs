use std::collections::BTreeMap;
use std::fmt;

use tidegate_source::Span;

use super::Named;
use crate::render::{DefinitionId, DefinitionKind};

/// A ConfigMap or Secret that exists in a cluster and is not in the tree.
#[derive(Clone, Debug)]
pub struct Provided {
    /// Which of the two it is.
    pub kind: DefinitionKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Where its name is written.
    pub span: Span,
    /// The file that declares keys, until it is read.
    pub(super) env_file: Option<Named>,
    /// What is declared of its keys.
    pub keys: BTreeMap<String, ProvidedKey>,
    /// Whether it may have further keys, so that a variable it lacks is unknown and not undefined.
    pub more_keys: bool,
}

impl Provided {
    /// Its kind, namespace and name: a cluster has one of each.
    pub fn identity(&self) -> DefinitionId {
        DefinitionId {
            kind: self.kind,
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

impl fmt::Display for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DefinitionKind::ConfigMap => "ConfigMap",
            DefinitionKind::Secret => "Secret",
        };
        write!(f, "{kind} {}/{}", self.namespace, self.name)
    }
}

/// A key of a ConfigMap or Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidedKey {
    /// What is known of its value.
    pub value: ProvidedValue,
    /// Where that is written: in the config, or in an env file that it names.
    pub span: Span,
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvidedValue {
    /// The value.
    Known(String),
    /// Its type alone.
    Unknown(ValueType),
}

/// The type of a value that is not known: how the API machinery reads it where it stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// Text that is read as text.
    String,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true` or `false`.
    Bool,
    /// It may be of any type.
    Any,
}

impl ValueType {
    /// A value of this type, where text has to be put in for one that is not known.
    pub fn sample(self) -> &'static str {
        match self {
            ValueType::String | ValueType::Any => "unknown",
            ValueType::Int => "1",
            ValueType::Float => "1.5",
            ValueType::Bool => "true",
        }
    }
}
