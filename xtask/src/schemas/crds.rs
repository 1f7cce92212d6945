//! The kinds of CRDs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

use super::generated;
use crate::{Outcome, corpus};

/// The catalog: the kinds that were made of Go types, those of other groups out of the CRDs of a folder,
/// and those that are written by hand.
pub(super) fn text(made: &Path, folder: &Path, by_hand: &Path) -> Outcome<String> {
    let made = lines(made)?;
    let groups = generated::groups(&made);
    let others: BTreeSet<String> = lines(folder)?
        .into_iter()
        .filter(|line| generated::group(line).is_none_or(|group| !groups.contains(group)))
        .collect();
    let mut out = String::new();
    for line in others
        .iter()
        .chain(&made)
        .chain(&lines(by_hand)?)
        .collect::<BTreeSet<_>>()
    {
        writeln!(out, "{line}")?;
    }
    Ok(out)
}

/// A line for each version of each kind, with its schema where it is served: of the CRDs of a folder. Prose
/// is left out.
fn lines(folder: &Path) -> Outcome<BTreeSet<String>> {
    let mut lines = BTreeSet::new();
    for path in corpus::files(folder)? {
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml");
        // Nothing that is under a licence of that kind may get into what is shipped.
        let is_foreign = path.components().any(|part| part.as_os_str() == "agpl");
        if !is_yaml || is_foreign {
            continue;
        }
        for definition in documents(&path)? {
            let spec = &definition["spec"];
            for version in spec["versions"].as_array().into_iter().flatten() {
                let mut schema = version["schema"]["openAPIV3Schema"].clone();
                strip(&mut schema);
                let is_served = version["served"] == true;
                // The generator of the JSON text sorts keys: the schema comes last.
                let line = json!({
                    "g": spec["group"],
                    "k": spec["names"]["kind"],
                    "n": spec["scope"] == "Namespaced",
                    "s": is_served,
                    "v": version["name"],
                    "z": if is_served { schema } else { Value::Null },
                });
                lines.insert(line.to_string());
            }
        }
    }
    Ok(lines)
}

/// The documents of a file that are CRDs.
fn documents(path: &Path) -> Outcome<Vec<Value>> {
    let system = MemorySystem::new().with("crd.yaml", fs::read(path)?);
    let sources = Sources::new(Arc::new(system));
    let file = sources.load(&TreePath::new("crd.yaml")?)?;
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let mut out = Vec::new();
    for root in parsed
        .documents
        .into_iter()
        .filter_map(|document| document.root)
    {
        if root.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition") {
            let json = to_json(&root).map_err(|error| error.to_string())?;
            out.push(serde_json::from_str(&json)?);
        }
    }
    Ok(out)
}

/// Takes the prose out of a schema; a property can be named like it.
fn strip(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    for prose in ["description", "example", "externalDocs", "title"] {
        fields.remove(prose);
    }
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(strip),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(strip),
            ("items" | "additionalProperties" | "not", part) => strip(part),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::workspace::Workspace;

    use super::*;

    /// All lines where the CRDs of the releases are at hand, else those of the kinds that are written by
    /// hand. The kinds that were made of Go types so equal those that the projects publish.
    #[test]
    fn what_is_committed_is_what_would_be_written() {
        let workspace = Workspace::find().unwrap();
        let schemas = workspace.root().join("schemas");
        let committed = fs::read_to_string(schemas.join("crds.jsonl")).unwrap();
        let by_hand = lines(&schemas.join("by-hand")).unwrap();
        match workspace.crds() {
            Some(folder) => {
                let mut all = lines(&folder).unwrap();
                all.extend(by_hand);
                assert!(
                    all.iter().map(String::as_str).eq(committed.lines()),
                    "{STALE}"
                );
            }
            None => {
                let committed: BTreeSet<&str> = committed.lines().collect();
                for line in &by_hand {
                    assert!(committed.contains(line.as_str()), "{STALE}");
                }
            }
        }
    }

    const STALE: &str = "`cargo xtask schemas crds` has not been run";
}
