//! The tests, with the data that is kept beside the checkout.

use crate::workspace::{self, Workspace};
use crate::{Outcome, apiserver, mutate};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only what is compared with a real Kubernetes API server, which is built where it is not there
    #[arg(long)]
    cluster: bool,
}

/// Runs the tests.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let mut tests = workspace.cargo(&["test", "--workspace", "--locked"]);
    for (variable, folder) in [
        ("TIDEGATE_CONFORMANCE", workspace.conformance()),
        ("TIDEGATE_CORPORA", workspace.corpora()),
        ("TIDEGATE_CRDS", workspace.crds()),
    ] {
        if let Some(folder) = folder {
            tests.env(variable, folder);
        }
    }
    if !arguments.cluster {
        return workspace::run(&mut tests);
    }
    let program = apiserver::program(workspace)?;
    // The names that tests of this kind have, in whatever crate.
    tests
        .args(["--test", "cluster", "--test", "live", "--", "--nocapture"])
        .env("TIDEGATE_TESTCLUSTER", &program);
    workspace::run(&mut tests)?;
    match workspace.corpora() {
        Some(_) => mutate::schema::compare(workspace, &program),
        None => {
            println!("not run: TIDEGATE_CORPORA names no repositories whose objects are compared");
            Ok(())
        }
    }
}
