//! The objects of all clusters, each once.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::Object;
use tidegate_yaml::Map;

use super::catalogs::Catalogs;
use crate::render::ClusterRender;

/// An object, and who applies it.
pub(super) struct One<'r> {
    pub(super) object: &'r Object,
    /// The number of the catalog that it is checked against.
    pub(super) catalog: usize,
    /// Whether variables may be left in it because what defines them is not known.
    pub(super) has_variables: bool,
    /// The indexes of clusters, and of Kustomizations in them.
    pub(super) owners: Vec<(usize, usize)>,
}

/// The objects, in the order in which they are first met. Those that clusters share are told by the
/// address of what they hold.
pub(super) fn unique<'r>(renders: &'r [ClusterRender], catalogs: &Catalogs) -> Vec<One<'r>> {
    let mut all: Vec<One<'r>> = Vec::new();
    let mut known: HashMap<(usize, usize, bool), usize, FxBuildHasher> = HashMap::default();
    for (render_index, render) in renders.iter().enumerate() {
        let catalog = catalogs.number(render_index);
        for (applied, object) in render.own_objects() {
            // Without clusters there is nobody who puts variables in.
            let has_variables =
                render.cluster.is_none() || render.applied[applied].unknown_variables;
            let address = object.node.as_map().map_or(0, Map::address);
            let index = *known
                .entry((catalog, address, has_variables))
                .or_insert_with(|| {
                    all.push(One {
                        object,
                        catalog,
                        has_variables,
                        owners: Vec::new(),
                    });
                    all.len() - 1
                });
            all[index].owners.push((render_index, applied));
        }
    }
    all
}
