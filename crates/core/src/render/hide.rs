//! Keeps secret values out of what is said of a cluster.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;
use tidegate_source::{Diagnostic, NotRendered};

use crate::flux::DefinitionKind;
use crate::render::definition::DefinitionId;
use crate::render::{ClusterRender, data};

/// The bytes of the shortest value that is hidden. A shorter one is found in any text, and keeps
/// nothing secret.
const SHORTEST: usize = 4;

/// The values that variables bring from Secrets to other objects, and the variables.
#[derive(Default)]
pub struct SecretValues {
    /// Values and names by how the values start, longer values first.
    by_start: HashMap<[u8; SHORTEST], Vec<(String, String)>, FxBuildHasher>,
}

impl SecretValues {
    /// Those that the Kustomizations of clusters read.
    pub fn new(renders: &[ClusterRender]) -> SecretValues {
        let mut names = BTreeMap::new();
        for render in renders {
            let kustomizations = render.applied.iter().filter_map(|one| one.kustomization());
            let read = kustomizations.flat_map(DefinitionId::read_by);
            for id in read.filter(|id| id.kind == DefinitionKind::Secret) {
                let Some(by) = render.definitions.get(&id) else {
                    continue;
                };
                let object = &render.applied[by.applied].objects()[by.object];
                for datum in data(&object.node).entries {
                    let value = datum.value.as_deref().map(std::str::from_utf8);
                    if let Some(Ok(value)) = value {
                        // As it is put in.
                        let value = value.replace('\n', "");
                        names.entry(value).or_insert_with(|| datum.name.to_owned());
                    }
                }
            }
        }
        SecretValues::of(names)
    }

    /// Values with the names of their variables.
    fn of(names: BTreeMap<String, String>) -> SecretValues {
        let mut values = SecretValues::default();
        // A value comes behind those that it starts with.
        for (value, name) in names.into_iter().rev() {
            if let Some(start) = value.as_bytes().first_chunk() {
                let same = values.by_start.entry(*start).or_default();
                same.push((value, name));
            }
        }
        values
    }

    /// The text with `${NAME}` in place of each value; none where it holds no value.
    fn hidden(&self, text: &str) -> Option<String> {
        if self.by_start.is_empty() {
            return None;
        }
        let mut hidden = String::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(start) = text.as_bytes()[at..].first_chunk() {
            let found = self.by_start.get(start).and_then(|values| {
                let rest = &text.as_bytes()[at..];
                let mut values = values.iter();
                values.find(|(value, _)| rest.starts_with(value.as_bytes()))
            });
            match found {
                Some((value, name)) => {
                    hidden.push_str(&text[copied..at]);
                    hidden.push_str("${");
                    hidden.push_str(name);
                    hidden.push('}');
                    at += value.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        (copied > 0).then(|| hidden + &text[copied..])
    }

    /// The text as it may be shown: with `${NAME}` in place of each value.
    pub fn shown(&self, text: String) -> String {
        self.hidden(&text).unwrap_or(text)
    }

    /// Takes the values out of a finding. A fix that would write one is dropped.
    pub fn hide_in_finding(&self, finding: &mut Diagnostic) {
        self.hide(&mut finding.message);
        self.hide(&mut finding.note);
        finding.help.iter_mut().for_each(|help| self.hide(help));
        let labels = finding.labels.iter_mut().map(|label| &mut label.text);
        let steps = finding.trail.iter_mut().map(|step| &mut step.text);
        labels.chain(steps).for_each(|text| self.hide(text));
        if let Some(subject) = &mut finding.subject {
            self.hide(&mut subject.namespace);
            self.hide(&mut subject.name);
        }
        let writes_one = finding.fix.as_ref().is_some_and(|fix| {
            let edits = fix.edits.iter().map(|edit| &edit.text);
            let mut texts = edits.chain([&fix.title]);
            texts.any(|text| self.hidden(text).is_some())
        });
        if writes_one {
            finding.fix = None;
        }
    }

    /// Takes the values out of what names something that is not rendered.
    pub fn hide_in_not_rendered(&self, item: &mut NotRendered) {
        self.hide(&mut item.what);
    }

    fn hide(&self, text: &mut String) {
        if let Some(hidden) = self.hidden(text) {
            *text = hidden;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[(&str, &str)], text: &str, expected: &str) {
        let named = values
            .iter()
            .map(|(name, value)| ((*value).to_owned(), (*name).to_owned()));
        let secret = SecretValues::of(named.collect());
        let hidden = secret.hidden(text);
        assert_eq!(hidden.as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn values_are_named_by_their_variables() {
        check(&[("num", "4242")], "k-4242 4242", "k-${num} ${num}");
        check(&[("num", "4242")], "k-424", "k-424");
        check(&[("a", "über")], "ü über ü", "ü ${a} ü");
        let nested = [("part", "shop"), ("whole", "shop.example"), ("new", "part")];
        check(&nested, "shop.example shop.exam", "${whole} ${part}.exam");
        check(&[("short", "abc")], "abc", "abc");
        check(&[], "abcd", "abcd");
    }
}
