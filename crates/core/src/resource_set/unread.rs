//! Inputs that no template reads.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use tidegate_gotemplate::{Kind, Value};
use tidegate_source::{Diagnostic, Span, nearest};
use tidegate_yaml::{Node, Value as NodeValue};

use super::findings::Reads;
use super::inputs::InputSet;
use super::values::Values;
use crate::codes;

/// A key of the inputs.
#[derive(Default)]
struct Key {
    /// Where it is written first.
    span: Span,
    /// In how many maps it is.
    count: usize,
    /// Whether it was read in any of them, or may have been.
    is_read: bool,
}

/// The keys of the input sets that a ResourceSet lists, each with what was read of it.
struct Keys<'a> {
    reads: &'a Reads,
    values: &'a Values,
    by_path: BTreeMap<String, Key>,
}

/// Finds the keys of inputs that were not read with any of the input sets, and that no template has as a
/// word: a branch that was not taken may read them. What was printed or handed to a function as
/// a whole counts as read.
pub(super) fn unread(reads: &Reads, values: &Values, own: &[(InputSet, Node)]) -> Vec<Diagnostic> {
    if reads.is_mixed {
        return Vec::new();
    }
    let mut keys = Keys {
        reads,
        values,
        by_path: BTreeMap::new(),
    };
    for (set, node) in own {
        keys.look_at(&set.value, node, "");
    }
    let mut findings = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (path, key) in &keys.by_path {
        let name = path.rsplit('.').next().unwrap_or(path);
        let is_below = told.iter().any(|above| {
            let rest = path.strip_prefix(above.as_str());
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        });
        if key.is_read || is_below || reads.has_word(name) {
            continue;
        }
        told.push(path.clone());
        findings.push(finding(reads, path, name, key));
    }
    findings
}

impl Keys<'_> {
    fn look_at(&mut self, value: &Value, node: &Node, path: &str) {
        if path.len() > 200 || self.reads.is_used(value.origin) {
            return;
        }
        match (&value.kind, &node.value) {
            (Kind::Map(map), NodeValue::Map(written)) => {
                for entry in written {
                    let name = entry.key.text().unwrap_or_default();
                    let Some(value) = map.get(name) else { continue };
                    let below = match path {
                        "" => name.to_owned(),
                        _ => format!("{path}.{name}"),
                    };
                    let is_read = self.values.origins.was_read(value.origin);
                    let is_printed = self.is_printed(&value);
                    let key = self.by_path.entry(below.clone()).or_default();
                    if key.count == 0 {
                        key.span = entry.key.place.span();
                    }
                    key.count += 1;
                    key.is_read |= is_read || is_printed;
                    if is_read {
                        self.look_at(&value, &entry.value, &below);
                    }
                }
            }
            (Kind::List(list), NodeValue::Seq(written)) => {
                for (item, node) in list.items.iter().zip(written) {
                    self.look_at(item, node, &format!("{path}[]"));
                }
            }
            _ => {}
        }
    }

    /// Whether a value or a part of it is in the output, or decided what is in it.
    fn is_printed(&self, value: &Value) -> bool {
        self.reads.is_used(value.origin)
            || match &value.kind {
                Kind::Map(map) => map.entries().values().any(|one| self.is_printed(one)),
                Kind::List(list) => list.items.iter().any(|one| self.is_printed(one)),
                _ => false,
            }
    }
}

fn finding(reads: &Reads, path: &str, name: &str, key: &Key) -> Diagnostic {
    let message = format!("no template reads the input `{path}`");
    let finding = Diagnostic::warning(codes::UNREAD_INPUT, key.span, message);
    let finding = match key.count {
        1 => finding,
        count => finding.with_note(format!("the first of {count} that are there")),
    };
    match nearest(name, reads.missing.keys().map(|key| key.as_str())) {
        Some(near) => {
            let help =
                format!("a template looks for `{near}`, which no input has: did you mean that?");
            let finding = finding.with_help(help);
            match reads.missing.get(near) {
                Some(span) if span.is_some() => finding.with_label(*span, "looked for here"),
                _ => finding,
            }
        }
        None => finding.with_help("take it out, or read it: the name may be misspelt"),
    }
}

/// The words of a text that could be names of inputs.
pub(super) fn words(text: &str, words: &mut FxHashSet<String>) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    for word in text.split(|c| !is_part(c)).filter(|word| !word.is_empty()) {
        if !words.contains(word) {
            words.insert(word.to_owned());
        }
    }
}
