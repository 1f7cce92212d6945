//! The tools that tidegate is measured against, installed as their projects say.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::workspace::{self, Workspace, output_of};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Also those that only later work is measured against
    #[arg(long)]
    all: bool,
}

/// A program made from a Go module.
struct Peer {
    name: &'static str,
    package: &'static str,
    version: Version,
    /// The compiler it asks for, where that is newer than what most machines have.
    toolchain: Option<&'static str>,
    how: How,
    needed: Needed,
}

enum Version {
    /// This one: figures are compared between runs.
    Exactly(&'static str),
    /// Any: nothing is measured against it.
    Newest,
}

enum How {
    /// `go install PACKAGE@VERSION`.
    Install,
    /// Its go.mod forbids that: built from a module of our own that requires this one.
    Require(&'static str),
}

#[derive(PartialEq)]
enum Needed {
    Always,
    WithAll,
}

const PEERS: &[Peer] = &[
    Peer {
        name: "kustomize",
        package: "sigs.k8s.io/kustomize/kustomize/v5",
        version: Version::Exactly("v5.8.1"),
        toolchain: None,
        how: How::Install,
        needed: Needed::Always,
    },
    Peer {
        name: "helm",
        package: "helm.sh/helm/v4/cmd/helm",
        version: Version::Exactly("v4.3.1"),
        toolchain: None,
        how: How::Install,
        needed: Needed::WithAll,
    },
    Peer {
        name: "kubeconform",
        package: "github.com/yannh/kubeconform/cmd/kubeconform",
        version: Version::Exactly("v0.8.0"),
        toolchain: None,
        how: How::Install,
        needed: Needed::Always,
    },
    Peer {
        name: "flate",
        package: "github.com/home-operations/flate/cmd/flate",
        version: Version::Exactly("v0.6.5"),
        toolchain: Some("go1.27.3"),
        how: How::Install,
        needed: Needed::WithAll,
    },
    Peer {
        name: "flux-operator",
        package: "github.com/controlplaneio-fluxcd/flux-operator/cmd/cli",
        version: Version::Exactly("v0.59.0"),
        toolchain: None,
        how: How::Require("github.com/controlplaneio-fluxcd/flux-operator"),
        needed: Needed::WithAll,
    },
    Peer {
        name: "yq",
        package: "github.com/mikefarah/yq/v4",
        version: Version::Newest,
        toolchain: None,
        how: How::Install,
        needed: Needed::WithAll,
    },
    Peer {
        name: "crane",
        package: "github.com/google/go-containerregistry/cmd/crane",
        version: Version::Newest,
        toolchain: None,
        how: How::Install,
        needed: Needed::WithAll,
    },
];

/// Where the peers are installed.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("peers")
}

/// An installed peer, or what to do to have it.
pub(crate) fn installed(workspace: &Workspace, name: &str) -> Outcome<PathBuf> {
    let program = folder(workspace).join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{name} is not installed: run `cargo xtask peers`").into())
    }
}

/// Installs what is missing and prints the version of each.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let folder = folder(workspace);
    std::fs::create_dir_all(&folder)?;
    if go(&folder, None).arg("version").output().is_err() {
        return Err(
            "the peers are Go programs, and `go` is not on the PATH: install Go 1.24 or \
                    newer"
                .into(),
        );
    }
    for peer in PEERS {
        if peer.needed == Needed::WithAll && !arguments.all {
            continue;
        }
        if !is_wanted(peer, version_of(&folder, peer.name).as_deref()) {
            eprintln!("installing {}", peer.name);
            install(peer, &folder)?;
        }
        let version = version_of(&folder, peer.name).unwrap_or_default();
        println!("{:15} {version}", peer.name);
    }
    install_loop(workspace, &folder, "kustomize-loop")?;
    match arguments.all {
        true => install_loop(workspace, &folder, "helm-loop"),
        false => Ok(()),
    }
}

fn is_wanted(peer: &Peer, installed: Option<&str>) -> bool {
    match (&peer.version, installed) {
        (_, None) => false,
        (Version::Exactly(wanted), Some(installed)) => *wanted == installed,
        (Version::Newest, Some(_)) => true,
    }
}

fn install(peer: &Peer, folder: &Path) -> Outcome {
    let version = match peer.version {
        Version::Exactly(version) => version,
        Version::Newest => "latest",
    };
    match peer.how {
        How::Install => {
            let what = format!("{}@{version}", peer.package);
            workspace::run(go(folder, peer.toolchain).args(["install", &what]))
        }
        How::Require(module) => {
            let scratch = folder.join("src").join(peer.name);
            std::fs::create_dir_all(&scratch)?;
            std::fs::write(scratch.join("go.mod"), "module example.test/scratch\n")?;
            let what = format!("{module}@{version}");
            let program = folder.join(peer.name);
            let go = || {
                let mut go = go(folder, peer.toolchain);
                go.current_dir(&scratch);
                go
            };
            workspace::run(go().args(["get", &what]))?;
            workspace::run(go().arg("build").arg("-o").arg(program).arg(peer.package))
        }
    }
}

/// The version of the module that a program was made from, as the program itself records it.
fn version_of(folder: &Path, name: &str) -> Option<String> {
    let mut go = go(folder, None);
    let report = output_of(go.args(["version", "-m"]).arg(folder.join(name))).ok()?;
    let wanted = PEERS.iter().find(|peer| peer.name == name)?;
    // `mod MODULE VERSION` for an installed program, `dep MODULE VERSION` for a required one.
    report.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let kind = words.next()?;
        let module = words.next()?;
        let version = words.next()?;
        let named = match wanted.how {
            How::Install => kind == "mod",
            How::Require(required) => kind == "dep" && module == required,
        };
        named.then(|| version.to_owned())
    })
}

/// A loop over a peer's library: see `xtask/peers`.
fn install_loop(workspace: &Workspace, folder: &Path, name: &str) -> Outcome {
    let program = folder.join(name);
    let mut go = go(folder, None);
    go.current_dir(workspace.root().join("xtask/peers").join(name));
    workspace::run(go.arg("build").arg("-o").arg(&program).arg("."))?;
    println!("{name:15} of this workspace");
    Ok(())
}

/// `go` with settings of its own, whatever the person's are.
fn go(folder: &Path, toolchain: Option<&str>) -> Command {
    let mut command = Command::new("go");
    command
        .env("GOBIN", folder)
        .env("GOFLAGS", "-trimpath")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0")
        .env(
            "GOTOOLCHAIN",
            toolchain.map_or("auto".into(), OsString::from),
        );
    command
}
