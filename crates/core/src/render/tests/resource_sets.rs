//! Clusters with ResourceSets.

use super::*;
use crate::config::load;

/// A ResourceSet with this `spec`.
fn set(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n\
         metadata: {{name: {name}, namespace: flux-system}}\nspec:\n{spec}"
    )
}

/// A provider of inputs.
fn provider(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
         metadata: {{name: {name}, namespace: flux-system, labels: {{team: shop}}}}\nspec: {spec}\n"
    )
}

/// A template of a ConfigMap.
const MAP: &str = "  resources:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: << \
                   inputs.name >>, namespace: flux-system}\n    data: {value: << inputs.value >>}\n";

#[test]
fn what_a_set_makes_is_followed_and_read() {
    let template = "  inputs: [{path: a}, {path: b}]\n  resourcesTemplate: |\n    apiVersion: \
                    kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    metadata: {name: << \
                    inputs.path >>, namespace: flux-system}\n    spec:\n      path: << inputs.path \
                    >>\n      sourceRef: {kind: GitRepository, name: flux-system}\n      postBuild: \
                    {substituteFrom: [{kind: ConfigMap, name: made}]}\n";
    let tree = check(
        &[
            ("clusters/live/all.yaml", flux("all", "all", "")),
            ("all/apps.yaml", set("apps", template)),
            (
                "all/maps.yaml",
                set(
                    "maps",
                    &format!("  inputs: [{{name: made, value: x}}]\n{MAP}"),
                ),
            ),
            ("a/a.yaml", config_map("in-a", "${value}")),
            ("b/b.yaml", config_map("in-b", "${value}!")),
        ],
        &[
            "entry: Kustomization all",
            "all: ResourceSet apps, ResourceSet maps",
            "apps: Kustomization a, Kustomization b",
            "a: ConfigMap in-a=x",
            "b: ConfigMap in-b=x!",
            "maps: ConfigMap made=x",
        ],
    );
    let render = &tree.renders[0];
    let steps = |of: &str| {
        let mut all = render.applied.iter();
        let index = all.position(|one| one.by.subject().is_some_and(|it| it.name == of));
        let chain = render.chain(index.unwrap()).into_iter();
        chain.map(|step| step.text).collect::<Vec<_>>().join(" > ")
    };
    assert_eq!(
        steps("b"),
        "Kustomization flux-system/all > ResourceSet flux-system/apps > Kustomization flux-system/b"
    );
}

#[test]
fn variables_are_put_into_a_set_before_it_is_expanded() {
    let map = MAP.replace(
        "{value: << inputs.value >>}",
        "\n      value: << inputs.value >>-${value}",
    );
    let files = |more: &str| {
        [
            (
                "clusters/live/all.yaml",
                flux("all", "all", &from(&["vars"])),
            ),
            ("clusters/live/vars.yaml", config_map("vars", more)),
            (
                "all/set.yaml",
                set(
                    "set",
                    &format!("  inputs: [{{name: made, value: '${{value}}'}}]\n{map}"),
                ),
            ),
        ]
    };
    let applied = [
        "entry: Kustomization all, ConfigMap vars=x",
        "all: ResourceSet set",
    ];
    check(
        &files("x"),
        &[applied[0], applied[1], "set: ConfigMap made=x-x"],
    );
    // Of what only the cluster knows, the expression stays.
    let secret = files("x").map(|(path, text)| match path {
        "clusters/live/vars.yaml" => (
            path,
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n\
             metadata: {name: vars, namespace: flux-system}\nspec: {data: [{secretKey: value}]}\n"
                .to_owned(),
        ),
        _ => (
            path,
            text.replace("kind: ConfigMap, name: vars", "kind: Secret, name: vars"),
        ),
    });
    let tree = check(
        &secret,
        &[
            "entry: Kustomization all, ExternalSecret vars",
            applied[1],
            "set: ConfigMap made=${value}-${value}",
        ],
    );
    let made = &tree.renders[0].applied[2].objects()[0].node;
    let value = made
        .at(&["data", "value"])
        .and_then(|value| value.as_scalar());
    assert_eq!(value.unwrap().kind, tidegate_yaml::ScalarKind::Opaque);
}

#[test]
fn providers_are_those_of_the_cluster() {
    let by_name = format!("  inputsFrom: [{{name: one}}]\n{MAP}");
    let by_label = format!("  inputsFrom: [{{selector: {{matchLabels: {{team: shop}}}}}}]\n{MAP}");
    let values =
        |name: &str| format!("{{type: Static, defaultValues: {{name: {name}, value: v}}}}");
    check(
        &[
            ("clusters/live/label.yaml", set("label", &by_label)),
            ("clusters/live/name.yaml", set("name", &by_name)),
            ("clusters/live/one.yaml", provider("one", &values("made-1"))),
            // One that another set makes.
            (
                "clusters/live/two.yaml",
                set(
                    "two",
                    &format!(
                        "  resourcesTemplate: |\n    {}",
                        provider("two", &values("made-2")).replace('\n', "\n    ")
                    ),
                ),
            ),
        ],
        &[
            "entry: ResourceSet label, ResourceSet name, ResourceSetInputProvider one, ResourceSet two",
            "label: ConfigMap made-1=v, ConfigMap made-2=v",
            "name: ConfigMap made-1=v",
            "two: ResourceSetInputProvider two",
        ],
    );
}

#[test]
fn a_provider_that_asks_a_service_needs_a_declaration() {
    let files = [
        (
            "clusters/live/set.yaml",
            set("set", &format!("  inputsFrom: [{{name: prs}}]\n{MAP}")),
        ),
        (
            "clusters/live/prs.yaml",
            provider(
                "prs",
                "{type: GitHubPullRequest, defaultValues: {value: v}}",
            ),
        ),
    ];
    let entry = "entry: ResourceSetInputProvider prs, ResourceSet set";
    let tree = check(&files, &[entry, "set: not rendered: ResourceSet"]);
    let left_out: Vec<&str> = tree
        .not_rendered
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        left_out,
        ["ResourceSet flux-system/set: provider prs of type GitHubPullRequest"]
    );
    assert!(tree.findings.is_empty(), "{:?}", tree.findings);

    let exported = "- {id: '1', name: pr-1}\n- {id: '2', name: pr-2, value: own}\n";
    let declared = "[[clusters.live.inputs]]\nprovider = 'prs'\nfile = 'prs.yaml'\n";
    let known = [
        ("tidegate.toml", declared.to_owned()),
        ("prs.yaml", exported.to_owned()),
    ];
    let tree = render_with_config(&[&files[..], &known].concat());
    assert_eq!(
        lines(&tree.renders[0]),
        [entry, "set: ConfigMap pr-1=v, ConfigMap pr-2=own"]
    );
}

/// Renders a tree with the `tidegate.toml` in it.
fn render_with_config(files: &[(&str, String)]) -> TreeRender {
    let system = files
        .iter()
        .fold(MemorySystem::new(), |system, (path, text)| {
            system.with(path, text)
        });
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let open = |path: &str| {
        sources
            .load(&TreePath::new(path).unwrap())
            .map_err(|_| "gone".to_owned())
    };
    let file = open("tidegate.toml").unwrap();
    let (config, wrong) = load(&sources, &file, &TreePath::root(), &open);
    assert!(wrong.is_empty(), "{wrong:?}");
    render_tree(&sources, &options(config, 1), &|_, _| {}).unwrap()
}

#[test]
fn sets_make_sets() {
    let inner = "      apiVersion: fluxcd.controlplane.io/v1\n      kind: ResourceSet\n      metadata: \
                 {name: inner, namespace: flux-system}\n      spec:\n        inputs: [{name: << \
                 inputs.name >>, value: x}]\n        resourcesTemplate: |\n          apiVersion: \
                 v1\n          kind: ConfigMap\n          metadata: {name: << `<< inputs.name >>` \
                 >>, namespace: flux-system}\n          data: {value: deep}\n";
    check(
        &[(
            "clusters/live/outer.yaml",
            set(
                "outer",
                &format!("  inputs: [{{name: made}}]\n  resourcesTemplate: |\n{inner}"),
            ),
        )],
        &[
            "entry: ResourceSet outer",
            "outer: ResourceSet inner",
            "inner: ConfigMap made=deep",
        ],
    );
}

#[test]
fn a_set_that_makes_itself_under_other_names_ends() {
    let template = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: << \
                    inputs.name >>, namespace: flux-system}\nspec:\n  inputs: [{name: << inputs.name >>-x, t: \
                    << inputs.t | quote >>}, {name: << inputs.name >>-y, t: << inputs.t | quote >>}]\n  \
                    resourcesTemplate: << inputs.t | quote >>\n";
    let quoted = format!("{template:?}");
    let first = set(
        "first",
        &format!("  inputs: [{{name: a, t: {quoted}}}]\n  resourcesTemplate: {quoted}\n"),
    );
    let tree = render(&[("clusters/live/set.yaml", first)], 2);
    assert!(codes(&tree).contains(&"FLX003"), "{:?}", tree.findings);
    assert!(tree.renders[0].applied.len() < 1_000);
}

#[test]
fn a_set_that_fails_hides_nothing_else() {
    let fails = set("fails", &format!("  inputs: [{{name: made}}]\n{MAP}"));
    let tree = check(
        &[
            ("clusters/live/a.yaml", flux("a", "a", &from(&["made"]))),
            ("clusters/live/fails.yaml", fails),
            ("a/a.yaml", config_map("in-a", "${value}")),
        ],
        &[
            "entry: Kustomization a, ResourceSet fails",
            "a (unknown): ConfigMap in-a=${value}",
            "fails: fails at template",
        ],
    );
    assert_eq!(codes(&tree), ["FLX050"]);
}

#[test]
fn threads_change_nothing() {
    let template = "  inputs: [{path: a}, {path: b}, {path: c}]\n  resourcesTemplate: |\n    \
                    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: << inputs.path >>, \
                    namespace: flux-system}\n    data: {value: << inputs.path >>}\n";
    let names = ["s1", "s2", "s3", "s4", "s5"];
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| {
            let text = set(name, template).replace(
                "name: << inputs.path",
                &format!("name: {name}-<< inputs.path"),
            );
            (format!("clusters/live/{name}.yaml"), text)
        })
        .collect();
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.clone()))
        .collect();
    assert_eq!(
        lines(&render(&files, 1).renders[0]),
        lines(&render(&files, 8).renders[0])
    );
}
