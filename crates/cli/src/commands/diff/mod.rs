//! What differs between two environments, revisions, folders or artifacts, as Flux would apply it.

mod environments;
mod human;
mod json;
mod markdown;
mod shown;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use tidegate_core::diff::{DangerKind, Differ, InClusters, fold_variables, same_in_clusters};
use tidegate_core::render::SecretValues;
use tidegate_core::{Catalogs, Cluster, Schemas, TreePacking};
use tidegate_yaml::Node;

use crate::args::{Diff as DiffArgs, DiffFormat, Global, TreeArgs};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
use crate::progress::Progress;
use crate::remote::{self, artifact_url};
use crate::rendering::{Answer, Rendering};
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;

use self::shown::{Compared, Comparison, Shown};

/// What a side is when the user names none.
const WORK_TREE: &str = "the work tree";

pub(crate) fn run(args: &DiffArgs, global: &Global) -> Result<Outcome, Failure> {
    let progress = Progress::start(global.quiet);
    let working = working_folder()?;
    let run = Run {
        args,
        global,
        working: &working,
        progress: &progress,
    };
    let comparison = run.comparison()?;
    progress.finish();
    let shown = Shown::new(args, &comparison, &working);
    let text = match args.format {
        DiffFormat::Human => human::text(&shown, drawing(Stream::Stdout, global.color)),
        DiffFormat::Json => json::text(&shown),
        DiffFormat::Markdown => markdown::text(&shown, args.limit),
    };
    written(io::stdout().write_all(text.as_bytes()))?;
    let differs = !shown.is_empty();
    Ok(match differs && args.exit_code {
        true => Outcome::Refused,
        false => Outcome::Clean,
    })
}

/// One side, as the user names it.
enum Named<'a> {
    /// What is on the disk.
    WorkTree,
    /// A revision of the git repository.
    Revision(&'a str),
    /// Another tree: a folder, or an artifact.
    Other(&'a Path),
}

struct Run<'a> {
    args: &'a DiffArgs,
    global: &'a Global,
    working: &'a WorkingFolder,
    progress: &'a Progress,
}

impl Run<'_> {
    fn comparison(&self) -> Result<Comparison, Failure> {
        let (a, b) = (self.args.before.as_deref(), self.args.after.as_deref());
        if let (Some(a), Some(b)) = (a, b)
            && let Some(comparison) = self.clusters(a, b)?
        {
            return Ok(comparison);
        }
        let before = match a {
            Some(typed) => self.named(typed),
            None => Named::Revision("HEAD"),
        };
        let after = b.map_or(Named::WorkTree, |typed| self.named(typed));
        let names = (
            a.unwrap_or("HEAD").to_owned(),
            b.unwrap_or(WORK_TREE).to_owned(),
        );
        let before = self.rendered(&before)?;
        let after = self.rendered(&after)?;
        Ok(self.trees(names, before, after))
    }

    fn named<'t>(&self, typed: &'t str) -> Named<'t> {
        let path = Path::new(typed);
        match artifact_url(path).is_some() || self.working.absolute(path).is_dir() {
            true => Named::Other(path),
            false => Named::Revision(typed),
        }
    }

    /// Compares two clusters of the work tree; none where the names are not those of clusters.
    fn clusters(&self, a: &str, b: &str) -> Result<Option<Comparison>, Failure> {
        if [a, b]
            .iter()
            .any(|typed| artifact_url(Path::new(typed)).is_some())
        {
            return Ok(None);
        }
        let TreeArgs { path, registry, .. } = &self.args.tree;
        let tree = remote::open(path, None, registry, self.working)?;
        let asked = self.asked(&self.args.tree.path);
        let plan = Plan::new(&asked, &tree, &TreePacking::default(), self.working)?;
        let clusters = &plan.options.clusters;
        let find = |name: &str| {
            clusters
                .iter()
                .find(|cluster| cluster.name == name)
                .cloned()
        };
        let (Some(first), Some(second)) = (find(a), find(b)) else {
            return Ok(None);
        };
        let rendered = self.render(&self.args.tree.path, tree, Some(&[first, second]))?;
        let (before, after) = (rendered.side(Some(a)), rendered.side(Some(b)));
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(None);
        };
        let mut diff = Differ::default().diff(before, after);
        for change in &mut diff.changes {
            change.dangers.retain(|danger| !is_of_time(danger.kind));
        }
        let variables = match self.args.all {
            true => Vec::new(),
            false => {
                let renders = [before.render, after.render];
                fold_variables(&mut diff.changes, &rendered.sources, renders)
            }
        };
        let secret = SecretValues::new(&rendered.renders);
        let changes = diff.changes.into_iter();
        let changes = changes.map(|change| InClusters {
            change,
            clusters: vec![0],
        });
        Ok(Some(Comparison {
            names: (a.to_owned(), b.to_owned()),
            clusters: vec![format!("{a} and {b}")],
            changes: changes.collect(),
            variables,
            not_compared: diff.not_compared.into_iter().collect(),
            not_rendered: diff.not_rendered,
            only_before: Vec::new(),
            only_after: Vec::new(),
            secret,
            secret_before: SecretValues::default(),
            before: rendered,
            after: None,
        }))
    }

    /// Compares the clusters of two trees that have the same name.
    fn trees(&self, names: (String, String), before: Compared, after: Compared) -> Comparison {
        let mut differ = Differ::default();
        let (mut clusters, mut changes) = (Vec::new(), Vec::new());
        let (mut only_before, mut not_compared) = (Vec::new(), BTreeMap::new());
        let mut not_rendered = 0;
        for cluster in before.renders.iter().map(|one| one.cluster.as_deref()) {
            let (Some(old), Some(new)) = (before.side(cluster), after.side(cluster)) else {
                only_before.extend(cluster.map(str::to_owned));
                continue;
            };
            let diff = differ.diff(old, new);
            not_rendered += diff.not_rendered;
            let name = cluster.map(str::to_owned);
            for (what, count) in diff.not_compared {
                let what = match &name {
                    Some(cluster) => format!("{what} of {cluster}"),
                    None => what,
                };
                *not_compared.entry(what).or_insert(0) += count;
            }
            clusters.push(name.unwrap_or_default());
            changes.push(diff.changes);
        }
        let added = after.renders.iter().map(|one| one.cluster.as_deref());
        let added = added.filter(|cluster| before.side(*cluster).is_none());
        let only_after = added.flatten().map(str::to_owned).collect();
        Comparison {
            names,
            clusters,
            changes: same_in_clusters(changes),
            variables: Vec::new(),
            not_compared: not_compared.into_iter().collect(),
            not_rendered,
            only_before,
            only_after,
            secret_before: SecretValues::new(&before.renders),
            secret: SecretValues::new(&after.renders),
            before,
            after: Some(after),
        }
    }

    fn rendered(&self, named: &Named<'_>) -> Result<Compared, Failure> {
        let (path, revision) = match named {
            Named::WorkTree => (self.args.tree.path.as_path(), None),
            Named::Revision(revision) => (self.args.tree.path.as_path(), Some(*revision)),
            Named::Other(other) => (*other, None),
        };
        let registry = &self.args.tree.registry;
        let tree = remote::open(path, revision, registry, self.working);
        let tree = tree.map_err(|failure| match named {
            Named::Revision(revision) => failure.with_help(format!(
                "`{revision}` is none of the clusters, no folder, and no revision that can be read"
            )),
            _ => failure,
        })?;
        self.render(path, tree, None)
    }

    fn asked<'t>(&'t self, path: &'t Path) -> Asked<'t> {
        Asked {
            path,
            clusters: &self.args.tree.clusters,
            config: self.args.tree.config.as_deref(),
            cache_dir: None,
            lock: None,
            threads: threads(self.global),
        }
    }

    fn render(
        &self,
        path: &Path,
        tree: Tree,
        clusters: Option<&[Cluster]>,
    ) -> Result<Compared, Failure> {
        let rendering = Rendering {
            asked: self.asked(path),
            working: self.working,
            choose: &|found| Ok(clusters.unwrap_or(found).to_vec()),
            progress: &|done, known| self.progress.update(done, known),
        };
        let rendered = match rendering.of(tree)? {
            Answer::Rendered(rendered) => *rendered,
            Answer::Misconfigured => return Err(misconfigured()),
            Answer::Nothing => {
                let path = path.display();
                let message = format!("there is no cluster and no kustomization in {path}");
                return Err(Failure::new(message).with_help("name a cluster: --cluster live=PATH"));
            }
        };
        let plan = rendered.plan;
        let further: &[Node] = match &plan.options.schemas {
            Schemas::Known { further } => further,
            Schemas::Off => &[],
        };
        let renders = rendered.render.renders;
        Ok(Compared {
            catalogs: Catalogs::new(&renders, &plan.options.config, further),
            sources: plan.sources,
            configured: plan.configured,
            root: rendered.tree.root().to_owned(),
            renders,
        })
    }
}

fn misconfigured() -> Failure {
    let failure = Failure::new("the config has errors, so that nothing was compared");
    failure.with_help("`tidegate check` shows them")
}

/// Whether a danger is one of an object that changes, so that two objects of two clusters have none.
fn is_of_time(danger: DangerKind) -> bool {
    matches!(
        danger,
        DangerKind::Immutable | DangerKind::DataPruned | DangerKind::CrdNarrowed
    )
}
