//! Which charts a tree needs from outside.

use std::num::NonZeroUsize;

use tidegate_core::TreePacking;
use tidegate_core::render::{TreeRender, render_tree};
use tidegate_registry::{ChartSource, Lock};

use crate::args::ChartsFetch;
use crate::commands::Failure;
use crate::config::Configured;
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
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
    let search = Search {
        args,
        threads,
        working,
        lock,
    };
    let (mut wanted, render) = search.in_tree(tree)?;
    if let Some(above) = tree.above(&render.lost_paths)? {
        *tree = above;
        wanted = search.in_tree(tree)?.0;
    }
    Ok(wanted)
}

struct Search<'a> {
    args: &'a ChartsFetch,
    threads: NonZeroUsize,
    working: &'a WorkingFolder,
    lock: &'a Lock,
}

impl Search<'_> {
    fn in_tree(&self, tree: &Tree) -> Result<(Wanted, TreeRender), Failure> {
        let (wanted, render) = self.packed(tree, &TreePacking::default())?;
        let packing = render.packing();
        match packing.matters(tree.system()) {
            true => self.packed(tree, &packing),
            false => Ok((wanted, render)),
        }
    }

    fn packed(&self, tree: &Tree, packing: &TreePacking) -> Result<(Wanted, TreeRender), Failure> {
        let asked = Asked {
            path: &self.args.path,
            clusters: &self.args.clusters,
            config: self.args.config.as_deref(),
            cache_dir: self.args.cache_dir.as_deref(),
            lock: Some(self.lock),
            threads: self.threads,
        };
        let plan = Plan::new(&asked, tree, packing, self.working)?;
        if !plan.configured.is_sound() {
            let failure = Failure::new("the config has errors, so that no charts were fetched");
            return Err(failure.with_help("`tidegate check` shows them"));
        }
        let rendered = render_tree(&plan.sources, &plan.options, &|_, _| {});
        let render = rendered.map_err(|_| {
            let path = self.args.path.display();
            let message = format!("there is no cluster and no kustomization in {path}");
            Failure::new(message).with_help("name a cluster: --cluster live=PATH")
        })?;
        let wanted = Wanted {
            sources: plan.charts.asked(),
            whole: plan.is_whole(),
            configured: plan.configured,
        };
        Ok((wanted, render))
    }
}
