//! Schemas as kubeconform reads them, out of our own catalog: a file for each version of a kind, with
//! all that it refers to in its place, since kubeconform follows no references.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tidegate_core::config::Version;

use crate::Outcome;

/// What `-schema-location` is given, behind the folder.
pub(super) const LOCATION: &str = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";

/// The bits of `kubernetes.jsonl` begin with this minor version.
const OLDEST: u32 = 32;

/// Writes the schemas of all kinds of a version of Kubernetes, and of CRDs, out of the folder `schemas`.
pub(super) fn write(schemas: &Path, version: Version, folder: &Path) -> Outcome {
    let mut definitions = BTreeMap::new();
    let mut kinds = Vec::new();
    for line in fs::read_to_string(schemas.join("kubernetes.jsonl"))?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        let bits = line["m"].as_u64().unwrap_or_default();
        if bits & (1 << version.minor.saturating_sub(OLDEST)) == 0 {
            continue;
        }
        match line["d"].as_str().map(str::to_owned) {
            Some(name) => {
                definitions.insert(name, line["s"].take());
            }
            None => kinds.push(line),
        }
    }
    for kind in &kinds {
        let root = kind["r"].as_str().unwrap_or_default();
        let inliner = Inliner {
            definitions: &definitions,
        };
        put(folder, kind, &inliner.definition(root, &[]))?;
    }
    let inliner = Inliner {
        definitions: &definitions,
    };
    for line in fs::read_to_string(schemas.join("crds.jsonl"))?.lines() {
        let kind: Value = serde_json::from_str(line)?;
        if kind["s"] == true {
            put(folder, &kind, &inliner.schema(&kind["z"], &[]))?;
        }
    }
    Ok(())
}

fn put(folder: &Path, kind: &Value, schema: &Value) -> Outcome {
    let text = |key: &str| kind[key].as_str().unwrap_or_default();
    // The core has no group, and kubeconform takes its version for one.
    let group = match text("g") {
        "" => text("v"),
        group => group,
    };
    let folder = folder.join(group);
    fs::create_dir_all(&folder)?;
    let name = format!("{}_{}.json", text("k").to_lowercase(), text("v"));
    fs::write(folder.join(name), serde_json::to_vec(schema)?)?;
    Ok(())
}

struct Inliner<'d> {
    definitions: &'d BTreeMap<String, Value>,
}

impl Inliner<'_> {
    /// A definition; anything goes within itself.
    fn definition(&self, name: &str, within: &[&str]) -> Value {
        if name.ends_with("api.resource.Quantity") {
            return json!({ "oneOf": [{ "type": "string" }, { "type": "number" }] });
        }
        if name.ends_with("util.intstr.IntOrString") {
            return int_or_string();
        }
        match self.definitions.get(name) {
            Some(definition) if !within.contains(&name) => {
                let within = [within, &[name]].concat();
                self.schema(definition, &within)
            }
            _ => json!({}),
        }
    }

    fn schema(&self, node: &Value, within: &[&str]) -> Value {
        match node {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                    return self.definition(name, within);
                }
                if map.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
                    return int_or_string();
                }
                let parts = map.iter();
                let parts = parts.map(|(key, part)| (key.clone(), self.schema(part, within)));
                Value::Object(parts.collect::<Map<_, _>>())
            }
            Value::Array(items) => {
                let items = items.iter().map(|item| self.schema(item, within));
                Value::Array(items.collect())
            }
            other => other.clone(),
        }
    }
}

fn int_or_string() -> Value {
    json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] })
}
