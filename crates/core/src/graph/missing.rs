//! Dependencies that do not exist, or that are not applied for now.

use tidegate_source::{Diagnostic, Edit, Fix, Location, NotRendered, SkipReason, Sources, nearest};

use crate::codes;
use crate::graph::nodes::{Graph, Vertex};
use crate::graph::{Dependency, Kind};

/// Finds what waits for something that never comes. What may come from something that was not
/// rendered is added to `not_rendered`.
pub(super) fn find(
    graph: &Graph<'_>,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
    not_rendered: &mut Vec<NotRendered>,
) {
    for (index, vertex) in graph.vertices.iter().enumerate() {
        for dependency in &vertex.depends_on {
            let found = match graph.target(dependency) {
                Some(target) => suspended(graph, vertex, dependency, target),
                None if graph
                    .unknown
                    .may_provide(dependency.kind, dependency.namespace) =>
                {
                    not_rendered.push(NotRendered {
                        reason: SkipReason::Dependency,
                        what: named(dependency),
                        location: Location::Span(dependency.span),
                    });
                    None
                }
                None => Some(missing(graph, sources, vertex, dependency)),
            };
            findings.extend(found.map(|mut finding| {
                finding.subject = graph.subject(index);
                if let Some(parent) = vertex.parent {
                    finding.trail = graph.render.chain(parent);
                }
                finding
            }));
        }
    }
}

fn named(dependency: &Dependency<'_>) -> String {
    let kind = dependency.kind.as_str();
    format!("{kind} {}/{}", dependency.namespace, dependency.name)
}

fn missing(
    graph: &Graph<'_>,
    sources: &Sources,
    vertex: &Vertex<'_>,
    dependency: &Dependency<'_>,
) -> Diagnostic {
    let Dependency {
        kind,
        namespace,
        name,
        span,
        ..
    } = *dependency;
    let message = format!(
        "{vertex} waits for {}, which the cluster does not have",
        named(dependency)
    );
    let finding = Diagnostic::error(codes::DEPENDENCY_MISSING, span, message);
    let of_kind = || {
        let vertices = graph.vertices.iter();
        vertices.filter(move |other| other.kind == kind && !other.name.is_empty())
    };
    if let Some(other) = of_kind().find(|other| other.name == name) {
        return finding.with_help(format!(
            "there is one in another namespace: write `namespace: {}` below the name",
            other.namespace
        ));
    }
    let names = of_kind().filter(|other| other.namespace == namespace && !is_same(other, vertex));
    if let Some(near) = nearest(name, names.map(|other| other.name)) {
        let mut finding = finding.with_help(format!("did you mean `{near}`?"));
        finding.fix = fix(sources, dependency, near);
        return finding;
    }
    let mut others = Kind::ALL.into_iter().filter(|other| *other != kind);
    if let Some(other) = others.find(|other| graph.find(*other, namespace, name).is_some()) {
        return finding.with_help(format!(
            "there is a {} of this name, but {} can wait for {}s only",
            other.as_str(),
            with_article(vertex.kind),
            kind.as_str()
        ));
    }
    finding.with_help(format!(
        "Flux applies nothing of it until that {} exists: add it, or take the entry out",
        kind.as_str()
    ))
}

fn is_same(one: &Vertex<'_>, other: &Vertex<'_>) -> bool {
    (one.kind, one.namespace, one.name) == (other.kind, other.namespace, other.name)
}

fn with_article(kind: Kind) -> String {
    format!("a {}", kind.as_str())
}

/// Offers to write another name, where the name is written in one piece.
fn fix(sources: &Sources, dependency: &Dependency<'_>, name: &str) -> Option<Fix> {
    let span = sources.real(dependency.span);
    let file = sources.get(span.file)?;
    let written = file
        .text()
        .ok()?
        .get(span.start as usize..span.end as usize)?;
    (written == dependency.name).then(|| Fix {
        title: format!("Change the name to `{name}`"),
        edits: vec![Edit {
            span,
            text: name.to_owned(),
        }],
    })
}

/// What depends on a Kustomization that is suspended stops at the next revision: it waits until the
/// other has applied the revision as well.
fn suspended(
    graph: &Graph<'_>,
    vertex: &Vertex<'_>,
    dependency: &Dependency<'_>,
    target: usize,
) -> Option<Diagnostic> {
    let target = &graph.vertices[target];
    let is_held = vertex.kind == Kind::Kustomization
        && target.kind == Kind::Kustomization
        && dependency.until_ready
        && target.is_set("suspend")
        && !vertex.is_set("suspend")
        && source(vertex) == source(target);
    if !is_held {
        return None;
    }
    let message = format!(
        "{vertex} waits for {}, which is suspended",
        named(dependency)
    );
    let finding = Diagnostic::warning(codes::DEPENDENCY_SUSPENDED, dependency.span, message);
    let finding = match target.spec("suspend") {
        Some(suspend) => finding.with_label(suspend.place.span(), "suspended here"),
        None => finding,
    };
    Some(finding.with_help(
        "with the next revision of their source it waits until the other has applied that revision \
         too: resume that one, or take the entry out",
    ))
}

/// Kind, name and namespace of the source of a Kustomization.
fn source<'r>(vertex: &Vertex<'r>) -> Option<(&'r str, &'r str, &'r str)> {
    let text = |key| vertex.spec("sourceRef")?.get(key)?.text();
    let namespace = text("namespace").unwrap_or(vertex.namespace);
    Some((text("kind")?, text("name")?, namespace))
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{
        check, kustomization, namespace, not_rendered, provider, release, report,
    };

    fn files(depends_on: &str, more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let apps = kustomization("apps", &[&format!("dependsOn: [{depends_on}]")]);
        let files = [
            ("apps.yaml", apps),
            ("infra.yaml", kustomization("infra", &[])),
            ("/apps/x.yaml", namespace("apps")),
            ("/infra/x.yaml", namespace("infra")),
        ];
        [&files[..], more].concat()
    }

    fn help(files: &[(&str, String)]) -> String {
        let (report, _) = report(files);
        assert_eq!(report.findings.len(), 1);
        report.findings[0].help.clone().unwrap()
    }

    #[test]
    fn what_does_not_exist_is_never_ready() {
        check(&files("{name: infra}, {name: flux-system}", &[]), &[]);
        let misspelt = files("{name: infar}", &[]);
        check(
            &misspelt,
            &[
                "FLX011 apps.yaml:10 Kustomization flux-system/apps waits for \
                 Kustomization flux-system/infar, which the cluster does not have",
            ],
        );
        assert_eq!(help(&misspelt), "did you mean `infra`?");
        let (report, _) = report(&misspelt);
        let fix = report.findings[0].fix.as_ref().unwrap();
        assert_eq!(fix.edits[0].text, "infra");
    }

    #[test]
    fn the_help_says_what_is_there_instead() {
        let other = kustomization("infra", &[])
            .replace("flux-system\nspec", "team\nspec")
            .replace("flux-system}", "flux-system, namespace: flux-system}");
        let of_team = [
            (
                "a.yaml",
                kustomization("a", &["dependsOn: [{name: infra}]"]),
            ),
            ("team.yaml", other),
            ("namespace.yaml", namespace("team")),
            ("/a/x.yaml", namespace("a")),
            ("/infra/x.yaml", namespace("infra")),
        ];
        let expected = "there is one in another namespace: write `namespace: team` below the name";
        assert_eq!(help(&of_team), expected);
        let released = files(
            "{name: web, namespace: apps}",
            &[("/apps/web.yaml", release("web", &[]))],
        );
        let expected = "there is a HelmRelease of this name, but a Kustomization can wait for \
                        Kustomizations only";
        assert_eq!(help(&released), expected);
    }

    #[test]
    fn what_something_unexpanded_may_make_is_counted() {
        let resource_set = |template: &str| {
            let text = format!(
                "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n\
                 metadata: {{name: set, namespace: flux-system}}\nspec:\n  \
                 inputsFrom: [{{name: p}}]\n  resourcesTemplate: |\n    kind: {template}\n\
                 ---\n{}",
                provider("p")
            );
            [("set.yaml", text)]
        };
        let missing = |more: &[(&'static str, String)]| {
            let files = files("{name: cilium}", more);
            let (report, _) = report(&files);
            let counted = not_rendered(&files).contains(
                &"dependency on what is not rendered: \
                            Kustomization flux-system/cilium"
                    .to_owned(),
            );
            (report.findings.len(), counted)
        };
        assert_eq!(missing(&resource_set("Kustomization")), (0, true));
        assert_eq!(missing(&resource_set("<< inputs.kind >>")), (0, true));
        assert_eq!(missing(&resource_set("Namespace")), (1, false));
        let chart = |name: &str, values: &str| {
            let spec = [
                format!("chart: {{spec: {{chart: {name}}}}}"),
                values.to_owned(),
            ];
            let spec: Vec<&str> = spec.iter().map(String::as_str).collect();
            [("/apps/web.yaml", release("web", &spec))]
        };
        assert_eq!(missing(&chart("podinfo", "values: {}")), (1, false));
        assert_eq!(missing(&chart("flux2-sync", "values: {}")), (0, true));
        let raw = "values: {raw: [{apiVersion: kustomize.toolkit.fluxcd.io/v1, \
                   kind: Kustomization}]}";
        assert_eq!(missing(&chart("raw", raw)), (0, true));
    }

    #[test]
    fn a_source_outside_of_the_tree_may_provide_what_it_is_allowed_to() {
        let outside = |spec: &[&str]| {
            let text = kustomization("team", spec);
            [(
                "team.yaml",
                text.replace("name: flux-system}", "name: team}"),
            )]
        };
        let missing = |more: &[(&'static str, String)]| {
            let (report, _) = report(&files("{name: cilium}", more));
            report.findings.len()
        };
        assert_eq!(missing(&outside(&[])), 0);
        assert_eq!(missing(&outside(&["targetNamespace: team"])), 1);
    }

    #[test]
    fn what_is_suspended_holds_up_what_depends_on_it() {
        let files = [
            ("a.yaml", kustomization("a", &["dependsOn: [{name: b}]"])),
            ("b.yaml", kustomization("b", &["suspend: true"])),
            ("/a/x.yaml", namespace("a")),
            ("/b/x.yaml", namespace("b")),
        ];
        check(
            &files,
            &["FLX012 a.yaml:10 Kustomization flux-system/a waits for \
                 Kustomization flux-system/b, which is suspended"],
        );
    }
}
