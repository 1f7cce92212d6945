//! What continuous integration runs. The tests come last, so that their closing lines do too.

use crate::workspace::{self, Workspace};
use crate::{Outcome, tidy};

/// Runs all checks and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    step("format");
    workspace::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    step("house rules");
    tidy::run(workspace)?;
    step("lints");
    workspace::run(&mut workspace.cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]))?;
    step("tests");
    let mut tests = workspace.cargo(&["test", "--workspace", "--locked"]);
    if let Some(folder) = workspace.conformance() {
        tests.env("TIDEGATE_CONFORMANCE", folder);
    }
    if let Some(folder) = workspace.corpora() {
        tests.env("TIDEGATE_CORPORA", folder);
    }
    workspace::run(&mut tests)
}

fn step(name: &str) {
    eprintln!("== {name}");
}
