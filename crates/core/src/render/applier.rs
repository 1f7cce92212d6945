//! What applies objects to a cluster.

use std::sync::Arc;

use tidegate_source::{Span, Subject};
use tidegate_yaml::Node;

use crate::flux::{FluxKustomization, FluxObject, Maker};

/// What applies objects, which were rendered for it: a Kustomization, or an object that makes others.
#[derive(Clone, Debug)]
pub enum Applier {
    /// The Kustomization of an entry that no object in it speaks of.
    Entry,
    /// A Kustomization, as rendered and substituted by its parent.
    Kustomization(Arc<FluxKustomization>),
    /// A ResourceSet, as its parent renders it.
    ResourceSet(Arc<Maker>),
    /// A HelmRelease, as its parent renders it.
    HelmRelease(Arc<Maker>),
}

impl From<FluxObject> for Applier {
    fn from(object: FluxObject) -> Applier {
        match object {
            FluxObject::Kustomization(one) => Applier::Kustomization(Arc::new(one)),
            FluxObject::ResourceSet(one) => Applier::ResourceSet(Arc::new(one)),
            FluxObject::HelmRelease(one) => Applier::HelmRelease(Arc::new(one)),
        }
    }
}

impl Applier {
    /// The Kustomization, where it is one.
    pub fn kustomization(&self) -> Option<&Arc<FluxKustomization>> {
        match self {
            Applier::Kustomization(kustomization) => Some(kustomization),
            Applier::Entry | Applier::ResourceSet(_) | Applier::HelmRelease(_) => None,
        }
    }

    /// The object that makes others, where it is one.
    pub fn maker(&self) -> Option<&Arc<Maker>> {
        match self {
            Applier::ResourceSet(maker) | Applier::HelmRelease(maker) => Some(maker),
            Applier::Entry | Applier::Kustomization(_) => None,
        }
    }

    /// Which object it is; none for an entry.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Applier::Entry => None,
            Applier::Kustomization(one) => Some(&one.subject),
            Applier::ResourceSet(one) | Applier::HelmRelease(one) => Some(&one.subject),
        }
    }

    /// The object; none for an entry.
    pub fn node(&self) -> Option<&Node> {
        match self {
            Applier::Entry => None,
            Applier::Kustomization(one) => Some(&one.node),
            Applier::ResourceSet(one) | Applier::HelmRelease(one) => Some(&one.node),
        }
    }

    /// What tells how it got into the cluster: the path of a Kustomization, the name of others.
    pub(super) fn span(&self) -> Span {
        match self {
            Applier::Entry => Span::NONE,
            Applier::Kustomization(one) => one.path_span,
            Applier::ResourceSet(one) | Applier::HelmRelease(one) => one.name_span,
        }
    }

    /// Whether Flux leaves it, and what it applied, as they are.
    pub fn is_suspended(&self) -> bool {
        const RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
        let text = |path: &[&str]| self.node()?.at(path).and_then(Node::text);
        match self {
            Applier::Entry => false,
            Applier::Kustomization(_) | Applier::HelmRelease(_) => {
                text(&["spec", "suspend"]) == Some("true")
            }
            Applier::ResourceSet(_) => text(&["metadata", "annotations", RECONCILE])
                .is_some_and(|value| value.eq_ignore_ascii_case("disabled")),
        }
    }
}
