//! From substituted text to nodes: the text is read as the API machinery reads it, and each node
//! gets its place from the tables of both steps before.

use std::collections::HashMap;
use std::ops::Range;

use rustc_hash::FxBuildHasher;
use tidegate_source::{FileId, Location, Severity};
use tidegate_yaml::{
    Dialect, Emitted, Entry, Node, ParseOptions, Place, Scalar, ScalarKind, SmolStr, StepKind,
    Style, Value, binary_text, binary_value, codes, float_value, int_value, is_yes, json_float,
    json_key, parse_text,
};

use super::form::LARGEST_EXACT;
use super::references::References;
use crate::envsubst::{Reference, Substituted};
use crate::render::variables::{Variable, Variables};

/// An object after substitution.
pub(super) struct Composed {
    pub(super) node: Node,
    /// The values with expressions that are no text any more.
    pub(super) retyped: Vec<Retyped>,
    /// The whole numbers that a double cannot hold: the index in the table, before and after.
    pub(super) rounded: Vec<(usize, SmolStr, SmolStr)>,
    /// The keys that are there twice: the index in the table of the one that counts.
    pub(super) repeated: Vec<usize>,
}

/// A value that was text and is something else.
pub(super) struct Retyped {
    /// The keys and indexes that lead to it.
    pub(super) path: Vec<SmolStr>,
    /// Its index in the table of the text.
    pub(super) entry: usize,
    pub(super) became: Became,
}

/// What a text became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Became {
    Null,
    Bool(SmolStr),
    Number(SmolStr),
    Map,
    List,
}

/// Why there are no nodes.
pub(super) struct NotYaml {
    /// Where it was noticed, in the text before substitution.
    pub(super) input: usize,
    /// What the reader says.
    pub(super) reason: String,
}

/// How many variables of one text are named in the place of a value.
const MOST_STEPS: usize = 64;

const NOT_BASE64: &str = "what is tagged `!!binary` is not base64";

/// Reads the substituted text of an object.
pub(super) fn compose(
    template: &Emitted,
    substituted: &Substituted<'_>,
    references: &References<'_>,
    variables: &Variables,
) -> Result<Composed, NotYaml> {
    let mut composer = Composer {
        template,
        substituted,
        references,
        has_opaque: substituted.pieces.iter().any(|piece| piece.is_opaque),
        variables,
        path: Vec::new(),
        out: Composed {
            node: Node::map(Vec::new(), Place::default()),
            retyped: Vec::new(),
            rounded: Vec::new(),
            repeated: Vec::new(),
        },
    };
    let not_yaml = |at, reason: &str| NotYaml {
        input: at,
        reason: reason.to_owned(),
    };
    let text = match str::from_utf8(&substituted.text) {
        Ok(text) => text,
        Err(error) => {
            let at = composer.input_of(error.valid_up_to());
            return Err(not_yaml(at, "the text is not UTF-8"));
        }
    };
    let options = ParseOptions::new(Dialect::Yaml11);
    let parsed = parse_text(text, FileId::DETACHED, options);
    for finding in parsed.findings {
        let Location::Span(span) = finding.primary else {
            continue;
        };
        let at = composer.input_of(span.start as usize);
        if finding.severity == Severity::Error {
            let message = &finding.message;
            let reason = message
                .strip_prefix("this is not YAML: ")
                .unwrap_or(message);
            return Err(not_yaml(at, reason));
        }
        if finding.code == codes::DUPLICATE_KEY {
            composer.out.repeated.extend(composer.entry_at(at));
        }
    }
    let root = parsed.documents.into_iter().next().and_then(|one| one.root);
    match root {
        // Go reads null into an empty map.
        None => {}
        Some(root) if root.is_null() => {}
        Some(root) if root.as_map().is_some() => composer.out.node = composer.value(&root)?,
        Some(_) => return Err(not_yaml(0, "the object is no mapping")),
    }
    Ok(composer.out)
}

struct Composer<'a> {
    template: &'a Emitted,
    substituted: &'a Substituted<'a>,
    references: &'a References<'a>,
    has_opaque: bool,
    variables: &'a Variables,
    path: Vec<SmolStr>,
    out: Composed,
}

impl Composer<'_> {
    fn value(&mut self, node: &Node) -> Result<Node, NotYaml> {
        let span = node.place.span();
        let output = span.start as usize..span.end as usize;
        match &node.value {
            Value::Scalar(scalar) => {
                let entry = self.entry_of(&output);
                self.scalar(scalar, &output, entry)
            }
            Value::Map(map) => {
                let place = self.collection(&output, Became::Map);
                let mut entries: Vec<Entry> = Vec::with_capacity(map.len());
                let mut written: HashMap<SmolStr, usize, FxBuildHasher> = HashMap::default();
                let rewritten = map.iter().any(|entry| is_rewritten(&entry.key));
                for entry in map {
                    let (key, at) = self.key(&entry.key)?;
                    self.path.push(key.text().unwrap_or_default().into());
                    let value = match entry.value.as_scalar() {
                        Some(scalar) if scalar.text.is_empty() => {
                            let span = entry.value.place.span();
                            let output = span.start as usize..span.end as usize;
                            let own = at.and_then(|at| self.value_behind(at));
                            let own = own.or_else(|| self.entry_of(&output));
                            self.scalar(scalar, &output, own)?
                        }
                        _ => self.value(&entry.value)?,
                    };
                    self.path.pop();
                    // Keys that differ as they are written can be the same as text.
                    let text = key.text().filter(|_| rewritten).map(SmolStr::from);
                    let known = text.and_then(|text| written.insert(text, entries.len()));
                    match known {
                        Some(known) => {
                            self.out.repeated.extend(at);
                            entries[known] = Entry { key, value };
                        }
                        None => entries.push(Entry { key, value }),
                    }
                }
                Ok(Node::map(entries, place))
            }
            Value::Seq(seq) => {
                let place = self.collection(&output, Became::List);
                let mut items = Vec::with_capacity(seq.len());
                for (index, item) in seq.iter().enumerate() {
                    self.path.push(index.to_string().into());
                    items.push(self.value(item)?);
                    self.path.pop();
                }
                Ok(Node::seq(items, place))
            }
        }
    }

    /// A key as JSON has it, and its index in the table.
    fn key(&self, node: &Node) -> Result<(Node, Option<usize>), NotYaml> {
        let span = node.place.span();
        let output = span.start as usize..span.end as usize;
        let entry = self.entry_of(&output);
        let refuse = |reason: &str| NotYaml {
            input: self.input_of(output.start),
            reason: reason.to_owned(),
        };
        let scalar = node.as_scalar();
        let scalar = scalar.ok_or_else(|| refuse("a key is a collection"))?;
        let text = json_key(scalar).map_err(|reason| match scalar.kind {
            ScalarKind::Binary => refuse(NOT_BASE64),
            _ => refuse(&format!("a key {reason}")),
        })?;
        let kind = match self.is_opaque(&output) {
            true => ScalarKind::Opaque,
            false => ScalarKind::Str,
        };
        let place = self.place(entry, &output);
        Ok((Node::scalar(text, kind, Style::Plain, place), entry))
    }

    fn scalar(
        &mut self,
        scalar: &Scalar,
        output: &Range<usize>,
        entry: Option<usize>,
    ) -> Result<Node, NotYaml> {
        let place = self.place(entry, output);
        let node = |text: SmolStr, kind| Node::scalar(text, kind, Style::Plain, place.clone());
        let text = &scalar.text;
        if self.is_opaque(output) {
            return Ok(node(text.clone(), ScalarKind::Opaque));
        }
        let made = match scalar.kind {
            ScalarKind::Null => node("null".into(), ScalarKind::Null),
            ScalarKind::Bool => node(is_yes(text).to_string().into(), ScalarKind::Bool),
            ScalarKind::Int | ScalarKind::Float => {
                let exact = int_value(text, Dialect::Yaml11);
                let value = float_value(text, Dialect::Yaml11).filter(|value| value.is_finite());
                let value = value.ok_or_else(|| NotYaml {
                    input: self.input_of(output.start),
                    reason: "a number is infinite or none, which JSON cannot hold".to_owned(),
                })?;
                let (text, kind) = number(exact, value);
                if let (Some(exact), Some(entry)) = (exact, entry)
                    && text != exact.to_string()
                {
                    let before = exact.to_string().into();
                    self.out.rounded.push((entry, before, text.clone()));
                }
                node(text, kind)
            }
            ScalarKind::Binary => {
                let bytes = binary_value(text).ok_or_else(|| NotYaml {
                    input: self.input_of(output.start),
                    reason: NOT_BASE64.to_owned(),
                })?;
                node(binary_text(&bytes).into(), ScalarKind::Str)
            }
            _ => node(text.clone(), ScalarKind::Str),
        };
        let became = match made.as_scalar() {
            Some(Scalar { kind, text, .. }) => match kind {
                ScalarKind::Null => Some(Became::Null),
                ScalarKind::Bool => Some(Became::Bool(text.clone())),
                ScalarKind::Int | ScalarKind::Float => Some(Became::Number(text.clone())),
                _ => None,
            },
            None => None,
        };
        if let Some(became) = became {
            self.note_retyped(entry, became);
        }
        Ok(made)
    }

    /// The place of a mapping or list.
    fn collection(&mut self, output: &Range<usize>, became: Became) -> Place {
        let input = self.input_of(output.start);
        let known = &self.template.collections;
        let found = known.binary_search_by_key(&input, |(start, _)| *start as usize);
        if let Ok(index) = found {
            return known[index].1.clone();
        }
        let entry = self.entry_of(output);
        let is_empty = entry.is_some_and(|entry| {
            let (range, _) = &self.template.table[entry];
            matches!(&self.template.text[as_usize(range)], "{}" | "[]")
        });
        if !is_empty {
            self.note_retyped(entry, became);
        }
        self.place(entry, output)
    }

    fn note_retyped(&mut self, entry: Option<usize>, became: Became) {
        if let Some(entry) = entry
            && !self.references_in(entry).is_empty()
            // What is below a text that became a map was never there.
            && self.out.retyped.last().is_none_or(|last| {
                last.entry != entry || !self.path.starts_with(&last.path)
            })
        {
            self.out.retyped.push(Retyped {
                path: self.path.clone(),
                entry,
                became,
            });
        }
    }

    /// The place of a value or key, from where it stands in both texts.
    fn place(&self, entry: Option<usize>, output: &Range<usize>) -> Place {
        let Some(entry) = entry else {
            return Place::default();
        };
        let written = &self.template.table[entry].1;
        let references = self.references_in(entry);
        if references.is_empty() {
            return written.clone();
        }
        // A trail does not hold more steps.
        let references = references.iter().take(MOST_STEPS);
        let mut names: Vec<&str> = references.map(|one| one.name).collect();
        names.sort_unstable();
        names.dedup();
        let whole = self.only_variable(output);
        let mut place = match whole {
            Some((_, variable)) => variable.place.mixed(StepKind::Substitution, written),
            None => written.clone(),
        };
        for name in names {
            if let Some(variable) = self.variables.get(name)
                && whole.is_none_or(|(whole, _)| whole != name)
            {
                place = place.mixed(StepKind::Substitution, &variable.place);
            }
        }
        place
    }

    /// The variable that all of a range is made from.
    fn only_variable(&self, output: &Range<usize>) -> Option<(&str, &Variable)> {
        let piece = &self.substituted.pieces.get(self.piece_at(output.start))?;
        let is_all = piece.output.start <= output.start && output.end <= piece.output.end;
        let name = piece.variable.filter(|_| is_all && !output.is_empty())?;
        let known = self.variables.get(name).filter(|_| !piece.is_opaque)?;
        Some((name, known))
    }

    /// Whether a part of a range is not known.
    fn is_opaque(&self, output: &Range<usize>) -> bool {
        self.has_opaque
            && self.substituted.pieces[self.piece_at(output.start)..]
                .iter()
                .take_while(|piece| piece.output.start < output.end)
                .any(|piece| piece.is_opaque)
    }

    /// The references within an entry of the table.
    fn references_in(&self, entry: usize) -> &[&Reference<'_>] {
        self.references.within(&self.template.table[entry].0)
    }

    /// The entry of the table that a range of the new text is from.
    fn entry_of(&self, output: &Range<usize>) -> Option<usize> {
        if output.is_empty() {
            // The end of the text before it: what is there is empty.
            let before = self.input_of(output.start.saturating_sub(1)) + 1;
            let table = &self.template.table;
            let entry = table.partition_point(|(range, _)| (range.start as usize) < before);
            return (entry < table.len()).then_some(entry);
        }
        self.entry_at(self.input_of(output.start))
    }

    /// The entry of the table at an offset of the text before substitution, or the next one.
    fn entry_at(&self, input: usize) -> Option<usize> {
        let table = &self.template.table;
        let entry = table.partition_point(|(range, _)| range.end as usize <= input);
        (entry < table.len()).then_some(entry)
    }

    /// The entry of the value that stands behind a key.
    fn value_behind(&self, key: usize) -> Option<usize> {
        let table = &self.template.table;
        let (key_range, value_range) = (&table[key].0, &table.get(key + 1)?.0);
        let between = key_range.end as usize..value_range.start as usize;
        (self.template.text.get(between)? == ": ").then_some(key + 1)
    }

    /// The offset before substitution of one in the new text.
    fn input_of(&self, output: usize) -> usize {
        let pieces = &self.substituted.pieces;
        match pieces.get(self.piece_at(output)) {
            Some(piece) if piece.variable.is_some() => piece.input.start,
            Some(piece) => {
                let into = output.saturating_sub(piece.output.start);
                (piece.input.start + into).min(piece.input.end)
            }
            None => pieces.last().map_or(0, |piece| piece.input.end),
        }
    }

    fn piece_at(&self, output: usize) -> usize {
        let pieces = &self.substituted.pieces;
        pieces.partition_point(|piece| piece.output.end <= output)
    }
}

fn as_usize(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// A number after Go has held it as a double: kustomize reads the JSON of an object so.
fn number(exact: Option<i128>, value: f64) -> (SmolStr, ScalarKind) {
    if let Some(exact) = exact
        && (-LARGEST_EXACT..=LARGEST_EXACT).contains(&exact)
    {
        return (exact.to_string().into(), ScalarKind::Int);
    }
    if value == 0.0 {
        return ("0".into(), ScalarKind::Int);
    }
    let text = json_float(value);
    let is_whole = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
    let kind = if is_whole {
        ScalarKind::Int
    } else {
        ScalarKind::Float
    };
    (text.into(), kind)
}

/// Whether a key is written in another way than it is read.
fn is_rewritten(key: &Node) -> bool {
    let scalar = key.as_scalar();
    scalar.is_some_and(|scalar| scalar.kind != ScalarKind::Str)
}
