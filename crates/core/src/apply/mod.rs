//! What goes into the server-side apply: objects with the labels of their owner, normalised, in the order
//! in which the controllers apply them.

mod authority;
mod order;

use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_schema::GoTypes;
use tidegate_yaml::{Entry, Map, Node, Place};

use self::authority::without_invalid_bundle;
use self::order::in_order;
use crate::render::{Applier, ClusterRender, Outcome, set_metadata};

/// A cluster with all its objects as they are handed over to the API server.
pub fn as_applied(render: &ClusterRender) -> ClusterRender {
    let types = GoTypes::known();
    let mut out = render.clone();
    for applied in &mut out.applied {
        if let Outcome::Objects(objects) = &applied.outcome {
            let objects = handed_over(objects, &applied.by, &types);
            applied.outcome = Outcome::Objects(Arc::new(objects));
        }
    }
    out
}

/// The objects of a Kustomization or a ResourceSet as they are handed over to the API server. An entry
/// that no object speaks of is taken for what a bootstrap and a FluxInstance make: a Kustomization
/// flux-system/flux-system. What a HelmRelease installs is left as it is, as Helm applies it in its own
/// way.
pub fn handed_over(objects: &[Object], by: &Applier, types: &GoTypes) -> Vec<Object> {
    let group = match by {
        Applier::HelmRelease(_) => return objects.to_vec(),
        Applier::Entry | Applier::Kustomization(_) => "kustomize.toolkit.fluxcd.io",
        Applier::ResourceSet(_) => "resourceset.fluxcd.controlplane.io",
    };
    let owner = owner_labels(group, by);
    let common = |field| by.node()?.at(&["spec", "commonMetadata", field])?.as_map();
    let metadata = ["labels", "annotations"].map(|field| (field, common(field)));
    let objects = objects.iter().map(|object| {
        let mut out = object.clone();
        set_metadata(&mut out.node, "labels", &owner);
        out.node = types.normalised(&out.node);
        for (field, add) in metadata {
            if let Some(add) = add.filter(|add| !add.is_empty()) {
                set_metadata(&mut out.node, field, add);
            }
        }
        without_invalid_bundle(&mut out.node);
        out
    });
    in_order(objects.collect())
}

/// The labels by which a controller finds what it applied.
fn owner_labels(group: &str, by: &Applier) -> Map {
    const FLUX: &str = "flux-system";
    let place = by
        .node()
        .map_or_else(Place::default, |node| node.place.clone());
    let subject = by.subject();
    let (name, namespace) = subject.map_or((FLUX, FLUX), |of| (&of.name, &of.namespace));
    let label = |field: &str, value: &str| Entry {
        key: Node::str(format!("{group}/{field}"), place.clone()),
        value: Node::str(value, place.clone()),
    };
    Map::from(vec![label("name", name), label("namespace", namespace)])
}
