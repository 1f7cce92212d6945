//! One Kustomization of a walk.

use std::sync::Arc;

use tidegate_source::{Diagnostic, NotRendered, TreePath};

use crate::flux::FluxKustomization;
use crate::render::definition::{DefinitionId, Found, address};
use crate::render::rounds::{Built, Substituted};
use crate::render::scan::Scan;
use crate::render::{Outcome, Stage};

/// A Kustomization, and how far it is.
pub(super) struct Unit<'a> {
    /// The object; none for an entry that no object speaks of.
    pub(super) kustomization: Option<Arc<FluxKustomization>>,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) folder: Option<TreePath>,
    /// Whether its parent still renders it.
    pub(super) live: bool,
    pub(super) built: Option<Built>,
    pub(super) substituted: Option<Arc<Substituted>>,
    /// What came of it; none before it is rendered.
    pub(super) outcome: Option<Outcome>,
    /// What is wrong with it, apart from its build and its variables.
    pub(super) findings: Vec<Diagnostic>,
    pub(super) not_rendered: Option<NotRendered>,
    /// The definitions that its variables are from.
    pub(super) reads: Vec<DefinitionId>,
    /// What these were when its variables were last put in.
    pub(super) found: Vec<Found<'a>>,
    /// How often it was rendered.
    pub(super) rounds: u32,
    /// Whether it is among those whose variables are to be put in.
    pub(super) queued: bool,
    pub(super) scan: Option<Arc<Scan>>,
    /// What the rest of the cluster knows of it.
    pub(super) linked: Option<Arc<Scan>>,
    /// Whether it is counted among what could provide anything.
    pub(super) unknown: bool,
}

impl<'a> Unit<'a> {
    /// The entry of a cluster.
    pub(super) fn of_entry(folder: &TreePath) -> Unit<'a> {
        Unit {
            kustomization: None,
            parent: None,
            children: Vec::new(),
            folder: Some(folder.clone()),
            live: true,
            built: None,
            substituted: None,
            outcome: None,
            findings: Vec::new(),
            not_rendered: None,
            reads: Vec::new(),
            found: Vec::new(),
            rounds: 0,
            queued: false,
            scan: None,
            linked: None,
            unknown: false,
        }
    }

    /// A Kustomization that `parent` renders.
    pub(super) fn new(parent: usize, kustomization: Arc<FluxKustomization>) -> Unit<'a> {
        let mut unit = Unit::of_entry(&TreePath::root());
        unit.folder = None;
        unit.parent = Some(parent);
        unit.set_kustomization(kustomization);
        unit
    }

    pub(super) fn set_kustomization(&mut self, kustomization: Arc<FluxKustomization>) {
        self.reads = DefinitionId::read_by(&kustomization);
        self.kustomization = Some(kustomization);
    }

    /// Whether this is the same object with the same content.
    pub(super) fn is(&self, kustomization: &FluxKustomization) -> bool {
        self.kustomization.as_ref().is_some_and(|own| {
            let (own, other) = (&own.node, &kustomization.node);
            address(own) == address(other) || own.same_value(other)
        })
    }

    /// Whether variables are put into its objects.
    pub(super) fn has_variables(&self) -> bool {
        let kustomization = self.kustomization.as_ref();
        kustomization.is_some_and(|one| one.post_build().is_some())
    }

    /// Whether nothing can be said about what it provides. Where its variables are at fault, its
    /// objects are known as they are written.
    pub(super) fn is_unknown(&self) -> bool {
        match &self.outcome {
            Some(Outcome::NotRendered(_)) => true,
            Some(Outcome::Failed(stage)) => *stage < Stage::Substitute,
            Some(Outcome::Objects(_)) | None => false,
        }
    }
}
