//! What of a tree is to be rendered: its clusters, and what the config says of them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::{CheckOptions, Cluster, Schemas, TreePacking};
use tidegate_source::{Sources, TreePath};

use crate::commands::Failure;
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::tree::Tree;

/// What the user asks for.
pub(crate) struct Asked<'a> {
    /// The folder that is searched for clusters.
    pub(crate) path: &'a Path,
    /// Clusters, in place of those that would be found.
    pub(crate) clusters: &'a [(String, PathBuf)],
    /// The config, in place of the one that would be found.
    pub(crate) config: Option<&'a Path>,
    pub(crate) threads: NonZeroUsize,
}

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) sources: Arc<Sources>,
    pub(crate) configured: Configured,
    /// The clusters are those that the user named, or else those of the config and the tree.
    pub(crate) options: CheckOptions,
    /// Whether the user named them.
    pub(crate) are_named: bool,
}

impl Plan {
    pub(crate) fn new(
        asked: &Asked<'_>,
        tree: &Tree,
        packing: &TreePacking,
        working: &WorkingFolder,
    ) -> Result<Plan, Failure> {
        let start = match tree.is_bare() {
            true => TreePath::root(),
            false => tree.folder(asked.path, working)?,
        };
        let named = named_clusters(asked, tree, working)?;
        let sources = tree.sources(packing);
        let mut configured = Configured::find(asked.config, &start, tree, &sources, working)?;
        let (found, unknown) =
            configured
                .config
                .clusters(sources.system(), &start, &configured.folder);
        configured.findings.extend(unknown);
        let are_named = !named.is_empty();
        let options = CheckOptions {
            start,
            clusters: if are_named { named } else { found },
            config: configured.config.clone(),
            schemas: Schemas::Known {
                further: Vec::new(),
            },
            charts: Arc::new(tidegate_core::release::NoCharts),
            threads: asked.threads,
        };
        Ok(Plan {
            sources,
            configured,
            options,
            are_named,
        })
    }
}

fn named_clusters(
    asked: &Asked<'_>,
    tree: &Tree,
    working: &WorkingFolder,
) -> Result<Vec<Cluster>, Failure> {
    let mut clusters = Vec::with_capacity(asked.clusters.len());
    for (name, typed) in asked.clusters {
        let path = tree.folder(typed, working)?;
        if clusters.iter().any(|known: &Cluster| known.name == *name) {
            return Err(Failure::new(format!("two clusters are named {name}")));
        }
        let entries = tree.system().list(&path);
        if entries.is_ok_and(|entries| entries.is_empty()) {
            return Err(Failure::new(format!("{} is empty", typed.display())));
        }
        clusters.push(Cluster {
            name: name.clone(),
            path,
        });
    }
    clusters.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(clusters)
}
