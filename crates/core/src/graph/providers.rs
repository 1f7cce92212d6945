//! Providers of inputs that ResourceSets name and that are not there.

use std::collections::BTreeSet;

use tidegate_source::{Diagnostic, Span, nearest};
use tidegate_yaml::Node;

use crate::codes;
use crate::config::Settings;
use crate::graph::Kind;
use crate::graph::nodes::{Graph, Vertex};
use crate::graph::unknown::INPUT_PROVIDER;

/// Finds ResourceSets that take inputs from a provider that neither the cluster has nor the config declares, and
/// gives their names. Where something that is not rendered may provide it, nothing is said: such a
/// ResourceSet counts as not rendered anyway.
pub(super) fn find(
    graph: &Graph<'_>,
    settings: &Settings<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Span> {
    let takes_inputs = |vertex: &Vertex<'_>| {
        vertex.kind == Kind::ResourceSet && vertex.spec("inputsFrom").is_some()
    };
    if !graph.vertices.iter().any(takes_inputs) {
        return Vec::new();
    }
    let mut lacking = Vec::new();
    let of_cluster = graph.render.own_objects().filter_map(|(_, object)| {
        let text = |path: &[&str]| object.node.at(path).and_then(Node::text);
        let is_provider = object.kind() == INPUT_PROVIDER
            && object.api_version().starts_with("fluxcd.controlplane.io/");
        let name = text(&["metadata", "name"]).filter(|_| is_provider)?;
        Some((text(&["metadata", "namespace"]).unwrap_or_default(), name))
    });
    let declared = settings.inputs();
    let declared = declared.map(|one| (one.inputs.namespace.as_str(), one.inputs.name.as_str()));
    let there: BTreeSet<(&str, &str)> = of_cluster.chain(declared).collect();
    for (index, vertex) in graph.vertices.iter().enumerate() {
        if !takes_inputs(vertex) || graph.unknown.may_provide_inputs(vertex.namespace) {
            continue;
        }
        let entries = vertex.spec("inputsFrom").and_then(Node::as_seq);
        for node in entries
            .into_iter()
            .flatten()
            .filter_map(|one| one.get("name"))
        {
            let name = node.as_str().unwrap_or_default();
            // What is not known yet may be the name of one.
            if name.is_empty() || name.contains("${") || there.contains(&(vertex.namespace, name)) {
                continue;
            }
            let message = format!(
                "{vertex} takes inputs from {INPUT_PROVIDER} {}/{name}, which the cluster does not have",
                vertex.namespace
            );
            let of_namespace = there.iter().filter(|one| one.0 == vertex.namespace);
            let help = match nearest(name, of_namespace.map(|one| one.1)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the operator makes nothing of it until that exists: add it, or declare what it exports in \
                         `inputs` of tidegate.toml"
                    .to_owned(),
            };
            let mut finding =
                Diagnostic::error(codes::INPUT_PROVIDER_MISSING, node.place.span(), message)
                    .with_help(help);
            finding.subject = graph.subject(index);
            if let Some(parent) = vertex.parent {
                finding.trail = graph.render.chain(parent);
            }
            findings.push(finding);
            lacking.push(vertex.name_span);
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, object, provider, release};

    fn set(name: &str) -> String {
        let set = object(
            "fluxcd.controlplane.io/v1",
            "ResourceSet",
            "flux-system",
            "apps",
        );
        format!(
            "{set}spec:\n  inputsFrom:\n  - name: {name}\n  resourcesTemplate: |\n    apiVersion: v1\n    kind: Namespace\n"
        )
    }

    #[test]
    fn a_provider_that_is_not_there() {
        let expected = "FLX054 set.yaml:6 ResourceSet flux-system/apps takes inputs from \
                        ResourceSetInputProvider flux-system/brnaches, which the cluster does not have";
        let files = |more: &[(&'static str, String)]| {
            let files = [
                ("set.yaml", set("brnaches")),
                ("provider.yaml", provider("branches")),
            ];
            [&files[..], more].concat()
        };
        check(&files(&[]), &[expected]);
        check(&files(&[("other.yaml", provider("brnaches"))]), &[]);
    }

    #[test]
    fn what_is_not_rendered_may_provide_it() {
        let chart = release("flux-things", &["chart: {spec: {chart: flux-things}}"]);
        check(
            &[("set.yaml", set("branches")), ("release.yaml", chart)],
            &[],
        );
    }
}
