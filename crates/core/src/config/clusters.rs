//! The clusters of a tree: those that are found, and those that the config names.

use tidegate_source::{Diagnostic, EntryKind, System, TreePath, nearest};

use super::{ClusterConfig, Config, codes};
use crate::cluster::{Cluster, discover};

impl Config {
    /// The clusters at `start`, sorted by path: those that [`discover`] finds and those whose path
    /// the config names. A name of the config goes before that of a folder.
    ///
    /// `folder` is where the config looks for clusters that it speaks of without a path. An error
    /// is one that is not there.
    pub fn clusters(
        &self,
        system: &dyn System,
        start: &TreePath,
        folder: &TreePath,
    ) -> (Vec<Cluster>, Vec<Diagnostic>) {
        let mut found = discover(system, start);
        let mut findings = Vec::new();
        let mut known: Option<Vec<Cluster>> = None;
        for declared in &self.clusters {
            let name = &declared.name.value;
            if let Some(root) = &declared.root
                && system.kind(&root.value) != Ok(EntryKind::Folder)
            {
                let message = format!("`{}`, the root of `{name}`, is not a folder", root.value);
                findings.push(
                    Diagnostic::error(codes::UNKNOWN_CLUSTER, root.span, message).with_help(
                        "name the folder that is packed into the artifact, relative to the config",
                    ),
                );
            }
            let Some(path) = &declared.path else {
                if found.iter().all(|cluster| cluster.name != *name) {
                    let known = known.get_or_insert_with(|| discover(system, folder));
                    if known.iter().all(|cluster| cluster.name != *name) {
                        findings.push(unknown(declared, known));
                    }
                }
                continue;
            };
            if system.kind(&path.value) != Ok(EntryKind::Folder) {
                let message = format!("`{}`, the path of `{name}`, is not a folder", path.value);
                findings.push(
                    Diagnostic::error(codes::UNKNOWN_CLUSTER, path.span, message).with_help(
                        "name the folder that Flux applies first, relative to the config",
                    ),
                );
                continue;
            }
            found.retain(|cluster| cluster.name != *name && cluster.path != path.value);
            if path.value.is_within(start) || start.is_within(&path.value) {
                found.push(Cluster {
                    name: name.clone(),
                    path: path.value.clone(),
                });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        (found, findings)
    }
}

fn unknown(declared: &ClusterConfig, known: &[Cluster]) -> Diagnostic {
    let name = &declared.name.value;
    let names = || known.iter().map(|cluster| cluster.name.as_str());
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "add its `path`".to_owned(),
        None => {
            let names: Vec<&str> = names().collect();
            format!("add its `path`; found are {}", names.join(", "))
        }
    };
    let message = format!("there is no cluster `{name}`");
    Diagnostic::error(codes::UNKNOWN_CLUSTER, declared.name.span, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;
    use tidegate_source::MemorySystem;

    fn check(text: &str, start: &str, expected: &[&str], wrong: &[&str]) {
        let system = MemorySystem::new()
            .with("k8s/clusters/dev/a.yaml", "")
            .with("k8s/clusters/live/a.yaml", "")
            .with("flux/edge/a.yaml", "");
        let config = config(text);
        let start = TreePath::new(start).unwrap();
        let (clusters, findings) = config.clusters(&system, &start, &TreePath::root());
        let clusters = clusters.iter().map(|it| format!("{}={}", it.name, it.path));
        assert_eq!(clusters.collect::<Vec<_>>(), expected, "{text}");
        let messages = findings.iter().map(|finding| {
            let help = finding.help.as_deref().unwrap_or_default();
            format!("{}: {help}", finding.message)
        });
        assert_eq!(messages.collect::<Vec<_>>(), wrong, "{text}");
    }

    #[test]
    fn clusters_are_found_and_named() {
        let found = ["dev=k8s/clusters/dev", "live=k8s/clusters/live"];
        check("", "", &found, &[]);
        check("[clusters.live]\nflux = '2.8'", "", &found, &[]);
        let edge = "[clusters.edge]\npath = 'flux/edge'";
        check(edge, "", &["edge=flux/edge", found[0], found[1]], &[]);
        check(edge, "k8s", &found, &[]);
        check(edge, "flux/edge", &["edge=flux/edge"], &[]);
        check(
            "[clusters.prod]\npath = './k8s/clusters/live/'",
            "",
            &[found[0], "prod=k8s/clusters/live"],
            &[],
        );
    }

    #[test]
    fn a_cluster_that_is_not_checked_may_be_spoken_of_and_one_that_is_not_there_may_not() {
        let dev = ["dev=k8s/clusters/dev"];
        check(
            "[clusters.live]\nflux = '2.8'",
            "k8s/clusters/dev",
            &dev,
            &[],
        );
        let found = ["dev=k8s/clusters/dev", "live=k8s/clusters/live"];
        check(
            "[clusters.lvie]\n[clusters.other]\n[clusters.gone]\npath = 'gone'",
            "",
            &found,
            &[
                "`gone`, the path of `gone`, is not a folder: name the folder that Flux applies \
                 first, relative to the config",
                "there is no cluster `lvie`: did you mean `live`?",
                "there is no cluster `other`: add its `path`; found are dev, live",
            ],
        );
        check(
            "[clusters.live]\nroot = 'k8'",
            "",
            &found,
            &[
                "`k8`, the root of `live`, is not a folder: name the folder that is packed into \
                 the artifact, relative to the config",
            ],
        );
    }
}
