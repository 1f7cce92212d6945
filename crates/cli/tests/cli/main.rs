//! The command as users run it: arguments, streams, exit codes, files.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests start the command and make the files that it reads"
)]

mod arguments;
mod artifacts;
mod charts;
mod check;
mod config;
mod diff;
#[path = "../../../registry/tests/docker/mod.rs"]
mod docker;
mod envsubst;
mod fix;
mod gate;
mod git;
mod health;
mod helm;
mod kustomize;
mod promotion;
mod proxy;
mod push;
mod real_charts;
mod render;
mod resourceset;
mod schema;
mod seeded_dangers;
#[path = "../../../registry/tests/server/mod.rs"]
mod server;
mod validate;
mod waivers;
#[cfg(unix)]
mod workflows;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a run left.
struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the command in a folder.
fn tidegate(folder: &Path, args: &[&str]) -> Run {
    let output = command(folder).args(args).output().unwrap();
    Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The command, to be started in a folder without the settings of whoever runs the tests.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.current_dir(folder);
    command.env("TIDEGATE_CACHE_DIR", folder.join("no-charts"));
    for name in ["NO_COLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    command
}

/// A fresh folder with files in it.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = tree.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

/// The top of this repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
