//! The suite `flux-values`: the values that helm-controller composes.

use std::sync::Arc;

use serde_json::Value;
use tidegate_core::release::compose_values;
use tidegate_core::render::{Defined, DefinitionKind};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

/// Why a case fails; none where it passes.
pub(crate) fn verdict(case: &Value) -> Option<String> {
    match (run(case), case["expect"].as_str() == Some("ok")) {
        (Err(_), false) => None,
        (Err(error), true) => Some(format!("refused: {error}")),
        (Ok(_), false) => Some("not refused".to_owned()),
        (Ok(values), true) => {
            let json = to_json(&values).unwrap();
            let made: Value = serde_json::from_str(&json).unwrap();
            (!same(&made, &case["values"])).then(|| format!("composed {json}"))
        }
    }
}

fn run(case: &Value) -> Result<Node, String> {
    let texts = [&case["helmrelease"], &case["objects"]];
    let [release, objects] = texts.map(|text| text.as_str().unwrap());
    let system = MemorySystem::new()
        .with("release.yaml", release)
        .with("objects.yaml", objects);
    let sources = Sources::new(Arc::new(system));
    let read = |name: &str| {
        let file = sources.load(&TreePath::new(name).unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
        let roots = parsed.documents.into_iter().filter_map(|one| one.root);
        roots.collect::<Vec<Node>>()
    };
    let releases = read("release.yaml");
    let objects = read("objects.yaml");
    let lookup = |kind: DefinitionKind, namespace: &str, name: &str| {
        let text = |object: &Node, path: &[&str]| {
            let node = object.at(path).and_then(Node::text);
            node.unwrap_or_default().to_owned()
        };
        let mut objects = objects.iter();
        let found = objects.find(|object| {
            text(object, &["kind"]) == kind.as_str()
                && text(object, &["metadata", "namespace"]) == namespace
                && text(object, &["metadata", "name"]) == name
        });
        found.map_or(Defined::Missing, Defined::Object)
    };
    let composed = compose_values(&sources, &releases[0], &lookup);
    composed
        .map(|composed| composed.values)
        .map_err(|error| error.to_string())
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let has = |(key, value)| b.get(key).is_some_and(|other| same(value, other));
            a.len() == b.len() && a.iter().all(has)
        }
        (a, b) => a == b,
    }
}
