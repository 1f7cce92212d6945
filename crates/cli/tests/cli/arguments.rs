use super::{tidegate, tree};

/// Runs in a tree with one small kustomization.
fn check(args: &[&str], status: i32, stderr: &str) {
    let tree = tree(&[
        ("app/kustomization.yaml", "resources: [a.yaml]\n"),
        (
            "app/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        ),
        ("file", ""),
        ("empty/notes.md", ""),
    ]);
    let run = tidegate(tree.path(), args);
    assert_eq!(run.status, Some(status), "{args:?}: {}", run.stderr);
    assert!(run.stderr.contains(stderr), "{args:?}: {}", run.stderr);
    if status == 2 {
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn flags_that_do_not_parse_are_wrong_usage() {
    check(&["check", "--format", "pdf"], 2, "possible values: human");
    check(&["check", "--fail-on", "nothing"], 2, "possible values");
    check(&["check", "--cluster", "live"], 2, "NAME=PATH");
    check(&["check", "--threads", "0"], 2, "--threads");
    check(&["check", "--colour", "never"], 2, "--color");
    check(
        &["kustomize", "--load-restrictor", "None", "app"],
        2,
        "LoadRestrictionsNone",
    );
    check(&["kustomise", "app"], 2, "kustomize");
    check(&[], 2, "Usage");
}

#[test]
fn what_cannot_be_checked_is_an_error_of_the_environment() {
    check(&["check", "absent"], 2, "absent: no such folder");
    check(&["check", "file"], 2, "file is not a folder");
    check(&["check", "empty"], 2, "no cluster and no kustomization");
    check(
        &["check", "--cluster", "live=absent"],
        2,
        "absent: no such folder",
    );
    check(
        &["check", "app", "--cluster", "a=app", "--cluster", "a=empty"],
        2,
        "two clusters are named a",
    );
}

#[test]
fn outputs_that_would_clash_are_wrong_usage() {
    check(
        &["kustomize", "app", "app", "-o", "out"],
        2,
        "would both be written to app.yaml",
    );
    check(
        &["kustomize", "app", "empty", "-o", "file"],
        2,
        "file is not a folder",
    );
}

#[test]
fn help_goes_to_standard_output() {
    let tree = tree(&[]);
    for args in [&["--help"][..], &["check", "--help"], &["kustomize", "-h"]] {
        let run = tidegate(tree.path(), args);
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
        assert!(run.stdout.contains("Usage: tidegate"), "{}", run.stdout);
        assert!(
            run.stdout.lines().all(|line| line.chars().count() <= 100),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let tree = tree(&[]);
    let list = tidegate(tree.path(), &["rules"]);
    assert_eq!((list.status, list.stderr.as_str()), (Some(0), ""));
    let line = list.stdout.lines().find(|line| line.starts_with("FLX001"));
    assert!(
        line.is_some_and(|line| line.contains("error")),
        "{}",
        list.stdout
    );
    for line in list.stdout.lines() {
        let code = line.split_whitespace().next().unwrap();
        let page = tidegate(tree.path(), &["explain", code]);
        assert_eq!(page.status, Some(0), "{code}: {}", page.stderr);
        assert!(page.stdout.contains(code), "{}", page.stdout);
    }
    check(&["explain", "flx001"], 0, "");
    check(&["explain", "FLX999"], 2, "there is no rule FLX999");
}
