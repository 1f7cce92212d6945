//! References that lead into another namespace, in clusters that forbid them.

use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::Node;

use crate::codes;
use crate::config::Spanned;
use crate::graph::Kind;
use crate::graph::contents::group;
use crate::graph::nodes::{Graph, Vertex};

/// Finds the sources that Flux refuses to read. What the config says goes before what the tree does.
pub(super) fn find(
    graph: &Graph<'_>,
    config: Option<Spanned<bool>>,
    findings: &mut Vec<Diagnostic>,
) {
    if graph.vertices.iter().all(|vertex| source(vertex).is_none()) {
        return;
    }
    let forbidden = match config {
        Some(said) => said.value.then_some(said.span),
        None => forbidden(graph),
    };
    let Some(forbidden) = forbidden else {
        return;
    };
    for (index, vertex) in graph.vertices.iter().enumerate() {
        let Some((source, span)) = source(vertex) else {
            continue;
        };
        let message = format!(
            "{vertex} reads its source from another namespace, which this cluster forbids: {source}"
        );
        let mut finding = Diagnostic::error(codes::CROSS_NAMESPACE_SOURCE, span, message)
            .with_help(format!(
                "Flux reports AccessDenied: make the source in the namespace `{}` as well, or take \
                 `namespace` out",
                vertex.namespace
            ));
        if forbidden.is_some() {
            finding = finding.with_label(forbidden, "forbidden here");
        }
        finding.subject = graph.subject(index);
        if let Some(parent) = vertex.parent {
            finding.trail = graph.render.chain(parent);
        }
        findings.push(finding);
    }
}

/// The source of a vertex that is in another namespace, and where that is written.
fn source(vertex: &Vertex<'_>) -> Option<(String, Span)> {
    let reference = match vertex.kind {
        Kind::Kustomization => vertex.spec("sourceRef"),
        Kind::HelmRelease => {
            let chart = vertex.spec("chart");
            let of_chart = chart.and_then(|chart| chart.at(&["spec", "sourceRef"]));
            of_chart.or_else(|| vertex.spec("chartRef"))
        }
        Kind::ResourceSet => None,
    }?;
    let namespace = reference.get("namespace")?;
    let text = |key| reference.get(key).and_then(Node::text).unwrap_or_default();
    let name = namespace.text().filter(|name| !name.is_empty())?;
    (name != vertex.namespace).then(|| {
        let source = format!("{} {name}/{}", text("kind"), text("name"));
        (source, namespace.place.span())
    })
}

/// Where the cluster says that its controllers follow no reference into another namespace: a
/// FluxInstance for several tenants, or the flag of kustomize-controller.
fn forbidden(graph: &Graph<'_>) -> Option<Span> {
    let controllers = graph.contents.iter().flat_map(|contents| {
        let indexes = contents.controllers.iter();
        indexes.map(|index| &contents.objects[*index])
    });
    let mut places =
        controllers.filter_map(
            |object| match (group(object.api_version()), object.kind()) {
                ("fluxcd.controlplane.io", "FluxInstance") => {
                    let tenants = object.node.at(&["spec", "cluster", "multitenant"])?;
                    (tenants.text() == Some("true")).then(|| tenants.place.span())
                }
                (_, "Deployment") => {
                    let containers = object
                        .node
                        .at(&["spec", "template", "spec", "containers"])?;
                    let containers = containers.as_seq()?.iter();
                    let arguments = containers.filter_map(|one| one.get("args")?.as_seq());
                    let mut arguments = arguments.flatten();
                    let flag = arguments.find(|argument| {
                        matches!(
                            argument.text(),
                            Some("--no-cross-namespace-refs" | "--no-cross-namespace-refs=true")
                        )
                    })?;
                    Some(flag.place.span())
                }
                _ => None,
            },
        );
    places.next()
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, check_with, kustomization, namespace, release};

    #[test]
    fn the_config_goes_before_the_tree() {
        let text = "no_cross_namespace_refs = true\n";
        let team = kustomization("team", &[]).replace("namespace: flux-system", "namespace: team");
        let files = [
            ("namespace.yaml", namespace("team")),
            (
                "team.yaml",
                team.replace("flux-system}", "flux-system, namespace: flux-system}"),
            ),
            ("/team/a.yaml", namespace("a")),
        ];
        check(&files, &[]);
        check_with(
            text,
            &files,
            &[
                "FLX015 team.yaml:9 Kustomization team/team reads its source from another \
                 namespace, which this cluster forbids: GitRepository flux-system/flux-system",
            ],
        );
    }

    #[test]
    fn references_into_other_namespaces_are_forbidden_where_it_is_said() {
        let controller = |flag: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\n\
                 metadata: {{name: kustomize-controller, namespace: flux-system}}\n\
                 spec: {{template: {{spec: {{containers: [{{args: [{flag}]}}]}}}}}}\n"
            )
        };
        let chart = "chart: {spec: {sourceRef: {kind: HelmRepository, name: charts, \
                     namespace: flux-system}}}";
        let mut files = vec![
            ("flux.yaml", controller("--watch-all-namespaces=true")),
            ("apps.yaml", kustomization("apps", &[])),
            ("/apps/apps.yaml", namespace("apps")),
            ("/apps/web.yaml", release("web", &[chart])),
        ];
        check(&files, &[]);
        files[0].1 = controller("--no-cross-namespace-refs=true");
        check(
            &files,
            &[
                "FLX015 web.yaml:8 HelmRelease apps/web reads its source from another namespace, \
                 which this cluster forbids: HelmRepository flux-system/charts",
            ],
        );
    }
}
