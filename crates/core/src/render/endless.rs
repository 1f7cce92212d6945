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

/// How many Kustomizations a cluster has.
const MOST_KUSTOMIZATIONS: usize = 100_000;

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
        let why = if alike >= MOST_ALIKE || parents >= MOST_NESTED {
            "is applied by itself, under another name each time"
        } else if self.units.len() >= MOST_KUSTOMIZATIONS {
            "is one of more than 100,000 in this cluster"
        } else {
            return None;
        };
        let subject = &kustomization.subject;
        let finding = Diagnostic::error(
            codes::ENDLESS_NESTING,
            kustomization.path_span,
            format!("{subject} {why}: it is not followed"),
        );
        let finding = finding.with_help("let `spec.path` name a folder that does not hold it");
        Some(finding.with_subject(subject.clone()))
    }
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
