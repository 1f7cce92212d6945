//! Something in a walk that applies objects.

use std::sync::Arc;

use tidegate_source::{Diagnostic, NotRendered, TreePath};
use tidegate_yaml::Node;

use crate::flux::FluxKustomization;
use crate::render::apis::ApiList;
use crate::render::definition::{Found, Provides, address};
use crate::render::make::{Made, could_provide};
use crate::render::reads::Read;
use crate::render::rounds::{Built, Substituted};
use crate::render::scan::Scan;
use crate::render::{Applier, Outcome, Stage};

/// Something that applies objects, and how far it is.
pub(super) struct Unit<'a> {
    pub(super) by: Applier,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    /// The folder that a Kustomization leads to.
    pub(super) folder: Option<TreePath>,
    /// Whether its parent still renders it.
    pub(super) live: bool,
    pub(super) built: Option<Built>,
    pub(super) substituted: Option<Arc<Substituted>>,
    pub(super) made: Option<Arc<Made>>,
    /// What came of it; none before it is rendered.
    pub(super) outcome: Option<Outcome>,
    /// What is wrong with it, apart from its build and its variables.
    pub(super) findings: Vec<Diagnostic>,
    pub(super) not_rendered: Option<NotRendered>,
    /// What it reads of other objects.
    pub(super) reads: Vec<Read>,
    /// What these were when it was last rendered.
    pub(super) found: Vec<Found<'a>>,
    /// How often it was rendered.
    pub(super) rounds: u32,
    /// Whether it is among those that read others and are to be rendered.
    pub(super) queued: bool,
    pub(super) scan: Option<Arc<Scan>>,
    /// What the rest of the cluster knows of it.
    pub(super) linked: Option<Arc<Scan>>,
    /// The APIs that the chart of a HelmRelease was told of.
    pub(super) apis: Option<ApiList>,
    /// What it is counted to provide perhaps, as it is not rendered.
    pub(super) could_provide: Option<Provides>,
}

impl<'a> Unit<'a> {
    /// The entry of a cluster.
    pub(super) fn of_entry(folder: &TreePath) -> Unit<'a> {
        Unit {
            by: Applier::Entry,
            parent: None,
            children: Vec::new(),
            folder: Some(folder.clone()),
            live: true,
            built: None,
            substituted: None,
            made: None,
            outcome: None,
            findings: Vec::new(),
            not_rendered: None,
            reads: Vec::new(),
            found: Vec::new(),
            rounds: 0,
            queued: false,
            scan: None,
            linked: None,
            apis: None,
            could_provide: None,
        }
    }

    /// What `parent` renders.
    pub(super) fn new(parent: usize, by: Applier) -> Unit<'a> {
        let mut unit = Unit::of_entry(&TreePath::root());
        unit.folder = None;
        unit.parent = Some(parent);
        unit.set_applier(by);
        unit
    }

    pub(super) fn set_applier(&mut self, by: Applier) {
        self.reads = Read::read_by(&by);
        self.by = by;
    }

    pub(super) fn kustomization(&self) -> Option<&Arc<FluxKustomization>> {
        self.by.kustomization()
    }

    /// Whether this is the same object with the same content.
    pub(super) fn is(&self, object: &Node) -> bool {
        let is_same = |own: &Node| address(own) == address(object) || own.same_value(object);
        self.by.node().is_some_and(is_same)
    }

    /// Whether variables are put into its objects.
    pub(super) fn has_variables(&self) -> bool {
        let kustomization = self.kustomization();
        kustomization.is_some_and(|one| one.post_build().is_some())
    }

    /// Whether it has been rendered with what it reads.
    pub(super) fn has_read(&self) -> bool {
        self.substituted.is_some() || self.made.is_some()
    }

    /// Whether it can be rendered with what it reads: a Kustomization has to be built first.
    pub(super) fn can_read(&self) -> bool {
        self.built.is_some() || self.by.maker().is_some()
    }

    /// What it could provide that is not known of. Where the variables of a Kustomization are at
    /// fault, its objects are known as they are written.
    pub(super) fn unknown(&self) -> Option<Provides> {
        let is_unknown = match &self.outcome {
            Some(Outcome::NotRendered(_)) => true,
            Some(Outcome::Failed(stage)) => *stage < Stage::Substitute,
            Some(Outcome::Objects(_)) | None => false,
        };
        is_unknown.then(|| could_provide(&self.by))
    }
}
