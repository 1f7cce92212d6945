//! Small trees for the tests of this module.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, TreePath};

use crate::config::load;
use crate::{CheckOptions, CheckReport, check as run};

/// A Kustomization of the folder of its name, with more fields of `spec`, one to a line.
pub(super) fn kustomization(name: &str, spec: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata:\n  name: {name}\n  namespace: flux-system\nspec:\n"
    );
    let path = format!("path: ./{name}");
    let source = "sourceRef: {kind: GitRepository, name: flux-system}";
    let common = [path.as_str(), "prune: true", source];
    for field in common.iter().chain(spec) {
        text.push_str(&format!("  {field}\n"));
    }
    text
}

/// A HelmRelease in the namespace `apps`, with more fields of `spec`.
pub(super) fn release(name: &str, spec: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
         metadata:\n  name: {name}\n  namespace: apps\nspec:\n  interval: 1h\n"
    );
    for field in spec {
        text.push_str(&format!("  {field}\n"));
    }
    text
}

/// A Namespace.
pub(super) fn namespace(name: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n")
}

/// A provider of inputs that asks a service for them.
pub(super) fn provider(name: &str) -> String {
    let api = "fluxcd.controlplane.io/v1";
    let object = object(api, "ResourceSetInputProvider", "flux-system", name);
    object + "spec: {type: GitHubBranch}\n"
}

/// An object of a kind.
pub(super) fn object(api_version: &str, kind: &str, namespace: &str, name: &str) -> String {
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    )
}

/// Checks files whose paths are relative to the folder of a cluster, or start with `/`.
pub(super) fn report(files: &[(&str, String)]) -> (CheckReport, Arc<Sources>) {
    report_with("", files)
}

fn report_with(config: &str, files: &[(&str, String)]) -> (CheckReport, Arc<Sources>) {
    let cluster = TreePath::new("clusters/live").unwrap();
    let mut system = MemorySystem::new();
    for (path, text) in files {
        system = system.with(cluster.join(path).unwrap().as_str(), text);
    }
    let system = system.with("tidegate.toml", config);
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let file = sources
        .load(&TreePath::new("tidegate.toml").unwrap())
        .unwrap();
    let open = |path: &str| Err(format!("there is no {path}"));
    let (config, wrong) = load(&sources, &file, &TreePath::root(), &open);
    assert!(wrong.is_empty(), "{wrong:?}");
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config,
        schemas: Default::default(),
        charts: Arc::new(crate::release::NoCharts),
        threads: NonZeroUsize::MIN,
    };
    (run(&sources, &options, &|_, _| {}).unwrap(), sources)
}

/// Checks that these are the findings: code, file, line and message.
pub(super) fn check(files: &[(&str, String)], expected: &[&str]) {
    check_with("", files, expected);
}

/// Checks the findings with a config.
pub(super) fn check_with(config: &str, files: &[(&str, String)], expected: &[&str]) {
    let (report, sources) = report_with(config, files);
    let findings = report.findings.iter().map(|finding| {
        let path = finding.primary.path(&sources).unwrap();
        let path = path.file_name().unwrap_or_default();
        let line = finding.primary.line_col(&sources);
        let line = line.map_or_else(String::new, |place| format!(":{}", place.line));
        format!("{} {path}{line} {}", finding.code, finding.message)
    });
    let findings: Vec<String> = findings.collect();
    assert_eq!(findings, expected);
}

/// What is not rendered, by reason.
pub(super) fn not_rendered(files: &[(&str, String)]) -> Vec<String> {
    let (report, _) = report(files);
    let items = report.not_rendered.iter();
    items
        .map(|item| format!("{}: {}", item.reason.as_str(), item.what))
        .collect()
}
