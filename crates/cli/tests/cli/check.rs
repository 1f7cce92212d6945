use std::path::Path;

use super::{Run, repository, tidegate, tree};

const FLUX: &str = "kustomize.toolkit.fluxcd.io/v1";

/// A Flux Kustomization of the tree's own source.
fn flux_kustomization(name: &str, path: &str) -> String {
    format!(
        "apiVersion: {FLUX}\nkind: Kustomization\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\nspec:\n  path: {path}\n  sourceRef:\n    \
         kind: GitRepository\n    name: flux-system\n  interval: 1h\n  prune: true\n"
    )
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

/// Checks a tree with one cluster, whose `apps.yaml` names `path`.
fn check_path(path: &str) -> Run {
    let tree = tree(&[
        ("clusters/dev/apps.yaml", &flux_kustomization("apps", path)),
        ("apps/dev/a.yaml", CONFIG_MAP),
    ]);
    tidegate(tree.path(), &["check", "--format", "concise"])
}

#[test]
fn a_sound_tree_is_clean() {
    let run = check_path("./apps/dev");
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert!(
        run.stderr
            .starts_with("Checked 1 cluster: 2 kustomizations with 2 objects from 2 files"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_root_of_the_artifact_may_lie_above_what_is_checked() {
    let tree = tree(&[
        (
            "top/k8s/clusters/dev/apps.yaml",
            &flux_kustomization("apps", "./k8s/apps"),
        ),
        ("top/k8s/apps/a.yaml", CONFIG_MAP),
    ]);
    for (folder, path) in [
        ("", "top"),
        ("top", "."),
        ("top/k8s", "."),
        ("top/k8s/apps", ".."),
    ] {
        let run = tidegate(&tree.path().join(folder), &["check", path]);
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{folder}");
        assert!(run.stderr.contains("2 kustomizations"), "{}", run.stderr);
    }
}

#[test]
fn a_missing_path_is_reported_where_it_is_written() {
    let run = check_path("./apps/dve");
    assert_eq!(run.status, Some(1));
    let place = "clusters/dev/apps.yaml:7:9: error[FLX001]";
    assert!(run.stdout.starts_with(place), "{}", run.stdout);
    let run = check_path("./apps/dev/a.yaml");
    assert!(run.stdout.contains("is not a folder"), "{}", run.stdout);
    let run = check_path("../../apps/dev");
    assert_eq!(
        run.status,
        Some(0),
        "Flux stays at the root: {}",
        run.stdout
    );
    assert!(run.stdout.contains("warning[FLX002]"), "{}", run.stdout);
}

#[test]
fn the_exit_status_follows_fail_on() {
    let tree = tree(&[
        (
            "clusters/dev/apps.yaml",
            &flux_kustomization("apps", "../apps"),
        ),
        ("apps/a.yaml", CONFIG_MAP),
    ]);
    let status = |level: &str| tidegate(tree.path(), &["check", "--fail-on", level]).status;
    assert_eq!(status("error"), Some(0));
    assert_eq!(status("warning"), Some(1));
    assert_eq!(status("info"), Some(1));
    assert_eq!(status("never"), Some(0));
}

#[test]
fn quiet_prints_findings_alone_and_formats_differ() {
    let tree = tree(&[(
        "clusters/dev/apps.yaml",
        &flux_kustomization("apps", "absent"),
    )]);
    let run = |args: &[&str]| tidegate(tree.path(), &[&["check"], args].concat());
    let quiet = run(&["--quiet"]);
    assert_eq!((quiet.status, quiet.stderr.as_str()), (Some(1), ""));
    assert!(quiet.stdout.contains("FLX001"));
    assert!(!quiet.stdout.contains('\u{1b}'));
    let colored = run(&["--color", "always"]);
    assert!(colored.stdout.contains('\u{1b}'));
    let json = run(&["--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["findings"][0]["code"], "FLX001");
    assert_eq!(json.stderr, "");
    let github = run(&["--format", "github"]);
    assert!(github.stdout.starts_with("::error "), "{}", github.stdout);
}

#[test]
fn a_broken_entry_does_not_hide_what_lies_behind_it() {
    let tree = tree(&[
        (
            "clusters/dev/kustomization.yaml",
            "resources: [apps.yaml, absent.yaml]\n",
        ),
        (
            "clusters/dev/apps.yaml",
            &flux_kustomization("apps", "apps"),
        ),
        ("apps/kustomization.yaml", "resources: [gone.yaml]\n"),
    ]);
    let run = tidegate(tree.path(), &["check", "--format", "concise"]);
    assert!(run.stdout.contains("absent.yaml"), "{}", run.stdout);
    assert!(run.stdout.contains("gone.yaml"), "{}", run.stdout);
}

#[test]
fn a_finding_of_two_clusters_is_one() {
    let apps = flux_kustomization("apps", "apps");
    let tree = tree(&[
        ("clusters/dev/apps.yaml", &apps),
        ("clusters/live/apps.yaml", &apps),
        ("apps/kustomization.yaml", "resources: [gone.yaml]\n"),
    ]);
    let run = tidegate(tree.path(), &["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["clusters"], serde_json::json!(["dev", "live"]));
}

#[test]
fn a_tree_without_clusters_is_checked_too() {
    let tree = tree(&[
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("base/a.yaml", CONFIG_MAP),
        (
            "part/kustomization.yaml",
            "kind: Component\npatches: [{path: absent.yaml}]\n",
        ),
        ("live/kustomization.yaml", "resources: [../base]\n"),
    ]);
    let run = tidegate(tree.path(), &["check"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stderr.contains("--cluster"), "{}", run.stderr);
    assert!(
        run.stderr.contains("1 kustomization with 1 object"),
        "{}",
        run.stderr
    );
}

#[test]
fn named_clusters_are_taken_in_place_of_found_ones() {
    let tree = tree(&[
        ("clusters/dev/a.yaml", CONFIG_MAP),
        ("flux/live/a.yaml", &flux_kustomization("apps", "absent")),
    ]);
    let args = ["check", "--cluster", "live=flux/live", "--format", "json"];
    let run = tidegate(tree.path(), &args);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        document["findings"][0]["clusters"],
        serde_json::json!(["live"])
    );
}

#[test]
#[cfg(unix)]
fn links_are_absent_as_in_an_artifact() {
    let tree = tree(&[
        (
            "clusters/dev/kustomization.yaml",
            "resources: [link.yaml]\n",
        ),
        ("a.yaml", CONFIG_MAP),
    ]);
    let link = tree.path().join("clusters/dev/link.yaml");
    std::os::unix::fs::symlink("../../a.yaml", link).unwrap();
    let run = tidegate(tree.path(), &["check", "--format", "concise"]);
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("symbolic link"), "{}", run.stdout);
}

#[test]
fn what_flux_does_not_pack_is_absent_too() {
    let files = [
        (
            "clusters/dev/kustomization.yaml",
            "resources: [docs/a.yaml]\n",
        ),
        ("clusters/dev/docs/a.yaml", CONFIG_MAP),
        (".sourceignore", "# not for Flux\ndocs/\n"),
    ];
    let run = tidegate(tree(&files).path(), &["check", "--format", "concise"]);
    assert_eq!(run.status, Some(1));
    let expected = "`docs/a.yaml` is left out of the artifact by `docs/` in .sourceignore:2";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert!(run.stdout.contains("KUS027"), "{}", run.stdout);

    let files = [
        ("clusters/dev/kustomization.yaml", "resources: []\n"),
        ("clusters/dev/a.yaml", CONFIG_MAP),
        (".sourceignore", "kustomization.yaml\n"),
    ];
    let run = tidegate(tree(&files).path(), &["check", "--format", "concise"]);
    assert_eq!(run.status, Some(0));
    assert!(run.stdout.contains("warning[KUS027]"), "{}", run.stdout);
}

#[test]
fn rules_of_the_source_hold_below_the_folder_that_is_packed() {
    let flux = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
                metadata: {name: flux-system, namespace: flux-system}\n\
                spec:\n  ignore: |\n    /apps/docs\n---\n\
                apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                metadata: {name: apps, namespace: flux-system}\n\
                spec: {path: ./apps, sourceRef: {kind: OCIRepository, name: flux-system}}\n";
    let files = [
        ("k8s/clusters/dev/flux.yaml", flux),
        (
            "k8s/apps/kustomization.yaml",
            "resources: [docs/a.yaml, b.yaml]\n",
        ),
        ("k8s/apps/docs/a.yaml", CONFIG_MAP),
        ("k8s/apps/b.yaml", &CONFIG_MAP.replace("name: a", "name: b")),
        // Above the folder that is packed.
        (".sourceignore", "b.yaml\n"),
    ];
    let tree = tree(&files);
    std::fs::create_dir(tree.path().join(".git")).unwrap();
    let run = tidegate(tree.path(), &["check", "--format", "concise"]);
    let found: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.contains("KUS027"))
        .collect();
    assert_eq!(found.len(), 1, "{}", run.stdout);
    let expected = "`docs/a.yaml` is left out of the artifact by `/apps/docs` in `spec.ignore` of \
                    OCIRepository flux-system/flux-system";
    assert!(found[0].contains(expected), "{}", found[0]);
}

#[test]
fn one_thread_and_many_print_the_same() {
    let platform = repository().join("examples/platform");
    let run = |threads: &str| {
        let args = ["check", "--format", "json", "--threads", threads];
        let run = tidegate(&platform, &args);
        (run.status, run.stdout)
    };
    let one = run("1");
    for _ in 0..3 {
        assert_eq!(run("8"), one);
    }
}

#[test]
fn the_example_is_clean() {
    let run = tidegate(&repository(), &["check", "examples/platform"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert!(run.stderr.contains("Checked 3 clusters"), "{}", run.stderr);
}

/// Public trees, where they are at hand: `TIDEGATE_CORPORA` names the folder that holds them.
mod corpora {
    use super::*;

    fn check(corpus: &str, expected: &[&str]) {
        let Some(corpora) = std::env::var_os("TIDEGATE_CORPORA") else {
            return;
        };
        let run = tidegate(
            &Path::new(&corpora).join(corpus),
            &["check", "--format", "concise", "--fail-on", "never"],
        );
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let errors: Vec<&str> = run
            .stdout
            .lines()
            .filter(|line| line.contains(": error["))
            .collect();
        assert_eq!(errors.len(), expected.len(), "{errors:#?}");
        for (error, expected) in errors.iter().zip(expected) {
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn homelab_lacks_variables_and_inputs_of_integration() {
        check(
            "homelab",
            &[
                "kubernetes/clusters/integration/helm-charts.yaml:17:11: error[FLX051]",
                "kubernetes/clusters/integration/kustomization.yaml:17:9: error[KUS001]",
            ],
        );
    }

    /// An API server of 1.35 with the CRDs of Flux 2.9 refuses these too.
    #[test]
    fn onedr0p_is_ahead_of_the_versions_that_are_assumed() {
        check(
            "onedr0p-home-ops",
            &[
                "kubernetes/apps/o11y/grafana-operator/instance/mutatingadmissionpolicy.yaml:3:13: error[SCH011]",
                "kubernetes/apps/o11y/grafana-operator/instance/mutatingadmissionpolicy.yaml:11:13: error[SCH011]",
                "kubernetes/components/alerts/alertmanager/alert.yaml:12:13: error[SCH005]",
                "kubernetes/components/zeroscaler/horizontalpodautoscaler.yaml:7:16: error[SCH006]",
            ],
        );
    }

    const REMOVED_IN_LINKERD: [&str; 26] = [
        "apps/backend/podinfo-sync.yaml:1:13: error[API001]",
        "apps/backend/podinfo-sync.yaml:15:13: error[API001]",
        "apps/frontend/podinfo-sync.yaml:1:13: error[API001]",
        "apps/frontend/podinfo-sync.yaml:15:13: error[API001]",
        "clusters/my-cluster/apps.yaml:2:13: error[API001]",
        "clusters/my-cluster/infrastructure.yaml:2:13: error[API001]",
        "clusters/my-cluster/infrastructure.yaml:18:13: error[API001]",
        "clusters/my-cluster/infrastructure.yaml:36:13: error[API001]",
        "clusters/my-cluster/infrastructure.yaml:54:13: error[API001]",
        "clusters/my-cluster/infrastructure.yaml:72:13: error[API001]",
        "infrastructure/cert-manager/release.yaml:2:13: error[API001]",
        "infrastructure/cert-manager/repository.yaml:2:13: error[API001]",
        "infrastructure/flagger/loadtester.yaml:1:13: error[API001]",
        "infrastructure/flagger/loadtester.yaml:11:13: error[API001]",
        "infrastructure/flagger/release.yaml:1:13: error[API001]",
        "infrastructure/flagger/repository.yaml:1:13: error[API001]",
        "infrastructure/ingress-nginx/release.yaml:2:13: error[API001]",
        "infrastructure/ingress-nginx/repository.yaml:1:13: error[API001]",
        "infrastructure/linkerd/linkerd-control-plane.yaml:1:13: error[API001]",
        "infrastructure/linkerd/linkerd-crds.yaml:1:13: error[API001]",
        "infrastructure/linkerd/linkerd-smi.yaml:1:13: error[API001]",
        "infrastructure/linkerd/linkerd-viz.yaml:1:13: error[API001]",
        "infrastructure/linkerd/repositories.yaml:2:13: error[API001]",
        "infrastructure/linkerd/repositories.yaml:11:13: error[API001]",
        "infrastructure/weave-gitops/release.yaml:1:13: error[API001]",
        "infrastructure/weave-gitops/repository.yaml:2:13: error[API001]",
    ];

    /// They are of versions that Flux has removed, and nothing else is wrong.
    #[test]
    fn old_trees_have_removed_versions() {
        check(
            "flux2-multi-tenancy",
            &["infrastructure/kyverno/source.yaml:1:13: error[API001]"],
        );
        check("gitops-linkerd", &REMOVED_IN_LINKERD);
    }

    #[test]
    fn the_other_trees_have_no_error() {
        check("flux2-kustomize-helm-example", &[]);
    }
}

#[test]
fn no_output_repeats_a_value_that_a_secret_feeds() {
    let entry = flux_kustomization("apps", "./apps")
        + "  postBuild: {substituteFrom: [{kind: Secret, name: numbers}]}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: numbers, namespace: flux-system}\n\
                  stringData: {num: '4242424'}\n";
    let gone = flux_kustomization("k-${num}", "./gone-${num}")
        + "  dependsOn:\n    - name: absent-${num}\n";
    let outside =
        flux_kustomization("far-${num}", "./x").replace("name: flux-system\n", "name: far\n");
    let tree = tree(&[
        ("clusters/dev/apps.yaml", &entry),
        ("clusters/dev/secret.yaml", secret),
        ("apps/gone.yaml", &gone),
        ("apps/outside.yaml", &outside),
        (
            "apps/deep.yaml",
            &flux_kustomization("deep-${num}", "./deep"),
        ),
        ("deep/a.yaml", &flux_kustomization("last", "./nowhere")),
    ]);
    for format in ["human", "concise", "json", "github"] {
        let run = tidegate(tree.path(), &["check", "--format", format]);
        let all = run.stdout + &run.stderr;
        assert!(!all.contains("4242424"), "{format}: {all}");
        assert!(all.contains("k-${num}"), "{format}: {all}");
        if format == "json" {
            for text in [
                "Kustomization flux-system/far-${num} from",
                "`./gone-${num}`",
                "absent-${num}",
                "Kustomization flux-system/deep-${num}",
            ] {
                assert!(all.contains(text), "{text}: {all}");
            }
        }
    }
}
