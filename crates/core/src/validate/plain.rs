//! Objects that are checked as they are written, in files or a stream.

use tidegate_schema::{
    Catalog, FaultKind, How, KubernetesVersion, Lifecycles, Release, Report, Running,
};
use tidegate_source::{Diagnostic, NotChecked, Severity, Sources};
use tidegate_yaml::Node;

use super::count;
use super::explain::Explained;
use super::standing;
use crate::config::{DEFAULT_FLUX, Version};

/// Checks objects one by one.
#[derive(Clone, Debug)]
pub struct Validator {
    catalog: Catalog,
    lifecycles: Lifecycles,
    running: Running,
    how: How,
}

/// What was found out about a document.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
    /// The objects of which nothing is known.
    pub unknown: Vec<Node>,
    /// How many objects there were.
    pub objects: usize,
}

impl Validator {
    /// For the kinds of a version of Kubernetes, and those of common projects.
    pub fn new(kubernetes: Version, how: How) -> Validator {
        let version = KubernetesVersion::new(kubernetes.major, kubernetes.minor);
        Validator {
            catalog: Catalog::known(version),
            lifecycles: Lifecycles::known(),
            running: Running {
                kubernetes: version,
                flux: Release(DEFAULT_FLUX.major, DEFAULT_FLUX.minor),
            },
            how,
        }
    }

    /// The same validator, for a cluster with another release of Flux.
    pub fn with_flux(mut self, flux: Version) -> Validator {
        self.running.flux = Release(flux.major, flux.minor);
        self
    }

    /// Adds what a CustomResourceDefinition defines, or each one of a list; whether there was any.
    pub fn add_definitions(&mut self, document: &Node) -> bool {
        let mut found = false;
        for object in objects(document) {
            found |= self.catalog.add_crd(object);
        }
        found
    }

    /// Checks the object of a document, or each one of a list. `sources` has its text.
    pub fn check(&self, document: &Node, sources: &Sources) -> Checked {
        let mut checked = Checked::default();
        for object in objects(document) {
            checked.objects += 1;
            let of_version = self.of_version(object, sources);
            let is_said = of_version.is_some();
            let is_refused = of_version
                .as_ref()
                .is_some_and(|one| one.severity == Severity::Error);
            checked.findings.extend(of_version);
            match tidegate_schema::validate(&self.catalog, object, self.how) {
                Report::UnknownKind if is_refused => {}
                Report::UnknownKind => checked.unknown.push(object.clone()),
                Report::Checked(faults) => {
                    let explained = Explained::written(object, sources);
                    let findings = explained.all(faults);
                    let findings =
                        findings.filter(|(fault, _)| !is_said || fault.kind != FaultKind::Kind);
                    checked
                        .findings
                        .extend(findings.map(|(_, finding)| finding));
                }
            }
        }
        checked
    }

    /// What there is to say of the version that an object names.
    fn of_version(&self, object: &Node, sources: &Sources) -> Option<Diagnostic> {
        let text = |field: &str| object.get(field).and_then(Node::as_str);
        let (api_version, kind) = (text("apiVersion")?, text("kind")?);
        let standing = self
            .lifecycles
            .standing(api_version, kind, &self.catalog, self.running);
        let explain = || Explained::written(object, sources);
        standing::finding(&standing, explain, object, &self.catalog, sources)
    }
}

/// The CustomResourceDefinitions of a document.
pub fn definitions(document: &Node) -> impl Iterator<Item = Node> {
    let objects = objects(document).into_iter();
    let kind = |object: &Node| object.get("kind").and_then(Node::as_str).map(str::to_owned);
    let is_one = move |object: &&Node| kind(object).as_deref() == Some("CustomResourceDefinition");
    objects.filter(is_one).cloned()
}

/// Counts objects of which nothing is known by their kinds.
pub fn count_unknown(unknown: &[Node], kinds: &mut Vec<NotChecked>) {
    for object in unknown {
        count(object, kinds);
    }
}

/// The objects of a document: those of a list, as `kubectl get` prints them, one by one.
fn objects(document: &Node) -> Vec<&Node> {
    let kind = document.get("kind").and_then(Node::text);
    let is_list = kind.is_some_and(|kind| kind.ends_with("List"));
    match document.get("items").and_then(Node::as_seq) {
        Some(items) if is_list => items.iter().collect(),
        _ => vec![document],
    }
}
