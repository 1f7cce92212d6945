//! What objects that are not expanded could make, as far as they say so themselves.

use tidegate_yaml::{Node, Value};

use super::text;

/// The kinds of objects that a ResourceSet makes; none where its templates leave that to its inputs.
pub(crate) fn kinds_of_resource_set(object: &Node) -> Option<Vec<&str>> {
    let mut kinds = Vec::new();
    if let Some(resources) = object.at(&["spec", "resources"]).and_then(Node::as_seq) {
        for resource in resources {
            kinds.push(resource.get("kind").and_then(Node::text)?);
        }
    }
    let template = object
        .at(&["spec", "resourcesTemplate"])
        .and_then(Node::text);
    for document in template.into_iter().flat_map(|text| text.split("\n---")) {
        // The keys of an object stand at the start of a line, whatever actions are around them.
        let before = kinds.len();
        let lines = document.lines();
        kinds.extend(
            lines
                .filter_map(|line| line.strip_prefix("kind:"))
                .map(str::trim),
        );
        if before == kinds.len() && has_content(document) {
            return None;
        }
    }
    let is_open = |kind: &&str| kind.contains("<<") || *kind == "List";
    (!kinds.iter().any(is_open)).then_some(kinds)
}

fn has_content(document: &str) -> bool {
    let mut lines = document.lines().map(str::trim);
    lines.any(|line| !line.is_empty() && !line.starts_with('#') && line != "---")
}

/// Whether a ResourceSet could make objects of a kind, by itself or through another one.
pub(crate) fn resource_set_may_make(object: &Node, kind: &str) -> bool {
    kinds_of_resource_set(object).is_none_or(|kinds| {
        let mut kinds = kinds.into_iter();
        kinds.any(|made| made == kind || made == "ResourceSet")
    })
}

/// Whether a ResourceSet could make ConfigMaps or Secrets, or something that does.
pub(crate) fn resource_set_may_define(object: &Node) -> bool {
    kinds_of_resource_set(object).is_none_or(|kinds| {
        let mut kinds = kinds.into_iter();
        kinds.any(|kind| {
            matches!(
                kind,
                "ConfigMap" | "Kustomization" | "ResourceSet" | "Certificate"
            ) || kind.contains("Secret")
        })
    })
}

/// Whether a HelmRelease could make objects of a kind of Flux: few charts do, and those are about
/// Flux, or take such objects out of their values.
pub(crate) fn chart_may_make(release: &Node, group: &str, kind: &str) -> bool {
    let names = [
        text(release, &CHART),
        text(release, &["spec", "chartRef", "name"]),
    ];
    // These install Flux. That makes one Kustomization, which is the entry of the cluster.
    let installs_flux = |name: &str| matches!(name, "flux2" | "flux-operator" | "flux-instance");
    if names.iter().any(|name| installs_flux(name)) {
        return false;
    }
    names.iter().any(|name| name.contains("flux"))
        || release
            .at(&["spec", "values"])
            .is_some_and(|values| holds_objects(values, group, kind))
}

/// What the names of objects start with that a chart makes: almost all charts call them after their
/// release or themselves.
pub(crate) fn names_of_release(release: &Node) -> Vec<String> {
    let name = text(release, &["metadata", "name"]);
    let target = text(release, &["spec", "targetNamespace"]);
    let mut names = vec![
        text(release, &["spec", "releaseName"]),
        text(release, &CHART),
        text(release, &["spec", "chartRef", "name"]),
    ];
    if !target.is_empty() {
        names.push(format!("{target}-{name}"));
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

/// Where a HelmRelease names its chart.
const CHART: [&str; 4] = ["spec", "chart", "spec", "chart"];

/// Whether there is an object of a kind below a node, or in a text below it.
pub(crate) fn holds_objects(node: &Node, group: &str, kind: &str) -> bool {
    let is_of_group = |text: &str| text.split_once('/').is_some_and(|(of, _)| of == group);
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        match &node.value {
            Value::Scalar(scalar) => {
                let mut versions = scalar.text.split("apiVersion:").skip(1);
                if versions.any(|text| is_of_group(text.trim_start_matches([' ', '"', '\'']))) {
                    return true;
                }
            }
            Value::Seq(seq) => nodes.extend(seq.iter()),
            Value::Map(map) => {
                let text_of = |key| map.get(key).and_then(Node::text);
                if text_of("kind") == Some(kind) && text_of("apiVersion").is_some_and(is_of_group) {
                    return true;
                }
                nodes.extend(map.iter().map(|entry| &entry.value));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    fn node(text: &str) -> Node {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        parsed.documents[0].root.clone().unwrap()
    }

    fn check(spec: &str, kinds: Option<&[&str]>) {
        let set = node(&format!("spec:\n{spec}"));
        assert_eq!(kinds_of_resource_set(&set).as_deref(), kinds, "{spec}");
    }

    #[test]
    fn the_kinds_of_a_resource_set_are_those_of_its_templates() {
        check(
            "  resourcesTemplate: |\n    ---\n    kind: Namespace\n    ---\n    \
             <<- range $i := inputs.x >>\n    kind: HelmRelease\n    spec:\n      \
             valuesFrom:\n      - kind: ConfigMap\n    <<- end >>\n    ---\n    # none\n",
            Some(&["Namespace", "HelmRelease"]),
        );
        check("  resources: [{kind: Secret}]\n", Some(&["Secret"]));
        check(
            "  resourcesTemplate: |\n    kind: << inputs.kind >>\n",
            None,
        );
        check(
            "  resourcesTemplate: |\n    << inputs.all | toYaml >>\n",
            None,
        );
        check("  inputs: []\n", Some(&[]));
    }

    #[test]
    fn objects_of_a_chart_are_called_after_it() {
        let release = node(
            "metadata: {name: web}\n\
             spec: {targetNamespace: apps, chart: {spec: {chart: podinfo}}}\n",
        );
        assert_eq!(names_of_release(&release), ["apps-web", "podinfo", "web"]);
    }

    #[test]
    fn few_charts_make_objects_of_flux() {
        let check = |spec: &str, expected: bool| {
            let release = node(&format!("spec: {spec}\n"));
            let group = "kustomize.toolkit.fluxcd.io";
            let may = chart_may_make(&release, group, "Kustomization");
            assert_eq!(may, expected, "{spec}");
        };
        check("{chart: {spec: {chart: podinfo}}}", false);
        check("{chart: {spec: {chart: flux2-sync}}}", true);
        check("{chartRef: {name: flux-instance}}", false);
        let object = "kind: Kustomization, apiVersion: kustomize.toolkit.fluxcd.io/v1";
        check(&format!("{{values: {{raw: [{{{object}}}]}}}}"), true);
        let text = "apiVersion: kustomize.toolkit.fluxcd.io/v1";
        check(&format!("{{values: {{raw: '{text}'}}}}"), true);
        // What to count, in the values of kube-state-metrics.
        let metrics = "{kind: Kustomization, group: kustomize.toolkit.fluxcd.io}";
        check(&format!("{{values: {{of: [{metrics}]}}}}"), false);
    }
}
