use rustc_hash::FxHashMap;

/// The types, as `cargo xtask schemas types` writes them: `d TYPE FIELD:TYPE:FLAGS ...` for a struct,
/// `k APIVERSION KIND TYPE` for a kind.
const TYPES: &str = include_str!("../../../../schemas/go-types.txt");

/// The struct of a schema in a CustomResourceDefinition.
pub(super) const SCHEMA: &str = "apiextensions/v1.JSONSchemaProps";

/// The types of Go that kinds of Kubernetes are read into.
#[derive(Clone, Debug)]
pub struct GoTypes {
    /// The struct of each kind, by `apiVersion` and `kind`.
    kinds: FxHashMap<(&'static str, &'static str), &'static str>,
    structs: FxHashMap<&'static str, Vec<Field>>,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) of: GoType,
    /// `omitempty`: it is not written where it is empty.
    pub(super) omit_empty: bool,
    /// `omitzero`: it is not written where it is zero.
    pub(super) omit_zero: bool,
}

/// A type.
#[derive(Clone, Debug)]
pub(super) enum GoType {
    Text,
    /// A whole number of that many bits.
    Whole(u8),
    Number,
    Truth,
    /// Base64.
    Bytes,
    Quantity,
    Time,
    /// A time with six digits behind the second.
    MicroTime,
    IntOrText,
    /// Anything.
    Raw,
    /// A schema of a CustomResourceDefinition, or something else in its place.
    SchemaOr(Else),
    Pointer(Box<GoType>),
    List(Box<GoType>),
    Map(Box<GoType>),
    Struct(&'static str),
}

/// What can be in place of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Else {
    Truth,
    Schemas,
    Texts,
}

impl GoTypes {
    /// Those that come with tidegate: of the newest release of Kubernetes that it knows, as a recent
    /// kustomize-controller has them.
    pub fn known() -> GoTypes {
        let mut types = GoTypes {
            kinds: FxHashMap::default(),
            structs: FxHashMap::default(),
        };
        for line in TYPES.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next()) {
                (Some("d"), Some(name)) => {
                    types
                        .structs
                        .insert(name, words.filter_map(Field::read).collect());
                }
                (Some("k"), Some(api_version)) => {
                    if let (Some(kind), Some(name)) = (words.next(), words.next()) {
                        types.kinds.insert((api_version, kind), name);
                    }
                }
                _ => {}
            }
        }
        types
    }

    /// The struct of a kind; none where it is not one of Kubernetes' own.
    pub(super) fn of_kind(&self, api_version: &str, kind: &str) -> Option<GoType> {
        let name = self.kinds.get(&(api_version, kind))?;
        Some(GoType::Struct(name))
    }

    /// The fields of a struct.
    pub(super) fn fields(&self, name: &str) -> &[Field] {
        self.structs.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Field {
    fn read(word: &'static str) -> Option<Field> {
        let mut parts = word.split(':');
        let (name, of) = (parts.next()?, parts.next()?);
        let flags = parts.next().unwrap_or_default();
        Some(Field {
            name,
            of: GoType::read(of)?,
            omit_empty: flags.contains('e'),
            omit_zero: flags.contains('z'),
        })
    }
}

impl GoType {
    fn read(text: &'static str) -> Option<GoType> {
        let inner = |text| GoType::read(text).map(Box::new);
        Some(match text {
            "string" => GoType::Text,
            "int32" => GoType::Whole(32),
            "int64" => GoType::Whole(64),
            "float64" => GoType::Number,
            "bool" => GoType::Truth,
            "bytes" => GoType::Bytes,
            "quantity" => GoType::Quantity,
            "time" => GoType::Time,
            "microtime" => GoType::MicroTime,
            "intstr" => GoType::IntOrText,
            "raw" => GoType::Raw,
            "schema-or-bool" => GoType::SchemaOr(Else::Truth),
            "schema-or-list" => GoType::SchemaOr(Else::Schemas),
            "schema-or-strings" => GoType::SchemaOr(Else::Texts),
            _ => {
                if let Some(rest) = text.strip_prefix('*') {
                    GoType::Pointer(inner(rest)?)
                } else if let Some(rest) = text.strip_prefix("[]") {
                    GoType::List(inner(rest)?)
                } else if let Some(rest) = text.strip_prefix("{}") {
                    GoType::Map(inner(rest)?)
                } else {
                    GoType::Struct(text.strip_prefix('#')?)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_known() {
        let types = GoTypes::known();
        for line in TYPES.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[0] {
                "d" => assert_eq!(types.fields(words[1]).len(), words.len() - 2, "{line}"),
                _ => assert!(types.of_kind(words[1], words[2]).is_some(), "{line}"),
            }
        }
        let parts = types.structs.values().flatten();
        for field in parts {
            let mut of = &field.of;
            while let GoType::Pointer(inner) | GoType::List(inner) | GoType::Map(inner) = of {
                of = inner;
            }
            if let GoType::Struct(name) = of {
                assert!(types.structs.contains_key(name), "{name}");
            }
        }
    }
}
