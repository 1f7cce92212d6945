//! The control plane that tests talk to, built from the Go module in `xtask/apiserver`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tidegate_test_cluster::{Cluster, KUBERNETES, Setup, built};

use crate::Outcome;
use crate::workspace::{self, Workspace, output_of};

/// Builds the program, or finds the one that the environment names, and starts it once.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let program = program(workspace)?;
    let cluster = Cluster::start(&program, &Setup::default())?;
    let version = cluster.client().get("/version")?.granted()?;
    let version = version["gitVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    println!("{}: Kubernetes {version}", program.display());
    Ok(())
}

/// The program: the one that `TIDEGATE_TESTCLUSTER` names; else the one in the target folder, which Go,
/// where it is there, makes anew if it is not what the sources say.
pub(crate) fn program(workspace: &Workspace) -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("TIDEGATE_TESTCLUSTER") {
        let named = PathBuf::from(named);
        return match named.is_file() {
            true => Ok(named),
            false => Err(format!("TIDEGATE_TESTCLUSTER: {} is no file", named.display()).into()),
        };
    }
    let program = built(&workspace.target());
    let has_go = output_of(Command::new("go").arg("version")).is_ok();
    match (has_go, program.is_file()) {
        (true, _) => build(workspace, &program)?,
        (false, true) => {}
        (false, false) => {
            return Err(
                "install Go, or name a program that was built in TIDEGATE_TESTCLUSTER".into(),
            );
        }
    }
    Ok(program)
}

/// What is up to date Go leaves alone; from nothing it takes some eight minutes of CPU.
fn build(workspace: &Workspace, program: &Path) -> Outcome {
    if let Some(folder) = program.parent() {
        fs::create_dir_all(folder)?;
    }
    let package = "k8s.io/component-base/version";
    let mut numbers = KUBERNETES.split('.');
    let (major, minor) = (numbers.next(), numbers.next());
    let flags = format!(
        "-s -w -X {package}.gitVersion=v{KUBERNETES} -X {package}.gitMajor={} -X {package}.gitMinor={}",
        major.unwrap_or_default(),
        minor.unwrap_or_default()
    );
    let mut go = Command::new("go");
    go.args(["build", "-trimpath", "-ldflags", &flags, "-o"])
        .arg(program)
        .arg(".")
        .current_dir(workspace.root().join("xtask/apiserver"))
        .env("GOFLAGS", "-mod=readonly");
    workspace::run(&mut go)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_of_the_version_that_it_is_cached_by() {
        let workspace = Workspace::find().unwrap();
        let module = workspace.root().join("xtask/apiserver/go.mod");
        let module = fs::read_to_string(module).unwrap();
        assert!(module.contains(&format!("k8s.io/kubernetes v{KUBERNETES}\n")));
    }
}
