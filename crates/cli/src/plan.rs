//! What of a tree is to be rendered: its clusters, and what the config says of them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_core::{CheckOptions, Cluster, Schemas, TreePacking};
use tidegate_registry::Lock;
use tidegate_source::{Sources, TreePath};

use crate::charts::{AtHandCharts, LockFile, environment};
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
    /// The folder of charts that were fetched, in place of that of the user.
    pub(crate) cache_dir: Option<&'a Path>,
    /// Which charts are meant, in place of what the lock file of the tree says.
    pub(crate) lock: Option<&'a Lock>,
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
    /// The charts at hand, of which the options have another handle.
    pub(crate) charts: Arc<AtHandCharts>,
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
        if tree.is_artifact() {
            // What was packed from which folder is settled: Flux knows of nothing else.
            configured.config.set_root(TreePath::root());
        }
        let lock = match asked.lock {
            Some(lock) => lock.clone(),
            None => LockFile::read(tree, &configured)?.lock,
        };
        let cache = environment::cache(asked.cache_dir, working);
        let charts = Arc::new(AtHandCharts::new(cache, lock, &configured.config.charts));
        let options = CheckOptions {
            start,
            clusters: if are_named { named } else { found },
            config: configured.config.clone(),
            schemas: Schemas::Known {
                further: configured.definitions(),
            },
            charts: Arc::<AtHandCharts>::clone(&charts),
            threads: asked.threads,
        };
        Ok(Plan {
            sources,
            configured,
            options,
            are_named,
            charts,
        })
    }

    /// Whether there is no cluster of the tree that is left out.
    pub(crate) fn is_whole(&self) -> bool {
        let configured = &self.configured;
        let found = &self.options.clusters;
        !self.are_named
            && (self.options.start.is_root() || {
                let system = self.sources.system();
                let root = TreePath::root();
                let (all, _) = configured
                    .config
                    .clusters(system, &root, &configured.folder);
                !found.is_empty() && all.iter().all(|cluster| found.contains(cluster))
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
