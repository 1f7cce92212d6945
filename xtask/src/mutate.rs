//! The oracle of `check`: break real trees in one place at a time, and ask whether a finding with
//! the right code is at the right line. No file is written: the changes live in memory, over the
//! tree on the disk.

mod kinds;
mod leaf;
mod mutation;
mod report;
pub(crate) mod schema;
mod tree;

use tidegate_core::parallel;

use crate::charts::misspelt;
use crate::mutate::mutation::Mutation;
use crate::mutate::report::Report;
use crate::mutate::tree::Tree;
use crate::random::Random;
use crate::workspace::{self, Workspace};
use crate::{Outcome, corpus};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many mutations of each kind to try at most
    #[arg(long, default_value_t = 40)]
    each: usize,
    /// Which mutations: the same seed gives the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this kind
    #[arg(long)]
    kind: Option<String>,
    /// Names every miss
    #[arg(long)]
    list: bool,
    /// Names every mutation, and all that is found because of it
    #[arg(long)]
    verbose: bool,
    /// Misspells keys of the values of charts instead, in the cases of the suite helm
    #[arg(long)]
    charts: bool,
    /// Breaks what rendered objects must be by their schemas instead, and asks a real API server, where
    /// `cargo xtask apiserver` has built one
    #[arg(long, conflicts_with = "charts")]
    schemas: bool,
}

/// A mutation to try.
struct Picked {
    kind: &'static str,
    /// The index of the tree.
    tree: usize,
    mutation: Mutation,
}

/// Tries the mutations, prints the rates, and fails when the bar is missed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    if arguments.charts {
        let Arguments {
            each, seed, list, ..
        } = *arguments;
        return misspelt::run(workspace, each, seed, list);
    }
    if arguments.schemas {
        let Arguments {
            each, seed, list, ..
        } = *arguments;
        return schema::run(workspace, each, seed, list);
    }
    let corpora = workspace.corpora().ok_or("set TIDEGATE_CORPORA")?;
    let mut folders = corpus::trees(&corpora)?;
    folders.push(workspace.root().join("examples/platform"));
    let mut trees = Vec::new();
    for folder in folders {
        trees.push(Tree::open(&folder)?);
    }
    let mut picked: Vec<Picked> = Vec::new();
    for (number, kind) in kinds::ALL.iter().enumerate() {
        if arguments
            .kind
            .as_deref()
            .is_some_and(|only| only != kind.name)
        {
            continue;
        }
        // A new kind must not change which mutations the others try.
        let mut random = Random::new(arguments.seed.wrapping_mul(1_000_003) + number as u64);
        let mut found = Vec::new();
        for (index, tree) in trees.iter().enumerate() {
            let mut mutations = (kind.find)(tree, &mut random);
            random.shuffle(&mut mutations);
            // No tree drowns the others.
            mutations.truncate(arguments.each);
            found.extend(mutations.into_iter().map(|mutation| Picked {
                kind: kind.name,
                tree: index,
                mutation,
            }));
        }
        random.shuffle(&mut found);
        found.truncate(arguments.each);
        picked.extend(found);
    }
    let verdicts = parallel::map(workspace::threads(), &picked, |picked| {
        trees[picked.tree].attempt(&picked.mutation)
    });
    let report = Report::new(&trees, &picked, verdicts);
    report.print(arguments.list, arguments.verbose);
    report.outcome()
}
