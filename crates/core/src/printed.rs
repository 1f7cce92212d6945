//! What templates print, read as YAML: each node with the place that a person would edit.
//!
//! A value that makes all of a scalar is where that is written, and the template is a step. Anything else
//! is written in the template, and each value that is in it, or that decided that it is there, is a step.
//! Templates of charts are not edited by those who use them: there one value is enough.

use std::cell::RefCell;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_gotemplate::{Origin, Origins, Piece};
use tidegate_source::{FileId, Location, Severity, Span};
use tidegate_yaml::{
    Entry, Node, ParseOptions, Place, Scalar, ScalarKind, StepKind, Style, Value, parse_text,
};

/// A text that templates printed, with its pieces.
pub struct Printed<'p> {
    text: &'p str,
    pieces: &'p [Piece],
    origins: &'p Origins,
    written: &'p dyn Fn(Span) -> Place,
    opaque: Option<&'p Opaque>,
    prefers_values: bool,
    /// Values that decided something, as one place with the others as its steps: those of neighbours
    /// are most often the same.
    decided: RefCell<FxHashMap<Vec<Origin>, Option<Place>>>,
}

/// What only the cluster knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opaque {
    /// The values, by where they are written.
    pub(crate) values: FxHashSet<Span>,
    /// The files of templates that have expressions for such values in their text.
    pub(crate) templates: FxHashSet<FileId>,
}

/// Why a text cannot be read.
#[derive(Clone, Debug)]
pub struct NotYaml {
    /// Where in the templates, or else in the values, the text is from.
    pub place: Place,
    /// What the reader says.
    pub reason: String,
}

/// A place names no more values than this.
const MOST_VALUES: usize = 32;

impl<'p> Printed<'p> {
    /// A text. The pieces cover it; without any, nodes have no place. Their origins lead into
    /// `origins`, and their templates are where they are written.
    pub fn new(text: &'p str, pieces: &'p [Piece], origins: &'p Origins) -> Printed<'p> {
        Printed {
            text,
            pieces,
            origins,
            written: &Place::at,
            opaque: None,
            prefers_values: false,
            decided: RefCell::default(),
        }
    }

    /// The same text, of templates that lead to places in another way.
    pub(crate) fn written_at(self, written: &'p dyn Fn(Span) -> Place) -> Printed<'p> {
        Printed { written, ..self }
    }

    /// The same text, of templates that are not those who read it edit: a scalar with one value in it is where
    /// that is written, whatever the template writes around it.
    pub fn preferring_values(self) -> Printed<'p> {
        Printed {
            prefers_values: true,
            ..self
        }
    }

    /// The same text, of which not all is known: scalars with such a part become
    /// [`ScalarKind::Opaque`].
    pub(crate) fn with_opaque(self, opaque: &'p Opaque) -> Printed<'p> {
        Printed {
            opaque: Some(opaque),
            ..self
        }
    }

    /// Reads the documents of a part of the text; those that are empty are left out.
    pub fn read(&self, part: Range<usize>, options: ParseOptions) -> Result<Vec<Node>, NotYaml> {
        let base = part.start;
        let text = self.text.get(part).unwrap_or_default();
        let parsed = parse_text(text, FileId::DETACHED, options);
        let mut findings = parsed.findings.iter();
        if let Some(finding) = findings.find(|finding| finding.severity == Severity::Error) {
            let at = match finding.primary {
                Location::Span(span) => span.start as usize,
                Location::Path(_) => 0,
            };
            let reason = finding.message.strip_prefix("this is not YAML: ");
            return Err(NotYaml {
                place: self.place_at(base + at),
                reason: reason.unwrap_or(&finding.message).to_owned(),
            });
        }
        let roots = parsed.documents.into_iter().filter_map(|one| one.root);
        let mut roots: Vec<Node> = roots.filter(|root| !root.is_null()).collect();
        for root in &mut roots {
            self.set_places(root, base, Edges::In);
        }
        Ok(roots)
    }

    /// The place of what stands at an offset.
    pub(crate) fn place_at(&self, offset: usize) -> Place {
        let last = self.text.len().saturating_sub(1);
        let start = offset.min(last);
        self.place(start..start + 1, Edges::Out).place
    }

    /// Gives a node and what is in it, whose places are in the text behind `base`, the places of where they came
    /// from.
    fn set_places(&self, node: &mut Node, base: usize, edges: Edges) {
        let span = node.place.span();
        let range = base + span.start as usize..base + span.end as usize;
        node.place = match &mut node.value {
            Value::Scalar(scalar) => {
                let content = self.content(&range, scalar);
                let From { place, is_opaque } = self.place(content, edges);
                if is_opaque {
                    scalar.kind = ScalarKind::Opaque;
                }
                place
            }
            Value::Map(map) => {
                for Entry { key, value } in map.entries_mut() {
                    let key_end = base + key.place.span().end as usize;
                    self.set_places(key, base, Edges::Out);
                    let span = value.place.span();
                    match span.start == span.end && value.as_scalar().is_some() {
                        // Nothing is written for it.
                        true => value.place = self.place_of_nothing(key_end, &key.place),
                        false => self.set_places(value, base, Edges::In),
                    }
                }
                self.place_of_start(&range)
            }
            Value::Seq(seq) => {
                for item in seq.items_mut() {
                    self.set_places(item, base, Edges::In);
                }
                self.place_of_start(&range)
            }
        };
    }

    /// The range of a scalar without quotes, or without the header of a block.
    fn content(&self, range: &Range<usize>, scalar: &Scalar) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        match scalar.style {
            Style::SingleQuoted | Style::DoubleQuoted if text.len() > 1 => {
                range.start + 1..range.end - 1
            }
            Style::Literal | Style::Folded => {
                let header = text.find('\n').map_or(0, |end| end + 1);
                range.start + header..range.end
            }
            _ => range.clone(),
        }
    }

    /// The place of a mapping or list: that of what it starts with, as all that is in it has places of
    /// its own.
    fn place_of_start(&self, range: &Range<usize>) -> Place {
        match range.is_empty() {
            true => self.place(range.clone(), Edges::Out).place,
            false => {
                let piece = self.pieces.get(self.piece_at(range.start));
                let end = piece.map_or(range.end, |piece| range.end.min(piece.end as usize));
                self.place(range.start..end.max(range.start + 1), Edges::Out)
                    .place
            }
        }
    }

    /// The place of a value for which nothing is written behind its key: a value that printed nothing, or
    /// else that of the key.
    fn place_of_nothing(&self, key_end: usize, key: &Place) -> Place {
        let line = self.text.get(key_end..).unwrap_or_default();
        let line = &line[..line.find('\n').unwrap_or(line.len())];
        let first = &self.pieces[self
            .pieces
            .partition_point(|piece| piece.end as usize <= key_end)..];
        let of_line = first
            .iter()
            .map(|piece| piece.end as usize)
            .take_while(|end| *end <= key_end + line.len());
        let mut of_line = of_line.filter(|at| !self.nothing_at(*at).is_empty());
        match of_line.next() {
            Some(at) => self.place(at..at, Edges::In).place,
            None => key.clone(),
        }
    }

    /// Where a range of the text came from.
    fn place(&self, range: Range<usize>, edges: Edges) -> From {
        let mut values = Values::default();
        let mut printed_nothing = Values::default();
        let mut template = Span::NONE;
        let mut is_one = true;
        let mut before = Origin::NONE;
        for (part, piece) in self.parts(&range, edges) {
            let start = match piece.copied {
                true => self.start_of(piece),
                false => 0,
            };
            template = joined(template, template_of(&part, piece, start));
            if part.is_empty() {
                printed_nothing.add(piece.origin, self.origins);
            } else if piece.origin != before {
                values.add(piece.origin, self.origins);
                before = piece.origin;
            }
            is_one = is_one
                && (!self.origins.members(piece.origin).is_empty()
                    || self.text.get(part).unwrap_or_default().trim().is_empty());
        }
        let Values { made_of, decided } = values;
        // What printed nothing is the value where there is no other.
        let (made_of, printed_nothing) = match made_of.is_empty() {
            true => (printed_nothing.made_of, Vec::new()),
            false => (made_of, printed_nothing.made_of),
        };
        let written = |origin: &Origin| {
            let place = self.origins.place_of(*origin);
            place.filter(|place| place.span().is_some())
        };
        let template = (self.written)(template);
        let is_opaque = self.is_opaque(&range, &made_of, &template);
        let (mut place, rest) = match made_of.as_slice() {
            [only]
                if (is_one || self.prefers_values)
                    && let Some(value) = written(only) =>
            {
                (value.then(StepKind::Template, template.span()), &[][..])
            }
            _ => (template, made_of.as_slice()),
        };
        for value in rest.iter().chain(&printed_nothing).filter_map(written) {
            place = place.mixed(StepKind::Value, value);
        }
        if !decided.is_empty() {
            let mut known = self.decided.borrow_mut();
            let others = known.entry(decided).or_insert_with_key(|decided| {
                let mut places = decided.iter().filter_map(written);
                let first = places.next()?.clone();
                Some(places.fold(first, |place, value| {
                    place.mixed(StepKind::Condition, value)
                }))
            });
            if let Some(others) = others {
                place = place.mixed(StepKind::Condition, others);
            }
        }
        From { place, is_opaque }
    }

    /// Whether a part of a range is not known: a value in it, or an expression of the template that
    /// stayed there for its value.
    fn is_opaque(&self, range: &Range<usize>, made_of: &[Origin], template: &Place) -> bool {
        let Some(Opaque { values, templates }) = self.opaque else {
            return false;
        };
        let span = template.span();
        let mut made_of = made_of.iter().filter_map(|one| self.origins.place_of(*one));
        made_of.any(|place| values.contains(&place.span()))
            || (templates.contains(&span.file) || values.contains(&span))
                && self
                    .text
                    .get(range.clone())
                    .is_some_and(|text| text.contains("${"))
    }

    /// The parts of a range that single pieces cover, in order. An empty range is what printed nothing
    /// there, the one behind it, or else before.
    fn parts(
        &self,
        range: &Range<usize>,
        edges: Edges,
    ) -> impl Iterator<Item = (Range<usize>, &'p Piece)> {
        let (before, behind) = match edges {
            Edges::In if range.is_empty() => (self.nothing_at(range.start), &[][..]),
            Edges::In => (self.nothing_at(range.start), self.nothing_at(range.end)),
            Edges::Out => (&[][..], &[][..]),
        };
        let pieces = self.pieces;
        let covered = match range.is_empty() {
            true if !before.is_empty() => range.clone(),
            true if range.start < self.text.len() => range.start..range.start + 1,
            true => range.start.saturating_sub(1)..range.start,
            false => range.clone(),
        };
        let first = self.piece_at(covered.start);
        let mut from = covered.start;
        let inside = pieces[first..].iter().map_while(move |piece| {
            if from >= covered.end {
                return None;
            }
            let part = from..covered.end.min(piece.end as usize);
            from = part.end;
            Some((part, piece))
        });
        let at = |offset: usize| move |piece| (offset..offset, piece);
        let before = before.iter().map(at(range.start));
        before.chain(inside).chain(behind.iter().map(at(range.end)))
    }

    /// The pieces without bytes at an offset.
    fn nothing_at(&self, offset: usize) -> &'p [Piece] {
        let ends_before = |piece: &Piece| (piece.end as usize) < offset;
        let first = self.pieces.partition_point(ends_before);
        let at = self.pieces[first..]
            .iter()
            .take_while(|piece| piece.end as usize == offset)
            .count();
        // The first of them has the bytes before the offset.
        let first_has_bytes = usize::from(offset > 0).min(at);
        &self.pieces[first + first_has_bytes..first + at]
    }

    fn piece_at(&self, offset: usize) -> usize {
        let piece = |piece: &Piece| piece.end as usize <= offset;
        let at = self.pieces.partition_point(piece);
        at.min(self.pieces.len().saturating_sub(1))
    }

    /// Where a piece starts: where the one before it ends.
    fn start_of(&self, piece: &Piece) -> usize {
        let end = |one: &Piece| one.end < piece.end;
        match self.pieces.partition_point(end) {
            0 => 0,
            at => self.pieces[at - 1].end as usize,
        }
    }
}

/// Whether what printed nothing right before or behind a text belongs to it.
#[derive(Clone, Copy)]
enum Edges {
    In,
    Out,
}

/// Where a range is from.
struct From {
    place: Place,
    is_opaque: bool,
}

/// The values that a text was made of, each once.
#[derive(Default)]
struct Values {
    made_of: Vec<Origin>,
    /// Those that only had a say.
    decided: Vec<Origin>,
}

impl Values {
    fn add(&mut self, origin: Origin, origins: &Origins) {
        let Values { made_of, decided } = self;
        for (all, new) in [
            (made_of, origins.members(origin)),
            (decided, origins.influences(origin)),
        ] {
            for one in new {
                if all.len() < MOST_VALUES && !all.contains(one) {
                    all.push(*one);
                }
            }
        }
    }
}

/// The text of a template that wrote a part of a piece.
fn template_of(part: &Range<usize>, piece: &Piece, start: usize) -> Span {
    let span = piece.template;
    if !piece.copied || !span.is_some() {
        return span;
    }
    let from = span.start as usize + (part.start - start.min(part.start));
    Span::new(span.file, from, from + part.len())
}

/// Two texts of a template as one, where they follow each other in one file; else the first.
fn joined(first: Span, second: Span) -> Span {
    if !first.is_some() {
        return second;
    }
    match first.file == second.file && first.end <= second.start {
        true => Span {
            end: second.end,
            ..first
        },
        false => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_gotemplate::{Fixed, Functions, Limits, Numbers, Options, Set, Value as GoValue};
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, parse};

    const VALUES: &str = "\
name: web
none: ''
image: {repo: nginx, tag: '1.27'}
labels: {tier: front}
text: |
  one
  two
";

    /// What a template prints, and for each path the text that is its place with that of its steps.
    #[track_caller]
    fn check(template: &str, expected: &[(&[&str], &str)]) {
        let system = MemorySystem::new()
            .with("values.yaml", VALUES)
            .with("t.yaml", template);
        let sources = Sources::new(Arc::new(system));
        let load = |path: &str| sources.load(&TreePath::new(path).unwrap()).unwrap();
        let (values, file) = (load("values.yaml"), load("t.yaml"));
        let parsed = parse(&values, ParseOptions::new(Dialect::Yaml11));
        let mut origins = Origins::tracking();
        let root = parsed.documents[0].root.as_ref().unwrap();
        let values = GoValue::from_node(root, Numbers::Float64, &mut origins);
        let data = GoValue::map([("Values".into(), values)].into());
        let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
        set.parse("t", template.as_bytes(), file.id()).unwrap();
        let mut host = Fixed::default();
        let limits = Limits::default();
        let output = set
            .execute("t", &data, &mut host, &mut origins, &limits)
            .unwrap();
        let text = String::from_utf8(output.text).unwrap();
        let printed = Printed::new(&text, &output.pieces, &origins);
        let nodes = printed
            .read(0..text.len(), ParseOptions::new(Dialect::GoYaml3))
            .unwrap();
        let shown = |span: Span| {
            let file = sources.get(span.file).unwrap();
            file.text().unwrap()[span.start as usize..span.end as usize].to_owned()
        };
        for (path, expected) in expected {
            let place = &nodes[0].at(path).unwrap().place;
            let steps = place.steps().into_iter();
            let steps = steps.map(|step| format!(" < {} {}", step.kind.as_str(), shown(step.span)));
            let found = format!("{}{}", shown(place.span()), steps.collect::<String>());
            assert_eq!(&found, expected, "{path:?} in {text}");
        }
    }

    #[test]
    fn a_value_that_is_all_of_a_scalar_is_its_place() {
        check(
            "a: {{ .Values.name }}\nb: {{ .Values.image.tag | quote }}\nc: \"{{ .Values.name }}\"\n",
            &[
                (&["a"], "web < template .Values.name }}"),
                (&["b"], "'1.27' < template .Values.image.tag | quote }}"),
                (&["c"], "web < template .Values.name }}"),
            ],
        );
    }

    #[test]
    fn a_value_in_a_text_is_a_step() {
        check(
            "a: x-{{ .Values.name }}\nb: '{{ .Values.image.repo }}:{{ .Values.image.tag }}'\nc: 1\n",
            &[
                (&["a"], "x-{{ .Values.name }} < value web"),
                (
                    &["b"],
                    ".Values.image.repo }}:{{ .Values.image.tag }} < value nginx < value '1.27'",
                ),
                (&["c"], "1"),
            ],
        );
    }

    #[test]
    fn what_is_printed_as_yaml_leads_to_its_values() {
        check(
            "m:\n  {{- toYaml .Values.labels | nindent 2 }}\nt: |\n  {{- .Values.text | nindent 2 }}\n",
            &[
                (
                    &["m", "tier"],
                    "front < template toYaml .Values.labels | nindent 2 }}",
                ),
                (
                    &["t"],
                    "|\n  one\n  two < template .Values.text | nindent 2 }}",
                ),
            ],
        );
    }

    #[test]
    fn a_condition_is_a_step_of_what_it_decides() {
        check(
            "a: {{ if .Values.name }}yes{{ else }}no{{ end }}\n",
            &[(&["a"], "yes < condition web")],
        );
    }

    #[test]
    fn a_value_that_printed_nothing_has_its_place() {
        check(
            "a: {{ .Values.none }}\nb: \"{{ .Values.none }}\"\nc: x{{ .Values.none }}\nd:\n- {{ .Values.none }}\ne: \
             {{ .Values.none }}{{ .Values.name }}\nf: {{ .Values.none | quote }}\ng:\n",
            &[
                (&["a"], "'' < template .Values.none }}"),
                (&["b"], "'' < template .Values.none }}"),
                (&["c"], "x{{ .Values.none }} < value ''"),
                (
                    &["e"],
                    "web < template .Values.none }}{{ .Values.name }} < value ''",
                ),
                (&["f"], "'' < template .Values.none | quote }}"),
                (&["g"], "g"),
            ],
        );
    }

    #[test]
    fn a_fault_is_where_the_template_printed_it() {
        let origins = Origins::off();
        let printed = Printed::new("a: b: c\n", &[], &origins);
        let error = printed
            .read(0..8, ParseOptions::new(Dialect::GoYaml3))
            .unwrap_err();
        assert!(!error.reason.is_empty());
        assert!(!error.place.span().is_some());
    }
}
