//! CRDs that controller-gen makes of the Go types of their projects, as the projects themselves do.
//!
//! Each project has a module of its own in `xtask/crds`: one for all would mix the versions of
//! `k8s.io/api` that they embed.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::Outcome;
use crate::workspace::{Workspace, output_of};

const CONTROLLER_GEN: &str = "sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0";

/// A project: its module in `xtask/crds`, and the packages with its types.
const PROJECTS: [(&str, &[&str]); 3] = [
    (
        "flux",
        &[
            "github.com/fluxcd/helm-controller/api/...",
            "github.com/fluxcd/image-automation-controller/api/...",
            "github.com/fluxcd/image-reflector-controller/api/...",
            "github.com/fluxcd/kustomize-controller/api/...",
            "github.com/fluxcd/notification-controller/api/...",
            "github.com/fluxcd/source-controller/api/...",
            "github.com/fluxcd/source-watcher/api/v2/...",
        ],
    ),
    (
        "cert-manager",
        &[
            "github.com/cert-manager/cert-manager/pkg/apis/acme/v1",
            "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1",
        ],
    ),
    (
        "prometheus-operator",
        &[
            "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1",
            "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1",
        ],
    ),
];

/// Makes the CRDs of all projects; the folder that they are in.
pub(super) fn folder(workspace: &Workspace) -> Outcome<PathBuf> {
    let folder = workspace.target().join("crds");
    for (project, packages) in PROJECTS {
        let made = folder.join(project);
        if made.is_dir() {
            fs::remove_dir_all(&made)?;
        }
        let mut go = Command::new("go");
        go.args(["run", CONTROLLER_GEN, "crd"])
            .args(packages.iter().map(|package| format!("paths={package}")))
            .arg(format!("output:crd:dir={}", made.display()))
            .current_dir(workspace.root().join("xtask/crds").join(project))
            .env("GOFLAGS", "-mod=mod");
        output_of(&mut go)?;
    }
    Ok(folder)
}

/// The group of a line of the catalog, which is its first value.
pub(super) fn group(line: &str) -> Option<&str> {
    line.split('"').nth(3)
}

/// The groups of lines.
pub(super) fn groups(lines: &BTreeSet<String>) -> BTreeSet<&str> {
    lines.iter().filter_map(|line| group(line)).collect()
}
