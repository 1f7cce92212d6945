use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use tidegate_source::{Diagnostic, Span};

use super::codes;
use super::tree::repeated;
use super::{DuplicateKeys, ParseOptions};
use crate::{Dialect, Entry, Node, ScalarKind, SmolStr, StepKind, Value};

/// Puts what the merge keys (`<<`) of a mapping name in their place.
///
/// For resources this is what kustomize does when it dissolves anchors: own keys stay where they
/// are and win, merged ones follow, and of several sources the first wins. In YAML 1.1 the keys
/// count in the order they are written in, so a merge key wins over those before it; where the API
/// server reads strictly, it takes a key that is merged beside an own one for one that is there twice.
pub(super) fn merge(
    entries: Vec<Entry>,
    options: ParseOptions,
) -> Result<Vec<Entry>, Box<Diagnostic>> {
    let dialect = options.dialect;
    let mut out = Merged {
        strict: dialect == Dialect::Yaml11 && options.duplicate_keys == DuplicateKeys::Refuse,
        ..Merged::default()
    };
    let mut later = Vec::new();
    for entry in entries {
        if !is_merge(&entry.key) {
            // Kustomize takes the merge key away by its text, so a quoted one goes too.
            if dialect == Dialect::Yaml11 || entry.key.text() != Some("<<") {
                out.set(entry)?;
            }
        } else if dialect == Dialect::Yaml11 {
            out.merge(&entry.value)?;
        } else {
            later.push(entry.value);
        }
    }
    if dialect == Dialect::GoYaml3 {
        out.own = out.entries.len();
        for value in later {
            out.merge(&value)?;
        }
    }
    Ok(out.entries)
}

fn is_merge(key: &Node) -> bool {
    key.as_scalar()
        .is_some_and(|key| key.kind == ScalarKind::Merge)
}

/// The entries of a mapping while others are merged into it.
#[derive(Default)]
struct Merged {
    entries: Vec<Entry>,
    /// The first entries, as many as this, keep their values.
    own: usize,
    /// No key may come twice.
    strict: bool,
    index: HashMap<SmolStr, usize, BuildHasherDefault<FxHasher>>,
}

impl Merged {
    fn merge(&mut self, value: &Node) -> Result<(), Box<Diagnostic>> {
        match &value.value {
            Value::Map(map) => {
                let at = value.place.span();
                for entry in map {
                    let mut entry = entry.clone();
                    entry.value.place = entry.value.place.then(StepKind::Alias, at);
                    self.set(entry)?;
                }
                Ok(())
            }
            Value::Seq(seq) if alias(value).is_none() => {
                // The first one is merged last, so that it wins.
                let mut items = seq.iter().rev();
                items.try_for_each(|item| match &item.value {
                    Value::Map(_) => self.merge(item),
                    _ => Err(not_a_mapping(item)),
                })
            }
            _ => Err(not_a_mapping(value)),
        }
    }

    fn set(&mut self, entry: Entry) -> Result<(), Box<Diagnostic>> {
        let known = entry.key.text().and_then(|key| self.index.get(key));
        match known {
            Some(&index) if self.strict => {
                let what = format!("the key `{}` is", entry.key.text().unwrap_or(""));
                let help = "leave it out of one of the two mappings, or write the values out";
                let old = &self.entries[index].key;
                return Err(Box::new(repeated(old, &entry.key, &what, help)));
            }
            Some(&index) if index < self.own => {}
            Some(&index) => self.entries[index] = entry,
            None => {
                if let Some(key) = entry.key.as_scalar() {
                    self.index.insert(key.text.clone(), self.entries.len());
                }
                self.entries.push(entry);
            }
        }
        Ok(())
    }
}

fn not_a_mapping(value: &Node) -> Box<Diagnostic> {
    let message = "the merge key `<<` names a value that is not a mapping";
    // An alias is to blame itself, not the value that it names.
    let at = alias(value).unwrap_or(value.place.span());
    Box::new(
        Diagnostic::error(codes::SYNTAX, at, message)
            .with_note("not a mapping")
            .with_help("name the anchor of a mapping, or a list of such: `<<: [*a, *b]`"),
    )
}

/// Where the alias is that a value was named with.
fn alias(value: &Node) -> Option<Span> {
    let step = value.place.steps().pop()?;
    (step.kind == StepKind::Alias).then_some(step.span)
}
