//! Objects that two Kustomizations apply.

use std::collections::HashMap;
use std::fmt::Write as _;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Severity, Span, Subject};
use tidegate_yaml::Node;

use crate::codes;
use crate::graph::contents::group;
use crate::graph::nodes::{Graph, Vertex};

/// More objects of the same two Kustomizations are told of in one finding.
const MOST_ALONE: usize = 3;

/// An object that an earlier Kustomization has as well.
struct Shared<'r> {
    first: &'r Object,
    second: &'r Object,
}

/// Finds the objects that more than one Kustomization applies.
pub(super) fn find(graph: &Graph<'_>, findings: &mut Vec<Diagnostic>) {
    for ((first, second), shared) in shared(graph) {
        let mut of_pair = match shared.len() {
            0..=MOST_ALONE => shared
                .iter()
                .map(|one| alone(graph, (first, second), one))
                .collect(),
            _ => vec![together(graph, (first, second), &shared)],
        };
        for finding in &mut of_pair {
            finding.trail = graph.render.chain(second);
        }
        findings.append(&mut of_pair);
    }
}

/// The objects that two Kustomizations have in common, by the indexes of the two.
fn shared<'r>(graph: &Graph<'r>) -> Vec<((usize, usize), Vec<Shared<'r>>)> {
    let mut owners: HashMap<u64, (usize, usize), FxBuildHasher> = HashMap::default();
    let mut pairs: HashMap<(usize, usize), usize, FxBuildHasher> = HashMap::default();
    let mut found: Vec<((usize, usize), Vec<Shared<'_>>)> = Vec::new();
    for (index, contents) in graph.contents.iter().enumerate() {
        if !applies_here(&graph.vertices[index]) {
            continue;
        }
        for (place, identity) in contents.identities.iter().enumerate() {
            let (owner, at) = *owners.entry(*identity).or_insert((index, place));
            if owner == index {
                continue;
            }
            let first = &graph.contents[owner].objects[at];
            let second = &contents.objects[place];
            if !is_same(first, second)
                || is_shared_on_purpose(first)
                || is_shared_on_purpose(second)
            {
                continue;
            }
            let pair = *pairs.entry((owner, index)).or_insert_with(|| {
                found.push(((owner, index), Vec::new()));
                found.len() - 1
            });
            found[pair].1.push(Shared { first, second });
        }
    }
    found
}

/// Whether a Kustomization is applied to the cluster that it is in, now.
fn applies_here(vertex: &Vertex<'_>) -> bool {
    !vertex.is_set("suspend") && vertex.spec("kubeConfig").is_none_or(Node::is_null)
}

/// The identity that was hashed.
fn is_same(one: &Object, other: &Object) -> bool {
    let identity = |object: &Object| {
        let group = group(object.api_version()).to_owned();
        (group, object.kind().to_owned())
    };
    one.name() == other.name()
        && one.namespace() == other.namespace()
        && identity(one) == identity(other)
}

/// Whether an annotation says that others apply the object as well, or that it is left alone.
fn is_shared_on_purpose(object: &Object) -> bool {
    let annotation = |key: &str| {
        let key = format!("kustomize.toolkit.fluxcd.io/{key}");
        object.node.at(&["metadata", "annotations", &key])?.text()
    };
    matches!(annotation("ssa"), Some("Merge" | "IfNotPresent" | "Ignore"))
        || annotation("reconcile") == Some("disabled")
}

fn alone(graph: &Graph<'_>, owners: (usize, usize), shared: &Shared<'_>) -> Diagnostic {
    let (first, second) = owners;
    let object = shown(shared.second);
    let (one, other) = (&graph.vertices[first], &graph.vertices[second]);
    let message = format!("{object} is applied by {one} and by {other}");
    let (first_place, place) = (name_place(shared.first), name_place(shared.second));
    // Both read the same file: what is to be edited is one of the two.
    let place = match first_place == place {
        true => path_place(graph, second),
        false => place,
    };
    let severity = match shared.first.node.same_value(&shared.second.node) {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let location = tidegate_source::Location::Span(place);
    let mut finding = Diagnostic::new(codes::SEVERAL_OWNERS, severity, location, message)
        .with_note(format!("applied by {other}"))
        .with_help(help(graph, owners, severity == Severity::Error));
    if first_place.is_some() {
        finding = finding.with_label(first_place, format!("applied by {one}"));
    }
    finding.with_subject(Subject {
        api_version: shared.second.api_version().to_owned(),
        kind: shared.second.kind().to_owned(),
        namespace: shared.second.namespace().to_owned(),
        name: shared.second.name().to_owned(),
    })
}

fn together(graph: &Graph<'_>, owners: (usize, usize), shared: &[Shared<'_>]) -> Diagnostic {
    let (first, second) = owners;
    let (one, other) = (&graph.vertices[first], &graph.vertices[second]);
    let differ = shared
        .iter()
        .any(|shared| !shared.first.node.same_value(&shared.second.node));
    let message = format!(
        "{} objects are applied by {one} and by {other}, such as {}",
        shared.len(),
        shown(shared[0].second)
    );
    let place = path_place(graph, second);
    let severity = match differ {
        true => Severity::Error,
        false => Severity::Warning,
    };
    let location = tidegate_source::Location::Span(place);
    let mut finding = Diagnostic::new(codes::SEVERAL_OWNERS, severity, location, message)
        .with_help(help(graph, owners, differ));
    let first_place = path_place(graph, first);
    if first_place.is_some() && first_place != place {
        finding = finding.with_label(first_place, "applied by this one as well");
    }
    finding.subject = graph.subject(second);
    finding
}

/// What becomes of an object with two owners: who applies it last has its labels on it, and whose
/// labels are on it deletes it.
fn help(graph: &Graph<'_>, owners: (usize, usize), differ: bool) -> String {
    let prunes = |index: usize| graph.vertices[index].is_set("prune");
    let name = |index: usize| graph.vertices[index].to_string();
    let (first, second) = owners;
    let mut help = match differ {
        true => "they differ, and each overwrites the other at every reconciliation".to_owned(),
        false => "who applied it last owns it".to_owned(),
    };
    let prunes = match (prunes(first), prunes(second)) {
        (true, true) => "the owner of the moment".to_owned(),
        (true, false) => name(first),
        (false, true) => name(second),
        (false, false) => String::new(),
    };
    if !prunes.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(
            help,
            "; taken out of one, it can be deleted although the other still has it ({prunes} \
             prunes)"
        );
    }
    help.push_str(": keep it in one of them");
    help
}

fn shown(object: &Object) -> String {
    let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
    match namespace.is_empty() {
        true => format!("{kind} {name}"),
        false => format!("{kind} {namespace}/{name}"),
    }
}

pub(super) fn name_place(object: &Object) -> Span {
    let name = object.node.at(&["metadata", "name"]);
    name.unwrap_or(&object.node).place.span()
}

/// Where a Kustomization says what it applies.
fn path_place(graph: &Graph<'_>, index: usize) -> Span {
    let kustomization = graph.render.applied[index].kustomization();
    kustomization.map_or(Span::NONE, |kustomization| kustomization.path_span)
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, kustomization, namespace, object, report};

    fn two(spec: &[&str], first: &str, second: &str) -> Vec<(&'static str, String)> {
        vec![
            ("a.yaml", kustomization("a", &[])),
            ("b.yaml", kustomization("b", spec)),
            ("/a/x.yaml", first.to_owned()),
            ("/b/y.yaml", second.to_owned()),
        ]
    }

    #[test]
    fn an_object_has_one_owner() {
        let shop = namespace("shop");
        check(
            &two(&[], &shop, &shop),
            &[
                "FLX013 y.yaml:3 Namespace shop is applied by Kustomization flux-system/a and by \
                 Kustomization flux-system/b",
            ],
        );
        let named = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  \
                     annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}\n";
        check(&two(&[], &shop, named), &[]);
        check(&two(&["suspend: true"], &shop, &shop), &[]);
        check(
            &two(&["kubeConfig: {secretRef: {name: other}}"], &shop, &shop),
            &[],
        );
        let other = object("apps/v1", "Deployment", "shop", "x");
        let same_name = object("v1", "Service", "shop", "x");
        let (first, second) = (format!("{shop}---\n{other}"), same_name);
        let files = two(&["dependsOn: [{name: a}]"], &first, &second);
        check(&files, &[]);
    }

    #[test]
    fn the_help_says_who_deletes_it() {
        let shop = namespace("shop");
        let help = |first: &str, second: &str, prune: &str| {
            let mut files = two(&[], first, second);
            files[1].1 = files[1].1.replace("prune: true", prune);
            let (report, _) = report(&files);
            let finding = &report.findings[0];
            (finding.severity.as_str(), finding.help.clone().unwrap())
        };
        let (severity, text) = help(&shop, &shop, "prune: true");
        assert_eq!(severity, "warning");
        assert_eq!(
            text,
            "who applied it last owns it; taken out of one, it can be deleted although the other \
             still has it (the owner of the moment prunes): keep it in one of them"
        );
        let labelled = shop.replace("{name: shop}", "{name: shop, labels: {a: b}}");
        let (severity, text) = help(&shop, &labelled, "prune: false");
        assert_eq!(severity, "error");
        assert_eq!(
            text,
            "they differ, and each overwrites the other at every reconciliation; taken out of one, \
             it can be deleted although the other still has it (Kustomization flux-system/a prunes): \
             keep it in one of them"
        );
    }

    #[test]
    fn many_objects_of_the_same_two_are_one_finding() {
        let many: Vec<String> = ["a", "b", "c", "d"].map(namespace).to_vec();
        let many = many.join("---\n");
        check(
            &two(&[], &many, &many),
            &[
                "FLX013 b.yaml:7 4 objects are applied by Kustomization flux-system/a and by \
                 Kustomization flux-system/b, such as Namespace a",
            ],
        );
        // The same folder twice: there is no line of its own for each object.
        let mut files = two(&[], &namespace("shop"), "");
        files[1].1 = files[1].1.replace("./b", "./a");
        files.pop();
        check(
            &files,
            &[
                "FLX013 b.yaml:7 Namespace shop is applied by Kustomization flux-system/a and by \
                 Kustomization flux-system/b",
            ],
        );
    }
}
