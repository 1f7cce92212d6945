//! The kinds of CRDs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

use crate::{Outcome, corpus};

/// A line for each version of each kind, with its schema where it is served: of the CRDs of a folder, and
/// of those that are written by hand. Prose is left out.
pub(super) fn text(folder: &Path, by_hand: &Path) -> Outcome<String> {
    let mut lines = BTreeSet::new();
    for path in [corpus::files(folder)?, corpus::files(by_hand)?].concat() {
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
    let mut out = String::new();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out)
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
    /// hand.
    #[test]
    fn what_is_committed_is_what_would_be_written() {
        let workspace = Workspace::find().unwrap();
        let schemas = workspace.root().join("schemas");
        let committed = fs::read_to_string(schemas.join("crds.jsonl")).unwrap();
        let by_hand = schemas.join("by-hand");
        match workspace.crds() {
            Some(folder) => assert!(text(&folder, &by_hand).unwrap() == committed, "{STALE}"),
            None => {
                let committed: BTreeSet<&str> = committed.lines().collect();
                for line in text(&by_hand, &by_hand).unwrap().lines() {
                    assert!(committed.contains(line), "{STALE}");
                }
            }
        }
    }

    const STALE: &str = "`cargo xtask schemas crds` has not been run";
}
