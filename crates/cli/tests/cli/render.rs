use std::fs;

use serde_json::Value;

use super::{Run, names, tidegate, tree};

const TREE: &[(&str, &str)] = &[
    (
        "clusters/live/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps/overlay
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  namePrefix: live-
  postBuild:
    substituteFrom:
      - kind: ConfigMap
        name: settings
      - kind: Secret
        name: login
",
    ),
    (
        "clusters/live/settings.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: flux-system}
data: {region: eu}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: flux-system}
stringData: {password: hunter2}
",
    ),
    (
        "apps/overlay/kustomization.yaml",
        "resources:
  - ../base
patches:
  - path: patch.yaml
",
    ),
    (
        "apps/overlay/patch.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: shop
data:
  level: debug
",
    ),
    ("apps/base/kustomization.yaml", "resources: [web.yaml]\n"),
    (
        "apps/base/web.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: shop
data:
  level: info
  region: ${region}
  url: https://me:${password}@shop.example
  script: |
    echo one
    echo two
",
    ),
];

const WEB: &str = "apiVersion: v1
data:
  level: debug
  region: eu
  script: |
    echo one
    echo two
  url: <redacted>
kind: ConfigMap
metadata:
  name: live-web
  namespace: shop
";

fn run(args: &[&str]) -> Run {
    tidegate(tree(TREE).path(), &[&["render"], args].concat())
}

/// Runs `render` in the tree above; the output must be equal.
fn check(args: &[&str], stdout: &str) {
    let run = run(args);
    assert_eq!(run.stdout, stdout, "{args:?}: {}", run.stderr);
    assert_eq!(run.status, Some(0), "{args:?}: {}", run.stderr);
}

/// Runs `render` in the tree above; it must fail with this status, print nothing, and say this.
fn refuse(args: &[&str], status: i32, stderr: &str) {
    let run = run(args);
    assert_eq!(run.stdout, "", "{args:?}");
    assert!(run.stderr.contains(stderr), "{args:?}: {}", run.stderr);
    assert_eq!(run.status, Some(status), "{args:?}: {}", run.stderr);
}

#[test]
fn objects_are_selected_by_kustomization_kind_and_name() {
    check(&["live", "--kustomization", "apps"], WEB);
    check(&["--kustomization", "flux-system/apps", "--quiet"], WEB);
    check(&["--only", "configmap/shop/live-web"], WEB);
    check(&["--only", "ConfigMap/live-web"], WEB);
    let all = run(&[]);
    assert_eq!(all.stdout.matches("---\n").count(), 3);
    assert!(
        all.stdout.ends_with(&format!("---\n{WEB}")),
        "{}",
        all.stdout
    );
    assert_eq!(
        all.stderr,
        "Rendered 4 objects of 2 Kustomizations in live\n"
    );
}

#[test]
fn what_is_not_there_is_told_with_what_was_meant() {
    refuse(
        &["lve"],
        2,
        "error: there is no cluster lve\nhelp: did you mean live?\n",
    );
    refuse(
        &["--kustomization", "aps"],
        2,
        "error: there is no Kustomization aps in live\nhelp: did you mean apps?\n",
    );
    refuse(
        &["--only", "configmap/live-wbe"],
        2,
        "error: there is no configmap/live-wbe in live\nhelp: did you mean ConfigMap/live-web?\n",
    );
    refuse(&["--only", "a/b/c/d"], 2, "KIND/NAMESPACE/NAME");
    let several = tree(&[TREE, &[("clusters/dev/a.yaml", TREE[3].1)]].concat());
    let run = tidegate(several.path(), &["render"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains("several clusters: dev, live"),
        "{}",
        run.stderr
    );
}

#[test]
fn secret_values_are_shown_only_when_asked_for() {
    for args in [&[][..], &["--format", "json"], &["--trail"]] {
        let run = run(args);
        assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
        assert!(run.stdout.contains("redacted"), "{}", run.stdout);
    }
    let shown = run(&["--show-secrets"]);
    assert!(shown.stdout.contains("password: hunter2"));
    assert!(
        shown
            .stdout
            .contains("url: https://me:hunter2@shop.example")
    );
}

#[test]
fn the_trail_tells_where_each_field_is_from() {
    check(
        &["--trail", "--kustomization", "apps"],
        "# apps/base/web.yaml
#   a  apps/overlay/patch.yaml
#   b  apps/overlay/kustomization.yaml
#   c  clusters/live/settings.yaml
#   d  clusters/live/apps.yaml
# via flux-system/flux-system > flux-system/apps
apiVersion: v1     # a:1, patch b:4
data:
  level: debug     # a:7, patch b:4
  region: eu       # c:4, substitution :8
  script: |        # :10
    echo one
    echo two
  url: <redacted>  # :9, substitution c:9
kind: ConfigMap    # :2
metadata:
  name: live-web   # :4, namePrefix d:12
  namespace: shop  # :5
",
    );
}

#[test]
fn json_has_the_origin_of_every_leaf() {
    let run = run(&["--format", "json", "--kustomization", "apps"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["cluster"], "live");
    let object = &json["objects"][0];
    assert_eq!(object["kustomization"], "flux-system/apps");
    assert_eq!(object["folder"], "apps/overlay");
    assert_eq!(object["object"]["data"]["level"], "debug");
    let origins = object["origins"].as_array().unwrap();
    let level = origins
        .iter()
        .find(|one| one["pointer"] == "/data/level")
        .unwrap();
    assert_eq!(level["path"], "apps/overlay/patch.yaml");
    assert_eq!((&level["line"], &level["column"]), (&7.into(), &10.into()));
    assert_eq!(level["steps"][0]["what"], "patch");
    assert_eq!(level["steps"][0]["path"], "apps/overlay/kustomization.yaml");
}

#[test]
fn a_folder_gets_a_file_for_each_object() {
    let tree = tree(TREE);
    let run = tidegate(tree.path(), &["render", "-o", "out/live"]);
    assert_eq!(
        (run.stdout.as_str(), run.status),
        ("", Some(0)),
        "{}",
        run.stderr
    );
    let folder = tree.path().join("out/live/flux-system");
    assert_eq!(names(&folder), ["apps", "flux-system"]);
    let file = folder.join("apps/configmap.v1_shop_live-web.yaml");
    assert_eq!(fs::read_to_string(file).unwrap(), WEB);
    assert_eq!(
        names(&folder.join("flux-system")),
        [
            "configmap.v1_flux-system_settings.yaml",
            "kustomization.v1.kustomize.toolkit.fluxcd.io_flux-system_apps.yaml",
            "secret.v1_flux-system_login.yaml"
        ]
    );
}

#[test]
fn what_fails_is_told_and_the_rest_is_printed() {
    let broken = tree(
        &[
            TREE,
            &[("apps/base/kustomization.yaml", "resources: [gone.yaml]\n")],
        ]
        .concat(),
    );
    let run = tidegate(broken.path(), &["render"]);
    assert_eq!(run.status, Some(1));
    assert!(run.stderr.contains("KUS001"), "{}", run.stderr);
    assert_eq!(run.stdout.matches("---\n").count(), 2, "{}", run.stdout);
    let run = tidegate(
        broken.path(),
        &["render", "--kustomization", "flux-system/flux-system"],
    );
    assert_eq!(run.status, Some(0), "{}", run.stderr);
}

#[test]
fn no_file_is_named_by_a_secret_value() {
    let named = TREE[TREE.len() - 1]
        .1
        .replace("name: web", "name: web-${password}");
    let mut files = TREE.to_vec();
    files.retain(|(path, _)| *path != "apps/base/web.yaml");
    files.retain(|(path, _)| !path.starts_with("apps/overlay/"));
    let overlay = "resources: [../base]\n";
    files.push(("apps/overlay/kustomization.yaml", overlay));
    files.push(("apps/base/web.yaml", &named));
    let tree = tree(&files);
    for (args, expected) in [
        (
            &["-o", "out"][..],
            "configmap.v1_shop_live-web-__password_.yaml",
        ),
        (
            &["-o", "shown", "--show-secrets"],
            "configmap.v1_shop_live-web-hunter2.yaml",
        ),
    ] {
        let run = tidegate(tree.path(), &[&["render"], args].concat());
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let folder = tree.path().join(args[1]).join("flux-system/apps");
        assert_eq!(names(&folder), [expected]);
    }
    let child = TREE[0].1.replace("name: apps", "name: child-${password}");
    files.push((
        "apps/base/kustomization.yaml",
        "resources: [web.yaml, child.yaml]\n",
    ));
    files.push(("apps/base/child.yaml", &child));
    let tree = super::tree(&files);
    for args in [&["--format", "json"][..], &["--trail"]] {
        let run = tidegate(tree.path(), &[&["render"], args].concat());
        assert!(
            run.stdout.contains("flux-system/live-child-${password}"),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
    }
}

#[test]
fn objects_as_they_go_into_the_apply() {
    let tree = tree(TREE);
    let run = tidegate(
        tree.path(),
        &["render", "live", "--as-applied", "-q", "--only", "secret"],
    );
    assert_eq!(
        run.stdout,
        "apiVersion: v1\ndata:\n  password: <redacted>\nkind: Secret\nmetadata:\n  \
         creationTimestamp: null\n  labels:\n    kustomize.toolkit.fluxcd.io/name: flux-system\n    \
         kustomize.toolkit.fluxcd.io/namespace: flux-system\n  name: login\n  namespace: flux-system\n",
    );
}
