//! Go modules, which the Go client brings.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::Outcome;
use crate::workspace::{Workspace, output_of};

/// The releases of Kubernetes that the catalog is made of, one of each minor version.
pub(super) const KUBERNETES: [&str; 6] =
    ["1.32.13", "1.33.13", "1.34.4", "1.35.4", "1.36.3", "1.37.2"];

/// The folder of an unpacked module.
pub(super) fn folder(workspace: &Workspace, module: &str, version: &str) -> Outcome<PathBuf> {
    let mut go = Command::new("go");
    go.args(["mod", "download", "-json", &format!("{module}@v{version}")]);
    // Outside of the workspace no go.mod has a say.
    go.current_dir(workspace.target())
        .env("GOFLAGS", "-mod=mod");
    let answer: Value = serde_json::from_str(&output_of(&mut go)?)?;
    let folder = answer["Dir"].as_str().ok_or("`go` names no folder")?;
    Ok(folder.into())
}
