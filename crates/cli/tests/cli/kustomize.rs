use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::{command, names, tidegate, tree};

const APP: &[(&str, &str)] = &[
    (
        "apps/web/kustomization.yaml",
        "namePrefix: x-\nresources: [a.yaml]\n",
    ),
    (
        "apps/web/a.yaml",
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a, namespace: shop}\n",
    ),
    (
        "apps/db/kustomization.yaml",
        "resources: [b.yaml, c.yaml]\n",
    ),
    (
        "apps/db/b.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
    ),
    (
        "apps/db/c.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: c}\n",
    ),
    (
        "apps/broken/kustomization.yaml",
        "resources: [absent.yaml]\n",
    ),
    (
        "apps/remote/kustomization.yaml",
        "resources:\n  - https://example.com/manifests.yaml\n",
    ),
];

const WEB: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x-a\n  namespace: shop\n";
const DB: &str = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: c\n---\n\
                  apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n";
const DB_AS_READ: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n---\n\
                          apiVersion: v1\nkind: Namespace\nmetadata:\n  name: c\n";

/// Runs `kustomize` in the tree above; the output must be equal, and standard error must hold
/// these texts.
fn check(args: &[&str], status: i32, stdout: &str, stderr: &[&str]) {
    let tree = tree(APP);
    let run = tidegate(tree.path(), &[&["kustomize"], args].concat());
    assert_eq!(run.stdout, stdout, "{args:?}: {}", run.stderr);
    assert_eq!(run.status, Some(status), "{args:?}: {}", run.stderr);
    if stderr.is_empty() {
        assert_eq!(run.stderr, "", "{args:?}");
    }
    for text in stderr {
        assert!(run.stderr.contains(text), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn it_prints_what_kustomize_build_prints() {
    check(&["apps/web"], 0, WEB, &[]);
    check(&["./apps/web/"], 0, WEB, &[]);
    check(&["apps/db/../web"], 0, WEB, &[]);
    check(&["apps/db"], 0, DB, &[]);
    check(&["apps/db", "--reorder", "none"], 0, DB_AS_READ, &[]);
    check(&["--reorder=none", "apps/db"], 0, DB_AS_READ, &[]);
}

#[test]
fn several_folders_are_joined_in_the_order_given() {
    let joined = format!("{WEB}---\n{DB}");
    check(&["apps/web", "apps/db"], 0, &joined, &[]);
    let joined = format!("{DB}---\n{WEB}");
    check(&["apps/db", "apps/web"], 0, &joined, &[]);
}

#[test]
fn refused_folders_are_reported_at_their_place_and_the_others_printed() {
    check(
        &["apps/broken"],
        1,
        "",
        &["KUS001", "absent.yaml", "apps/broken/kustomization.yaml:1"],
    );
    check(&["apps/broken", "apps/web"], 1, WEB, &["absent.yaml"]);
    check(&["apps/absent"], 1, "", &["apps/absent"]);
    check(&["apps"], 1, "", &["KUS003"]);
    check(
        &["https://github.com/example/tree//apps?ref=v1"],
        1,
        "",
        &["not rendered: remote resource `https://github.com/example/tree//apps?ref=v1`"],
    );
    check(
        &["apps/remote"],
        1,
        "",
        &[
            "REN001",
            "https://example.com/manifests.yaml",
            "apps/remote/kustomization.yaml:2",
        ],
    );
}

#[test]
fn the_current_directory_is_the_default() {
    let tree = tree(APP);
    let run = tidegate(&tree.path().join("apps/web"), &["kustomize"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), WEB));
}

#[test]
fn output_goes_to_a_file_or_a_file_for_each_object() {
    let tree = tree(APP);
    let build = |args: &[&str]| {
        let run = tidegate(tree.path(), &[&["kustomize"], args].concat());
        assert_eq!(run.stdout, "");
        run.status.unwrap()
    };
    let read = |name: &str| fs::read_to_string(tree.path().join(name)).unwrap();
    assert_eq!(build(&["apps/web", "-o", "web.yaml"]), 0);
    assert_eq!(read("web.yaml"), WEB);
    assert_eq!(build(&["apps/broken", "-o", "web.yaml"]), 1);
    assert_eq!(read("web.yaml"), WEB, "what was refused replaces nothing");
    assert_eq!(build(&["apps/web", "-o", "absent/web.yaml"]), 2);

    fs::create_dir(tree.path().join("objects")).unwrap();
    assert_eq!(build(&["apps/db", "-o", "objects"]), 0);
    assert_eq!(
        names(&tree.path().join("objects")),
        ["v1_configmap_b.yaml", "v1_namespace_c.yaml"]
    );

    assert_eq!(
        build(&["apps/web", "apps/broken", "apps/db", "-o", "all"]),
        1
    );
    assert_eq!(
        names(&tree.path().join("all")),
        ["apps_db.yaml", "apps_web.yaml"]
    );
    assert_eq!(read("all/apps_db.yaml"), DB);
}

#[test]
fn one_thread_and_many_print_the_same() {
    let tree = tree(APP);
    let folders = ["apps/web", "apps/db", "apps/broken", "apps/remote"];
    let run = |threads: &str| {
        let args = [&["kustomize", "--threads", threads], &folders[..]].concat();
        let run = tidegate(tree.path(), &args);
        (run.status, run.stdout, run.stderr)
    };
    let one = run("1");
    assert_eq!(one.0, Some(1));
    for _ in 0..5 {
        assert_eq!(run("8"), one);
    }
}

#[test]
fn a_killed_run_leaves_only_whole_files() {
    let mut files: Vec<(String, String)> = Vec::new();
    for i in 0..40 {
        files.push((
            format!("app{i}/kustomization.yaml"),
            "resources: [a.yaml]\n".to_owned(),
        ));
        let text = "x".repeat(40_000);
        files.push((
            format!("app{i}/a.yaml"),
            format!(
                "apiVersion: v1\ndata:\n  text: {text}\nkind: ConfigMap\nmetadata:\n  name: a\n"
            ),
        ));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    let tree = tree(&files);
    let folders: Vec<String> = (0..40).map(|i| format!("app{i}")).collect();
    for microseconds in [0, 500, 1000, 2000, 3000, 4000, 6000, 8000, 12_000] {
        let out = tree.path().join("out");
        let _ = fs::remove_dir_all(&out);
        let mut child = command(tree.path())
            .args(["kustomize", "-o", "out"])
            .args(&folders)
            .spawn()
            .unwrap();
        sleep(Duration::from_micros(microseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = if out.exists() {
            names(&out)
        } else {
            Vec::new()
        };
        for name in left {
            assert!(name.starts_with("app"), "{name} is left behind");
            let text = fs::read_to_string(out.join(&name)).unwrap();
            assert!(text.ends_with("name: a\n"), "{name} is not whole");
        }
        assert_eq!(names(tree.path()).len(), 40 + usize::from(out.exists()));
    }
}

#[test]
#[cfg(unix)]
fn a_reader_that_leaves_early_is_no_failure() {
    use std::process::Stdio;
    let text = "x".repeat(200_000);
    let object =
        format!("apiVersion: v1\ndata:\n  text: {text}\nkind: ConfigMap\nmetadata:\n  name: a\n");
    let tree = tree(&[
        ("kustomization.yaml", "resources: [a.yaml]\n"),
        ("a.yaml", &object),
    ]);
    let mut child = command(tree.path())
        .arg("kustomize")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
#[cfg(unix)]
fn a_named_pipe_as_a_resource_is_refused_and_does_not_hang() {
    let tree = tree(&[("kustomization.yaml", "resources: [pipe.yaml]\n")]);
    let made = std::process::Command::new("mkfifo")
        .arg(tree.path().join("pipe.yaml"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let run = tidegate(tree.path(), &["kustomize"]);
    assert_eq!(run.status, Some(1));
    assert!(run.stderr.contains("pipe.yaml"), "{}", run.stderr);
}

#[test]
#[cfg(unix)]
fn links_are_followed() {
    let tree = tree(APP);
    std::os::unix::fs::symlink("apps/web", tree.path().join("link")).unwrap();
    let run = tidegate(tree.path(), &["kustomize", "link"]);
    assert_eq!(run.stdout, WEB, "{}", run.stderr);
    assert!(Path::new(&tree.path().join("link")).exists());
}
