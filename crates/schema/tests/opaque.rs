//! A value that only the cluster knows is never blamed: in every object that the server takes, any leaf
//! may be such a value.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests read their cases from the disk"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use tidegate_schema::{Catalog, How, KubernetesVersion, Report, validate};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, ScalarKind, Value, parse};

#[test]
fn any_leaf_may_be_unknown() {
    let catalog = Catalog::known(KubernetesVersion::COMPARED);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in accepted() {
        let name = case["name"].as_str().unwrap();
        let Some(object) = read(case["manifest"].as_str().unwrap()) else {
            continue;
        };
        let Report::Checked(faults) = validate(&catalog, &object, How::Apply) else {
            continue;
        };
        if !faults.is_empty() {
            continue;
        }
        for index in 0..leaves(&object) {
            let mut object = object.clone();
            let hidden = hide(&mut object, &mut index.clone()).unwrap();
            if matches!(hidden.as_str(), ".apiVersion" | ".kind") {
                continue;
            }
            tried += 1;
            if let Report::Checked(faults) = validate(&catalog, &object, How::Apply) {
                for fault in faults {
                    wrong.push(format!(
                        "{name}{hidden}: {} {}",
                        fault.path,
                        fault.message()
                    ));
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The cases of the suite that the server takes.
fn accepted() -> Vec<Json> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let folder = env::var_os("TIDEGATE_CONFORMANCE").map_or(own, PathBuf::from);
    let text = fs::read_to_string(folder.join("schema/cases.jsonl")).unwrap();
    let cases = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    cases.filter(|case| case["apply"] == "accept").collect()
}

fn read(text: &str) -> Option<Node> {
    let system = MemorySystem::new().with("manifest.yaml", text);
    let sources = Sources::new(Arc::new(system));
    let file = sources
        .load(&TreePath::new("manifest.yaml").unwrap())
        .unwrap();
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    parsed
        .documents
        .into_iter()
        .find_map(|document| document.root)
}

fn leaves(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 1,
        Value::Map(map) => map.iter().map(|entry| leaves(&entry.value)).sum(),
        Value::Seq(seq) => seq.iter().map(leaves).sum(),
    }
}

/// Makes a leaf unknown; its path.
fn hide(node: &mut Node, index: &mut usize) -> Option<String> {
    match &mut node.value {
        Value::Scalar(scalar) => match index.checked_sub(1) {
            Some(left) => {
                *index = left;
                None
            }
            None => {
                scalar.kind = ScalarKind::Opaque;
                scalar.text = "${unknown}".into();
                Some(String::new())
            }
        },
        Value::Map(map) => map.entries_mut().iter_mut().find_map(|entry| {
            let path = hide(&mut entry.value, index)?;
            Some(format!(".{}{path}", entry.key.text().unwrap_or_default()))
        }),
        Value::Seq(seq) => {
            let mut items = seq.items_mut().iter_mut().enumerate();
            items.find_map(|(at, item)| Some(format!(".{at}{}", hide(item, index)?)))
        }
    }
}
