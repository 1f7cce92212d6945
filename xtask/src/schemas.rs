//! Writes the catalog of kinds: those of Kubernetes itself out of its Go module, and those of CRDs.
//!
//! The OpenAPI documents in the module have all but the enums, which only a running server publishes;
//! the generated Go code has those.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

use crate::workspace::Workspace;
use crate::{Outcome, corpus};

#[derive(clap::Subcommand)]
pub(crate) enum Arguments {
    /// Writes the kinds of Kubernetes itself
    Kubernetes {
        /// The folder of the unpacked module, such as `$(go env GOMODCACHE)/k8s.io/kubernetes@v1.35.4`
        module: PathBuf,
        /// The minor version that it is of, such as 1.35
        version: String,
    },
    /// Writes the kinds of CRDs
    Crds {
        /// Folders with files of CRDs, as releases have them or controller-gen writes them
        folders: Vec<PathBuf>,
    },
}

/// What a definition says that validation needs. Prose and what only clients need is left out.
const KEPT: [&str; 13] = [
    "type",
    "format",
    "properties",
    "additionalProperties",
    "items",
    "required",
    "enum",
    "default",
    "oneOf",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
    "$ref",
];

const REFERENCE: &str = "#/components/schemas/";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    match arguments {
        Arguments::Kubernetes { module, version } => kubernetes(workspace, module, version),
        Arguments::Crds { folders } => crds(workspace, folders),
    }
}

/// A line for each version of each kind, with its schema where it is served. Prose is left out.
fn crds(workspace: &Workspace, folders: &[PathBuf]) -> Outcome {
    let mut lines = BTreeSet::new();
    for folder in folders {
        for path in corpus::files(folder)? {
            if path.extension().is_none_or(|extension| extension != "yaml") {
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
    }
    let mut out = String::new();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    fs::write(workspace.root().join("schemas/crds.jsonl"), out)?;
    Ok(())
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

fn kubernetes(workspace: &Workspace, module: &Path, version: &str) -> Outcome {
    let mut definitions = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    let mut documents: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(module.join("api/openapi-spec/v3"))? {
        documents.push(entry?.path());
    }
    documents.sort();
    for path in documents {
        let document: Value = serde_json::from_slice(&fs::read(path)?)?;
        let schemas = document["components"]["schemas"].as_object();
        for (name, schema) in schemas.into_iter().flatten() {
            definitions.insert(name.clone(), kept(schema));
        }
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            if let Some((kind, line)) = kind(path, methods) {
                kinds.insert(kind, line);
            }
        }
    }
    let generated = module.join("pkg/generated/openapi/zz_generated.openapi.go");
    add_enums(&fs::read_to_string(generated)?, &mut definitions)?;

    let mut used = BTreeSet::new();
    for kind in kinds.values() {
        reach(&json!({ "$ref": kind["r"] }), &definitions, &mut used);
    }
    let mut out = String::new();
    for kind in kinds.values() {
        writeln!(out, "{kind}")?;
    }
    for name in used {
        writeln!(out, "{}", json!({ "d": name, "s": definitions[&name] }))?;
    }
    let path = format!("schemas/kubernetes-{}.jsonl", version);
    fs::write(workspace.root().join(path), out)?;
    Ok(())
}

/// The kind that objects posted to a path have, and its line.
fn kind(path: &str, methods: &Value) -> Option<((String, String, String), Value)> {
    let post = &methods["post"];
    if post["x-kubernetes-action"] != "post" || path.matches('{').count() > 1 {
        return None;
    }
    let of = &post["x-kubernetes-group-version-kind"];
    let content = post["requestBody"]["content"].as_object()?;
    let reference = content.values().next()?["schema"]["$ref"].as_str()?;
    let text = |key: &str| of[key].as_str().map(str::to_owned);
    let key = (text("group")?, text("version")?, text("kind")?);
    let line = json!({
        "g": key.0,
        "v": key.1,
        "k": key.2,
        "n": path.contains("{namespace}"),
        "r": reference.strip_prefix(REFERENCE)?,
    });
    Some((key, line))
}

fn kept(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else {
        return schema.clone();
    };
    // A reference with a default is written as the only item of `allOf`.
    let mut out = Map::new();
    if let Some([only]) = schema
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        out.extend(kept(only).as_object().cloned().unwrap_or_default());
    }
    for (key, value) in schema {
        if !KEPT.contains(&key.as_str()) {
            continue;
        }
        let value = match key.as_str() {
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                properties
                    .map(|(name, of)| (name.clone(), kept(of)))
                    .collect()
            }
            "items" | "additionalProperties" => kept(value),
            "$ref" => json!(
                value
                    .as_str()
                    .unwrap_or_default()
                    .trim_start_matches(REFERENCE)
            ),
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

fn reach(schema: &Value, definitions: &BTreeMap<String, Value>, used: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str)
                && used.insert(name.to_owned())
            {
                reach(&definitions[name], definitions, used);
            }
            for value in fields.values() {
                reach(value, definitions, used);
            }
        }
        Value::Array(items) => {
            for item in items {
                reach(item, definitions, used);
            }
        }
        _ => {}
    }
}

/// Adds the enums of the generated code: of properties, and of the items of properties.
fn add_enums(code: &str, definitions: &mut BTreeMap<String, Value>) -> Outcome {
    let mut functions = BTreeMap::new();
    for name in definitions.keys() {
        if let Some(rest) = name.strip_prefix("io.k8s.api.") {
            functions.insert(
                format!("schema_k8sio_api_{}(", rest.replace('.', "_")),
                name.clone(),
            );
        }
    }
    let mut definition = None;
    let mut property = String::new();
    let mut in_items = false;
    for line in code.lines() {
        if let Some(function) = line.strip_prefix("func ") {
            definition = functions
                .iter()
                .find(|(name, _)| function.starts_with(*name));
        }
        let Some((_, name)) = definition else {
            continue;
        };
        let depth = line.len() - line.trim_start_matches('\t').len();
        let line = line.trim_start();
        if depth == 5 && line.ends_with("\": {") {
            property = line.split('"').nth(1).unwrap_or_default().to_owned();
            in_items = false;
        }
        in_items |= line.starts_with("Items:");
        let Some(values) = line.strip_prefix("Enum:") else {
            continue;
        };
        let list = values.trim().trim_start_matches("[]interface{}{");
        let values: Value = serde_json::from_str(&format!("[{}]", list.trim_end_matches("},")))?;
        let target = definitions
            .get_mut(name)
            .and_then(|definition| definition["properties"].get_mut(&property));
        if let Some(target) = target {
            let target = if in_items {
                &mut target["items"]
            } else {
                target
            };
            target["enum"] = values;
        }
    }
    Ok(())
}
