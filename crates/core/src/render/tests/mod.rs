//! Whole clusters, rendered.

mod resource_sets;

use std::num::NonZeroUsize;
use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Emitted, emit_go_yaml2};

use super::{ClusterRender, Outcome, Redactor, TreeRender, render_tree};
use crate::CheckOptions;
use crate::config::Config;

fn render(files: &[(&str, String)], threads: usize) -> TreeRender {
    let system = files
        .iter()
        .fold(MemorySystem::new(), |system, (path, text)| {
            system.with(path, text)
        });
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let options = options(Config::default(), threads);
    render_tree(&sources, &options, &|_, _| {}).unwrap()
}

fn options(config: Config, threads: usize) -> CheckOptions {
    CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config,
        schemas: Default::default(),
        charts: Arc::new(crate::release::NoCharts),
        threads: NonZeroUsize::new(threads).unwrap(),
    }
}

/// A line for each Kustomization: its name, then what it renders as `kind name=value`, or why it
/// renders nothing.
fn lines(render: &ClusterRender) -> Vec<String> {
    let applied = render.applied.iter().map(|applied| {
        let name = match applied.by.subject() {
            Some(one) => one.name.as_str(),
            None => "entry",
        };
        let unknown = if applied.unknown_variables {
            " (unknown)"
        } else {
            ""
        };
        let what = match &applied.outcome {
            Outcome::Objects(objects) => {
                let objects = objects.iter().map(|object| {
                    let value = object.node.at(&["data", "value"]);
                    let value = value.and_then(|value| value.text());
                    let value = value.map_or(String::new(), |value| format!("={value}"));
                    format!("{} {}{value}", object.kind(), object.name())
                });
                objects.collect::<Vec<_>>().join(", ")
            }
            Outcome::Failed(stage) => format!("fails at {stage}"),
            Outcome::NotRendered(reason) => format!("not rendered: {}", reason.as_str()),
        };
        format!("{name}{unknown}: {what}")
    });
    applied.collect()
}

/// Renders the only cluster of a tree.
fn check(files: &[(&str, String)], expected: &[&str]) -> TreeRender {
    let tree = render(files, 1);
    assert_eq!(lines(&tree.renders[0]), expected, "{:#?}", tree.findings);
    tree
}

fn codes(tree: &TreeRender) -> Vec<&str> {
    tree.findings.iter().map(|one| one.code.as_str()).collect()
}

/// A provider of inputs that asks a service for them.
const PROVIDER: &str = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
                        metadata: {name: p}\nspec: {type: GitHubBranch}\n";

fn config_map(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         data: {{value: \"{value}\"}}\n"
    )
}

fn flux(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: \
         \"{name}\", namespace: flux-system}}\nspec:\n  path: {path}\n  sourceRef: {{kind: \
         GitRepository, name: flux-system}}\n{more}"
    )
}

/// `postBuild` that takes variables from ConfigMaps.
fn from(names: &[&str]) -> String {
    let mut text = "  postBuild:\n    substituteFrom:\n".to_owned();
    for name in names {
        text += &format!("      - {{kind: ConfigMap, name: {name}}}\n");
    }
    text
}

#[test]
fn variables_come_from_what_any_kustomization_renders_however_late() {
    check(
        &[
            ("clusters/live/a.yaml", flux("a", "a", &from(&["second"]))),
            ("clusters/live/b.yaml", flux("b", "b", &from(&["first"]))),
            ("clusters/live/c.yaml", flux("c", "c", "")),
            ("a/a.yaml", config_map("result", "${value}!")),
            ("b/b.yaml", config_map("second", "${value}?")),
            ("c/c.yaml", config_map("first", "x")),
        ],
        &[
            "entry: Kustomization a, Kustomization b, Kustomization c",
            "a: ConfigMap result=x?!",
            "b: ConfigMap second=x?",
            "c: ConfigMap first=x",
        ],
    );
}

#[test]
fn what_a_parent_puts_in_decides_where_its_children_lead() {
    let child =
        flux("child-${value}", "\"./${value}\"", "").replace("GitRepository", "\"${kind}\"");
    check(
        &[
            ("clusters/live/map.yaml", config_map("settings", "deep")),
            (
                "clusters/live/apps.yaml",
                flux("apps", "apps", &from(&["settings"])) + "    substitute: {kind: Bucket}\n",
            ),
            ("apps/child.yaml", child),
            ("deep/a.yaml", config_map("a", "1")),
        ],
        &[
            "entry: Kustomization apps, ConfigMap settings=deep",
            "apps: Kustomization child-deep",
            "child-deep: ConfigMap a=1",
        ],
    );
}

#[test]
fn a_definition_that_changes_takes_its_readers_and_their_children_with_it() {
    let optional = "  postBuild:\n    substitute: {value: before}\n    substituteFrom:\n      - \
                    {kind: ConfigMap, name: late, optional: true}\n";
    let overridden = optional.replace("    substitute: {value: before}\n", "");
    let reader = flux(
        "reader",
        "reader",
        &format!("{overridden}    substitute: {{}}\n"),
    );
    check(
        &[
            ("clusters/live/a.yaml", reader),
            (
                "clusters/live/b.yaml",
                flux("maker", "maker", &from(&["absent", "late"])),
            ),
            (
                "reader/child.yaml",
                flux("to-${value:=nowhere}", "${value:=nowhere}", ""),
            ),
            ("maker/late.yaml", config_map("late", "there")),
            ("nowhere/a.yaml", config_map("a", "1")),
            ("there/b.yaml", config_map("b", "2")),
        ],
        &[
            "entry: Kustomization reader, Kustomization maker",
            "reader: Kustomization to-there",
            "to-there: ConfigMap b=2",
            "maker: fails at substitute",
        ],
    );
}

#[test]
fn what_is_not_expanded_may_provide_what_is_missing() {
    let files = |more: String| {
        [
            ("clusters/live/a.yaml", flux("a", "a", &from(&["absent"]))),
            ("clusters/live/z.yaml", more),
            ("a/a.yaml", config_map("a", "${value}")),
        ]
    };
    let missing = check(
        &files(config_map("other", "1")),
        &[
            "entry: Kustomization a, ConfigMap other=1",
            "a: fails at substitute",
        ],
    );
    assert_eq!(codes(&missing), ["SUB002"]);
    // What a chart makes is in the namespace of its release and called after it.
    let release = |namespace: &str, name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
             metadata: {{name: {name}, namespace: {namespace}}}\n"
        )
    };
    let unknown = "a (unknown): ConfigMap a=${value}";
    let fails = "a: fails at substitute";
    let chart = check(
        &files(release("flux-system", "absent")),
        &[
            "entry: Kustomization a, HelmRelease absent",
            unknown,
            "absent: not rendered: Helm chart",
        ],
    );
    assert!(codes(&chart).is_empty(), "{:?}", chart.findings);
    for (namespace, name) in [("shop", "absent"), ("flux-system", "other")] {
        let entry = format!("entry: Kustomization a, HelmRelease {name}");
        let not_rendered = format!("{name}: not rendered: Helm chart");
        check(
            &files(release(namespace, name)),
            &[&entry, fails, &not_rendered],
        );
    }
    let set = |kind: &str| {
        format!(
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: r}}\n\
             spec: {{inputsFrom: [{{name: p}}], resourcesTemplate: 'kind: {kind}'}}\n---\n{PROVIDER}"
        )
    };
    let entry = "entry: Kustomization a, ResourceSet r, ResourceSetInputProvider p";
    let not_rendered = "r: not rendered: ResourceSet";
    check(&files(set("ConfigMap")), &[entry, unknown, not_rendered]);
    check(&files(set("Namespace")), &[entry, fails, not_rendered]);
}

#[test]
fn what_a_kustomization_applies_itself_comes_too_late_for_it() {
    let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: r}\n\
               spec: {inputsFrom: [{name: p}], resourcesTemplate: 'kind: ConfigMap'}\n---\n";
    let late = check(
        &[
            ("clusters/live/a.yaml", flux("a", "a", &from(&["absent"]))),
            ("a/a.yaml", config_map("a", "${value}")),
            ("a/set.yaml", set.to_owned() + PROVIDER),
        ],
        &[
            "entry: Kustomization a",
            "a: fails at substitute",
            "r: not rendered: ResourceSet",
        ],
    );
    assert_eq!(codes(&late), ["SUB002"]);
}

#[test]
fn a_kustomization_that_fails_is_looked_behind() {
    check(
        &[
            (
                "clusters/live/kustomization.yaml",
                "resources: [a.yaml, b.yaml]\n".to_owned(),
            ),
            (
                "clusters/live/a.yaml",
                flux("variables", "a", "  postBuild: {substitute: {x: y}}\n"),
            ),
            ("clusters/live/b.yaml", flux("build", "b", "")),
            (
                "a/child.yaml",
                flux("c", "c", "") + "  suspend: ${undefined}\n",
            ),
            (
                "b/kustomization.yaml",
                "resources: [child.yaml, gone.yaml]\n".to_owned(),
            ),
            ("b/child.yaml", flux("d", "c", "")),
            ("c/c.yaml", config_map("c", "1")),
        ],
        &[
            "entry: Kustomization variables, Kustomization build",
            "variables: fails at substitute",
            "c: ConfigMap c=1",
            "build: fails at build",
            "d: ConfigMap c=1",
        ],
    );
}

#[test]
fn the_kustomization_of_the_entry_itself_has_its_say() {
    check(
        &[
            (
                "clusters/live/sync.yaml",
                flux(
                    "flux-system",
                    "clusters/live",
                    "  postBuild: {substitute: {value: x}}\n",
                ),
            ),
            ("clusters/live/map.yaml", config_map("map", "${value}")),
        ],
        &["flux-system: ConfigMap map=x, Kustomization flux-system"],
    );
}

#[test]
fn one_name_twice_is_followed_once_unless_the_two_differ() {
    let twice = |second: &str| {
        [
            ("clusters/live/a.yaml", flux("a", "a", "")),
            ("clusters/live/b.yaml", flux("b", "b", "")),
            ("a/one.yaml", flux("same", "c", "")),
            ("b/two.yaml", flux("same", second, "")),
            ("c/c.yaml", config_map("c", "1")),
            ("d/d.yaml", config_map("d", "1")),
        ]
    };
    let entry = "entry: Kustomization a, Kustomization b";
    let (a, b) = ("a: Kustomization same", "b: Kustomization same");
    let c = "same: ConfigMap c=1";
    check(&twice("c"), &[entry, a, c, b]);
    check(&twice("d"), &[entry, a, c, b, "same: ConfigMap d=1"]);
}

#[test]
fn a_suspended_kustomization_is_rendered_and_said_to_be_one() {
    let files = [
        ("clusters/live/a.yaml", flux("a", "a", "  suspend: true\n")),
        ("a/a.yaml", config_map("a", "1")),
    ];
    let tree = check(&files, &["entry: Kustomization a", "a: ConfigMap a=1"]);
    assert!(tree.renders[0].applied[1].suspended);
    let chain = tree.renders[0].chain(1);
    assert_eq!(chain[0].text, "Kustomization flux-system/a (suspended)");
}

#[test]
fn clusters_share_what_is_equal_and_one_thread_does_what_many_do() {
    let mut files = vec![
        (
            "base/kustomization.yaml",
            "resources: [all.yaml, own.yaml, shared.yaml]\n".to_owned(),
        ),
        (
            "base/all.yaml",
            flux("all", "apps", &from(&["settings", "shared"])),
        ),
        (
            "base/shared.yaml",
            config_map("shared", "s").replace("value", "same"),
        ),
        ("base/own.yaml", flux("own", "own", &from(&["settings"]))),
        ("apps/a.yaml", config_map("a", "${same}")),
        ("own/b.yaml", config_map("b", "${value}")),
    ];
    let entries: Vec<(String, String)> = (0..20)
        .map(|number| {
            let path = format!("clusters/c{number:02}/kustomization.yaml");
            let text = format!(
                "resources: [../../base]\nconfigMapGenerator:\n  - name: settings\n    namespace: \
                 flux-system\n    options: {{disableNameSuffixHash: true}}\n    literals: \
                 [value=v{number}]\n   \n"
            );
            (path, text)
        })
        .collect();
    files.extend(
        entries
            .iter()
            .map(|(path, text)| (path.as_str(), text.clone())),
    );
    let [one, many] = [1, 8].map(|threads| render(&files, threads));
    assert_eq!(one.builds, 22);
    assert_eq!(
        lines(&one.renders[3])[1..],
        ["all: ConfigMap a=s", "own: ConfigMap b=v3"]
    );
    let objects =
        |tree: &TreeRender, cluster: usize| match &tree.renders[cluster].applied[1].outcome {
            Outcome::Objects(objects) => Arc::clone(objects),
            other => panic!("{other:?}"),
        };
    assert!(Arc::ptr_eq(&objects(&one, 0), &objects(&one, 1)));
    let text = |tree: &TreeRender| {
        let mut out = Emitted::default();
        for (_, object) in tree.renders.iter().flat_map(ClusterRender::objects) {
            emit_go_yaml2(&object.node, &mut out, false).unwrap();
        }
        out.text
    };
    assert_eq!(text(&one), text(&many));
    assert_eq!(one.findings, many.findings);
}

#[test]
fn no_value_of_a_secret_is_left_in_keys_and_annotations() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\n  namespace: flux-system\n  \
                  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: \
                  '{\"stringData\":{\"a\":\"hunter2\"}}'\nstringData: {a: hunter2, b: hunter3}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: \
               flux-system}\ndata:\n  ${a}: x\n  pre-${b}: y\n  plain: z\n";
    let tree = render(
        &[
            ("clusters/live/secret.yaml", secret.to_owned()),
            (
                "clusters/live/apps.yaml",
                flux(
                    "apps",
                    "apps",
                    &from(&["keys"]).replace("ConfigMap", "Secret"),
                ),
            ),
            ("apps/map.yaml", map.to_owned()),
        ],
        1,
    );
    let redactor = Redactor::new(&tree.renders[0]);
    let mut out = Emitted::default();
    for (_, object) in tree.renders[0].objects() {
        emit_go_yaml2(&redactor.redacted(object), &mut out, false).unwrap();
    }
    assert!(!out.text.contains("hunter"), "{}", out.text);
    assert!(
        out.text
            .contains("data:\n  <redacted 2>: \"y\"\n  <redacted>: x\n  plain: z\n"),
        "{}",
        out.text
    );
}
