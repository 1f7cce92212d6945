//! Whether a tree may be pushed.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::git::{commit, git};
use crate::{Run, command, names, tidegate, tree};

const CONFIG_MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: b}\n";

/// A Kustomization of a folder, from the tree's own source.
fn kustomization(path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata: {{name: apps, namespace: flux-system}}\n\
         spec: {{interval: 10m, path: {path}, prune: true, sourceRef: {{kind: OCIRepository, name: flux-system}}}}\n"
    )
}

/// A tree in a folder of a repository.
fn platform(more: &[(&str, &str)]) -> TempDir {
    let entry = kustomization("./k8s/apps");
    let files = [
        ("README.md", "beside the tree\n"),
        ("k8s/clusters/live/apps.yaml", entry.as_str()),
        ("k8s/apps/a.yaml", CONFIG_MAP),
    ];
    let tree = tree(&[&files[..], more].concat());
    git(tree.path(), &["init", "-q", "-b", "main"]);
    tree
}

fn gate(folder: &Path, args: &[&str]) -> Run {
    tidegate(
        folder,
        &[&["gate", "k8s", "--format", "concise"], args].concat(),
    )
}

fn report(folder: &Path, args: &[&str]) -> Value {
    let run = gate(folder, &[&["--report", "-"], args].concat());
    serde_json::from_str(&run.stdout).unwrap()
}

/// Checks that the gate refuses a tree with these findings, each by its code.
fn refuses(tree: &TempDir, codes: &[&str]) -> Run {
    let run = gate(tree.path(), &[]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), codes.len(), "{}\n{}", run.stdout, run.stderr);
    for (line, code) in lines.iter().zip(codes) {
        assert!(line.contains(code), "{line}");
    }
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.starts_with("The gate refuses: "),
        "{}",
        run.stderr
    );
    run
}

#[test]
fn a_sound_tree_passes_and_keeps_its_place() {
    let tree = platform(&[]);
    let run = gate(tree.path(), &["--as-cluster"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout, "k8s/apps/a.yaml\nk8s/clusters/live/apps.yaml\n");
    assert!(
        run.stderr.starts_with("The gate is passed\n"),
        "{}",
        run.stderr
    );
    let report = report(tree.path(), &[]);
    assert_eq!(report["version"], 1);
    assert_eq!(report["result"], "PASSED");
    assert_eq!(report["content"]["files"], 2);
    assert_eq!(report["content"]["root"], "");
    assert_eq!(report["content"]["path"], "k8s");
    assert_eq!(report["clusters"][0]["name"], "live");
}

#[test]
fn what_no_cluster_could_use_is_refused() {
    refuses(&platform(&[("k8s/v1../a.txt", "x")]), &["ART002"]);
    let tree = platform(&[]);
    fs::write(tree.path().join("k8s/apps/a\\b.txt"), "x").unwrap();
    refuses(&tree, &["ART002"]);
    let empty = crate::tree(&[("k8s/clusters/live/a.zip", "")]);
    let run = gate(empty.path(), &["--cluster", "live=k8s/clusters/live"]);
    assert!(
        run.stdout.contains("ART003"),
        "{} {}",
        run.stdout,
        run.stderr
    );
    assert_eq!(run.status, Some(1));
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_are_refused_and_others_are_left_out() {
    use std::os::unix::fs::symlink;
    let tree = platform(&[
        ("k8s/apps/.sourceignore", "/ignored\n"),
        ("secret.txt", "x"),
    ]);
    let at = |name: &str| tree.path().join("k8s/apps").join(name);
    symlink("a.yaml", at("inside.txt")).unwrap();
    assert_eq!(gate(tree.path(), &[]).status, Some(0));
    symlink("../../secret.txt", at("beside.txt")).unwrap();
    symlink("/etc/hostname", at("out.txt")).unwrap();
    symlink("nowhere", at("dangling.txt")).unwrap();
    let run = refuses(&tree, &["ART004"; 3]);
    assert!(
        run.stdout
            .contains("`k8s/apps/beside.txt` leads to `secret.txt`"),
        "{}",
        run.stdout
    );
    // A waiver does not help.
    fs::write(
        tree.path().join("tidegate.toml"),
        "[[waivers]]\ncode = \"escaping-link\"\npath = \"k8s/**\"\nreason = \"x\"\n",
    )
    .unwrap();
    assert_eq!(gate(tree.path(), &[]).status, Some(1));
}

#[test]
#[cfg(unix)]
fn the_folder_itself_may_be_a_link() {
    let tree = platform(&[]);
    let real = report(tree.path(), &[])["content"]["digest"].clone();
    std::os::unix::fs::symlink("k8s", tree.path().join("link")).unwrap();
    let run = tidegate(tree.path(), &["gate", "link", "--report", "-"]);
    let linked: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(linked["content"]["digest"], real);
}

#[test]
fn secrets_in_clear_text_are_refused_unless_they_are_waived() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\nstringData:\n  \
                  password: hunter2\n";
    let tree = platform(&[("k8s/apps/s.yaml", secret)]);
    let run = refuses(&tree, &["ART001"]);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"));
    let check = |args: &[&str]| tidegate(tree.path(), &[&["check", "k8s"], args].concat());
    assert_eq!(check(&[]).status, Some(0));
    let waived = secret.replace(
        "  password",
        "  # tidegate: allow(clear-secret) of a demo\n  password",
    );
    fs::write(tree.path().join("k8s/apps/s.yaml"), waived).unwrap();
    let report = report(tree.path(), &[]);
    assert_eq!(report["result"], "PASSED");
    assert_eq!(report["waived"][0]["code"], "ART001");
    assert_eq!(report["waived"][0]["reasons"][0], "of a demo");
    // What only the gate looks for is no waiver without use.
    let run = check(&["--fail-on", "warning"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
}

#[test]
fn what_is_not_checked_has_to_be_accepted() {
    let unknown =
        "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t, namespace: default}\n";
    let tree = platform(&[("k8s/apps/t.yaml", unknown)]);
    refuses(&tree, &["SCH"]);
    let config = "[[waivers]]\ncode = \"not-checked\"\npath = \"k8s/**\"\nreason = \"no schema is to be had\"\n";
    fs::write(tree.path().join("tidegate.toml"), config).unwrap();
    let report = report(tree.path(), &[]);
    assert_eq!(report["result"], "PASSED", "{report:#}");
    assert_eq!(
        report["notChecked"][0]["accepted"],
        "no schema is to be had"
    );
    assert_eq!(report["config"]["path"], "tidegate.toml");
}

#[test]
fn what_the_packer_leaves_out_is_missed_where_it_is_needed() {
    let kustomization =
        "resources: [a.yaml]\nconfigMapGenerator:\n- name: files\n  files: [logo.png]\n";
    let tree = platform(&[
        ("k8s/apps/kustomization.yaml", kustomization),
        ("k8s/apps/logo.png", "x"),
        // With rules of its own, the cluster's packing would keep it.
        ("k8s/.sourceignore", "/nothing\n"),
    ]);
    let run = gate(tree.path(), &[]);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("logo.png"), "{}", run.stdout);
    assert!(
        run.stdout.contains("left out of the artifact"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_lies_beside_the_folder_is_not_there() {
    let tree = platform(&[
        (
            "k8s/apps/kustomization.yaml",
            "resources: [a.yaml, ../../shared]\n",
        ),
        ("shared/kustomization.yaml", "resources: [b.yaml]\n"),
        ("shared/b.yaml", &CONFIG_MAP.replace("name: a", "name: b")),
    ]);
    assert_eq!(tidegate(tree.path(), &["check", "k8s"]).status, Some(0));
    assert_eq!(gate(tree.path(), &[]).status, Some(1));
    let whole = tidegate(tree.path(), &["gate", "."]);
    assert_eq!(whole.status, Some(0), "{}{}", whole.stdout, whole.stderr);
}

#[test]
#[cfg(unix)]
fn digests_are_the_same_wherever_and_however_it_is_packed() {
    use std::os::unix::fs::PermissionsExt;
    let mut digests = Vec::new();
    for (zone, threads, mode) in [("UTC", "1", 0o600), ("America/New_York", "4", 0o664)] {
        let tree = platform(&[("k8s/apps/b.txt", "b")]);
        for path in [
            "k8s/apps/a.yaml",
            "k8s/apps/b.txt",
            "k8s/clusters/live/apps.yaml",
        ] {
            let path = tree.path().join(path);
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let folder = path.parent().unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o111)).unwrap();
        }
        let mut run = command(tree.path());
        run.args(["gate", "k8s", "--report", "-", "--threads", threads])
            .env("TZ", zone);
        let output = run.output().unwrap();
        digests.push(String::from_utf8(output.stdout).unwrap());
    }
    assert!(digests[0].contains("\"PASSED\""), "{}", digests[0]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_cluster_gets_what_is_left_when_it_packs_again() {
    let tree = platform(&[("k8s/.github/a.yaml", "x"), ("k8s/.sops.yaml", "x")]);
    let target = tree.path().join("as-cluster");
    let flag = format!("--as-cluster={}", target.display());
    assert_eq!(gate(tree.path(), &[&flag]).status, Some(0));
    assert_eq!(names(&target.join("k8s")), ["apps", "clusters"]);
    assert_eq!(report(tree.path(), &[])["content"]["files"], 4);
}

#[test]
fn a_revision_is_gated_without_a_checkout() {
    let tree = platform(&[]);
    commit(tree.path());
    let before = report(tree.path(), &[])["content"]["digest"].clone();
    fs::write(tree.path().join("k8s/apps/a.yaml"), "not: [yaml").unwrap();
    assert_eq!(gate(tree.path(), &[]).status, Some(1));
    let report = report(tree.path(), &["--rev", "HEAD"]);
    assert_eq!(report["result"], "PASSED");
    assert_eq!(report["content"]["digest"], before);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_of_its_own() {
    let tree = platform(&[]);
    let run = gate(tree.path(), &["--report", "absent/report.json"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains("absent/report.json cannot be written"),
        "{}",
        run.stderr
    );
    fs::write(tree.path().join("no.key"), "x").unwrap();
    let run = gate(tree.path(), &["--report", "-", "--key", "no.key"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("no.key cannot sign"), "{}", run.stderr);
}
