//! Cases of the suite `flux`, in the layout that its README describes: each is the source of one
//! Flux Kustomization.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tidegate_core::apply::handed_over;
use tidegate_core::codes;
use tidegate_core::envsubst::Mode;
use tidegate_core::render::{
    Applier, Builder, Defined, DefinitionKind, FluxKustomization, Stage, source_folder, to_yaml,
};
use tidegate_kustomize::Object;
use tidegate_schema::GoTypes;
use tidegate_source::{
    Diagnostic, IgnoreRules, Packed, Packing, Severity, SourceMapBuilder, Sources, Span, System,
    TreePath,
};
use tidegate_system::{DiskSystem, Links};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

/// All cases of a folder, in the order of their names.
pub(crate) fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| path.join("case.json").is_file())
        .collect();
    cases.sort();
    cases
}

/// Why a case fails; none where it passes.
pub(crate) fn verdict(case: &Path) -> Option<String> {
    compare(case, "expected.yaml", |objects, _| to_yaml(objects))
}

/// The same for what goes into the server-side apply.
pub(crate) fn applied(case: &Path) -> Option<String> {
    compare(case, "applied.yaml", |objects, kustomization| {
        let by = Applier::Kustomization(Arc::new(kustomization));
        to_yaml(&handed_over(objects, &by, &GoTypes::known()))
    })
}

/// How objects of a Kustomization are printed.
type Print = fn(&[Object], FluxKustomization) -> Result<String, Box<Diagnostic>>;

fn compare(case: &Path, file: &str, print: Print) -> Option<String> {
    let about = fs::read_to_string(case.join("case.json")).unwrap();
    let about: Value = serde_json::from_str(&about).unwrap();
    let expected = match about["expect"].as_str() {
        Some("ok") => Ok(fs::read_to_string(case.join(file)).unwrap()),
        _ => Err(about["stage"].as_str().unwrap()),
    };
    match (render(case, &about, print), expected) {
        (Ok(output), Ok(expected)) if output == expected => None,
        (Ok(output), Ok(_)) => Some(format!("printed {output:?}")),
        (Ok(_), Err(stage)) => Some(format!("not refused at the stage {stage}")),
        (Err((stage, finding)), Ok(_)) => Some(format!("refused at the stage {stage}: {finding}")),
        (Err((stage, _)), Err(expected)) if stage.as_str() == expected => None,
        (Err((stage, finding)), Err(expected)) => Some(format!(
            "refused at the stage {stage} instead of {expected}: {finding}"
        )),
    }
}

/// What a Kustomization applies, or the stage that fails and what is said of it.
fn render(case: &Path, about: &Value, print: Print) -> Result<String, (Stage, String)> {
    let tree = tree(case, about);
    let disk = Arc::new(DiskSystem::new(tree.path(), Links::Followed).unwrap());
    let system: Arc<dyn System> = match about["pack"] == true {
        true => {
            let packing = Packing::source_controller(IgnoreRules::default());
            Arc::new(Packed::new(disk, TreePath::root(), packing))
        }
        false => disk,
    };
    let sources = Arc::new(Sources::new(system));
    let mut objects = documents(case, "kustomization.yaml", &sources).into_iter();
    let no_object = || (Stage::Decode, "no object".to_owned());
    let object = objects.next().ok_or_else(no_object)?;
    let kustomization = FluxKustomization::read(&object);
    check(Stage::Decode, &kustomization.decode())?;
    let root = TreePath::root();
    let folder = source_folder(sources.system(), &root, &kustomization.path);
    if let Err(error) = sources.kind(&folder) {
        return Err((Stage::Path, error.to_string()));
    }
    let builder = Builder::new(Arc::clone(&sources));
    let build = builder.build(&root, &folder, &kustomization);
    if let Some(stage) = build.failed(Some(&kustomization)) {
        check(stage, &build.findings)?;
        return Err((stage, "without a word".to_owned()));
    }
    let mode = match about["strict"] == true {
        true => Mode::Strict,
        false => Mode::Lenient,
    };
    let definitions = documents(case, "objects.yaml", &sources);
    let lookup = |kind: DefinitionKind, namespace: &str, name: &str| {
        let text = |object: &'_ Node, path: &[&str]| {
            let node = object.at(path);
            node.and_then(Node::text).unwrap_or_default().to_owned()
        };
        let mut definitions = definitions.iter();
        let found = definitions.find(|object| {
            text(object, &["kind"]) == kind.as_str()
                && text(object, &["metadata", "namespace"]) == namespace
                && text(object, &["metadata", "name"]) == name
        });
        found.map_or(Defined::Missing, Defined::Object)
    };
    let substituted = build
        .substitutable
        .substitute(&kustomization, &lookup, mode, &sources);
    let Some(objects) = substituted.objects else {
        check(Stage::Substitute, &substituted.findings)?;
        return Err((Stage::Substitute, "without a word".to_owned()));
    };
    let read = builder.read_objects(&objects, &kustomization);
    check(Stage::Apply, &read.refused)?;
    print(&read.objects, kustomization).map_err(|finding| (Stage::Apply, finding.message))
}

fn check(stage: Stage, findings: &[Diagnostic]) -> Result<(), (Stage, String)> {
    // The cases begin behind the API server, which would have refused such a field.
    let is_error = |finding: &&Diagnostic| {
        finding.severity == Severity::Error && finding.code != codes::UNKNOWN_KUSTOMIZATION_FIELD
    };
    match findings.iter().find(is_error) {
        Some(finding) => Err((stage, finding.message.clone())),
        None => Ok(()),
    }
}

/// The tree of a case, with what a repository would lose or obey.
fn tree(case: &Path, about: &Value) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let from = case.join("tree");
    if from.is_dir() {
        copy(&from, root.path());
    }
    let listed = about["mkdir"].as_array().into_iter().flatten();
    for folder in listed {
        fs::create_dir_all(root.path().join(folder.as_str().unwrap())).unwrap();
    }
    let pairs = |field: &str| {
        let pairs = about[field].as_object().into_iter().flatten();
        let pairs = pairs.map(|(path, value)| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            (path, value.as_str().unwrap().to_owned())
        });
        pairs.collect::<Vec<_>>()
    };
    for (path, text) in pairs("write") {
        fs::write(path, text).unwrap();
    }
    for (path, target) in pairs("symlinks") {
        std::os::unix::fs::symlink(target, path).unwrap();
    }
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => fs::write(&target, fs::read(&path).unwrap()).unwrap(),
        }
    }
}

/// The objects of a file of the case, which becomes one of `sources`.
fn documents(case: &Path, name: &str, sources: &Sources) -> Vec<Node> {
    let Ok(text) = fs::read_to_string(case.join(name)) else {
        return Vec::new();
    };
    let path = TreePath::new(name).unwrap();
    let map = SourceMapBuilder::new(Span::NONE).finish();
    let file = sources.add_virtual(path, text, map);
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let documents = parsed.documents.into_iter();
    documents.filter_map(|document| document.root).collect()
}
