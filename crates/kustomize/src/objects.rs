//! The objects of a resource file.

use std::collections::VecDeque;

use tidegate_source::{Diagnostic, Location, Severity, Span, nearest};
use tidegate_yaml::{Dialect, DuplicateKeys, Node, ParseOptions, Parsed};

use crate::codes;
use crate::decode::type_of;

/// How resources and strategic merge patches are read. Equal keys are no error yet: a patch may take
/// out the mapping that has them, and a merge looks at the first one only.
pub(crate) fn object_options() -> ParseOptions {
    ParseOptions {
        duplicate_keys: DuplicateKeys::FirstCounts,
        ..ParseOptions::new(Dialect::GoYaml3)
    }
}

/// The objects of the documents of a file, lists of objects taken apart. The findings hold all
/// that is wrong with the file.
pub(crate) fn objects(parsed: &Parsed) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut findings = parsed.findings.clone();
    let mut queue = VecDeque::new();
    let single = parsed.documents.len() == 1;
    let documents = parsed.documents.iter();
    for root in documents.filter_map(|document| document.root.as_ref()) {
        add(root.clone(), single, &mut queue);
    }
    let (objects, found) = taken_apart(queue);
    findings.extend(found);
    (objects, findings)
}

/// The same of documents that are read one by one.
pub(crate) fn listed(documents: Vec<Node>) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut queue = VecDeque::new();
    for root in documents {
        add(root, true, &mut queue);
    }
    taken_apart(queue)
}

fn add(root: Node, single: bool, queue: &mut VecDeque<Node>) {
    match wrapped(&root).filter(|_| single) {
        Some(items) => queue.extend(items.iter().filter(|item| !is_empty(item)).cloned()),
        None if is_empty(&root) => {}
        None => queue.push_back(root),
    }
}

fn taken_apart(mut queue: VecDeque<Node>) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let mut objects = Vec::with_capacity(queue.len());
    while let Some(node) = queue.pop_front() {
        if let Some(finding) = refusal(&node) {
            findings.push(finding);
            continue;
        }
        let kind = node.get("kind").and_then(Node::text).unwrap_or_default();
        let items = kind.ends_with("List").then(|| node.get("items")).flatten();
        let Some(items) = items else {
            objects.push(node);
            continue;
        };
        match items.as_seq() {
            Some(items) => queue.extend(items.iter().filter(|item| !is_empty(item)).cloned()),
            None if items.is_null() => {}
            None => findings.push(Diagnostic::error(
                codes::NOT_A_RESOURCE,
                items.place.span(),
                format!("`items` of a {kind} must be a list, not {}", type_of(items)),
            )),
        }
    }
    (objects, findings)
}

/// The findings of a file of which Go reads the first document alone.
pub(crate) fn of_first_document(parsed: &Parsed) -> Vec<Diagnostic> {
    let end = parsed.documents.first().map(|document| document.span.end);
    let is_first = |finding: &&Diagnostic| match (end, &finding.primary) {
        (Some(end), Location::Span(span)) => span.start < end,
        _ => true,
    };
    parsed.findings.iter().filter(is_first).cloned().collect()
}

/// Whether findings hold an error.
pub(crate) fn has_error(findings: &[Diagnostic]) -> bool {
    first_error(findings).is_some()
}

/// The first of `findings` that is more than a warning.
pub(crate) fn first_error(findings: &[Diagnostic]) -> Option<&Diagnostic> {
    findings
        .iter()
        .find(|finding| finding.severity == Severity::Error)
}

/// The objects of a `List` or `ResourceList`.
fn wrapped(root: &Node) -> Option<&[Node]> {
    let kind = root.get("kind")?.text()?;
    if !matches!(kind, "List" | "ResourceList") {
        return None;
    }
    match root.get("items") {
        Some(items) => Some(items.as_seq().map_or(&[], |items| items.iter().as_slice())),
        None => root.get("functionConfig").map(|_| &[][..]),
    }
}

fn is_empty(node: &Node) -> bool {
    node.is_null()
        || node.as_map().is_some_and(|map| map.is_empty())
        || node.as_seq().is_some_and(|seq| seq.is_empty())
}

/// Why kustomize would not take a node for an object.
pub(crate) fn refusal(node: &Node) -> Option<Diagnostic> {
    if node.as_map().is_none() {
        let span = first_line(node);
        let message = format!("an object is a mapping, not {}", type_of(node));
        let finding = Diagnostic::error(codes::NOT_A_RESOURCE, span, message);
        return Some(finding.with_help("an object has `apiVersion`, `kind` and `metadata.name`"));
    }
    let text = |field: Option<&Node>| {
        let node = field.filter(|node| !node.is_null())?;
        node.text()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let kind = text(node.get("kind"));
    let name = text(node.at(&["metadata", "name"]));
    match (kind, name) {
        (None, None) if node.get("apiVersion").is_none() => {
            let message = "this is no Kubernetes object: it has neither `apiVersion` nor `kind`";
            let finding = Diagnostic::error(codes::NOT_A_RESOURCE, first_line(node), message);
            Some(finding.with_help("add them, or do not name the file as a resource"))
        }
        (None, name) => {
            let message = match name {
                Some(name) => format!("the object `{name}` has no `kind`"),
                None => "this object has no `kind`".to_owned(),
            };
            Some(missing(node, "kind", message))
        }
        (Some(kind), None) if !kind.ends_with("List") => {
            let metadata = node.get("metadata").filter(|node| !node.is_null());
            let span = first_line(metadata.unwrap_or(node));
            let (message, help) = match metadata {
                Some(node) if node.as_map().is_none() => (
                    format!(
                        "`metadata` of a {kind} must be a mapping, not {}",
                        type_of(node)
                    ),
                    "write `name:` below `metadata:`, indented and without a dash",
                ),
                Some(node) if node.get("name").is_none() => {
                    let message = format!("this {kind} has no `metadata.name`");
                    return Some(missing(node, "metadata.name", message));
                }
                Some(_) => (
                    format!("`metadata.name` of this {kind} must be text that is not empty"),
                    "write a name",
                ),
                None => {
                    let message = format!("this {kind} has no `metadata.name`");
                    return Some(missing(node, "metadata.name", message));
                }
            };
            let finding = Diagnostic::error(codes::NOT_A_RESOURCE, span, message);
            Some(finding.with_help(help))
        }
        _ => None,
    }
}

/// The finding about a field that is not there, at the key that was perhaps meant to be it.
fn missing(node: &Node, path: &str, message: String) -> Diagnostic {
    let at = |span| Diagnostic::error(codes::NOT_A_RESOURCE, span, message);
    let map = node.as_map();
    for field in path.split('.') {
        let near = map.and_then(|map| {
            let meant = |key: &str| key != field && nearest(key, [field]).is_some();
            map.iter().find(|entry| entry.key.text().is_some_and(meant))
        });
        if let Some(entry) = near {
            let finding = at(entry.key.place.span());
            return finding.with_help(format!("did you mean `{field}`?"));
        }
    }
    at(first_line(node)).with_help(format!("add `{path}`"))
}

/// The place of the first key or item, which says more than the whole of a long object.
fn first_line(node: &Node) -> Span {
    let first = match (node.as_map(), node.as_seq()) {
        (Some(map), _) => map.iter().next().map(|entry| &entry.key),
        (_, Some(seq)) => seq.iter().next(),
        _ => None,
    };
    let span = first.map_or(Span::NONE, |first| first.place.span());
    if span.is_some() {
        span
    } else {
        node.place.span()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    #[track_caller]
    fn check(text: &str, names: &[&str], messages: &[&str]) {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("f", text)));
        let file = sources.load(&TreePath::new("f").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let (objects, findings) = objects(&parsed);
        let name = |node: &Node| node.at(&["metadata", "name"])?.text().map(str::to_owned);
        let found: Vec<String> = objects.iter().filter_map(name).collect();
        assert_eq!(found, names);
        let said: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(said, messages);
    }

    #[test]
    fn lists_are_taken_apart_and_come_last() {
        check(
            "kind: ThingList\nitems:\n- {kind: A, metadata: {name: a}}\n- null\n---\n\
             kind: B\nmetadata: {name: b}\n",
            &["b", "a"],
            &[],
        );
        check(
            "kind: List\nitems: [{kind: A, metadata: {name: a}}]\n",
            &["a"],
            &[],
        );
        check("kind: AllowList\nmetadata: {name: l}\n", &["l"], &[]);
        check("kind: XList\nitems: null\n", &[], &[]);
    }

    #[test]
    fn empty_documents_are_no_objects() {
        check(
            "---\n# only a comment\n---\nnull\n---\n{}\n---\n[]\n",
            &[],
            &[],
        );
    }

    #[test]
    fn what_is_no_object_is_said() {
        check("- a\n", &[], &["an object is a mapping, not a list"]);
        check(
            "kind: A\nmetadata: {}\n",
            &[],
            &["this A has no `metadata.name`"],
        );
        check(
            "metadata: {name: x}\n",
            &[],
            &["the object `x` has no `kind`"],
        );
        check(
            "kind: AList\nitems: {a: b}\n",
            &[],
            &["`items` of a AList must be a list, not a mapping"],
        );
    }
}
