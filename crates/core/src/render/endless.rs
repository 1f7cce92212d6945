//! What would go on for ever.

use tidegate_source::Diagnostic;

use crate::codes;
use crate::flux::FluxKustomization;
use crate::render::walk::Walk;

/// How often a Kustomization is rendered because a definition changed. Each time stands for a
/// reconciliation; trees that settle need two or three.
pub(super) const MOST_ROUNDS: u32 = 16;

/// How often one object can be among the parents of a Kustomization: a folder that holds a
/// Kustomization of itself, with another name each time, has no end.
const MOST_ALIKE: usize = 3;

/// How deep Kustomizations nest.
const MOST_NESTED: usize = 64;

/// How many objects a cluster renders, all rounds together.
pub(super) const MOST_OBJECTS: usize = 250_000;

/// How many Kustomizations are built before it is looked how many objects that gave.
pub(super) const MOST_AT_ONCE: usize = 256;

impl Walk<'_> {
    /// Why a Kustomization of `parent` cannot be followed, as there would be no end of it.
    pub(super) fn endless(
        &self,
        parent: usize,
        kustomization: &FluxKustomization,
    ) -> Option<Diagnostic> {
        let place = kustomization.node.place.span();
        let mut parents = 0;
        let mut alike = 0;
        let mut next = Some(parent);
        while let Some(index) = next {
            let unit = &self.units[index];
            let above = unit.kustomization.as_ref();
            parents += 1;
            if place.is_some() && above.is_some_and(|above| above.node.place.span() == place) {
                alike += 1;
            }
            next = unit.parent;
        }
        (alike >= MOST_ALIKE || parents >= MOST_NESTED).then(|| {
            let why = "is applied by itself, under another name each time";
            endless(kustomization, why)
        })
    }
}

/// The first Kustomization that is not built, as the cluster renders more than can be.
pub(super) fn too_many(kustomization: &FluxKustomization) -> Diagnostic {
    let why = "comes behind more than 250,000 objects of its cluster";
    endless(kustomization, why)
}

fn endless(kustomization: &FluxKustomization, why: &str) -> Diagnostic {
    let subject = &kustomization.subject;
    let message = format!("{subject} {why}: it is not followed");
    Diagnostic::error(codes::ENDLESS_NESTING, kustomization.path_span, message)
        .with_help("let `spec.path` name a folder that does not hold it")
        .with_subject(subject.clone())
}

/// The variables of a Kustomization change each time that they are put in.
pub(super) fn unsettled(kustomization: &FluxKustomization) -> Diagnostic {
    let subject = &kustomization.subject;
    let node = kustomization.spec("postBuild");
    let span = node.map_or(kustomization.name_span, |node| node.place.span());
    let message = format!("the variables of {subject} change with each reconciliation");
    Diagnostic::error(codes::UNSETTLED_VARIABLES, span, message)
        .with_help("let no ConfigMap or Secret that `substituteFrom` reads depend on itself")
        .with_subject(subject.clone())
}
