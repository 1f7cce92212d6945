//! What would go on for ever.

use tidegate_source::{Diagnostic, Sources};

use crate::codes;
use crate::render::Applier;
use crate::render::walk::Walk;

/// How often something is rendered because what it reads changed. Each time stands for a
/// reconciliation; trees that settle need two or three.
pub(super) const MOST_ROUNDS: u32 = 16;

/// How often one object can be above another one: a folder that holds a Kustomization of itself, with
/// another name each time, has no end, nor has a template that prints a ResourceSet with itself.
const MOST_ALIKE: usize = 3;

/// How deep Kustomizations, ResourceSets and HelmReleases nest.
const MOST_NESTED: usize = 64;

/// How many objects a cluster renders, all rounds together.
pub(super) const MOST_OBJECTS: usize = 250_000;

/// How many Kustomizations are built before it is looked how many objects that gave.
pub(super) const MOST_AT_ONCE: usize = 256;

/// How many ResourceSets and HelmReleases of a cluster make objects before it is looked how many: a
/// short text can make a lot of them.
pub(super) const MOST_MADE_AT_ONCE: usize = 64;

impl Walk<'_> {
    /// Why what `parent` renders cannot be followed, as there would be no end of it.
    pub(super) fn endless(
        &self,
        parent: usize,
        applier: &Applier,
        sources: &Sources,
    ) -> Option<Diagnostic> {
        let place = |of: &Applier| {
            let span = of.node().map(|node| sources.real(node.place.span()));
            span.filter(|span| span.is_some())
        };
        let own = place(applier);
        let mut parents = 0;
        let mut alike = 0;
        let mut next = Some(parent);
        while let Some(index) = next {
            let unit = &self.units[index];
            parents += 1;
            alike += usize::from(own.is_some() && place(&unit.by) == own);
            next = unit.parent;
        }
        (alike >= MOST_ALIKE || parents >= MOST_NESTED).then(|| {
            let why = "is applied by itself, under another name each time";
            endless(applier, why)
        })?
    }
}

/// The first one that is not rendered, as the cluster renders more than can be; none for an entry.
pub(super) fn too_many(applier: &Applier) -> Option<Diagnostic> {
    endless(
        applier,
        "comes behind more than 250,000 objects of its cluster",
    )
}

fn endless(applier: &Applier, why: &str) -> Option<Diagnostic> {
    let subject = applier.subject()?;
    let message = format!("{subject} {why}: it is not followed");
    let help = match applier.maker() {
        Some(_) => "let nothing that it makes make it again",
        None => "let `spec.path` name a folder that does not hold it",
    };
    let finding = Diagnostic::error(codes::ENDLESS_NESTING, applier.span(), message);
    Some(finding.with_help(help).with_subject(subject.clone()))
}

/// What it reads changes each time that it is rendered; none for an entry.
pub(super) fn unsettled(applier: &Applier) -> Option<Diagnostic> {
    let subject = applier.subject()?;
    let (fields, what, help) = match applier {
        Applier::ResourceSet(_) => (
            ["inputsFrom"].as_slice(),
            "the inputs",
            "let no ResourceSetInputProvider that `inputsFrom` names depend on what it makes",
        ),
        Applier::HelmRelease(_) => (
            ["valuesFrom"].as_slice(),
            "the values",
            "let no ConfigMap or Secret that `valuesFrom` names depend on what it makes",
        ),
        Applier::Entry | Applier::Kustomization(_) => (
            ["postBuild"].as_slice(),
            "the variables",
            "let no ConfigMap or Secret that `substituteFrom` reads depend on itself",
        ),
    };
    let spec = applier.node()?.get("spec");
    let node = spec.and_then(|spec| spec.at(fields));
    let named = || applier.node()?.at(&["metadata", "name"]);
    let span = node.or_else(named).or(applier.node())?.place.span();
    let message = format!("{what} of {subject} change with each reconciliation");
    let finding = Diagnostic::error(codes::UNSETTLED_VARIABLES, span, message);
    Some(finding.with_help(help).with_subject(subject.clone()))
}
