//! Nodes to text, byte for byte as the Go tools write it.

mod order;
mod reread;
mod scalar;

use std::fmt;
use std::ops::Range;

use crate::{Entry, Map, Node, Place, Scalar, Seq, Value};
use scalar::{Context, TooWide};

/// Text that was written from nodes.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// The text.
    pub text: String,
    /// The range of each scalar value in `text` and its place, in order. Empty unless asked for.
    pub table: Vec<(Range<u32>, Place)>,
}

/// A value that cannot be written, and why.
#[derive(Clone, Debug)]
pub struct Unwritable {
    /// The value, or the key.
    pub place: Place,
    /// Why: words that follow the name of the value, such as "is not a number that JSON has".
    pub reason: &'static str,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value {}", self.reason)
    }
}

impl std::error::Error for Unwritable {}

/// Appends a node to `out` as `sigs.k8s.io/yaml` writes it (keys sorted, lists not indented, lines
/// folded at 80 columns): what `kustomize build` prints. See [`Emitted`] for the table.
///
/// The error is the first value that the Go tools refuse to write; `out` then ends within the node.
pub fn emit_go_yaml2(node: &Node, out: &mut Emitted, with_table: bool) -> Result<(), Unwritable> {
    let line_start = out.text.len();
    let mut emitter = Emitter {
        out,
        with_table,
        line_start,
        sorted: Vec::new(),
    };
    match &node.value {
        Value::Scalar(scalar) => emitter.value(scalar, &node.place, 2)?,
        Value::Map(map) if map.is_empty() => emitter.out.text.push_str("{}"),
        Value::Seq(seq) if seq.is_empty() => emitter.out.text.push_str("[]"),
        Value::Map(map) => emitter.map(map, 0, false)?,
        Value::Seq(seq) => emitter.seq(seq, 0, false)?,
    }
    emitter.end_line();
    Ok(())
}

struct Emitter<'a> {
    out: &'a mut Emitted,
    with_table: bool,
    /// Where the line that is being written starts in the text.
    line_start: usize,
    /// A stack of entry numbers in the order of their keys, for all mappings that are open.
    sorted: Vec<u32>,
}

impl Emitter<'_> {
    /// Writes the entries of a mapping that is not empty. With `inline` the first key goes on the
    /// line of the `-` that it belongs to.
    fn map(&mut self, map: &Map, indent: usize, inline: bool) -> Result<(), Unwritable> {
        let base = self.sorted.len();
        let entries = map.entries();
        order::push_sorted(entries, &mut self.sorted);
        for at in base..base + entries.len() {
            let entry = &entries[self.sorted[at] as usize];
            self.indent(indent, inline && at == base);
            self.entry(entry, indent)?;
        }
        self.sorted.truncate(base);
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, indent: usize) -> Result<(), Unwritable> {
        let Some(key) = entry.key.as_scalar() else {
            return Err(Unwritable {
                place: entry.key.place.clone(),
                reason: "is a collection where a key must be text",
            });
        };
        match self.scalar(key, &entry.key.place, Context::SimpleKey) {
            Ok(()) => {
                self.out.text.push(':');
                match &entry.value.value {
                    Value::Map(map) if !map.is_empty() => self.map(map, indent + 2, false),
                    // Lists are not indented below their key.
                    Value::Seq(seq) if !seq.is_empty() => self.seq(seq, indent, false),
                    _ => self.leaf(&entry.value, indent + 2),
                }
            }
            Err(ScalarError::TooWide) => {
                self.out.text.push('?');
                self.out.text.push(' ');
                self.scalar(key, &entry.key.place, Context::Block(indent + 2))?;
                self.indent(indent, false);
                self.out.text.push(':');
                self.nested(&entry.value, indent + 2)
            }
            Err(ScalarError::Unwritable(error)) => Err(error),
        }
    }

    /// Writes the items of a sequence that is not empty.
    fn seq(&mut self, seq: &Seq, indent: usize, inline: bool) -> Result<(), Unwritable> {
        for (at, item) in seq.iter().enumerate() {
            self.indent(indent, inline && at == 0);
            self.out.text.push('-');
            self.nested(item, indent + 2)?;
        }
        Ok(())
    }

    /// A value behind `-` or `:` whose collections start on the same line.
    fn nested(&mut self, node: &Node, indent: usize) -> Result<(), Unwritable> {
        match &node.value {
            Value::Map(map) if !map.is_empty() => self.map(map, indent, true),
            Value::Seq(seq) if !seq.is_empty() => self.seq(seq, indent, true),
            _ => self.leaf(node, indent),
        }
    }

    /// A scalar or an empty collection, behind a space.
    fn leaf(&mut self, node: &Node, indent: usize) -> Result<(), Unwritable> {
        self.out.text.push(' ');
        match &node.value {
            Value::Scalar(scalar) => self.value(scalar, &node.place, indent),
            Value::Map(_) => {
                self.out.text.push_str("{}");
                Ok(())
            }
            Value::Seq(_) => {
                self.out.text.push_str("[]");
                Ok(())
            }
        }
    }

    fn value(&mut self, scalar: &Scalar, place: &Place, indent: usize) -> Result<(), Unwritable> {
        let start = self.out.text.len();
        self.scalar(scalar, place, Context::Block(indent))?;
        if self.with_table {
            let range = start as u32..self.out.text.len() as u32;
            self.out.table.push((range, place.clone()));
        }
        Ok(())
    }

    /// Starts a line, unless one was just started, and indents it.
    fn indent(&mut self, indent: usize, inline: bool) {
        if inline {
            self.out.text.push(' ');
            return;
        }
        self.end_line();
        self.spaces(indent);
    }

    fn spaces(&mut self, count: usize) {
        const SPACES: &str = "                                                                ";
        let mut left = count;
        while left > SPACES.len() {
            self.out.text.push_str(SPACES);
            left -= SPACES.len();
        }
        self.out.text.push_str(&SPACES[..left]);
    }

    fn end_line(&mut self) {
        if self.out.text.len() != self.line_start {
            self.line_break();
        }
    }

    fn line_break(&mut self) {
        self.out.text.push('\n');
        self.line_start = self.out.text.len();
    }

    /// The column of the next character, from 0, counted in characters.
    fn column(&self) -> usize {
        self.out.text[self.line_start..].chars().count()
    }
}

enum ScalarError {
    /// The key does not fit on one line: it needs a `?`.
    TooWide,
    Unwritable(Unwritable),
}

impl From<TooWide> for ScalarError {
    fn from(_: TooWide) -> ScalarError {
        ScalarError::TooWide
    }
}

impl From<ScalarError> for Unwritable {
    fn from(error: ScalarError) -> Unwritable {
        match error {
            ScalarError::Unwritable(error) => error,
            // Only keys that must be simple are too wide.
            ScalarError::TooWide => Unwritable {
                place: Place::default(),
                reason: "is too wide for a key",
            },
        }
    }
}
