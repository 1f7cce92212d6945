use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Kind, Source};
use crate::json::read;
use crate::structural::{Schema, SchemaId, ValueType};

/// One kind or one definition a line, as `cargo xtask schemas` writes them: first the kinds, then the
/// definitions in the order of their names.
const KUBERNETES: &str = include_str!("../../../../schemas/kubernetes-1.35.jsonl");

/// The kinds. Their definitions are read when they are asked for.
pub(super) fn kinds() -> Vec<Kind> {
    let lines = KUBERNETES
        .lines()
        .take_while(|line| line.starts_with("{\"g\""));
    lines.filter_map(kind).collect()
}

/// A field of a line, which the generator writes without escapes.
pub(super) fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let start = line.find(&format!("\"{name}\":"))? + name.len() + 3;
    let rest = line[start..].strip_prefix('"').unwrap_or(&line[start..]);
    rest.split(['"', ',', '}']).next()
}

fn kind(line: &'static str) -> Option<Kind> {
    let field = |name: &str| field(line, name);
    let version = field("v")?;
    Some(Kind {
        group: field("g").unwrap_or_default().into(),
        version: version.into(),
        name: field("k")?.into(),
        namespaced: field("n")? == "true",
        // A server has to be told to serve others.
        served: !version.contains("alpha") && !version.contains("beta"),
        source: Source::Builtin(field("r")?),
        schema: OnceLock::new(),
    })
}

/// The schema of a definition with all that it refers to.
pub(super) fn schema(definition: &str) -> Schema {
    let mut loader = Loader {
        schema: Schema::native(),
        known: FxHashMap::default(),
    };
    loader.definition(definition);
    loader.schema.finish();
    loader.schema
}

/// The schema of the metadata that all objects have.
pub(super) fn metadata() -> Schema {
    schema("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
}

struct Loader {
    schema: Schema,
    known: FxHashMap<String, SchemaId>,
}

impl Loader {
    fn definition(&mut self, name: &str) -> SchemaId {
        if let Some(id) = self.known.get(name) {
            return *id;
        }
        let id = self.schema.reserve();
        self.known.insert(name.to_owned(), id);
        let node = line(name).and_then(read);
        let body = node.as_ref().and_then(|node| node.get("s"));
        if let Some(body) = body {
            let references = &mut |schema: &mut Schema, name: &str| {
                let mut loader = Loader {
                    schema: std::mem::take(schema),
                    known: std::mem::take(&mut self.known),
                };
                let id = loader.definition(name);
                *schema = loader.schema;
                self.known = loader.known;
                id
            };
            self.schema.fill(id, body, references);
        }
        let of = self.schema.node_mut(id);
        match name {
            "io.k8s.apimachinery.pkg.api.resource.Quantity" => {
                of.checks = None;
                of.value_type = Some(ValueType::String);
                of.format = "quantity".into();
            }
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => {
                of.checks = None;
                of.int_or_string = true;
            }
            "io.k8s.apimachinery.pkg.runtime.RawExtension"
            | "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" => of.preserve_unknown = true,
            _ => {}
        }
        id
    }
}

/// The line of a definition.
fn line(name: &str) -> Option<&'static str> {
    let start = format!("{{\"d\":\"{name}\",");
    let mut low = KUBERNETES.find("{\"d\"")?;
    let mut high = KUBERNETES.len();
    // Lines are sorted by their beginnings.
    while low < high {
        let middle = low + (high - low) / 2;
        let begin = KUBERNETES[..middle]
            .rfind('\n')
            .map_or(0, |end| end + 1)
            .max(low);
        let end = KUBERNETES[begin..]
            .find('\n')
            .map_or(KUBERNETES.len(), |end| begin + end);
        let line = &KUBERNETES[begin..end];
        if line.starts_with(&start) {
            return Some(line);
        }
        match line < start.as_str() {
            true => low = end + 1,
            false => high = begin,
        }
    }
    None
}

/// A node of the catalog as a definition; for tests of what the catalog holds.
#[cfg(test)]
pub(super) fn definition(name: &str) -> Option<tidegate_yaml::Node> {
    read(line(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_schema() {
        let kinds = kinds();
        assert!(kinds.len() > 60);
        for kind in &kinds {
            let schema = kind.schema();
            assert!(schema.root().property("metadata").is_some(), "{kind:?}");
        }
        let names: Vec<&str> = KUBERNETES
            .lines()
            .filter_map(|line| line.strip_prefix("{\"d\":\"")?.split('"').next())
            .collect();
        for name in names {
            assert!(definition(name).is_some(), "{name}");
        }
    }
}
