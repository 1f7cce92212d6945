//! Revisions, and what changed since one.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Run, command, tidegate, tree};

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const GOOD: &str = "resources: [a.yaml]\n";
const BROKEN: &str = "resources: [a.yaml, absent.yaml]\n";

pub(super) fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    assert!(command.args(args).status().unwrap().success(), "{args:?}");
}

pub(super) fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "change"]);
}

fn repository(files: &[(&str, &str)]) -> TempDir {
    let tree = tree(files);
    git(tree.path(), &["init", "-q", "-b", "main"]);
    commit(tree.path());
    tree
}

pub(super) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Checks that the findings are those that start so, and the exit status.
fn check(folder: &Path, args: &[&str], expected: &[&str]) -> Run {
    let run = tidegate(folder, &[&["check", "--format", "concise"], args].concat());
    let found: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(found.len(), expected.len(), "{found:?} {}", run.stderr);
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
    assert_eq!(run.status, Some(i32::from(!expected.is_empty())));
    run
}

#[test]
fn a_revision_is_checked_without_a_checkout() {
    let tree = repository(&[
        ("k8s/clusters/old/kustomization.yaml", BROKEN),
        ("k8s/clusters/old/a.yaml", CONFIG_MAP),
    ]);
    let top = tree.path();
    git(top, &["tag", "before"]);
    fs::remove_dir_all(top.join("k8s/clusters/old")).unwrap();
    write(top, "k8s/clusters/new/kustomization.yaml", GOOD);
    write(top, "k8s/clusters/new/a.yaml", CONFIG_MAP);
    commit(top);
    write(top, "k8s/clusters/new/kustomization.yaml", BROKEN);
    let missing = ["k8s/clusters/old/kustomization.yaml:1:21: error[KUS001]"];
    check(top, &["--rev", "before"], &missing);
    check(top, &["--rev", "HEAD~1", "k8s/clusters"], &missing);
    check(top, &["--rev", "before", "k8s/clusters/old"], &missing);
    check(
        top,
        &["--rev", "before", "--cluster", "x=k8s/clusters/old"],
        &missing,
    );
    check(
        &top.join("k8s"),
        &["--rev", "before"],
        &["clusters/old/kustomization.yaml:1:21"],
    );
    check(top, &["--rev", "HEAD"], &[]);
    check(top, &[], &["k8s/clusters/new/kustomization.yaml:1:21"]);

    let outer = tempfile::tempdir().unwrap();
    let shown = top.to_str().unwrap();
    git(outer.path(), &["clone", "-q", "--bare", shown, "bare.git"]);
    let bare = ["bare.git/k8s/clusters/old/kustomization.yaml:1:21"];
    check(outer.path(), &["--rev", "before", "bare.git"], &bare);
    let here = outer.path().join("bare.git");
    check(
        &here,
        &["--rev", "before", "--cluster", "x=k8s/clusters/old"],
        &missing,
    );
}

#[test]
fn what_git_does_not_have_is_told() {
    let tree = repository(&[("clusters/a/a.yaml", CONFIG_MAP)]);
    let fails = |args: &[&str], expected: &str| {
        let run = tidegate(tree.path(), &[&["check"], args].concat());
        assert_eq!(run.status, Some(2));
        assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    };
    let unknown =
        "error: there is no revision `mian` in this repository\nhelp: did you mean `main`?";
    fails(&["--rev", "mian"], unknown);
    fails(&["--changed-since", "mian"], unknown);
    fails(
        &["--rev", "main", "nope"],
        "error: nope: no such folder in revision main",
    );
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "clusters/a/a.yaml", CONFIG_MAP);
    for option in ["--rev", "--changed-since"] {
        let run = tidegate(outside.path(), &["check", option, "HEAD"]);
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        assert!(
            run.stderr.contains("not in a git repository"),
            "{}",
            run.stderr
        );
    }
}

const CHANGED: [&str; 2] = ["--changed-since", "HEAD"];

#[test]
fn old_findings_in_files_that_did_not_change_are_left_out() {
    let tree = repository(&[
        ("clusters/a/kustomization.yaml", BROKEN),
        ("clusters/a/a.yaml", CONFIG_MAP),
        ("clusters/b/kustomization.yaml", BROKEN),
        ("clusters/b/a.yaml", CONFIG_MAP),
    ]);
    let run = check(tree.path(), &CHANGED, &[]);
    assert!(
        run.stderr
            .contains("Not shown: 2 findings that HEAD has too"),
        "{}",
        run.stderr
    );
    write(
        tree.path(),
        "clusters/a/kustomization.yaml",
        &format!("# touched\n{BROKEN}"),
    );
    let touched = ["clusters/a/kustomization.yaml:2:21: error[KUS001]"];
    check(tree.path(), &CHANGED, &touched);
    git(tree.path(), &["add", "-A"]);
    check(tree.path(), &CHANGED, &touched);
    commit(tree.path());
    check(tree.path(), &CHANGED, &[]);
    check(tree.path(), &["--changed-since", "HEAD~1"], &touched);
    check(
        tree.path(),
        &["--rev", "main", "--changed-since", "main~1"],
        &touched,
    );
}

#[test]
fn what_a_change_breaks_elsewhere_is_shown() {
    let tree = repository(&[
        (
            "clusters/a/kustomization.yaml",
            "resources: [a.yaml, b.yaml, old.yaml]\n",
        ),
        ("clusters/a/a.yaml", CONFIG_MAP),
        (
            "clusters/a/b.yaml",
            &CONFIG_MAP.replace("name: a", "name: b"),
        ),
    ]);
    fs::remove_file(tree.path().join("clusters/a/b.yaml")).unwrap();
    check(
        tree.path(),
        &CHANGED,
        &["clusters/a/kustomization.yaml:1:21: error[KUS001]"],
    );
}

#[test]
fn new_files_count_before_git_knows_them() {
    let tree = repository(&[
        ("clusters/a/a.yaml", CONFIG_MAP),
        (".gitignore", "ignored\n"),
    ]);
    write(tree.path(), "clusters/b/kustomization.yaml", BROKEN);
    write(tree.path(), "clusters/b/a.yaml", CONFIG_MAP);
    check(
        tree.path(),
        &CHANGED,
        &["clusters/b/kustomization.yaml:1:21"],
    );
}

#[test]
fn what_git_sets_for_hooks_counts_in_its_own_repository_alone() {
    let tree = repository(&[
        ("clusters/a/kustomization.yaml", BROKEN),
        ("clusters/a/a.yaml", CONFIG_MAP),
    ]);
    let other = repository(&[("clusters/a/a.yaml", CONFIG_MAP)]);
    for folder in [tree.path(), other.path()] {
        let mut command = command(folder);
        command.env("GIT_DIR", folder.join(".git"));
        command.env("GIT_INDEX_FILE", folder.join(".git/index"));
        let path = tree.path().to_str().unwrap();
        let output = command
            .args(["check", "--changed-since", "HEAD", path])
            .output();
        assert_eq!(output.unwrap().status.code(), Some(0));
    }
}
