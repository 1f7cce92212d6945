//! Objects that need what another Kustomization applies, where nothing says which comes first.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::Node;

use crate::codes;
use crate::graph::Kind;
use crate::graph::contents::Needed;
use crate::graph::events::{Event, Events};
use crate::graph::nodes::Graph;
use crate::graph::owners::name_place;

/// What objects need before they can be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thing<'r> {
    Namespace(&'r str),
    /// The CustomResourceDefinition of a group and kind.
    Definition(&'r str, &'r str),
}

/// A Kustomization applies objects that need a thing which others apply.
struct Need<'r> {
    applied: usize,
    thing: usize,
    needed: Needed,
    what: Thing<'r>,
}

/// The numbers of things.
type Indexes<'r> = HashMap<Thing<'r>, usize, FxBuildHasher>;

/// Who applies a thing: Kustomizations, each with the index of the object.
type Providers = Vec<(usize, usize)>;

/// Finds objects that are applied before what they need, at least the first time.
pub(super) fn find(graph: &Graph<'_>, events: &Events, findings: &mut Vec<Diagnostic>) {
    let (things, needs, indexes) = needs(graph);
    if needs.is_empty() {
        return;
    }
    let starts = |providers: &Providers| -> Vec<Event> {
        let providers = providers.iter();
        providers
            .map(|(applied, _)| Event::start(*applied))
            .collect()
    };
    let mut sets: Vec<Vec<Event>> = things.iter().map(starts).collect();
    sets.push(events.unknown());
    let implied = once_ready(graph, &things, &needs, &indexes);
    let before = events.and(implied).need(&sets);
    let unordered: Vec<&Need<'_>> = needs
        .iter()
        .filter(|need| {
            let start = Event::start(need.applied);
            !before.has(start, need.thing) && !before.has(start, things.len())
        })
        .collect();
    let consumers: Vec<Vec<Event>> = unordered
        .iter()
        .map(|need| vec![Event::start(need.applied)])
        .collect();
    let after = events.need(&consumers);
    for (set, need) in unordered.into_iter().enumerate() {
        let providers = &things[need.thing];
        let is_after = |(applied, _): &(usize, usize)| after.has(Event::start(*applied), set);
        let Some(&provider) = providers.first() else {
            continue;
        };
        let mut finding = match providers.iter().all(is_after) {
            true => never(graph, need, provider),
            false if cannot_wait(graph, need, provider) => continue,
            false => too_early(graph, need, provider),
        };
        finding.trail = graph.render.chain(need.applied);
        findings.push(finding);
    }
}

/// The things that some Kustomizations need and only others apply.
fn needs<'r>(graph: &Graph<'r>) -> (Vec<Providers>, Vec<Need<'r>>, Indexes<'r>) {
    let mut indexes: Indexes<'r> = HashMap::default();
    let mut things: Vec<Providers> = Vec::new();
    for (applied, contents) in graph.contents.iter().enumerate() {
        if applies_elsewhere(graph, applied) {
            continue;
        }
        let namespaces = contents.namespaces.iter();
        let namespaces = namespaces.map(|(name, object)| (Thing::Namespace(name), *object));
        let definitions = contents.definitions.iter();
        let definitions =
            definitions.map(|((group, kind), object)| (Thing::Definition(group, kind), *object));
        for (thing, object) in namespaces.chain(definitions) {
            let index = *indexes.entry(thing).or_insert_with(|| {
                things.push(Providers::new());
                things.len() - 1
            });
            things[index].push((applied, object));
        }
    }
    let mut needs = Vec::new();
    for (applied, contents) in graph.contents.iter().enumerate() {
        if applies_elsewhere(graph, applied) || is_tried_again(graph, applied) {
            continue;
        }
        let namespaces = contents.in_namespaces.iter();
        let namespaces = namespaces.map(|(name, needed)| (Thing::Namespace(name), *needed));
        let kinds = contents.of_kinds.iter();
        let kinds = kinds.map(|((group, kind), needed)| (Thing::Definition(group, kind), *needed));
        for (what, needed) in namespaces.chain(kinds) {
            if is_always_there(graph, what) || is_made(graph, applied, what) {
                continue;
            }
            if let Some(&thing) = indexes.get(&what)
                && !things[thing]
                    .iter()
                    .any(|(provider, _)| *provider == applied)
            {
                needs.push(Need {
                    applied,
                    thing,
                    needed,
                    what,
                });
            }
        }
    }
    (things, needs, indexes)
}

/// What must have started for something to be ready: whoever has applied its objects found the namespaces
/// and definitions that these need, and a release has the namespace that it is installed into.
fn once_ready(
    graph: &Graph<'_>,
    things: &[Providers],
    needs: &[Need<'_>],
    indexes: &Indexes<'_>,
) -> Vec<(Event, Event)> {
    let of_objects = needs.iter().map(|need| (need.applied, need.thing));
    let releases = graph
        .vertices
        .iter()
        .enumerate()
        .filter_map(|(index, vertex)| {
            let spec = |path: &[&str]| vertex.object?.get("spec")?.at(path)?.text();
            let target = spec(&["targetNamespace"]).filter(|name| !name.is_empty());
            let namespace = Thing::Namespace(target.unwrap_or(vertex.namespace));
            let makes_it = spec(&["install", "createNamespace"]) == Some("true");
            let is_release = vertex.kind == Kind::HelmRelease && !makes_it;
            let thing = indexes.get(&namespace).filter(|_| is_release)?;
            Some((index, *thing))
        });
    let edges = of_objects.chain(releases).filter_map(|(index, thing)| {
        // Of several providers, any may have been there.
        let [(provider, _)] = things.get(thing)?.as_slice() else {
            return None;
        };
        (*provider != index).then(|| (Event::ready(index), Event::start(*provider)))
    });
    edges.collect()
}

/// Whether nothing in the object could make it wait, as `dependsOn` of a Kustomization names Kustomizations
/// alone. It is tried again until the other is done.
fn cannot_wait(graph: &Graph<'_>, need: &Need<'_>, provider: (usize, usize)) -> bool {
    let (own, other) = (&graph.vertices[need.applied], &graph.vertices[provider.0]);
    own.kind == Kind::Kustomization && other.kind != Kind::Kustomization
}

/// Whether a HelmRelease that cannot be installed is tried again, so that it need not wait: what else
/// Flux applies always is.
fn is_tried_again(graph: &Graph<'_>, applied: usize) -> bool {
    let vertex = &graph.vertices[applied];
    let text = |path: &[&str]| vertex.object?.at(path).and_then(Node::text);
    let retries = text(&["spec", "install", "remediation", "retries"]);
    vertex.kind == Kind::HelmRelease
        && (text(&["spec", "install", "strategy", "name"]) == Some("RetryOnFailure")
            || retries.is_some_and(|retries| retries != "0"))
}

/// Whether a HelmRelease makes the namespace that it installs into.
fn is_made(graph: &Graph<'_>, applied: usize, thing: Thing<'_>) -> bool {
    let vertex = &graph.vertices[applied];
    let text = |path: &[&str]| vertex.object?.at(path).and_then(Node::text);
    vertex.kind == Kind::HelmRelease
        && text(&["spec", "install", "createNamespace"]) == Some("true")
        && matches!(thing, Thing::Namespace(name)
            if text(&["spec", "targetNamespace"]) == Some(name))
}

/// Whether a thing is there before Flux applies anything: Kubernetes makes some namespaces, and Flux
/// runs in one.
fn is_always_there(graph: &Graph<'_>, thing: Thing<'_>) -> bool {
    match thing {
        Thing::Namespace("default" | "kube-system" | "kube-public" | "kube-node-lease") => true,
        Thing::Namespace(name) => {
            let mut sources = graph.render.own_sources.iter();
            name == "flux-system" || sources.any(|source| source.namespace == name)
        }
        Thing::Definition(group, _) => {
            group == "kustomize.toolkit.fluxcd.io" || group == "source.toolkit.fluxcd.io"
        }
    }
}

/// Whether a Kustomization is applied to another cluster.
fn applies_elsewhere(graph: &Graph<'_>, applied: usize) -> bool {
    let config = graph.vertices[applied].spec("kubeConfig");
    config.is_some_and(|config| !config.is_null())
}

/// Nothing makes the Kustomization wait for the one that applies what it needs.
fn too_early(graph: &Graph<'_>, need: &Need<'_>, provider: (usize, usize)) -> Diagnostic {
    let (vertex, other) = (&graph.vertices[need.applied], &graph.vertices[provider.0]);
    let message = format!(
        "{vertex} does not wait for {}, which {other} applies",
        needed(need.what)
    );
    let objects = objects(graph, need);
    let namespace = match other.namespace == vertex.namespace {
        true => String::new(),
        false => format!(", namespace: {}", other.namespace),
    };
    let help = match other.object {
        // A HelmRelease can wait for HelmReleases alone, and only a ResourceSet for any of them.
        Some(_) if vertex.kind == Kind::HelmRelease && other.kind != Kind::HelmRelease => format!(
            "the release fails to install and is not tried again: have what applies it wait for \
             {other}, or set `spec.install.strategy.name` to `RetryOnFailure`"
        ),
        Some(_) if vertex.kind != other.kind => format!(
            "until both are there Flux fails and tries again: have it wait for what applies {other}"
        ),
        Some(_) => format!(
            "until both are there Flux fails and tries again: add `- {{name: {}{namespace}}}` to \
             its `spec.dependsOn`",
            other.name
        ),
        None => "until both are there Flux fails and tries again".to_owned(),
    };
    let mut finding = Diagnostic::warning(codes::PROVIDER_NOT_FIRST, vertex.name_span, message)
        .with_note(format!("applies {objects}"))
        .with_help(help);
    finding = with_places(graph, finding, need, provider);
    finding.subject = graph.subject(need.applied);
    finding
}

/// What applies the thing waits for what needs it.
fn never(graph: &Graph<'_>, need: &Need<'_>, provider: (usize, usize)) -> Diagnostic {
    let (vertex, other) = (&graph.vertices[need.applied], &graph.vertices[provider.0]);
    let object = first(graph, need);
    let message = format!(
        "{} {} {}, which {other} applies only after {vertex}",
        objects(graph, need),
        match need.needed.count {
            1 => "needs",
            _ => "need",
        },
        needed(need.what)
    );
    let finding = Diagnostic::error(codes::PROVIDER_NOT_FIRST, name_place(object), message)
        .with_help(format!(
            "neither is ever applied to a new cluster: move {} to where it is applied first",
            needed(need.what)
        ));
    let mut finding = with_label(finding, provider_place(graph, provider), "applied too late");
    finding.subject = graph.subject(need.applied);
    finding
}

fn with_places(
    graph: &Graph<'_>,
    finding: Diagnostic,
    need: &Need<'_>,
    provider: (usize, usize),
) -> Diagnostic {
    let finding = with_label(finding, name_place(first(graph, need)), "this needs it");
    with_label(finding, provider_place(graph, provider), "applied here")
}

fn with_label(finding: Diagnostic, span: Span, text: &str) -> Diagnostic {
    match span.is_some() {
        true => finding.with_label(span, text),
        false => finding,
    }
}

fn needed(thing: Thing<'_>) -> String {
    match thing {
        Thing::Namespace(name) => format!("the namespace `{name}`"),
        Thing::Definition(group, kind) => format!("the definition of {kind}.{group}"),
    }
}

/// The objects that need it: the first, and how many more.
fn objects(graph: &Graph<'_>, need: &Need<'_>) -> String {
    let object = first(graph, need);
    let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
    let object = match namespace.is_empty() {
        true => format!("{kind} {name}"),
        false => format!("{kind} {namespace}/{name}"),
    };
    match need.needed.count {
        1 => object,
        count => format!("{object} and {} more", count - 1),
    }
}

fn first<'r>(graph: &Graph<'r>, need: &Need<'_>) -> &'r Object {
    &graph.contents[need.applied].objects[need.needed.first]
}

fn provider_place(graph: &Graph<'_>, (applied, object): (usize, usize)) -> Span {
    name_place(&graph.contents[applied].objects[object])
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, kustomization, namespace, object, release, report};

    const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\n\
        kind: CustomResourceDefinition\nmetadata: {name: canaries.flagger.app}\n\
        spec: {group: flagger.app, names: {kind: Canary, plural: canaries}}\n";

    fn two(spec: &[&str], first: &str, second: &str) -> Vec<(&'static str, String)> {
        vec![
            ("a.yaml", kustomization("a", &[])),
            ("b.yaml", kustomization("b", spec)),
            ("/a/x.yaml", first.to_owned()),
            ("/b/y.yaml", second.to_owned()),
        ]
    }

    #[test]
    fn what_is_ready_has_found_the_namespaces_that_it_needs() {
        let checks = "healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, \
                      name: web, namespace: flux-system}]";
        let files = |more: &str| {
            let installed = release("web", &["targetNamespace: shop", more])
                .replace("namespace: apps", "namespace: flux-system");
            [
                ("shop.yaml", kustomization("shop", &[])),
                ("/shop/shop.yaml", namespace("shop")),
                ("web.yaml", kustomization("web", &[checks])),
                ("/web/web.yaml", installed),
                (
                    "more.yaml",
                    kustomization("more", &["dependsOn: [{name: web}]"]),
                ),
                ("/more/a.yaml", object("v1", "ConfigMap", "shop", "a")),
            ]
        };
        check(&files("suspend: false"), &[]);
        let made = files("install: {createNamespace: true}");
        let (report, _) = report(&made);
        assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    }

    #[test]
    fn namespaces_and_definitions_come_first() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let shop = namespace("shop");
        check(
            &two(&[], &shop, &settings),
            &[
                "FLX014 b.yaml:4 Kustomization flux-system/b does not wait for the namespace \
                 `shop`, which Kustomization flux-system/a applies",
            ],
        );
        check(&two(&["dependsOn: [{name: a}]"], &shop, &settings), &[]);
        let both = format!("{settings}---\n{shop}");
        check(&two(&[], &namespace("other"), &both), &[]);
        let canary = object("flagger.app/v1beta1", "Canary", "default", "web");
        check(
            &two(&[], DEFINITION, &canary),
            &[
                "FLX014 b.yaml:4 Kustomization flux-system/b does not wait for the definition of \
                 Canary.flagger.app, which Kustomization flux-system/a applies",
            ],
        );
        check(&two(&["dependsOn: [{name: a}]"], DEFINITION, &canary), &[]);
    }

    #[test]
    fn what_no_one_applies_is_there_already() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let canary = object("flagger.app/v1beta1", "Canary", "kube-system", "web");
        check(&two(&[], &canary, &settings), &[]);
    }

    #[test]
    fn order_comes_from_who_applies_whom_and_from_waiting() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        // What a Kustomization applies comes after its namespaces.
        let mut files = vec![
            ("parent.yaml", kustomization("parent", &[])),
            ("/parent/shop.yaml", namespace("shop")),
            ("/parent/b.yaml", kustomization("b", &[])),
            ("/b/y.yaml", settings.clone()),
        ];
        check(&files, &[]);
        // What is applied by a Kustomization that waits comes before what depends on that.
        files = vec![
            ("parent.yaml", kustomization("parent", &["wait: true"])),
            ("/parent/a.yaml", kustomization("a", &[])),
            ("/a/shop.yaml", namespace("shop")),
            (
                "b.yaml",
                kustomization("b", &["dependsOn: [{name: parent}]"]),
            ),
            ("/b/y.yaml", settings),
        ];
        check(&files, &[]);
        files[0].1 = kustomization("parent", &[]);
        check(
            &files,
            &[
                "FLX014 b.yaml:4 Kustomization flux-system/b does not wait for the namespace \
                 `shop`, which Kustomization flux-system/a applies",
            ],
        );
    }

    #[test]
    fn nothing_is_said_where_a_dependency_is_not_known() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let spec = ["dependsOn: [{name: unknown}]"];
        let mut files = two(&spec, &namespace("shop"), &settings);
        let chart = ["chart: {spec: {chart: flux2-sync}}"];
        files[2].1 += &format!("---\n{}", release("web", &chart).replace("apps", "shop"));
        check(&files, &[]);
    }

    #[test]
    fn a_kustomization_cannot_wait_for_what_a_resource_set_applies() {
        let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n\
                   metadata: {name: namespaces, namespace: flux-system}\n\
                   spec: {resources: [{apiVersion: v1, kind: Namespace, metadata: {name: shop}}]}\n";
        let files = [
            ("set.yaml", set.to_owned()),
            ("a.yaml", kustomization("a", &[])),
            ("/a/x.yaml", object("v1", "ConfigMap", "shop", "settings")),
        ];
        check(&files, &[]);
    }

    #[test]
    fn a_release_that_is_tried_again_need_not_wait() {
        const CHART: &str = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, \
                             name: flux-system, namespace: flux-system}}}";
        let files = |install: &str| {
            let release = release("web", &[CHART, "targetNamespace: shop", install]);
            let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
            [
                ("a.yaml", kustomization("a", &[])),
                ("/a/x.yaml", namespace("shop")),
                ("web.yaml", release),
                ("/charts/web/Chart.yaml", chart.to_owned()),
                (
                    "/charts/web/templates/x.yaml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n".to_owned(),
                ),
            ]
        };
        check(
            &files("install: {}"),
            &[
                "FLX014 web.yaml:4 HelmRelease apps/web does not wait for the namespace `shop`, \
                 which Kustomization flux-system/a applies",
            ],
        );
        check(&files("install: {createNamespace: true}"), &[]);
        check(&files("install: {strategy: {name: RetryOnFailure}}"), &[]);
        check(&files("install: {remediation: {retries: 3}}"), &[]);
    }

    #[test]
    fn what_comes_only_afterwards_is_an_error() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let files = [
            ("settings.yaml", settings.clone()),
            ("a.yaml", kustomization("a", &[])),
            ("/a/x.yaml", namespace("shop")),
        ];
        check(
            &files,
            &[
                "FLX014 settings.yaml:3 ConfigMap shop/settings needs the namespace `shop`, which \
                 Kustomization flux-system/a applies only after the entry of the cluster",
            ],
        );
        let mut files = two(&[], &namespace("shop"), &settings);
        files[0].1 = kustomization("a", &["dependsOn: [{name: b}]"]);
        check(
            &files,
            &[
                "FLX014 y.yaml:3 ConfigMap shop/settings needs the namespace `shop`, which \
                 Kustomization flux-system/a applies only after Kustomization flux-system/b",
            ],
        );
    }
}
