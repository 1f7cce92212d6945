use std::collections::BTreeSet;
use std::sync::Arc;

use tidegate_source::{Diagnostic, NotChecked, NotRendered, Sources};

use crate::check::{CheckOptions, NothingToCheck, Scope};
use crate::cluster::{Cluster, discover};
use crate::packing::{TreePacking, packing};
use crate::release::Expander;
use crate::render::collect::Collected;
use crate::render::link::Context;
use crate::render::release::Releases;
use crate::render::rounds::Rounds;
use crate::render::walk::Walk;
use crate::render::{Builder, ClusterRender};
use crate::roots::unreferenced_kustomizations;

/// All that Flux would apply from a tree.
#[derive(Clone, Debug)]
pub struct TreeRender {
    /// What was rendered.
    pub scope: Scope,
    /// The clusters, sorted by path.
    pub clusters: Vec<Cluster>,
    /// What each of them renders, in their order; one where there are no clusters.
    pub renders: Vec<ClusterRender>,
    /// What is wrong, as it was found: what several clusters share is there once, with their names.
    pub findings: Vec<Diagnostic>,
    /// What could not be rendered, as it was found.
    pub not_rendered: Vec<NotRendered>,
    /// What could not be checked on the way, as it was found.
    pub not_checked: Vec<NotChecked>,
    /// How many folders were built, each combination with settings once.
    pub builds: usize,
    /// How many objects these builds gave, before variables were put in, and how many ResourceSets and
    /// HelmReleases made.
    pub objects: usize,
    /// The `spec.path`s of clusters for which none exists: the root of their artifact probably lies
    /// above the root of the system. Sorted.
    pub lost_paths: Vec<String>,
}

impl TreeRender {
    /// How the tree becomes the artifact that was rendered, by what it says itself.
    pub fn packing(&self) -> TreePacking {
        packing(&self.renders).0
    }
}

/// Renders every cluster of a tree.
///
/// `progress` is called from any thread with how many steps are done and how many are known so far.
pub fn render_tree(
    sources: &Arc<Sources>,
    options: &CheckOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<TreeRender, NothingToCheck> {
    let start = &options.start;
    let mut clusters = options.clusters.clone();
    if clusters.is_empty() {
        clusters = discover(sources.system(), start);
    }
    let scope = match clusters.is_empty() {
        true => Scope::Kustomizations,
        false => Scope::Clusters,
    };
    let mut walks: Vec<Walk<'_>> = match scope {
        Scope::Clusters => {
            let walk = |cluster: &Cluster| {
                let settings = options.config.settings(Some(&cluster.name));
                let entries = vec![cluster.path.clone()];
                Walk::new(Some(cluster.name.clone()), entries, settings)
            };
            clusters.iter().map(walk).collect()
        }
        Scope::Kustomizations => {
            let entries = unreferenced_kustomizations(sources, start);
            if entries.is_empty() {
                let start = start.clone();
                return Err(NothingToCheck { start });
            }
            vec![Walk::new(None, entries, options.config.settings(None))]
        }
    };
    let builder = Builder::new(Arc::clone(sources));
    let expander = Expander::new(Arc::clone(sources), Arc::clone(&options.charts));
    let mut rounds = Rounds::new(&builder, Releases::new(expander), options.threads);
    rounds.run(&mut walks, Context { sources, start }, progress);
    let trees = walks.iter().filter_map(|walk| walk.tree.as_ref());
    let lost: BTreeSet<&String> = trees.flat_map(|tree| &tree.lost).collect();
    let Collected {
        findings,
        not_rendered,
        not_checked,
        builds,
        objects,
    } = Collected::new(&walks);
    Ok(TreeRender {
        scope,
        clusters,
        renders: walks.iter().map(Walk::finish).collect(),
        findings,
        not_rendered,
        not_checked,
        builds,
        objects,
        lost_paths: lost.into_iter().cloned().collect(),
    })
}
