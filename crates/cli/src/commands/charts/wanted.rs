//! Which charts a tree needs from outside.

use std::num::NonZeroUsize;

use tidegate_registry::{ChartSource, Lock};

use crate::args::ChartsFetch;
use crate::commands::Failure;
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::plan::Asked;
use crate::rendering::{Answer, Rendering};
use crate::tree::Tree;

/// What a tree needs.
pub(super) struct Wanted {
    /// In order, each once, and whether it may be asked for without TLS.
    pub(super) sources: Vec<(ChartSource, bool)>,
    pub(super) configured: Configured,
    /// Whether that is all that any cluster of the tree needs.
    pub(super) whole: bool,
}

/// Renders the tree as far as the charts at hand go, and keeps what is asked for.
pub(super) fn wanted(
    args: &ChartsFetch,
    threads: NonZeroUsize,
    tree: &mut Tree,
    working: &WorkingFolder,
    lock: &Lock,
) -> Result<Wanted, Failure> {
    let rendering = Rendering {
        asked: Asked {
            path: &args.path,
            clusters: &args.clusters,
            config: args.config.as_deref(),
            cache_dir: args.cache_dir.as_deref(),
            lock: Some(lock),
            threads,
        },
        working,
        choose: &|clusters| Ok(clusters.to_vec()),
        progress: &|_, _| {},
    };
    let rendered = match rendering.of(tree.clone())? {
        Answer::Rendered(rendered) => *rendered,
        Answer::Misconfigured => {
            let failure = Failure::new("the config has errors, so that no charts were fetched");
            return Err(failure.with_help("`tidegate check` shows them"));
        }
        Answer::Nothing => {
            let path = args.path.display();
            let message = format!("there is no cluster and no kustomization in {path}");
            return Err(Failure::new(message).with_help("name a cluster: --cluster live=PATH"));
        }
    };
    *tree = rendered.tree;
    Ok(Wanted {
        sources: rendered.plan.charts.asked(),
        whole: rendered.plan.is_whole(),
        configured: rendered.plan.configured,
    })
}
