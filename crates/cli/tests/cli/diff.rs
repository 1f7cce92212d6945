use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::git::{commit, git, write};
use super::{Run, tidegate, tree};

const FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./apps
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild:
    substitute: {DOMAIN: live.example}
";

const APPS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.org/web:1
          args: ['--domain=${DOMAIN}']
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: shop}
stringData: {password: hunter2}
";

/// A repository with two clusters.
fn repository() -> TempDir {
    let folder = tree(&[
        ("clusters/live/apps.yaml", FLUX),
        ("clusters/dev/apps.yaml", &FLUX.replace("live", "dev")),
        ("apps/web.yaml", APPS),
    ]);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(folder.path());
    folder
}

fn diff(folder: &Path, args: &[&str]) -> Run {
    tidegate(folder, &[&["diff"], args].concat())
}

/// The changes as `kind/name: dangers`.
fn changes(run: &Run) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = document["changes"].as_array().unwrap().iter();
    let line = |change: &Value| {
        let dangers = change["dangers"].as_array().unwrap().iter();
        let dangers: Vec<String> = dangers.map(|danger| text(&danger["kind"])).collect();
        let (what, kind) = (text(&change["change"]), text(&change["kind"]));
        format!("{what} {kind}: {}", dangers.join(" "))
    };
    changes.map(line).collect()
}

#[test]
fn what_uncommitted_changes_would_do() {
    let folder = repository();
    let same = diff(folder.path(), &["--exit-code"]);
    assert_eq!(same.status, Some(0), "{}", same.stderr);
    assert_eq!(same.stdout, "HEAD => the work tree: no object changes\n");

    let (before, after) = ("  replicas: 2", "  replicas: 0");
    let apps = APPS.replace(before, after).replace("web:1", "web:2");
    let apps = apps.replace("hunter2", "hunter3");
    let claim = apps
        .find("apiVersion: v1\nkind: PersistentVolumeClaim")
        .unwrap();
    let secret = apps.find("apiVersion: v1\nkind: Secret").unwrap();
    write(
        folder.path(),
        "apps/web.yaml",
        &(apps[..claim].to_owned() + &apps[secret..]),
    );

    let run = diff(folder.path(), &["--exit-code"]);
    assert_eq!(run.status, Some(1));
    for line in [
        "~ Deployment shop/web  (all 2 clusters)  apps/web.yaml:3:12",
        "  ! image: another image runs: example.org/web:1 becomes example.org/web:2",
        "  ! replicas-zero: `spec.replicas` becomes 0: nothing runs any more",
        "    spec.replicas: 2 => 0  apps/web.yaml:5:13",
        "- PersistentVolumeClaim shop/data  (all 2 clusters)  apps/web.yaml:17:12",
        "  ! data-pruned: Flux will delete this PersistentVolumeClaim, and what it holds with it",
        "    stringData.password: (secret, changed)  apps/web.yaml:23:24 => apps/web.yaml:18:24",
    ] {
        assert!(
            run.stdout.lines().any(|one| one == line),
            "{line}\n{}",
            run.stdout
        );
    }
    assert!(!run.stdout.contains("hunter"), "{}", run.stdout);

    let dangers = diff(folder.path(), &["--danger-only", "--format", "json"]);
    assert!(!dangers.stdout.contains("hunter"));
    assert_eq!(
        changes(&dangers),
        [
            "changed Deployment: replicas-zero image",
            "removed PersistentVolumeClaim: data-pruned"
        ]
    );
    let only = diff(folder.path(), &["--only", "secret", "--format", "json"]);
    assert_eq!(changes(&only), ["changed Secret: "]);
}

#[test]
fn revisions_and_folders() {
    let folder = repository();
    write(
        folder.path(),
        "apps/web.yaml",
        &APPS.replace("web:1", "web:2"),
    );
    commit(folder.path());
    let revisions = diff(folder.path(), &["HEAD~1", "HEAD", "--format", "json"]);
    assert_eq!(changes(&revisions), ["changed Deployment: image"]);

    let other = repository();
    let path = other.path().to_str().unwrap();
    let folders = diff(folder.path(), &[path, ".", "--format", "json"]);
    assert_eq!(changes(&folders), ["changed Deployment: image"]);

    let unknown = diff(folder.path(), &["nonsense"]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("nonsense"), "{}", unknown.stderr);
}

#[test]
fn two_clusters_of_a_tree() {
    let folder = repository();
    let run = diff(folder.path(), &["dev", "live"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let expected = "  DOMAIN: dev.example => live.example  (1 field in 1 object)";
    assert!(
        run.stdout.lines().any(|line| line.starts_with(expected)),
        "{}",
        run.stdout
    );
    // Only what applies the objects is written for each of them.
    let run = diff(folder.path(), &["dev", "live", "--format", "json"]);
    assert_eq!(changes(&run), ["changed Kustomization: "]);
    let all = diff(folder.path(), &["dev", "live", "--all", "--format", "json"]);
    assert_eq!(
        changes(&all),
        ["changed Deployment: ", "changed Kustomization: "]
    );
}

#[test]
fn a_comment_never_grows_beyond_its_limit() {
    let folder = repository();
    let mut many = String::new();
    for index in 0..200 {
        many.push_str(&format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{index}, namespace: shop}}\n\
             data: {{x: 'old ``` <b>{index}'}}\n---\n"
        ));
    }
    write(folder.path(), "apps/many.yaml", &many);
    commit(folder.path());
    write(folder.path(), "apps/many.yaml", &many.replace("old", "new"));
    let run = diff(folder.path(), &["--format", "markdown", "--limit", "5000"]);
    assert!(run.stdout.len() <= 5000, "{}", run.stdout.len());
    assert!(
        run.stdout
            .starts_with("### What Flux would change: `HEAD` to `the work tree`")
    );
    assert!(run.stdout.contains("**200 changed**"));
    assert!(
        run.stdout.contains("````diff"),
        "a fence is longer than those in the text"
    );
    assert!(
        run.stdout
            .trim_end()
            .ends_with("more: `tidegate diff` shows them all")
    );
    let whole = diff(folder.path(), &["--format", "markdown"]);
    assert!(
        whole.stdout.matches("<details>").count() == 200,
        "{}",
        whole.stdout.len()
    );
}

#[test]
fn what_fails_on_one_side_is_told() {
    let folder = repository();
    fs::write(
        folder.path().join("apps/kustomization.yaml"),
        "resources: [absent.yaml]\n",
    )
    .unwrap();
    let run = diff(folder.path(), &[]);
    assert!(
        run.stdout
            .contains("not compared: Kustomization flux-system/apps"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("no object changes"), "{}", run.stdout);
}

#[test]
fn what_one_cluster_alone_has_is_only_named() {
    let cluster = |name: &str, more: &str| {
        let apps = FLUX.replace(
            "substitute: {DOMAIN: live.example}",
            "substituteFrom: [{kind: ConfigMap, name: vars}]",
        );
        let kustomization = format!(
            "resources: [apps.yaml{more}]\n\
             configMapGenerator: [{{name: vars, namespace: flux-system, envs: [vars.env]}}]\n\
             generatorOptions: {{disableNameSuffixHash: true}}\n"
        );
        [
            (format!("clusters/{name}/kustomization.yaml"), kustomization),
            (format!("clusters/{name}/apps.yaml"), apps),
        ]
    };
    let mut files: Vec<(String, String)> = Vec::new();
    files.extend(cluster("dev", ""));
    files.extend(cluster("live", ", more.yaml"));
    let vars = "DOMAIN=dev.example\nHOSTS=[\"a\",\"b\"]\nNAME=dev\n";
    files.push(("clusters/dev/vars.env".to_owned(), vars.to_owned()));
    let vars = "DOMAIN=live.example\nHOSTS=[\"c\"]\nNAME=live\nPRIZE=1\n";
    files.push(("clusters/live/vars.env".to_owned(), vars.to_owned()));
    let more = FLUX
        .replace("name: apps, ", "name: more, ")
        .replace("./apps", "./more");
    files.push(("clusters/live/more.yaml".to_owned(), more));
    let inner =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inner, namespace: shop}\ndata: {a: b}\n";
    files.push(("more/inner.yaml".to_owned(), inner.to_owned()));
    let objects = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: thing, namespace: shop}\n\
        spec:\n  hosts: ${HOSTS}\n  both: ${NAME}.${DOMAIN}\n";
    files.push(("apps/thing.yaml".to_owned(), objects.to_owned()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let folder = tree(&files);
    let run = diff(folder.path(), &["dev", "live"]);
    assert_eq!(
        run.stdout,
        "Only in live\n  \
           1 Kustomization, with what they apply (1): flux-system/more\n\n\
         Variables\n  \
           only in live: PRIZE\n  \
           HOSTS: [\"a\",\"b\"] => [\"c\"]  (2 fields in 1 object)\n  \
           DOMAIN: dev.example => live.example  (1 field in 1 object)\n  \
           NAME: dev => live  (1 field in 1 object)\n\n\
         dev => live: 2 added, 4 differences from variables alone\n",
        "{}",
        run.stderr
    );
}
