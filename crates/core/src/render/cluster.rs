use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_source::{Location, SkipReason, TrailStep, TreePath};

use crate::flux::{FluxKustomization, SourceRef};
use crate::render::Stage;
use crate::render::definition::{DefinedBy, DefinitionId};

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
    /// The Kustomizations: the entries of the cluster first, each behind its parent. Indexes of
    /// this list are used elsewhere.
    pub applied: Vec<Applied>,
    /// The ConfigMaps and Secrets that these render, or have an operator make from an ExternalSecret
    /// or SealedSecret: what `substituteFrom` can read.
    pub definitions: BTreeMap<DefinitionId, DefinedBy>,
    /// The objects that make further objects and are not expanded: what these could provide is
    /// unknown, and never missing.
    pub unexpanded: Vec<Unexpanded>,
}

/// A Flux Kustomization of a cluster, and what came of it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The object, as rendered and substituted by its parent; none for the folder of an entry that
    /// no object in it speaks of.
    pub kustomization: Option<Arc<FluxKustomization>>,
    /// The Kustomization that renders the object; none for an entry.
    pub parent: Option<usize>,
    /// The folder that `spec.path` leads to; none where that is not known or not in this tree.
    pub folder: Option<TreePath>,
    /// Whether `spec.suspend` is set: it is rendered all the same.
    pub suspended: bool,
    /// Whether variables are left as they are written because what defines them is unknown.
    pub unknown_variables: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a Kustomization.
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

/// An object that makes others and was not expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpanded {
    /// The index of the Kustomization that renders it.
    pub applied: usize,
    /// The index among its objects.
    pub object: usize,
    /// What it is: a chart or a ResourceSet.
    pub reason: SkipReason,
}

impl ClusterRender {
    /// All objects with the index of their Kustomization, in the order of [`applied`].
    ///
    /// [`applied`]: ClusterRender::applied
    pub fn objects(&self) -> impl Iterator<Item = (usize, &Object)> {
        let applied = self.applied.iter().enumerate();
        applied.flat_map(|(index, applied)| {
            let objects = applied.objects().iter();
            objects.map(move |object| (index, object))
        })
    }

    /// The Kustomizations that led to one and itself, the outermost first: the start of the trail
    /// of a finding about its objects. An entry is no step.
    pub fn chain(&self, index: usize) -> Vec<TrailStep> {
        chain(Some(index), |index| {
            let applied = &self.applied[index];
            (applied.parent, applied.kustomization.as_deref())
        })
    }

    /// Whether anything is left out that could provide objects which are not among
    /// [`objects`](ClusterRender::objects).
    pub fn is_complete(&self) -> bool {
        let is_rendered = |one: &Applied| !matches!(one.outcome, Outcome::NotRendered(_));
        self.unexpanded.is_empty() && self.applied.iter().all(is_rendered)
    }
}

impl Applied {
    /// Its objects; none where it failed or was not rendered.
    pub fn objects(&self) -> &[Object] {
        match &self.outcome {
            Outcome::Objects(objects) => objects,
            Outcome::Failed(_) | Outcome::NotRendered(_) => &[],
        }
    }
}

/// The steps of a chain of Kustomizations, from the entry down to `last`. `look` gives the parent
/// and the object of one.
pub(super) fn chain<'a>(
    last: Option<usize>,
    look: impl Fn(usize) -> (Option<usize>, Option<&'a FluxKustomization>),
) -> Vec<TrailStep> {
    let mut chain = Vec::new();
    let mut next = last;
    while let Some(index) = next {
        let (parent, kustomization) = look(index);
        if let (Some(kustomization), Some(_)) = (kustomization, parent) {
            let suspended = match is_suspended(kustomization) {
                true => " (suspended)",
                false => "",
            };
            chain.push(TrailStep {
                location: Location::Span(kustomization.path_span),
                text: format!("{}{suspended}", kustomization.subject),
            });
        }
        next = parent;
    }
    chain.reverse();
    chain
}

/// Whether Flux leaves a Kustomization, and what it applied, as they are.
pub(super) fn is_suspended(kustomization: &FluxKustomization) -> bool {
    let suspend = kustomization.spec("suspend");
    suspend.and_then(tidegate_yaml::Node::text) == Some("true")
}
