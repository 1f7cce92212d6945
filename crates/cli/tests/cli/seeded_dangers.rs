//! Changes that do harm, and changes that do not, committed one after the other to real trees: each danger
//! is classed right, and nothing else is a danger.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::git::{commit, git, write};
use super::{repository, tidegate};

/// Objects that trees of HelmReleases do not have themselves.
const SOWN: &str = include_str!("seeded_objects.yaml");

/// A tree, and where objects can be sown in it.
struct Plot {
    tree: TempDir,
    /// The folder that a Kustomization builds, which has a kustomization.yaml.
    folder: &'static str,
    /// What is said of its clusters.
    arguments: &'static [&'static str],
}

impl Plot {
    /// A copy of a tree in a repository of its own; none where the tree is not at hand.
    fn new(from: &Path, folder: &'static str, arguments: &'static [&'static str]) -> Option<Plot> {
        if !from.is_dir() {
            return None;
        }
        let tree = tempfile::tempdir().unwrap();
        copy(from, tree.path());
        git(tree.path(), &["init", "-q", "-b", "main"]);
        commit(tree.path());
        let plot = Plot {
            tree,
            folder,
            arguments,
        };
        plot.edit(
            &format!("{folder}/kustomization.yaml"),
            "resources:\n",
            "resources:\n  - sown.yaml\n",
        );
        write(plot.tree.path(), &plot.sown(), SOWN);
        commit(plot.tree.path());
        Some(plot)
    }

    fn of_corpus(
        name: &str,
        folder: &'static str,
        arguments: &'static [&'static str],
    ) -> Option<Plot> {
        let corpora = std::env::var_os("TIDEGATE_CORPORA")?;
        Plot::new(&Path::new(&corpora).join(name), folder, arguments)
    }

    fn sown(&self) -> String {
        format!("{}/sown.yaml", self.folder)
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let place = self.tree.path().join(path);
        let text = fs::read_to_string(&place).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        fs::write(place, text.replacen(from, to, 1)).unwrap();
    }

    /// Commits a change of a file, and compares what Flux would apply with what it would before.
    #[track_caller]
    fn check(&self, (path, from, to): (&str, &str, &str), expected: &[&str]) {
        self.edit(path, from, to);
        self.committed(expected);
    }

    #[track_caller]
    fn committed<T: AsRef<str>>(&self, expected: &[T]) {
        let folder = self.tree.path();
        commit(folder);
        let arguments = ["diff", "HEAD~1", "HEAD", "--format", "json"];
        let run = tidegate(folder, &[&arguments, self.arguments].concat());
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        // What fails in the tree itself has nothing to compare.
        let lost = document["notCompared"].as_array().unwrap().iter();
        assert!(lost.map(|one| &one["objects"]).all(|count| count == 0));
        let changes = document["changes"].as_array().unwrap();
        let found: Vec<String> = changes.iter().map(line).collect();
        let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
        assert_eq!(found, expected);
    }
}

/// `changed Deployment web of dev,live: image`
fn line(change: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let dangers = change["dangers"].as_array().unwrap().iter();
    let dangers: Vec<String> = dangers.map(|danger| text(&danger["kind"])).collect();
    let clusters = change["clusters"].as_array().unwrap().iter();
    let clusters: Vec<String> = clusters.map(text).collect();
    let [what, kind, name] = ["change", "kind", "name"].map(|key| text(&change[key]));
    let (clusters, dangers) = (clusters.join(","), dangers.join(" "));
    let line = format!("{what} {kind} {name} of {clusters}: {dangers}");
    line.trim_end().to_owned()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&place).unwrap();
            copy(&entry.path(), &place);
        } else {
            // The copy can be written, whatever the original says.
            fs::write(&place, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Every class of danger, and changes beside them that are none. Each row is a commit.
fn sown_dangers(plot: &Plot, clusters: &[&str], namespace: &str) {
    let of = format!(" of {}:", clusters.join(","));
    let lines = |expected: &[&str]| -> Vec<String> {
        let line = |line: &&str| line.replacen(':', &of, 1).trim_end().to_owned();
        expected.iter().map(line).collect()
    };
    let crd = "CustomResourceDefinition things.sown.example.org";
    let rows: [&[(&str, &str, &str)]; 5] = [
        &[
            (
                "suspend: false",
                "suspend: true",
                "CronJob sown-nightly: suspended",
            ),
            (
                "enum: [big, small]",
                "enum: [small]",
                &format!("{crd}: crd-narrowed"),
            ),
            (
                "example.org/web:1",
                "example.org/web:2",
                "Deployment sown-web: image",
            ),
            (
                "storage: 5Gi",
                "storage: 6Gi",
                "PersistentVolumeClaim sown-files:",
            ),
            (
                "verbs: [get, list]",
                "verbs: [get, delete]",
                "Role sown-reader: rbac-widened",
            ),
            ("port: 5432", "port: 5433", "Service sown-db:"),
            ("1Gi # template", "2Gi", "StatefulSet sown-db: immutable"),
            (
                "example.org/disk",
                "example.org/tape",
                "StorageClass sown-slow: immutable",
            ),
        ],
        &[
            ("suspend: true", "suspend: false", "CronJob sown-nightly:"),
            (
                "enum: [small]",
                "enum: [big, small, huge]",
                &format!("{crd}:"),
            ),
            ("replicas: 2", "replicas: 3", "Deployment sown-web:"),
            (
                "storageClassName: slow",
                "storageClassName: fast",
                "PersistentVolumeClaim sown-files: immutable",
            ),
            ("verbs: [get, delete]", "verbs: [get]", "Role sown-reader:"),
            (
                "sown-reader # role",
                "other",
                "RoleBinding sown-reader: immutable rbac-widened",
            ),
            (
                "clusterIP: None",
                "clusterIP: 10.0.0.9",
                "Service sown-db: immutable",
            ),
        ],
        &[
            // What no object uses can go.
            ("served: true # beta", "served: false", &format!("{crd}:")),
            (
                "replicas: 3",
                "replicas: 0",
                "Deployment sown-web: replicas-zero",
            ),
            (
                "storage: 6Gi",
                "storage: 4Gi",
                "PersistentVolumeClaim sown-files: immutable",
            ),
        ],
        &[
            (
                "served: true # stable",
                "served: false",
                &format!("{crd}: crd-narrowed"),
            ),
            (
                "app: sown-web # selector",
                "app: sown",
                "Deployment sown-web: immutable",
            ),
        ],
        // The order of keys and comments are nothing that Flux applies.
        &[(
            "    tier: front\n    order: first\n",
            "    # A comment.\n    order: first\n    tier: front\n",
            "",
        )],
    ];
    for row in rows {
        for (from, to, _) in row {
            plot.edit(&plot.sown(), from, to);
        }
        let expected = row.iter().map(|(.., line)| *line);
        let expected: Vec<String> = expected
            .filter(|line| !line.is_empty())
            .map(|line| format!("changed {line}"))
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        plot.committed(&lines(&expected));
    }

    // Only what holds data, and what Flux deletes with it.
    let text = fs::read_to_string(plot.tree.path().join(plot.sown())).unwrap();
    let (kept, _) = text.split_once("\n--- # gone\n").unwrap();
    write(plot.tree.path(), &plot.sown(), kept);
    let gone = lines(&[
        "removed Cluster sown-postgres: data-pruned",
        "removed ConfigMap sown-settings:",
        "removed CustomResourceDefinition things.sown.example.org: data-pruned",
        "removed Database sown-kept:",
        namespace,
        "removed PersistentVolumeClaim sown-files: data-pruned",
        "removed PersistentVolumeClaim sown-kept:",
        "removed StatefulSet sown-db: data-pruned",
        "removed Thing sown-mine:",
    ]);
    plot.committed(&gone);
}

#[test]
fn dangers_of_the_example() {
    let example = repository().join("examples/platform");
    let plot = Plot::new(&example, "kubernetes/platform/namespaces", &[]).unwrap();
    sown_dangers(
        &plot,
        &["dev", "integration", "live"],
        "removed Namespace sown: data-pruned",
    );
}

#[test]
fn dangers_of_homelab() {
    let folder = "kubernetes/clusters/live/config/satisfactory";
    let Some(plot) = Plot::of_corpus("homelab", folder, &[]) else {
        eprintln!("homelab: not run");
        return;
    };
    sown_dangers(&plot, &["live"], "removed Namespace sown: data-pruned");
    let clusters = "kubernetes/clusters";
    plot.check(
        (
            &format!("{clusters}/live/.cluster-vars.env"),
            "storage_replica_count=\"3\"",
            "storage_replica_count=\"2\"",
        ),
        &[
            "changed ConfigMap cluster-vars of live:",
            "changed StorageClass fast of live: immutable",
            "changed StorageClass slow of live: immutable",
            "changed StorageClass slow-media of live: immutable",
        ],
    );
    // The template of a Job cannot change.
    plot.check(
        (
            "kubernetes/platform/config/velero-restore/gate-job.yaml",
            "kubectl:1.33",
            "kubectl:1.34",
        ),
        &["changed Job velero-restore-gate of dev: immutable image"],
    );
    plot.check(
        (
            "kubernetes/platform/versions.env",
            "postgresql_image_version=18.6",
            "postgresql_image_version=19.1",
        ),
        &[
            "changed Cluster hass-database of live: image",
            "changed Cluster platform of dev,live: image",
            "changed ConfigMap platform-versions of dev,integration,live:",
        ],
    );
    let satisfactory = format!("{clusters}/live/config/satisfactory");
    let claim = plot.tree.path().join(&satisfactory).join("pvc.yaml");
    fs::rename(&claim, claim.with_file_name("claim.yaml")).unwrap();
    let file = format!("{satisfactory}/kustomization.yaml");
    plot.check((&file, "- pvc.yaml", "- claim.yaml"), &[]);
    plot.check(
        (&file, "  - claim.yaml\n", ""),
        &["removed PersistentVolumeClaim satisfactory-data of live: data-pruned"],
    );
}

#[test]
fn dangers_of_onedr0p() {
    let app = "kubernetes/apps/default/home-assistant/app";
    let Some(plot) = Plot::of_corpus(
        "onedr0p-home-ops",
        app,
        &["--cluster", "main=kubernetes/flux/cluster"],
    ) else {
        eprintln!("onedr0p-home-ops: not run");
        return;
    };
    // `targetNamespace` makes of any Namespace its own, which another Kustomization applies too.
    sown_dangers(&plot, &["main"], "changed Namespace default: data-pruned");
    plot.check(
        (&format!("{app}/helmrelease.yaml"), "tag: 2026", "tag: 2027"),
        &["changed HelmRelease home-assistant of main: image"],
    );
    plot.check(
        (&format!("{app}/pvc.yaml"), "ceph-block", "ceph-fast"),
        &["changed PersistentVolumeClaim home-assistant-cache of main: immutable"],
    );
    // What another Kustomization takes over may be deleted by the one that had it.
    let folder = plot.tree.path().join("kubernetes/apps/default");
    fs::rename(
        folder.join("home-assistant/app/pvc.yaml"),
        folder.join("zwave/app/pvc.yaml"),
    )
    .unwrap();
    plot.edit(&format!("{app}/kustomization.yaml"), "  - ./pvc.yaml\n", "");
    plot.check(
        (
            "kubernetes/apps/default/zwave/app/kustomization.yaml",
            "resources:\n",
            "resources:\n  - ./pvc.yaml\n",
        ),
        &["moved PersistentVolumeClaim home-assistant-cache of main: data-pruned"],
    );
    plot.check(
        (
            "kubernetes/apps/default/kustomization.yaml",
            "  - ./zwave/ks.yaml\n",
            "",
        ),
        &[
            "removed ExternalSecret zwave of main:",
            "removed HelmRelease zwave of main:",
            "removed HorizontalPodAutoscaler zwave of main:",
            "removed Kustomization zwave of main:",
            "removed OCIRepository zwave of main:",
            "removed PersistentVolumeClaim home-assistant-cache of main: data-pruned",
            "removed PersistentVolumeClaim zwave of main: data-pruned",
            "removed Restore zwave of main:",
            "removed SnapshotPolicy zwave of main:",
            "removed SnapshotSchedule zwave of main:",
        ],
    );
}
