//! The kinds that objects are checked against.

mod add;
mod explain;
mod find;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use tidegate_core::config::{DEFAULT_KUBERNETES, Version};
use tidegate_core::validate::definitions;
use tidegate_schema::{Catalog, Kind, KubernetesVersion};
use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::args::{Known, Schema, SchemaCommand};
use crate::commands::validate::inputs;
use crate::commands::{Failure, Outcome, written};

pub(crate) fn run(args: &Schema) -> Result<Outcome, Failure> {
    let text = match &args.command {
        SchemaCommand::List(known) => list(&catalog(known)?),
        SchemaCommand::Show(show) => {
            let catalog = catalog(&show.known)?;
            explain::page(&find::field(&catalog, &show.kind)?, show.recursive)
        }
        SchemaCommand::Add(add) => {
            let text = add::run(&definitions_of(&add.files)?, &add.to)?;
            written(io::stderr().lock().write_all(text.as_bytes()))?;
            return Ok(Outcome::Clean);
        }
    };
    written(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(Outcome::Clean)
}

/// The kinds that the arguments speak of.
fn catalog(known: &Known) -> Result<Catalog, Failure> {
    let Version { major, minor } = known.kubernetes_version.unwrap_or(DEFAULT_KUBERNETES);
    let mut catalog = Catalog::known(KubernetesVersion::new(major, minor));
    for definition in definitions_of(&known.schemas)? {
        catalog.add_crd(&definition);
    }
    Ok(catalog)
}

/// A line for each kind in each version that is served: `apiVersion`, kind, where its objects live.
fn list(catalog: &Catalog) -> String {
    let mut kinds: Vec<&Kind> = catalog.served().collect();
    kinds.sort_by(|a, b| {
        let key = |kind: &Kind| (kind.group.clone(), kind.name.clone(), kind.version.clone());
        key(a).cmp(&key(b))
    });
    let versions: Vec<String> = kinds.iter().map(|kind| kind.api_version()).collect();
    let width = versions.iter().map(String::len).max().unwrap_or(0);
    let names = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (kind, version) in kinds.iter().zip(&versions) {
        let scope = match kind.namespaced {
            true => "namespaced",
            false => "cluster",
        };
        text.push_str(&format!(
            "{version:width$}  {:names$}  {scope}\n",
            kind.name
        ));
    }
    text
}

/// The CustomResourceDefinitions of files and folders; each of these must have one.
fn definitions_of(paths: &[PathBuf]) -> Result<Vec<Node>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let before = all.len();
        let (inputs, failed) = inputs(std::slice::from_ref(path));
        if let Some(reason) = failed.into_iter().next() {
            return Err(Failure::new(reason));
        }
        for input in inputs {
            let name = input.name();
            let mut bytes = Vec::new();
            let read = input
                .open()
                .and_then(|mut input| input.read_to_end(&mut bytes));
            read.map_err(|error| Failure::new(format!("{name}: {error}")))?;
            let sources = Sources::new(Arc::new(MemorySystem::new()));
            let file = sources.add_file(TreePath::root(), bytes);
            let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
            let mut findings = parsed.findings.iter();
            if let Some(wrong) = findings.find(|one| one.severity == Severity::Error) {
                let place = wrong.primary.line_col(&sources);
                let line = place.map_or_else(String::new, |place| format!(":{}", place.line));
                return Err(Failure::new(format!("{name}{line}: {}", wrong.message)));
            }
            let roots = parsed.documents.iter().filter_map(|one| one.root.as_ref());
            all.extend(roots.flat_map(definitions));
        }
        if all.len() == before {
            let message = format!("{} has no CustomResourceDefinition", path.display());
            return Err(Failure::new(message));
        }
    }
    Ok(all)
}

/// Whether a folder is there, or can be made.
fn make_folder(path: &PathBuf) -> Result<(), Failure> {
    fs::create_dir_all(path)
        .map_err(|error| Failure::new(format!("{} cannot be made: {error}", path.display())))
}
