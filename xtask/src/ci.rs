//! What continuous integration runs. The tests come last, so that their closing lines do too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{self, Workspace, output_of};
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
    if let Some(program) = pre_commit(workspace) {
        tests.env("TIDEGATE_PRE_COMMIT", program);
    }
    for (package, variable) in [
        ("docker-registry", "TIDEGATE_DOCKER_REGISTRY"),
        ("prometheus", "TIDEGATE_PROMETHEUS"),
    ] {
        if let Some(program) = debian(workspace, package) {
            tests.env(variable, program);
        }
    }
    workspace::run(&mut tests)
}

/// The pre-commit that the tests of the hooks run: the one on the PATH, else one of our own. Without
/// Python or the network there is none, and these tests say that they were not run.
fn pre_commit(workspace: &Workspace) -> Option<PathBuf> {
    let is_there = |program: &Path| output_of(Command::new(program).arg("--version")).is_ok();
    let on_path = PathBuf::from("pre-commit");
    if is_there(&on_path) {
        // The tests find it themselves.
        return None;
    }
    let folder = workspace.target().join("pre-commit");
    let program = folder.join("bin/pre-commit");
    if !program.is_file() {
        step("pre-commit");
        let install = output_of(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .and_then(|_| {
                let mut pip = Command::new(folder.join("bin/pip"));
                output_of(pip.args(["install", "--quiet", "pre-commit>=4,<5"]))
            });
        if let Err(why) = install {
            eprintln!("pre-commit cannot be installed: {why}");
        }
    }
    is_there(&program).then_some(program)
}

/// A server that the tests speak to: the one on the PATH, else Debian's, unpacked for us alone. Elsewhere, or
/// without the network, there is none, and these tests say that they were not run.
fn debian(workspace: &Workspace, package: &str) -> Option<PathBuf> {
    let is_there = |program: &Path| output_of(Command::new(program).arg("--version")).is_ok();
    if is_there(Path::new(package)) {
        // The tests find it themselves.
        return None;
    }
    let folder = workspace.target().join(package);
    let program = folder.join("usr/bin").join(package);
    if !program.is_file() {
        step(package);
        let unpack = || -> Outcome {
            fs::create_dir_all(&folder)?;
            let mut download = Command::new("apt-get");
            download.args(["download", package]).current_dir(&folder);
            // A new machine may not know yet which packages there are.
            if output_of(&mut download).is_err() {
                output_of(Command::new("apt-get").arg("update"))?;
                output_of(&mut download)?;
            }
            let files = fs::read_dir(&folder)?.flatten().map(|entry| entry.path());
            for package in files.filter(|file| file.extension().is_some_and(|end| end == "deb")) {
                output_of(Command::new("dpkg-deb").arg("-x").arg(package).arg(&folder))?;
            }
            Ok(())
        };
        if let Err(why) = unpack() {
            eprintln!("{package} cannot be installed: {why}");
        }
    }
    is_there(&program).then_some(program)
}

fn step(name: &str) {
    eprintln!("== {name}");
}
