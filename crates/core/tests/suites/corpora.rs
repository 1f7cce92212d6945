//! `flux/corpora.jsonl`: a digest of what each Kustomization of two real trees renders.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tidegate_core::config::Config;
use tidegate_core::render::{Applied, ClusterRender, Outcome, render_tree, to_yaml};
use tidegate_core::{CheckOptions, Cluster};
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
    let verdict = |row: &Value| {
        let (corpus, cluster) = (text(row, "corpus"), text(row, "cluster"));
        let name = text(row, "kustomization");
        let render = &renders[&(corpus, cluster.to_owned())];
        (format!("{corpus}/{cluster} {name}"), why(row, render, name))
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
        threads: NonZeroUsize::MIN,
    };
    render_tree(&sources, &options, &|_, _| {}).unwrap().renders
}

fn why(row: &Value, render: &ClusterRender, name: &str) -> Option<String> {
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
    let digest = Sha256::digest(to_yaml(objects).unwrap());
    let digest = digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    (digest != text(row, "sha256")).then(|| format!("{} objects, another text", objects.len()))
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}
