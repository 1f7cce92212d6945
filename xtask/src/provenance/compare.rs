//! The leaves that a change reached, and whether they say so.

use std::ops::Range;

use tidegate_kustomize::Object;
use tidegate_source::{Sources, Span};
use tidegate_yaml::{Node, Place, StepKind, Value};

use crate::provenance::change::Change;
use crate::provenance::site::Site;

/// One change and what came of it.
pub(super) struct Trial {
    pub(super) unit: String,
    pub(super) place: String,
    pub(super) new: String,
    pub(super) role: String,
    /// Whether the value of a variable was changed.
    pub(super) defines: bool,
    pub(super) verdict: Verdict,
}

/// What came of a change.
pub(super) enum Verdict {
    /// The engine panicked.
    Panics,
    /// The changed tree does not build.
    Fails,
    /// Other objects, or other leaves, are there.
    Restructured(Vec<Leaf>),
    /// The same leaves are there; these have another value.
    Changed(Vec<Leaf>),
}

/// A leaf whose value changed.
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) traced: Traced,
    /// Whether the primary place is within the changed scalar.
    pub(super) primary: bool,
    /// Whether the changed scalar only steered: its text is not in the new value.
    pub(super) steered: bool,
    /// Its primary place and its steps, for people.
    pub(super) places: Vec<String>,
}

/// Whether the place of a leaf names the change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Traced {
    /// A span within the changed scalar.
    Exactly,
    /// A span that holds the changed scalar and more.
    Broadly,
    /// The name has a generator's hash, and the trail names the generator.
    ByGenerator,
    No,
}

/// Calls `each` for every scalar below a node, with its path.
pub(super) fn leaves(node: &Node, each: &mut dyn FnMut(&[String], &Node)) {
    fn walk(node: &Node, path: &mut Vec<String>, each: &mut dyn FnMut(&[String], &Node)) {
        match &node.value {
            Value::Scalar(_) => each(path, node),
            Value::Map(map) => {
                for entry in map {
                    path.push(entry.key.text().unwrap_or_default().to_owned());
                    walk(&entry.value, path, each);
                    path.pop();
                }
            }
            Value::Seq(seq) => {
                for (index, item) in seq.iter().enumerate() {
                    path.push(index.to_string());
                    walk(item, path, each);
                    path.pop();
                }
            }
        }
    }
    walk(node, &mut Vec::new(), each);
}

/// `Kind/name path.of.leaf`.
pub(super) fn name_of(object: &Object, path: &[String]) -> String {
    let text = |keys: &[&str]| object.node.at(keys).and_then(Node::text).unwrap_or("?");
    let (kind, name) = (text(&["kind"]), text(&["metadata", "name"]));
    format!("{kind}/{name} {}", path.join("."))
}

/// Compares what was built before and after a change.
pub(super) fn objects(
    before: &[Object],
    after: &[Object],
    site: &Site,
    change: &Change,
    sources: &Sources,
) -> Verdict {
    let mut comparison = Comparison {
        site,
        change,
        sources,
        path: Vec::new(),
        found: Vec::new(),
        same_shape: before.len() == after.len(),
    };
    if comparison.same_shape {
        for (before, after) in before.iter().zip(after) {
            comparison.nodes(&before.node, &after.node, after);
        }
    }
    if comparison.same_shape {
        Verdict::Changed(comparison.found)
    } else {
        Verdict::Restructured(comparison.found)
    }
}

struct Comparison<'a> {
    site: &'a Site,
    change: &'a Change,
    sources: &'a Sources,
    path: Vec<String>,
    found: Vec<Leaf>,
    same_shape: bool,
}

impl Comparison<'_> {
    fn nodes(&mut self, before: &Node, after: &Node, object: &Object) {
        match (&before.value, &after.value) {
            (Value::Map(old), Value::Map(new)) => {
                self.same_shape &= old.len() == new.len();
                for entry in new {
                    let key = entry.key.text().unwrap_or_default();
                    match old.get(key) {
                        Some(twin) => {
                            self.path.push(key.to_owned());
                            self.nodes(twin, &entry.value, object);
                            self.path.pop();
                        }
                        None => self.same_shape = false,
                    }
                }
            }
            (Value::Seq(old), Value::Seq(new)) => {
                self.same_shape &= old.len() == new.len();
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.path.push(index.to_string());
                    self.nodes(old, new, object);
                    self.path.pop();
                }
            }
            (Value::Scalar(old), Value::Scalar(new)) => {
                if (old.kind, &old.text) != (new.kind, &new.text) {
                    let leaf = self.leaf(&old.text, &new.text, &after.place, object);
                    self.found.push(leaf);
                }
            }
            _ => self.same_shape = false,
        }
    }

    fn leaf(&self, before: &str, after: &str, place: &Place, object: &Object) -> Leaf {
        let steps = place.steps();
        let spans = std::iter::once(place.span()).chain(steps.iter().map(|step| step.span));
        let real: Vec<Span> = spans.map(|span| self.sources.real(span)).collect();
        let traced = if real
            .iter()
            .any(|span| self.is_within(*span, &self.change.scalar))
        {
            Traced::Exactly
        } else if real
            .iter()
            .any(|span| self.holds(*span, &self.change.range))
        {
            Traced::Broadly
        } else if is_renamed_by_hash(before, after)
            && steps
                .iter()
                .any(|step| matches!(step.kind, StepKind::Generator | StepKind::Hash))
        {
            Traced::ByGenerator
        } else {
            Traced::No
        };
        let flowed = holds_mark(after, &self.change.mark) || is_renamed_by_hash(before, after);
        let mut places = vec![self.shown("at", real[0])];
        let kinds = steps.iter().map(|step| step.kind.as_str());
        places.extend(
            kinds
                .zip(&real[1..])
                .map(|(kind, span)| self.shown(kind, *span)),
        );
        Leaf {
            name: name_of(object, &self.path),
            before: before.to_owned(),
            after: after.to_owned(),
            traced,
            primary: self.is_within(real[0], &self.change.scalar),
            steered: self.site.steers && !flowed,
            places,
        }
    }

    /// Whether a span is a part of the changed scalar that has a changed byte, or the scalar itself.
    fn is_within(&self, span: Span, scalar: &Range<usize>) -> bool {
        self.is_in_changed_file(span)
            && span.start as usize >= scalar.start
            && span.end as usize <= scalar.end
            && !span.is_empty()
    }

    fn holds(&self, span: Span, range: &Range<usize>) -> bool {
        self.is_in_changed_file(span)
            && span.start as usize <= range.start
            && range.end <= span.end as usize
    }

    fn is_in_changed_file(&self, span: Span) -> bool {
        let file = self.sources.get(span.file);
        file.is_some_and(|file| file.path() == self.site.file.path())
    }

    fn shown(&self, what: &str, span: Span) -> String {
        match self.sources.get(span.file) {
            Some(file) => {
                let place = file.line_col(span.start);
                let (line, column) = (place.line, place.column);
                format!("{what} {}:{line}:{column}+{}", file.path(), span.len())
            }
            None => format!("{what} nowhere"),
        }
    }
}

/// Whether a value holds the mark, as it is or in base64.
fn holds_mark(value: &str, mark: &str) -> bool {
    value.contains(mark) || {
        let bytes = value.bytes().filter(|byte| !byte.is_ascii_whitespace());
        let decoded = decode_base64(bytes);
        decoded
            .windows(mark.len())
            .any(|window| window == mark.as_bytes())
    }
}

/// The bytes of base64 text, up to the first character that is none of it.
fn decode_base64(text: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// Whether two names differ in a hash at their end alone.
fn is_renamed_by_hash(before: &str, after: &str) -> bool {
    fn stem(name: &str) -> Option<&str> {
        let (stem, hash) = name.rsplit_once('-')?;
        (hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(stem)
    }
    before != after && stem(before).is_some() && stem(before) == stem(after)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_kustomize::{Kustomizer, Options};
    use tidegate_source::{MemorySystem, TreePath};

    use super::*;
    use crate::provenance::{change, site};

    const KUSTOMIZATION: &str = "kustomization.yaml";

    fn build(kustomization: &str) -> (Arc<Sources>, Vec<Object>) {
        let system = MemorySystem::new().with(KUSTOMIZATION, kustomization).with(
            "a.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
        );
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let built =
            Kustomizer::new(Arc::clone(&sources), Options::default()).build(&TreePath::root());
        (sources, built.objects.unwrap().to_vec())
    }

    /// Changes the scalar with `role`; `spoil` may take places away from what is built then.
    fn check(role: &str, spoil: fn(&mut Object)) -> Vec<(String, Traced)> {
        let (sources, before) = build("namePrefix: x-\nresources: [a.yaml]\n");
        let file = sources
            .load(&TreePath::new(KUSTOMIZATION).unwrap())
            .unwrap();
        let mut sites = Vec::new();
        site::find(&file, &mut sites);
        let site = sites.into_iter().find(|site| site.role == role).unwrap();
        let (text, change) = change::make(&site, change::Form::End);
        let (sources, mut after) = build(&text);
        after.iter_mut().for_each(spoil);
        match objects(&before, &after, &site, &change, &sources) {
            Verdict::Changed(leaves) => leaves
                .into_iter()
                .map(|leaf| (leaf.name, leaf.traced))
                .collect(),
            _ => panic!("the change alters what is there"),
        }
    }

    #[test]
    fn a_leaf_that_names_the_change_is_told_from_one_that_does_not() {
        let leaf = "Secret/x-zqxa metadata.name".to_owned();
        let traced = check("namePrefix", |_| {});
        assert!(traced == [(leaf.clone(), Traced::Exactly)]);
        let traced = check("namePrefix", |object| {
            let metadata = object.node.get_mut("metadata").unwrap();
            metadata.get_mut("name").unwrap().place = Place::default();
        });
        assert!(traced == [(leaf, Traced::No)]);
    }

    #[test]
    fn a_mark_is_found_in_base64() {
        assert!(holds_mark("YS16cXg=", "zqx"));
        assert!(!holds_mark("YS16cXk=", "zqx"));
    }

    #[test]
    fn names_with_another_hash() {
        assert!(is_renamed_by_hash("a-b-2ft92f2kfd", "a-b-8k2g5f9c42"));
        assert!(!is_renamed_by_hash("a-2ft92f2kfd", "b-2ft92f2kfd"));
        assert!(!is_renamed_by_hash("a", "b"));
    }
}
