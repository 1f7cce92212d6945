//! tidegate and its peers side by side, in one run on one machine: only ratios are worth quoting.

mod helm;
mod inlined;
mod sections;
mod streams;
mod table;

use std::path::PathBuf;

use crate::bench::sections::Contest;
use crate::bench::table::Table;
use crate::charts::releases;
use crate::workspace::{self, Workspace};
use crate::{Outcome, corpus, peers};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often each program runs; the median counts
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// The tree to build; by default the corpus `homelab`
    #[arg(long)]
    tree: Option<PathBuf>,
    /// Only these sections
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Section>,
    /// Counts instructions under valgrind too, and keeps the profile in target/callgrind.out
    #[arg(long)]
    instructions: bool,
}

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Section {
    /// All folders of the tree: tidegate, `kustomize build` a folder each, its library in a loop
    Folders,
    /// `tidegate check`, and its parts on the corpora
    Check,
    /// Streams of manifests: `tidegate validate`, kubeconform
    Validate,
    /// Releases: `helm template`, its engine in a loop, and a check with charts at hand
    Helm,
    /// Sixteen copies of the tree against one
    Copies,
    /// Peak memory against bytes read and rendered
    Memory,
    /// What carrying places costs
    Provenance,
    /// Synthetic trees of 100, 400 and 1600 Kustomizations
    Synthetic,
    /// 1, 10, 50 and 200 clusters that share their Kustomizations
    Fleet,
    /// Parse, build and emit in a loop
    Micro,
}

/// Measures, prints the table, writes `target/bench.json`, and fails when a bar is missed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let tree = match &arguments.tree {
        Some(tree) => tree.clone(),
        None => workspace
            .corpora()
            .map(|corpora| corpora.join("homelab"))
            .ok_or("no tree to build: set TIDEGATE_CORPORA or give --tree")?,
    };
    let tree = std::fs::canonicalize(&tree)
        .map_err(|error| format!("{} cannot be read: {error}", tree.display()))?;
    let wanted = |section| arguments.only.is_empty() || arguments.only.contains(&section);
    let release = |package| {
        eprintln!("building {package}");
        let arguments = ["build", "--quiet", "--release", "--package", package];
        workspace::run(&mut workspace.cargo(&arguments))
    };
    release("tidegate")?;
    let tasks = [
        Section::Check,
        Section::Helm,
        Section::Provenance,
        Section::Micro,
    ];
    if tasks.map(wanted).contains(&true) {
        release("xtask")?;
    }
    let contest = Contest {
        folders: corpus::kustomization_folders(&tree)?,
        tree,
        rounds: arguments.rounds,
        tidegate: workspace.target().join("release/tidegate"),
        tasks: workspace.target().join("release/xtask"),
        scratch: workspace.target().join("bench"),
    };
    let mut table = Table::default();
    if wanted(Section::Folders) {
        let kustomize = peers::installed(workspace, "kustomize")?;
        let library = peers::installed(workspace, "kustomize-loop")?;
        contest.folders(&kustomize, &library, &mut table)?;
    }
    if wanted(Section::Check) {
        contest.check(workspace.corpora().as_deref(), &mut table)?;
    }
    if wanted(Section::Validate) {
        let kubeconform = peers::installed(workspace, "kubeconform")?;
        contest.streams(workspace, &kubeconform, &mut table)?;
    }
    if wanted(Section::Helm) {
        let suite = releases::suite(workspace)?;
        let helm = peers::installed(workspace, "helm")?;
        let engine = peers::installed(workspace, "helm-loop")?;
        let peers = helm::Peers {
            helm: &helm,
            engine: &engine,
        };
        contest.helm(&suite, &peers, &mut table)?;
    }
    if wanted(Section::Copies) {
        contest.copies(&mut table)?;
    }
    if wanted(Section::Memory) {
        contest.memory(&mut table)?;
    }
    if wanted(Section::Provenance) {
        let without = build_without_provenance(workspace)?;
        contest.provenance(&without, &mut table)?;
    }
    if wanted(Section::Synthetic) {
        contest.synthetic(&mut table)?;
    }
    if wanted(Section::Fleet) {
        contest.fleet(&mut table)?;
    }
    if wanted(Section::Micro) {
        contest.micro(&mut table)?;
    }
    if arguments.instructions {
        contest.instructions(&workspace.target().join("callgrind.out"), &mut table)?;
    }
    table.print();
    let report = workspace.target().join("bench.json");
    std::fs::write(&report, table.to_json()?)?;
    match table.missed() {
        0 => Ok(()),
        n => Err(format!("{n} bars missed").into()),
    }
}

/// These tasks, with places that hold nothing.
fn build_without_provenance(workspace: &Workspace) -> Outcome<PathBuf> {
    eprintln!("building xtask without places");
    let folder = workspace.target().join("without-provenance");
    let mut cargo = workspace.cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--features",
        "without-provenance",
    ]);
    workspace::run(cargo.arg("--target-dir").arg(&folder))?;
    Ok(folder.join("release/xtask"))
}
