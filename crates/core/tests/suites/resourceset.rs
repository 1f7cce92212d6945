//! Cases of the suite `resourceset`, in the layout that its README describes: each is one ResourceSet.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidegate_core::resource_set::{Built, Given, Step, build};
use tidegate_source::{MemorySystem, SourceFile, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

/// All cases of a folder, in the order of their names.
pub(crate) fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| path.join("resourceset.yaml").is_file())
        .collect();
    cases.sort();
    cases
}

/// Why a case fails; none where it passes.
pub(crate) fn verdict(case: &Path) -> Option<String> {
    let given = Given {
        inputs: documents(case, "inputs.yaml").and_then(|documents| documents.into_iter().next()),
        providers: documents(case, "providers.yaml"),
        exported: None,
    };
    let sources = Sources::new(Arc::new(MemorySystem::new()));
    let resource_set = documents(case, "resourceset.yaml").unwrap().remove(0);
    let expected = fs::read_to_string(case.join("expected.yaml")).ok();
    match (build(&resource_set, &given, &sources), expected) {
        (Err(_), None) => None,
        (Err(error), Some(_)) => Some(format!("refused: {error}")),
        (Ok(_), None) => Some("not refused".to_owned()),
        (Ok(Built { steps, .. }), Some(text)) => {
            let wanted: Vec<&str> = text.lines().filter_map(step_name).collect();
            let made: Vec<&str> = steps
                .iter()
                .filter_map(|step| step.name.as_deref())
                .collect();
            if made != wanted {
                return Some(format!("made the steps {made:?}"));
            }
            let wanted = documents(case, "expected.yaml").unwrap();
            let wanted: Vec<Value> = wanted.iter().map(json).collect();
            let made: Vec<Value> = objects(&steps).map(json).collect();
            let first = made
                .iter()
                .zip(&wanted)
                .find(|(made, wanted)| made != wanted);
            match first {
                Some((made, wanted)) => Some(format!("made {made} instead of {wanted}")),
                None if made.len() != wanted.len() => Some(format!("made {} objects", made.len())),
                None => None,
            }
        }
    }
}

fn step_name(line: &str) -> Option<&str> {
    line.strip_prefix("# step: ")
}

fn objects(steps: &[Step]) -> impl Iterator<Item = &Node> {
    steps.iter().flat_map(|step| &step.objects)
}

fn json(node: &Node) -> Value {
    serde_json::from_str(&to_json(node).unwrap()).unwrap()
}

/// The documents of a file of the case; none where it has no such file.
fn documents(case: &Path, name: &str) -> Option<Vec<Node>> {
    let text = fs::read_to_string(case.join(name)).ok()?;
    let file = SourceFile::detached(TreePath::new(name).unwrap(), text);
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let documents = parsed.documents.into_iter();
    Some(documents.filter_map(|document| document.root).collect())
}
