//! What is lost without a word when a build is read back.

use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Subject};
use tidegate_yaml::{Node, Value};

use super::read_objects::{is_kustomization, is_text, items, rounded};
use crate::codes;
use crate::flux::subject;

/// What is lost when the objects of a build are read back: each a finding at its place. What
/// variables bring about is not among it.
pub(super) fn losses(built: &[Object]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for object in built {
        let before = findings.len();
        lost_of(&object.node, &mut findings);
        if findings.len() > before {
            let trail = object.trail();
            for finding in &mut findings[before..] {
                finding.trail.clone_from(&trail);
            }
        }
    }
    findings
}

fn lost_of(node: &Node, findings: &mut Vec<Diagnostic>) {
    let of = subject(node);
    if items(node).is_some() && !of.kind.ends_with("List") {
        let entry = node.as_map().and_then(|map| map.entry("items"));
        let span = entry.map_or(node.place.span(), |entry| entry.key.place.span());
        let message = format!("Flux applies the `items` of {of} instead of the object itself");
        findings.push(
            Diagnostic::error(codes::ITEMS_REPLACE_OBJECT, span, message)
                .with_help("an object with a list `items` at its top is a list to Flux: rename it")
                .with_subject(of.clone()),
        );
        return;
    }
    if is_kustomization(node) {
        let kind = node.get("kind").unwrap_or(node);
        let message = format!("{of} is a kustomization for kustomize, which Flux does not apply");
        findings.push(
            Diagnostic::warning(codes::KUSTOMIZATION_NOT_APPLIED, kind.place.span(), message)
                .with_help("take it out of `resources`, or move it to a folder of its own")
                .with_subject(of),
        );
        return;
    }
    let parts: [(&[&str], &str); 2] = [
        (&["metadata", "name"], "metadata.name"),
        (&["apiVersion"], "apiVersion"),
    ];
    for (path, field) in parts {
        let Some(part) = node.at(path).filter(|part| !is_text(part)) else {
            continue;
        };
        let message = format!("Flux leaves {of} out without a word, as `{field}` is no text");
        findings.push(
            Diagnostic::error(codes::OBJECT_LEFT_OUT, part.place.span(), message)
                .with_help("put it in quotes")
                .with_subject(of.clone()),
        );
        return;
    }
    let labels = node.at(&["metadata", "labels"]).and_then(Node::as_map);
    let not_text = labels.and_then(|labels| labels.iter().find(|entry| !is_text(&entry.value)));
    if let Some(entry) = not_text {
        let key = entry.key.text().unwrap_or_default();
        let message = format!("all labels of {of} vanish, as `{key}` is no text");
        findings.push(
            Diagnostic::error(codes::METADATA_NOT_TEXT, entry.value.place.span(), message)
                .with_help("put the value in quotes")
                .with_subject(of.clone()),
        );
    }
    large_numbers(node, &of, findings);
}

fn large_numbers(node: &Node, of: &Subject, findings: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Scalar(scalar) => {
            let Some(rounded) = rounded(scalar.kind, &scalar.text) else {
                return;
            };
            if rounded == scalar.text.as_str() {
                return;
            }
            let text = &scalar.text;
            let message = format!("{text} in {of} becomes {rounded}: it is too large for JSON");
            findings.push(
                Diagnostic::error(codes::LARGE_NUMBER, node.place.span(), message)
                    .with_help("put it in quotes if the field takes text")
                    .with_subject(of.clone()),
            );
        }
        Value::Map(map) => {
            for entry in map {
                large_numbers(&entry.value, of, findings);
            }
        }
        Value::Seq(seq) => {
            for item in seq {
                large_numbers(item, of, findings);
            }
        }
    }
}
