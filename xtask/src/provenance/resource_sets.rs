//! The cases of the suite `resourceset`: what their inputs change.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_core::resource_set::{Given, build};
use tidegate_kustomize::Object;
use tidegate_source::{MemorySystem, Severity, SourceFile, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use super::given::{Made, Suite};
use super::site::Site;
use crate::Outcome;
use crate::corpus;
use crate::workspace::Workspace;

/// The files of a case, as far as there are any.
const FILES: [&str; 3] = ["resourceset.yaml", "inputs.yaml", "providers.yaml"];

/// All cases.
pub(super) struct OfResourceSets {
    cases: Vec<Case>,
}

struct Case {
    name: String,
    files: Vec<(&'static str, String)>,
}

impl OfResourceSets {
    pub(super) fn open(workspace: &Workspace) -> Outcome<OfResourceSets> {
        let suites = workspace.conformance().ok_or("set TIDEGATE_CONFORMANCE")?;
        let mut cases = Vec::new();
        for folder in corpus::trees(&suites.join("resourceset"))? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            let mut files = Vec::new();
            for file in FILES.into_iter().filter(|file| folder.join(file).is_file()) {
                files.push((file, std::fs::read_to_string(folder.join(file))?));
            }
            cases.push(Case {
                name: name.into_owned(),
                files,
            });
        }
        Ok(OfResourceSets { cases })
    }
}

impl Suite for OfResourceSets {
    fn names(&self) -> Vec<&str> {
        self.cases.iter().map(|case| case.name.as_str()).collect()
    }

    fn group(&self, case: usize) -> &str {
        &self.cases[case].name
    }

    fn apart(&self) -> Option<&str> {
        None
    }

    fn made(&self, case: usize, replaced: Option<(usize, String)>) -> Option<Made> {
        let sources = Arc::new(Sources::new(Arc::new(MemorySystem::new())));
        let mut documents = BTreeMap::new();
        let mut files = Vec::new();
        for (index, (name, text)) in self.cases[case].files.iter().enumerate() {
            let text = match &replaced {
                Some((other, text)) if *other == index => text,
                _ => text,
            };
            let file = sources.add_file(TreePath::new(name).ok()?, text.clone().into_bytes());
            documents.insert(*name, read(&file)?);
            files.push(file);
        }
        let given = Given {
            inputs: documents
                .remove("inputs.yaml")
                .and_then(|documents| documents.into_iter().next()),
            providers: documents.remove("providers.yaml"),
            exported: None,
        };
        let resource_set = documents.remove("resourceset.yaml")?.into_iter().next()?;
        let built = build(&resource_set, &given, &sources).ok()?;
        let objects = built.steps.into_iter().flat_map(|step| step.objects);
        Some(Made {
            objects: objects.map(Object::new).collect(),
            files,
            sources,
        })
    }

    fn is_given(&self, site: &Site) -> bool {
        let role = site.role.as_str();
        match site.file.path().as_str() {
            "resourceset.yaml" => role.starts_with("spec.inputs."),
            "providers.yaml" => role.starts_with("spec.defaultValues."),
            _ => true,
        }
    }
}

/// The documents of a file; none where it is no YAML.
fn read(file: &SourceFile) -> Option<Vec<Node>> {
    let parsed = parse(file, ParseOptions::new(Dialect::Yaml11));
    let mut findings = parsed.findings.iter();
    if findings.any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let documents = parsed.documents.into_iter();
    Some(documents.filter_map(|document| document.root).collect())
}
