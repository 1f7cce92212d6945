//! Objects that wait for each other, so that none of them is ever applied.

use std::collections::VecDeque;

use tidegate_source::Diagnostic;

use crate::codes;
use crate::graph::events::{Edge, Events, Why};
use crate::graph::nodes::Graph;

/// So many circles of one cluster are told apart; there is always one entry to take out for each.
const MOST: usize = 32;

/// One finding for each circle, until none is left when one entry of each is taken out.
pub(super) fn findings(graph: &Graph<'_>, events: &Events) -> Vec<Diagnostic> {
    let mut edges = events.edges.clone();
    let mut findings = Vec::new();
    while findings.len() < MOST {
        let components = components(events.count(), &edges);
        let in_circle = |edge: &Edge| {
            components[edge.from.index()] == components[edge.to.index()]
                && matches!(edge.why, Why::DependsOn(_))
        };
        let Some(first) = edges.iter().position(in_circle) else {
            break;
        };
        let circle = shortest(events.count(), &edges, first);
        findings.push(finding(graph, &circle));
        edges.remove(first);
    }
    findings
}

/// For each event, which set of events that need each other it is in.
fn components(count: usize, edges: &[Edge]) -> Vec<usize> {
    let next = adjacency(count, edges);
    let mut components = vec![usize::MAX; count];
    let mut order = vec![0_usize; count];
    let mut low = vec![0_usize; count];
    let mut seen = 0;
    let mut open: Vec<usize> = Vec::new();
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..count {
        if order[start] != 0 {
            continue;
        }
        path.push((start, 0));
        while let Some((event, tried)) = path.pop() {
            if tried == 0 {
                seen += 1;
                order[event] = seen;
                low[event] = seen;
                open.push(event);
            } else {
                let below = edges[next[event][tried - 1]].to.index();
                low[event] = low[event].min(low[below]);
            }
            let mut at = tried;
            let mut below = None;
            while let Some(&edge) = next[event].get(at) {
                let to = edges[edge].to.index();
                at += 1;
                if order[to] == 0 {
                    below = Some(to);
                    break;
                }
                if components[to] == usize::MAX {
                    low[event] = low[event].min(order[to]);
                }
            }
            if let Some(below) = below {
                path.push((event, at));
                path.push((below, 0));
                continue;
            }
            if low[event] == order[event] {
                while let Some(member) = open.pop() {
                    components[member] = event;
                    if member == event {
                        break;
                    }
                }
            }
        }
    }
    components
}

/// The shortest circle through an edge that is in one; the edge comes first.
fn shortest(count: usize, edges: &[Edge], through: usize) -> Vec<Edge> {
    let next = adjacency(count, edges);
    let (start, goal) = (edges[through].to.index(), edges[through].from.index());
    let mut reached_by: Vec<Option<usize>> = vec![None; count];
    let mut queue = VecDeque::from([start]);
    while let Some(event) = queue.pop_front() {
        if event == goal {
            break;
        }
        for &edge in &next[event] {
            let to = edges[edge].to.index();
            if to != start && reached_by[to].is_none() {
                reached_by[to] = Some(edge);
                queue.push_back(to);
            }
        }
    }
    let mut circle = Vec::new();
    let mut event = goal;
    while let (true, Some(edge)) = (event != start, reached_by[event]) {
        circle.push(edges[edge]);
        event = edges[edge].from.index();
    }
    circle.push(edges[through]);
    circle.reverse();
    circle
}

/// The edges that leave each event.
fn adjacency(count: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut next = vec![Vec::new(); count];
    for (index, edge) in edges.iter().enumerate() {
        next[edge.from.index()].push(index);
    }
    next
}

fn finding(graph: &Graph<'_>, circle: &[Edge]) -> Diagnostic {
    let first = circle[0].from.vertex();
    let vertex = |index: usize| &graph.vertices[index];
    // Names are told apart by kind and namespace only where they have to be.
    let steps = || circle.iter().filter(|edge| edge.why != Why::Started);
    let is_same = |index: usize| {
        let (one, other) = (vertex(index), vertex(first));
        one.kind == other.kind && one.namespace == other.namespace
    };
    let short = steps().all(|edge| is_same(edge.to.vertex()));
    let name = |index: usize| match (short, vertex(index).object) {
        (true, Some(_)) => format!("`{}`", vertex(index).name),
        _ => vertex(index).to_string(),
    };
    let mut way = name(first);
    for edge in steps() {
        way.push_str(" -> ");
        way.push_str(&name(edge.to.vertex()));
    }
    let message = match steps().count() {
        1 => format!("{} depends on itself", vertex(first)),
        _ => format!("{} waits for itself: {way}", vertex(first)),
    };
    let mut finding = None;
    for edge in steps() {
        let (from, to) = (name(edge.from.vertex()), name(edge.to.vertex()));
        let (span, text) = match edge.why {
            Why::DependsOn(span) => (span, format!("{from} waits for {to}")),
            Why::Waits(span) => (span, format!("{from} is ready only when {to} is")),
            Why::AppliedBy(span) => (span, format!("{from} is applied by {to}")),
            Why::Started | Why::Applies => continue,
        };
        finding = Some(match finding {
            None => {
                let finding = Diagnostic::error(codes::DEPENDENCY_CYCLE, span, message.clone());
                finding.with_note(text)
            }
            Some(finding) => Diagnostic::with_label(finding, span, text),
        });
    }
    let finding = finding.unwrap_or_else(|| {
        let span = vertex(first).name_span;
        Diagnostic::error(codes::DEPENDENCY_CYCLE, span, message)
    });
    let mut finding = finding
        .with_help("none of these is ever ready: take one of the entries of `dependsOn` out")
        .with_trail(trail(graph, first));
    finding.subject = graph.subject(first);
    finding
}

/// How a vertex got into the cluster.
fn trail(graph: &Graph<'_>, vertex: usize) -> Vec<tidegate_source::TrailStep> {
    let parent = graph.vertices[vertex].parent;
    parent.map_or_else(Vec::new, |parent| graph.render.chain(parent))
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, kustomization, namespace, release};

    #[test]
    fn a_circle_of_dependencies_is_one_finding() {
        let after = |name: &str, other: &str| {
            kustomization(name, &[&format!("dependsOn: [{{name: {other}}}]")])
        };
        let files = [
            ("a.yaml", after("a", "b")),
            ("b.yaml", after("b", "c")),
            ("c.yaml", after("c", "a")),
            ("d.yaml", after("d", "a")),
            ("e.yaml", after("e", "e")),
            ("/a/x.yaml", namespace("a")),
            ("/b/x.yaml", namespace("b")),
            ("/c/x.yaml", namespace("c")),
            ("/d/x.yaml", namespace("d")),
            ("/e/x.yaml", namespace("e")),
        ];
        check(
            &files,
            &[
                "FLX010 a.yaml:10 Kustomization flux-system/a waits for itself: \
                 `a` -> `b` -> `c` -> `a`",
                "FLX010 e.yaml:10 Kustomization flux-system/e depends on itself",
            ],
        );
    }

    #[test]
    fn two_circles_that_share_a_place_are_two_findings() {
        let after =
            |name: &str, others: &str| kustomization(name, &[&format!("dependsOn: [{others}]")]);
        let files = [
            ("a.yaml", after("a", "{name: b}, {name: c}")),
            ("b.yaml", after("b", "{name: a}")),
            ("c.yaml", after("c", "{name: a}")),
            ("/a/x.yaml", namespace("a")),
            ("/b/x.yaml", namespace("b")),
            ("/c/x.yaml", namespace("c")),
        ];
        check(
            &files,
            &[
                "FLX010 a.yaml:10 Kustomization flux-system/a waits for itself: `a` -> `b` -> `a`",
                "FLX010 a.yaml:10 Kustomization flux-system/a waits for itself: `a` -> `c` -> `a`",
            ],
        );
    }

    #[test]
    fn who_waits_for_what_it_applies_is_not_ready_before_that() {
        let parent = |spec: &[&str]| [("parent.yaml", kustomization("parent", spec))];
        let child = [
            (
                "/parent/child.yaml",
                kustomization("child", &["dependsOn: [{name: parent}]"]),
            ),
            ("/child/x.yaml", namespace("x")),
        ];
        check(&[&parent(&[])[..], &child].concat(), &[]);
        check(
            &[&parent(&["wait: true"])[..], &child].concat(),
            &[
                "FLX010 child.yaml:10 Kustomization flux-system/child waits for itself: \
                 `child` -> `parent` -> `child`",
            ],
        );
        let checks = "healthChecks: [{apiVersion: kustomize.toolkit.fluxcd.io/v1, \
                      kind: Kustomization, name: child, namespace: flux-system}]";
        check(
            &[&parent(&[checks])[..], &child].concat(),
            &[
                "FLX010 child.yaml:10 Kustomization flux-system/child waits for itself: \
                 `child` -> `parent` -> `child`",
            ],
        );
    }

    #[test]
    fn what_exists_only_when_another_is_applied_cannot_be_waited_for_by_that() {
        let files = [
            (
                "parent.yaml",
                kustomization("parent", &["dependsOn: [{name: child}]"]),
            ),
            ("/parent/child.yaml", kustomization("child", &[])),
            ("/child/x.yaml", namespace("x")),
        ];
        check(
            &files,
            &[
                "FLX010 parent.yaml:10 Kustomization flux-system/parent waits for itself: \
                 `parent` -> `child` -> `parent`",
            ],
        );
    }

    #[test]
    fn circles_lead_through_kinds() {
        let files = [
            ("a.yaml", kustomization("a", &["wait: true"])),
            ("b.yaml", kustomization("b", &["dependsOn: [{name: a}]"])),
            ("/a/apps.yaml", namespace("apps")),
            (
                "/a/web.yaml",
                release("web", &["dependsOn: [{name: database}]"]),
            ),
            ("/b/database.yaml", release("database", &[])),
        ];
        check(
            &files,
            &[
                "FLX010 web.yaml:8 HelmRelease apps/web waits for itself: HelmRelease apps/web -> \
                 HelmRelease apps/database -> Kustomization flux-system/b -> \
                 Kustomization flux-system/a -> HelmRelease apps/web",
            ],
        );
    }

    #[test]
    fn an_expression_stands_in_for_being_ready() {
        let files = [
            (
                "a.yaml",
                kustomization("a", &["dependsOn: [{name: b, readyExpr: 'true'}]"]),
            ),
            ("b.yaml", kustomization("b", &["dependsOn: [{name: a}]"])),
            ("/a/x.yaml", namespace("a")),
            ("/b/x.yaml", namespace("b")),
        ];
        check(&files, &[]);
    }
}
