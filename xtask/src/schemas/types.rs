//! The Go types that Flux decodes the kinds of Kubernetes into, which a program in Go prints.

use std::process::Command;

use crate::Outcome;
use crate::workspace::{Workspace, output_of};

pub(super) fn text(workspace: &Workspace) -> Outcome<String> {
    let mut go = Command::new("go");
    go.args(["run", "."])
        .current_dir(workspace.root().join("xtask/go-types"));
    output_of(&mut go)
}
