use rustc_hash::FxHashMap;
use tidegate_source::Subject;
use tidegate_yaml::Node;

use crate::render::{Applier, ClusterRender};

/// Tells which objects Flux deletes when it no longer finds them.
///
/// Sources: kustomize-controller (garbage collection, and the finalizer of Kustomizations),
/// flux-operator (the same of ResourceSets), helm-controller (uninstalls).
pub(super) struct Pruning<'r> {
    before: &'r ClusterRender,
    /// What applies objects after the change.
    after: FxHashMap<Name<'r>, &'r Applier>,
}

/// What tells an object that applies others from the rest; its version does not.
type Name<'r> = (&'r str, &'r str, &'r str);

pub(super) fn name(subject: &Subject) -> Name<'_> {
    (&subject.kind, &subject.namespace, &subject.name)
}

impl<'r> Pruning<'r> {
    pub(super) fn new(before: &'r ClusterRender, after: &'r ClusterRender) -> Pruning<'r> {
        let named = after.applied.iter();
        let named = named.filter_map(|one| Some((name(one.by.subject()?), &one.by)));
        Pruning {
            before,
            after: named.collect(),
        }
    }

    /// Whether an object is deleted that `applied` had before and has no longer.
    pub(super) fn deletes(&self, object: &Node, applied: usize) -> bool {
        let own = &self.before.applied[applied];
        if is_kept(object, &own.by) {
            return false;
        }
        let Some(subject) = own.by.subject() else {
            // What `flux bootstrap` and the Flux Operator make for an entry prunes.
            return true;
        };
        match self.after.get(&name(subject)) {
            Some(by) => by.kustomization().is_none_or(|one| one.is_set("prune")),
            // It goes itself, and takes along what it applied.
            None => {
                takes_along(&own.by)
                    && own.by.node().zip(own.parent).is_none_or(|(node, parent)| {
                        // Parents stand before what they apply, so this ends.
                        parent < applied && self.deletes(node, parent)
                    })
            }
        }
    }
}

/// Whether an object says itself that it is to stay.
fn is_kept(object: &Node, by: &Applier) -> bool {
    let says = |key: &str, value: &str| {
        ["annotations", "labels"].iter().any(|of| {
            let found = object.at(&["metadata", of, key]).and_then(Node::text);
            found.is_some_and(|found| found.eq_ignore_ascii_case(value))
        })
    };
    match by {
        Applier::Entry | Applier::Kustomization(_) => {
            says("kustomize.toolkit.fluxcd.io/prune", "disabled")
                || says("kustomize.toolkit.fluxcd.io/reconcile", "disabled")
        }
        Applier::ResourceSet(_) => says("fluxcd.controlplane.io/prune", "disabled"),
        Applier::HelmRelease(_) => says("helm.sh/resource-policy", "keep"),
    }
}

/// Whether something that applies objects deletes them when it is deleted itself.
fn takes_along(by: &Applier) -> bool {
    let policy = |one: &crate::flux::FluxKustomization| {
        let policy = one.spec("deletionPolicy").and_then(Node::text);
        match policy {
            None | Some("MirrorPrune") => one.is_set("prune"),
            Some("Delete" | "WaitForTermination") => true,
            Some(_) => false,
        }
    };
    !by.is_suspended() && by.kustomization().is_none_or(|one| policy(one))
}
