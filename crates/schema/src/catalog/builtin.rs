use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Kind, KubernetesVersion, Source};
use crate::json::read;
use crate::structural::{Schema, SchemaId, ValueType};

/// One definition or one kind a line, as `cargo xtask schemas` writes them: first the definitions in the
/// order of their names, then the kinds. Each says by bits which versions have it.
const KUBERNETES: &str = include_str!("../../../../schemas/kubernetes.jsonl");

/// The kinds of a version. Their definitions are read when they are asked for.
pub(super) fn kinds(version: KubernetesVersion) -> impl Iterator<Item = Kind> {
    let lines = kind_lines().lines().skip(1);
    lines.filter_map(move |line| kind(line, version))
}

/// The lines of the kinds, behind the last one of a definition.
fn kind_lines() -> &'static str {
    let start = KUBERNETES.rfind("\n{\"d\":").unwrap_or_default() + 1;
    &KUBERNETES[start..]
}

/// The kinds that only later versions serve, with the first one that does.
pub(super) fn later(
    version: KubernetesVersion,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str, KubernetesVersion)> {
    let later = move |line: &'static str| {
        let minors: u32 = field(line, "m")?.parse().ok()?;
        let first = KubernetesVersion::OLDEST.minor + minors.trailing_zeros();
        let first = KubernetesVersion::new(1, first);
        let served = field(line, "v").filter(|served| is_stable(served))?;
        let group = field(line, "g").unwrap_or_default();
        (minors != 0 && first > version).then_some((group, served, field(line, "k")?, first))
    };
    kind_lines().lines().filter_map(later)
}

/// Whether servers serve a version without being told to.
fn is_stable(version: &str) -> bool {
    !version.contains("alpha") && !version.contains("beta")
}

/// A field of a line, which the generator writes without escapes.
pub(crate) fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let start = line.find(&format!("\"{name}\":"))? + name.len() + 3;
    let rest = line[start..].strip_prefix('"').unwrap_or(&line[start..]);
    rest.split(['"', ',', '}']).next()
}

/// Whether a line is of one of the versions that bits stand for.
fn is_of(line: &str, bits: u32) -> bool {
    let of = field(line, "m").and_then(|minors| minors.parse::<u32>().ok());
    of.is_some_and(|minors| minors & bits != 0)
}

fn kind(line: &'static str, of: KubernetesVersion) -> Option<Kind> {
    if !is_of(line, of.bit()) {
        return None;
    }
    let field = |name: &str| field(line, name);
    let version = field("v")?;
    Some(Kind {
        group: field("g").unwrap_or_default().into(),
        version: version.into(),
        name: field("k")?.into(),
        namespaced: field("n")? == "true",
        served: is_stable(version),
        deprecated: None,
        source: Source::Builtin(field("r")?, of),
        schema: OnceLock::new(),
    })
}

/// The schema of a definition with all that it refers to.
pub(super) fn schema(definition: &str, version: KubernetesVersion) -> Schema {
    let mut loader = Loader {
        schema: Schema::native(),
        known: FxHashMap::default(),
        version,
    };
    loader.definition(definition);
    loader.schema.finish();
    loader.schema
}

/// The schema of the metadata that all objects have.
pub(super) fn metadata(version: KubernetesVersion) -> Schema {
    let name = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    schema(name, version)
}

struct Loader {
    schema: Schema,
    known: FxHashMap<String, SchemaId>,
    version: KubernetesVersion,
}

impl Loader {
    fn definition(&mut self, name: &str) -> SchemaId {
        if let Some(id) = self.known.get(name) {
            return *id;
        }
        let id = self.schema.reserve();
        self.known.insert(name.to_owned(), id);
        let node = line(name, self.version).and_then(read);
        let body = node.as_ref().and_then(|node| node.get("s"));
        if let Some(body) = body {
            let references = &mut |schema: &mut Schema, name: &str| {
                let mut loader = Loader {
                    schema: std::mem::take(schema),
                    known: std::mem::take(&mut self.known),
                    version: self.version,
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
fn line(name: &str, version: KubernetesVersion) -> Option<&'static str> {
    let start = format!("{{\"d\":\"{name}\",");
    let (mut low, mut high) = (0, KUBERNETES.len());
    // The first line that is not before it: lines are sorted by their beginnings.
    while low < high {
        let middle = low + (high - low) / 2;
        let begin = KUBERNETES[low..middle]
            .rfind('\n')
            .map_or(low, |end| low + end + 1);
        let end = KUBERNETES[middle..high]
            .find('\n')
            .map_or(high, |end| middle + end + 1);
        match &KUBERNETES[begin..end] < start.as_str() {
            true => low = end,
            false => high = begin,
        }
    }
    let lines = KUBERNETES[low..].lines();
    lines
        .take_while(|line| line.starts_with(&start))
        .find(|line| is_of(line, version.bit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_every_version_has_its_schema() {
        let oldest = KubernetesVersion::OLDEST.minor;
        for minor in oldest..=KubernetesVersion::NEWEST.minor {
            let version = KubernetesVersion::new(1, minor);
            let kinds: Vec<Kind> = kinds(version).collect();
            assert!(kinds.len() > 60, "{version}");
            for kind in &kinds {
                let schema = kind.schema();
                assert!(schema.root().property("metadata").is_some(), "{kind:?}");
            }
        }
    }

    #[test]
    fn every_line_is_found() {
        assert!(KUBERNETES.is_ascii());
        let lines = KUBERNETES.lines();
        for line in lines.take_while(|line| line.starts_with("{\"d\":")) {
            let name = field(line, "d").unwrap();
            let minors: u32 = field(line, "m").unwrap().parse().unwrap();
            let minor = KubernetesVersion::OLDEST.minor + minors.trailing_zeros();
            let found = super::line(name, KubernetesVersion::new(1, minor));
            assert_eq!(found, Some(line));
            assert!(read(line).is_some(), "{line}");
        }
    }

    #[test]
    fn a_version_has_its_own_kinds_and_fields() {
        let check = |minor: u32, kind: &str, path: &[&str], expected: bool| {
            let version = KubernetesVersion::new(1, minor);
            let kind = kinds(version).find(|known| known.served && known.name == kind);
            let schema = kind.as_ref().map(|kind| kind.schema().root());
            let found = path.iter().try_fold(schema, |schema, name| {
                let schema = schema?;
                Some(
                    schema
                        .property(name)
                        .or_else(|| schema.items()?.property(name)),
                )
            });
            assert_eq!(found.flatten().is_some(), expected, "1.{minor} {path:?}");
        };
        check(
            32,
            "Pod",
            &["spec", "containers", "restartPolicyRules"],
            false,
        );
        check(
            34,
            "Pod",
            &["spec", "containers", "restartPolicyRules"],
            true,
        );
        check(33, "ResourceClaim", &[], false);
        check(34, "ResourceClaim", &[], true);
    }
}
