use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_source::{Location, SkipReason, Subject, TrailStep, TreePath};

use crate::flux::{FluxKustomization, SourceRef};
use crate::render::definition::{DefinedBy, DefinitionId};
use crate::render::{Applier, Stage};

/// All that Flux would apply to one cluster.
#[derive(Clone, Debug)]
pub struct ClusterRender {
    /// Its name; none for a tree without clusters, whose kustomizations are rendered as if one
    /// cluster applied them all.
    pub cluster: Option<String>,
    /// The folder that `spec.path`s are relative to.
    pub root: TreePath,
    /// The sources that hold the tree itself, sorted.
    pub own_sources: Vec<SourceRef>,
    /// What applies the objects: the entries of the cluster first, each behind its parent. Indexes of
    /// this list are used elsewhere.
    pub applied: Vec<Applied>,
    /// The ConfigMaps and Secrets that these render, or have an operator make from an ExternalSecret
    /// or SealedSecret: what `substituteFrom` can read.
    pub definitions: BTreeMap<DefinitionId, DefinedBy>,
}

/// Something that applies objects of a cluster, and what came of it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// What it is.
    pub by: Applier,
    /// What applies that object; none for an entry.
    pub parent: Option<usize>,
    /// The folder that `spec.path` of a Kustomization leads to; none where that is not known or not in
    /// this tree.
    pub folder: Option<TreePath>,
    /// Whether it is suspended: it is rendered all the same.
    pub suspended: bool,
    /// Whether variables are left as they are written because what defines them is unknown.
    pub unknown_variables: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of something that applies objects.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Its objects, in the order of the build. They are shared with all clusters that have the
    /// same.
    Objects(Arc<Vec<Object>>),
    /// It fails, so that Flux applies nothing of it. There is a finding that tells why.
    Failed(Stage),
    /// It was not rendered: it could provide anything.
    NotRendered(SkipReason),
}

impl ClusterRender {
    /// An object as a source, where it may be one that holds the tree itself.
    pub(crate) fn own_source(&self, subject: Subject) -> Option<SourceRef> {
        let source = SourceRef {
            kind: subject.kind,
            namespace: subject.namespace,
            name: subject.name,
        };
        let mut own = self.own_sources.iter();
        own.any(|own| own.may_be(&source)).then_some(source)
    }

    /// All objects with the index of what applies them, in the order of [`applied`].
    ///
    /// [`applied`]: ClusterRender::applied
    pub fn objects(&self) -> impl Iterator<Item = (usize, &Object)> {
        let applied = self.applied.iter().enumerate();
        applied.flat_map(|(index, applied)| {
            let objects = applied.objects().iter();
            objects.map(move |object| (index, object))
        })
    }

    /// The objects that this cluster gets: those that are not applied to another one.
    pub fn own_objects(&self) -> impl Iterator<Item = (usize, &Object)> {
        let elsewhere: Vec<bool> = (0..self.applied.len())
            .map(|index| self.is_applied_elsewhere(index))
            .collect();
        self.objects().filter(move |(index, _)| !elsewhere[*index])
    }

    /// Whether something applies its objects to another cluster: it, or what it came out of, says so with
    /// `kubeConfig`.
    pub fn is_applied_elsewhere(&self, index: usize) -> bool {
        let parent = |index: &usize| self.applied[*index].parent;
        let mut chain = std::iter::successors(Some(index), parent).take(self.applied.len());
        chain.any(|index| {
            let node = self.applied[index].by.node();
            let config = node.and_then(|node| node.at(&["spec", "kubeConfig"]));
            config.is_some_and(|config| !config.is_null())
        })
    }

    /// What led to something that applies objects, and itself, the outermost first: the start of the
    /// trail of a finding about these objects. An entry is no step.
    pub fn chain(&self, index: usize) -> Vec<TrailStep> {
        chain(Some(index), |index| {
            let applied = &self.applied[index];
            (applied.parent, &applied.by)
        })
    }

    /// Whether anything is left out that could provide objects which are not among
    /// [`objects`](ClusterRender::objects).
    pub fn is_complete(&self) -> bool {
        let is_rendered = |one: &Applied| !matches!(one.outcome, Outcome::NotRendered(_));
        self.applied.iter().all(is_rendered)
    }
}

impl Applied {
    /// The Kustomization, where it is one that an object speaks of.
    pub fn kustomization(&self) -> Option<&FluxKustomization> {
        self.by.kustomization().map(Arc::as_ref)
    }

    /// Its objects; none where it failed or was not rendered.
    pub fn objects(&self) -> &[Object] {
        match &self.outcome {
            Outcome::Objects(objects) => objects,
            Outcome::Failed(_) | Outcome::NotRendered(_) => &[],
        }
    }
}

/// The steps of a chain of what applies objects, from the entry down to `last`. `look` gives the
/// parent of one, and what it is.
pub(super) fn chain<'a>(
    last: Option<usize>,
    look: impl Fn(usize) -> (Option<usize>, &'a Applier),
) -> Vec<TrailStep> {
    let mut chain = Vec::new();
    let mut next = last;
    while let Some(index) = next {
        let (parent, by) = look(index);
        if let (Some(subject), Some(_)) = (by.subject(), parent) {
            let suspended = match by.is_suspended() {
                true => " (suspended)",
                false => "",
            };
            chain.push(TrailStep {
                location: Location::Span(by.span()),
                text: format!("{subject}{suspended}"),
            });
        }
        next = parent;
    }
    chain.reverse();
    chain
}
