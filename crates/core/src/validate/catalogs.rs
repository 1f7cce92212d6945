//! Which kinds each cluster has.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;
use tidegate_schema::{Catalog, KubernetesVersion};
use tidegate_yaml::{Map, Node};

use crate::config::{Config, Version};
use crate::render::ClusterRender;

/// The catalogs of all clusters. Those with the same version of Kubernetes and the same
/// CustomResourceDefinitions share one.
pub struct Catalogs {
    all: Vec<Catalog>,
    of_render: Vec<usize>,
}

impl Catalogs {
    /// `further` are definitions that all clusters have.
    pub fn new(renders: &[ClusterRender], config: &Config, further: &[Node]) -> Catalogs {
        let mut catalogs = Catalogs {
            all: Vec::new(),
            of_render: Vec::with_capacity(renders.len()),
        };
        let mut by_version: BTreeMap<Version, Catalog> = BTreeMap::new();
        let mut known: HashMap<(Version, Vec<usize>), usize, FxBuildHasher> = HashMap::default();
        for render in renders {
            let objects = render.own_objects().map(|(_, object)| object);
            let definitions: Vec<&Node> = objects
                .filter(|object| object.kind() == "CustomResourceDefinition")
                .map(|object| &object.node)
                .collect();
            let addresses = definitions.iter();
            let addresses: Vec<usize> = addresses
                .map(|definition| definition.as_map().map_or(0, Map::address))
                .collect();
            let version = config.settings(render.cluster.as_deref()).kubernetes;
            let common = by_version.entry(version).or_insert_with(|| {
                let version = KubernetesVersion::new(version.major, version.minor);
                let mut catalog = Catalog::known(version);
                for definition in further {
                    catalog.add_crd(definition);
                }
                catalog
            });
            let index = *known.entry((version, addresses)).or_insert_with(|| {
                let mut catalog = common.clone();
                for definition in definitions {
                    catalog.add_crd(definition);
                }
                catalogs.all.push(catalog);
                catalogs.all.len() - 1
            });
            catalogs.of_render.push(index);
        }
        catalogs
    }

    /// The number of the catalog of a cluster, by its index among the renders.
    pub fn number(&self, render: usize) -> usize {
        self.of_render[render]
    }

    /// A catalog by its number.
    pub fn get(&self, number: usize) -> &Catalog {
        &self.all[number]
    }
}
