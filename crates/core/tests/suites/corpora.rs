//! `flux/corpora.jsonl`: digests of what each Kustomization of two real trees renders and applies.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tidegate_core::apply::handed_over;
use tidegate_core::config::Config;
use tidegate_core::render::{Applied, ClusterRender, Outcome, render_tree, to_yaml};
use tidegate_core::{CheckOptions, Cluster};
use tidegate_kustomize::Object;
use tidegate_schema::GoTypes;
use tidegate_source::{Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

/// Gives each line its verdict: why it fails, or none.
pub(crate) fn verdicts(lines: &str, corpora: &Path) -> Vec<(String, Option<String>)> {
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut entries: BTreeMap<&str, Vec<Cluster>> = BTreeMap::new();
    for row in &rows {
        // The entry is applied by flux-system/flux-system.
        if row["kustomization"] == "flux-system/flux-system" {
            entries
                .entry(text(row, "corpus"))
                .or_default()
                .push(Cluster {
                    name: text(row, "cluster").to_owned(),
                    path: TreePath::new(text(row, "path")).unwrap(),
                });
        }
    }
    let mut renders = BTreeMap::new();
    for (corpus, clusters) in entries {
        for render in rendered(&corpora.join(corpus), clusters) {
            let cluster = render.cluster.clone().unwrap_or_default();
            renders.insert((corpus, cluster), render);
        }
    }
    let types = GoTypes::known();
    let verdict = |row: &Value| {
        let (corpus, cluster) = (text(row, "corpus"), text(row, "cluster"));
        let name = text(row, "kustomization");
        let render = &renders[&(corpus, cluster.to_owned())];
        (
            format!("{corpus}/{cluster} {name}"),
            why(row, render, name, &types),
        )
    };
    rows.iter().map(verdict).collect()
}

fn rendered(root: &Path, clusters: Vec<Cluster>) -> Vec<ClusterRender> {
    // The trees are taken as they are, not packed first.
    let system = DiskSystem::new(root, Links::Followed).unwrap();
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let options = CheckOptions {
        start: TreePath::root(),
        clusters,
        config: Config::default(),
        schemas: Default::default(),
        charts: Arc::new(tidegate_core::release::NoCharts),
        threads: NonZeroUsize::MIN,
    };
    render_tree(&sources, &options, &|_, _| {}).unwrap().renders
}

fn why(row: &Value, render: &ClusterRender, name: &str, types: &GoTypes) -> Option<String> {
    let is_named = |applied: &&Applied| match applied.kustomization() {
        Some(one) => format!("{}/{}", one.subject.namespace, one.subject.name) == name,
        None => name == "flux-system/flux-system",
    };
    let Some(applied) = render.applied.iter().find(is_named) else {
        return Some("not followed".to_owned());
    };
    let objects = match (&applied.outcome, row["error"].is_null()) {
        (Outcome::Objects(objects), true) => objects,
        (Outcome::Failed(_), false) => return None,
        (Outcome::NotRendered(reason), true) => {
            return Some(format!("not rendered: {}", reason.as_str()));
        }
        (Outcome::Failed(stage), true) => return Some(format!("fails: {stage}")),
        // A chart that is not expanded could bring the Secret that is missing.
        (_, false) => return (!applied.unknown_variables).then(|| "does not fail".to_owned()),
    };
    if digest(objects) != text(row, "sha256") {
        return Some(format!("{} objects, another text", objects.len()));
    }
    let applied = handed_over(objects, &applied.by, types);
    let differs = digest(&applied) != text(row, "applied_sha256");
    differs.then(|| format!("{} objects are applied as another text", objects.len()))
}

fn digest(objects: &[Object]) -> String {
    let digest = Sha256::digest(to_yaml(objects).unwrap());
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}
