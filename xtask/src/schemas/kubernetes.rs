//! The kinds of Kubernetes itself, out of its Go module.
//!
//! The OpenAPI documents in the module have all but the enums, which only a running server publishes;
//! the generated Go code has those.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::module;
use crate::Outcome;
use crate::workspace::Workspace;

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

/// The lines of the catalog: kinds, then definitions. Most are the same in all minor versions; each line
/// says of which it is, by a bit for each of [`module::KUBERNETES`].
pub(super) fn text(workspace: &Workspace) -> Outcome<String> {
    let mut lines = BTreeMap::new();
    for (index, version) in module::KUBERNETES.iter().enumerate() {
        let module = module::folder(workspace, "k8s.io/kubernetes", version)?;
        for line in minor(&module)? {
            *lines.entry(line).or_insert(0_u32) |= 1 << index;
        }
    }
    let mut out = String::new();
    for ((key, value), minors) in lines {
        writeln!(out, "{key},\"m\":{minors},{value}")?;
    }
    Ok(out)
}

/// The lines of one minor version, each as what comes before the set of minors and what comes after it.
fn minor(module: &Path) -> Outcome<Vec<(String, String)>> {
    let mut definitions = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    let mut documents: Vec<_> = Vec::new();
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
    let mut lines = Vec::new();
    for ((group, version, kind), (is_namespaced, reference)) in kinds {
        reach(&json!({ "$ref": reference }), &definitions, &mut used);
        let key = format!("{{\"g\":\"{group}\",\"k\":\"{kind}\"");
        let rest = format!("\"n\":{is_namespaced},\"r\":\"{reference}\",\"v\":\"{version}\"}}");
        lines.push((key, rest));
    }
    for name in used {
        let key = format!("{{\"d\":\"{name}\"");
        lines.push((key, format!("\"s\":{}}}", definitions[&name])));
    }
    Ok(lines)
}

/// Group, version and name of the kind that objects posted to a path have; whether they live in a
/// namespace, and their definition.
type Kind = ((String, String, String), (bool, String));

fn kind(path: &str, methods: &Value) -> Option<Kind> {
    let post = &methods["post"];
    if post["x-kubernetes-action"] != "post" || path.matches('{').count() > 1 {
        return None;
    }
    let of = &post["x-kubernetes-group-version-kind"];
    let content = post["requestBody"]["content"].as_object()?;
    let reference = content.values().next()?["schema"]["$ref"].as_str()?;
    let text = |key: &str| of[key].as_str().map(str::to_owned);
    let reference = reference.strip_prefix(REFERENCE)?.to_owned();
    Some((
        (text("group")?, text("version")?, text("kind")?),
        (path.contains("{namespace}"), reference),
    ))
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
            "items" | "additionalProperties" => without_zero(kept(value)),
            // What Go has there anyway.
            "default" if *value == json!({}) => continue,
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

/// The schema of items or values without a default that is what Go has anyway: some minor versions say
/// it, others do not.
fn without_zero(mut schema: Value) -> Value {
    let zeros = [json!(""), json!(0), json!(false)];
    if let Some(fields) = schema.as_object_mut()
        && fields
            .get("default")
            .is_some_and(|default| zeros.contains(default))
    {
        fields.remove("default");
    }
    schema
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
