//! Tasks of the workspace: `cargo xtask TASK`. Whatever a shell script would do is here, so that it
//! runs the same everywhere and is reviewed as code.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tasks read the disk, start cargo and the peers, and talk to the person who ran them"
)]

mod apiserver;
mod bench;
mod charts;
mod ci;
mod conformance;
mod corpus;
mod docs;
mod measure;
mod merge_keys;
mod micro;
mod mutate;
mod overlay;
mod peers;
mod provenance;
mod random;
mod schemas;
mod synth;
mod test;
mod tidy;
mod workspace;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// What a task gives: a value, or the one sentence that says why there is none.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Tasks of the tidegate workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the control plane that tests talk to, or finds it, and starts it once
    Apiserver,
    /// Runs tidegate and its peers side by side and says which bars are met
    Bench(bench::Arguments),
    /// What continuous integration runs: format, lints, house rules, generated docs, tests
    Ci,
    /// Scores the conformance suites and whole repositories, and writes SCORE.md
    Conformance(conformance::Arguments),
    /// Writes docs/rules out of the doc comments of the rules, and the pages of the config
    Docs,
    /// Repeats one stage of the engine, for `bench`
    #[command(hide = true)]
    Micro {
        /// Which one
        stage: micro::Stage,
        /// The tree
        tree: PathBuf,
        /// How many times
        times: usize,
    },
    /// Writes the table of Kubernetes merge keys out of the OpenAPI documents of kustomize
    MergeKeys(merge_keys::Arguments),
    /// Breaks the corpora in one place at a time and checks that `check` says so, where it is
    Mutate(mutate::Arguments),
    /// Installs the tools that tidegate is measured against into target/peers
    Peers(peers::Arguments),
    /// Changes one scalar at a time and checks that every leaf it reaches names it
    Provenance(provenance::Arguments),
    /// Renders releases, for `bench`
    #[command(hide = true)]
    Releases {
        #[command(subcommand)]
        what: charts::releases::What,
    },
    /// Writes the catalog of kinds
    Schemas(schemas::Arguments),
    /// Writes a tree of N Flux Kustomizations, to see how cost grows
    Synth {
        /// How many Kustomizations
        count: usize,
        /// Where to; must not exist yet
        folder: PathBuf,
        /// How many clusters share them
        #[arg(long, default_value_t = 1)]
        clusters: usize,
    },
    /// Runs the tests with the data beside the checkout, or those that need a cluster
    Test(test::Arguments),
    /// Checks the house rules: crate arrows, names, lints, licences
    Tidy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Workspace::find().and_then(|workspace| match arguments.task {
        Task::Apiserver => apiserver::run(&workspace),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::Ci => ci::run(&workspace),
        Task::Conformance(arguments) => conformance::run(&workspace, &arguments),
        Task::Docs => docs::run(&workspace),
        Task::Micro { stage, tree, times } => micro::run(stage, &tree, times),
        Task::MergeKeys(arguments) => merge_keys::run(&workspace, &arguments),
        Task::Mutate(arguments) => mutate::run(&workspace, &arguments),
        Task::Peers(arguments) => peers::run(&workspace, &arguments),
        Task::Provenance(arguments) => provenance::run(&workspace, &arguments),
        Task::Releases { what } => charts::releases::run(&workspace, &what),
        Task::Schemas(arguments) => schemas::run(&workspace, &arguments),
        Task::Synth {
            count,
            folder,
            clusters,
        } => synth::write(count, clusters, &folder),
        Task::Test(arguments) => test::run(&workspace, &arguments),
        Task::Tidy => tidy::run(&workspace),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
