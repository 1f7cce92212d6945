use std::fs;

use super::{tidegate, tree};

const CRON_JOB: &str = "# Cleans up.\r\napiVersion: batch/v1beta1 # old\r\nkind: CronJob\r\n\
                        metadata: {name: a, namespace: shop}\r\nspec:\r\n  schedule: 0 3 * * *\r\n  \
                        jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: \
                        [{name: a, image: b}]}}}}\r\n";

#[test]
fn versions_are_written_anew_and_nothing_else_is() {
    let tree = tree(&[("clusters/live/a.yaml", CRON_JOB)]);
    let file = tree.path().join("clusters/live/a.yaml");
    let dry = tidegate(
        tree.path(),
        &["check", "--fix", "--dry-run", "--format", "concise"],
    );
    assert_eq!(dry.status, Some(1), "{}", dry.stdout);
    let line = "clusters/live/a.yaml:2: batch/v1beta1 -> batch/v1\n";
    assert!(
        dry.stderr.starts_with(&format!("Would fix {line}")),
        "{}",
        dry.stderr
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), CRON_JOB);

    let run = tidegate(tree.path(), &["check", "--fix", "--format", "concise"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert!(
        run.stderr.starts_with(&format!("Fixed {line}")),
        "{}",
        run.stderr
    );
    let fixed = CRON_JOB.replace("batch/v1beta1", "batch/v1");
    assert_eq!(fs::read_to_string(&file).unwrap(), fixed);
}

fn named(name: &str) -> String {
    CRON_JOB.replace("name: a, namespace", &format!("name: {name}, namespace"))
}

#[test]
fn what_a_patch_names_is_left_alone() {
    let tree = tree(&[
        (
            "clusters/live/kustomization.yaml",
            "resources: [a.yaml, b.yaml, c.yaml]\npatches:\n  - path: patch.yaml\n  \
             - target: {group: batch, version: v1beta1, kind: CronJob, name: c}\n    \
             patch: '- {op: replace, path: /spec/schedule, value: 0 4 * * *}'\n",
        ),
        ("clusters/live/a.yaml", CRON_JOB),
        ("clusters/live/b.yaml", &named("b")),
        ("clusters/live/c.yaml", &named("c")),
        (
            "clusters/live/patch.yaml",
            "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a, namespace: shop}\n\
             spec: {schedule: 0 4 * * *}\n",
        ),
    ]);
    let run = tidegate(tree.path(), &["check", "--fix", "--format", "concise"]);
    // That of `a` is written in the patch too.
    let expected = "Fixed clusters/live/b.yaml:2: batch/v1beta1 -> batch/v1\nNot fixed, as something else \
                    would break: clusters/live/c.yaml:2: batch/v1beta1 -> batch/v1\n";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    let read =
        |name: &str| fs::read_to_string(tree.path().join("clusters/live").join(name)).unwrap();
    assert_eq!(read("a.yaml"), CRON_JOB);
    assert_eq!(read("c.yaml"), named("c"));
    assert!(read("b.yaml").contains("apiVersion: batch/v1 #"));
}

#[test]
fn an_upgrade_can_be_looked_ahead_at() {
    let flow = "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\n\
                metadata: {name: a}\nspec: {priorityLevelConfiguration: {name: b}}\n";
    let tree = tree(&[
        ("clusters/live/a.yaml", flow),
        ("tidegate.toml", "[clusters.live]\nkubernetes = \"1.31\"\n"),
    ]);
    let run = |args: &[&str]| {
        let args: Vec<&str> = ["check", "--format", "concise"]
            .iter()
            .chain(args)
            .copied()
            .collect();
        tidegate(tree.path(), &args).stdout
    };
    assert!(run(&["--kubernetes-version", "1.32"]).contains("error[API001]"));
    let now = run(&[]);
    assert!(
        now.contains("warning[API002]") && now.contains("goes in Kubernetes 1.32"),
        "{now}"
    );
}
