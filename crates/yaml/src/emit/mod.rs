//! Nodes to text, byte for byte as the Go tools write it.

mod order;
mod reread;
mod scalar;
mod writer;

use std::fmt;
use std::ops::Range;

use crate::{Entry, Map, Node, Place, Scalar, Seq, Value};
pub use order::{by_key, compare_keys};
pub use scalar::{Context, NotWritten, is_base_60};
pub use writer::Writer;

/// Text that was written from nodes.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    /// The text.
    pub text: String,
    /// The range in `text` of each scalar, keys included, and of each empty collection, and its
    /// place, in order. Empty unless asked for.
    pub table: Vec<(Range<u32>, Place)>,
    /// Where each other collection starts in `text`, and its place, in order. Empty unless asked
    /// for.
    pub collections: Vec<(u32, Place)>,
}

/// A value that cannot be written, and why.
#[derive(Clone, Debug)]
pub struct Unwritable {
    /// The value, or the key.
    pub place: Place,
    /// Why: words that follow the name of the value, such as "is not a number that JSON has".
    pub reason: &'static str,
}

impl Unwritable {
    fn of(why: NotWritten, place: &Place) -> Unwritable {
        Unwritable {
            place: place.clone(),
            reason: match why {
                NotWritten::Refused(reason) => reason,
                // Only keys that must be simple are too wide.
                NotWritten::TooWide => "is too wide for a key",
            },
        }
    }
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
    emit(node, out, with_table, 0)
}

/// As [`emit_go_yaml2`], but lists are indented below their key: what Helm's `toYamlPretty` writes.
pub fn emit_indented(node: &Node, out: &mut Emitted, with_table: bool) -> Result<(), Unwritable> {
    emit(node, out, with_table, 2)
}

fn emit(
    node: &Node,
    out: &mut Emitted,
    with_table: bool,
    list_indent: usize,
) -> Result<(), Unwritable> {
    let text = std::mem::take(&mut out.text);
    let mut emitter = Emitter {
        writer: Writer::onto(text, list_indent),
        out,
        with_table,
        sorted: Vec::new(),
    };
    let written = emitter.document(node);
    emitter.out.text = emitter.writer.into_text();
    written
}

struct Emitter<'a> {
    writer: Writer,
    out: &'a mut Emitted,
    with_table: bool,
    /// A stack of entry numbers in the order of their keys, for all mappings that are open.
    sorted: Vec<u32>,
}

impl Emitter<'_> {
    fn document(&mut self, node: &Node) -> Result<(), Unwritable> {
        match &node.value {
            Value::Map(map) if !map.is_empty() => self.map(map, &node.place, 0, false)?,
            Value::Seq(seq) if !seq.is_empty() => self.seq(seq, &node.place, 0, false)?,
            _ => self.value(node, 2)?,
        }
        self.writer.end_line();
        Ok(())
    }

    /// Writes the entries of a mapping that is not empty. With `inline` the first key goes on the
    /// line of the `-` that it belongs to.
    fn map(
        &mut self,
        map: &Map,
        place: &Place,
        indent: usize,
        inline: bool,
    ) -> Result<(), Unwritable> {
        let base = self.sorted.len();
        let entries = map.entries();
        let key = |index: u32| entries[index as usize].key.text().unwrap_or("");
        by_key(entries.len(), &key, &mut self.sorted);
        for at in base..base + entries.len() {
            let entry = &entries[self.sorted[at] as usize];
            self.writer.start_line(indent, inline && at == base);
            if at == base {
                self.collection(place);
            }
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
        let place = &entry.value.place;
        match self.listed(key, &entry.key.place, Context::SimpleKey) {
            Ok(()) => {
                self.writer.push_str(":");
                match &entry.value.value {
                    Value::Map(map) if !map.is_empty() => self.map(map, place, indent + 2, false),
                    Value::Seq(seq) if !seq.is_empty() => {
                        self.seq(seq, place, indent + self.writer.list_indent(), false)
                    }
                    _ => self.leaf(&entry.value, indent + 2),
                }
            }
            Err(NotWritten::TooWide) => {
                let key_place = &entry.key.place;
                self.writer.push_str("? ");
                self.listed(key, key_place, Context::Block(indent + 2))
                    .map_err(|why| Unwritable::of(why, key_place))?;
                self.writer.start_line(indent, false);
                self.writer.push_str(":");
                self.nested(&entry.value, indent + 2)
            }
            Err(why) => Err(Unwritable::of(why, &entry.key.place)),
        }
    }

    /// Writes the items of a sequence that is not empty.
    fn seq(
        &mut self,
        seq: &Seq,
        place: &Place,
        indent: usize,
        inline: bool,
    ) -> Result<(), Unwritable> {
        for (at, item) in seq.iter().enumerate() {
            self.writer.start_line(indent, inline && at == 0);
            if at == 0 {
                self.collection(place);
            }
            self.writer.push_str("-");
            self.nested(item, indent + 2)?;
        }
        Ok(())
    }

    /// A value behind `-` or `:` whose collections start on the same line.
    fn nested(&mut self, node: &Node, indent: usize) -> Result<(), Unwritable> {
        match &node.value {
            Value::Map(map) if !map.is_empty() => self.map(map, &node.place, indent, true),
            Value::Seq(seq) if !seq.is_empty() => self.seq(seq, &node.place, indent, true),
            _ => self.leaf(node, indent),
        }
    }

    /// A scalar or an empty collection, behind a space.
    fn leaf(&mut self, node: &Node, indent: usize) -> Result<(), Unwritable> {
        self.writer.push_str(" ");
        self.value(node, indent)
    }

    fn value(&mut self, node: &Node, indent: usize) -> Result<(), Unwritable> {
        let start = self.writer.len();
        match &node.value {
            Value::Scalar(scalar) => {
                return self
                    .listed(scalar, &node.place, Context::Block(indent))
                    .map_err(|why| Unwritable::of(why, &node.place));
            }
            Value::Map(_) => self.writer.push_str("{}"),
            Value::Seq(_) => self.writer.push_str("[]"),
        }
        self.list(start, &node.place);
        Ok(())
    }

    /// Writes a scalar, and lists it in the table.
    fn listed(
        &mut self,
        scalar: &Scalar,
        place: &Place,
        context: Context,
    ) -> Result<(), NotWritten> {
        let start = self.writer.len();
        self.writer.scalar(scalar, context)?;
        self.list(start, place);
        Ok(())
    }

    fn list(&mut self, start: usize, place: &Place) {
        if self.with_table {
            let range = start as u32..self.writer.len() as u32;
            self.out.table.push((range, place.clone()));
        }
    }

    fn collection(&mut self, place: &Place) {
        if self.with_table {
            let start = self.writer.len() as u32;
            self.out.collections.push((start, place.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use super::*;
    use crate::{Dialect, ParseOptions, parse};

    /// Reads `input` as a resource and writes it; the error is why it cannot be written.
    fn written(input: &str) -> Result<Emitted, Unwritable> {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", input)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        assert_eq!(parsed.findings, [], "{input:?}");
        let mut out = Emitted::default();
        let roots = parsed
            .documents
            .iter()
            .filter_map(|document| document.root.as_ref());
        for root in roots {
            emit_go_yaml2(root, &mut out, true)?;
        }
        Ok(out)
    }

    fn check(input: &str, expected: &str) {
        assert_eq!(written(input).unwrap().text, expected, "{input:?}");
    }

    #[test]
    fn keys_are_sorted_by_the_numbers_in_them() {
        check(
            "b: 1\na: 2\na10: 3\na9: 4\n_: 5\nA: 6\n\"9\": 7\n\"10\": 8\n",
            "_: 5\n\"9\": 7\n\"10\": 8\nA: 6\na: 2\na9: 4\na10: 3\nb: 1\n",
        );
    }

    #[test]
    fn lists_are_not_indented() {
        check(
            "a:\n    - b: 1\n      c: [x, {d: [], e: {}}]\n    - - y\n      - - z\n",
            "a:\n- b: 1\n  c:\n  - x\n  - d: []\n    e: {}\n- - \"y\"\n  - - z\n",
        );
    }

    #[test]
    fn text_is_quoted_where_it_would_read_as_something_else() {
        check(
            "- 'yes'\n- '1'\n- '~'\n- ''\n- '12:30'\n- '0o17'\n- '2024-01-02'\n- '1_0'\n",
            "- \"yes\"\n- \"1\"\n- \"~\"\n- \"\"\n- \"12:30\"\n- \"0o17\"\n- \"2024-01-02\"\n- \"1_0\"\n",
        );
        check(
            "- '- a'\n- 'a: b'\n- 'a #b'\n- '#a'\n- ' a'\n- '{a'\n- \"it's: \"\n- '---'\n",
            "- '- a'\n- 'a: b'\n- 'a #b'\n- '#a'\n- ' a'\n- '{a'\n- 'it''s: '\n- '---'\n",
        );
        check(
            "- '-a'\n- 'a:b'\n- 'a#b'\n- '<<'\n- '='\n- 'a, b]'\n- '?a'\n- '2024-13-45'\n",
            "- -a\n- a:b\n- a#b\n- <<\n- =\n- a, b]\n- ?a\n- 2024-13-45\n",
        );
        check(
            "- \"a\\tb\"\n- \"\\u0001\\e\"\n- \"\\U0001F680\"\n- é日\n- \"a\\Lb\"\n- \"a\\Nb\"\n",
            "- \"a\\tb\"\n- \"\\x01\\e\"\n- \"\\U0001F680\"\n- é日\n- 'a\u{2028}  b'\n- a b\n",
        );
    }

    #[test]
    fn text_of_several_lines_is_a_block() {
        check("a: \"x\\ny\\n\"\n", "a: |\n  x\n  y\n");
        check("a: \"x\\ny\"\n", "a: |-\n  x\n  y\n");
        check("a: \"x\\n\\n\"\n", "a: |+\n  x\n\n");
        check("a: \"\\n\"\n", "a: |2+\n\n");
        check("a: \" x\\ny\"\n", "a: |2-\n   x\n  y\n");
        check("a: \"x \\ny\"\n", "a: \"x \\ny\"\n");
        check("a: \"x\\n\\ty\"\n", "a: \"x\\n\\ty\"\n");
        check("- a:\n    - \"x\\ny\"\n", "- a:\n  - |-\n    x\n    y\n");
        check("\"x\\ny\": 1\n", "? |-\n  x\n  y\n: 1\n");
    }

    #[test]
    fn folded_blocks_gain_lines_beside_lines_that_start_with_a_blank() {
        check("a: >\n  x\n  y\n\n  z\n", "a: |\n  x y\n  z\n");
        check("a: >\n  x\n    y\n  z\n", "a: |\n  x\n\n    y\n  z\n");
        check("a: >+\n  x\n\n", "a: |+\n  x\n\n\n");
        check("a: >-\n  x\n  y\n", "a: x y\n");
    }

    #[test]
    fn lines_are_folded_behind_column_80() {
        let words = "word ".repeat(20);
        let (first, rest) = ("word ".repeat(16), "word ".repeat(4));
        let expected = format!("a: {}\n  {}\n", first.trim_end(), rest.trim_end());
        check(&format!("a: {words}\n"), &expected);
        let expected = format!("a: '# {}\n  {}'\n", first.trim_end(), rest.trim_end());
        check(&format!("a: '# {}'\n", words.trim_end()), &expected);
        let long = "x".repeat(129);
        check(&format!("{long}: 1\n"), &format!("? {long}\n: 1\n"));
        check(&format!("{long}: [1]\n"), &format!("? {long}\n: - 1\n"));
    }

    #[test]
    fn scalars_pass_through_json() {
        check(
            "- 1.0\n- 0755\n- 0x1F\n- 1e3\n- 1234e56\n- -0.0\n- 123456789.123\n- 1e400\n",
            "- 1\n- 493\n- 31\n- 1000\n- 1.234e+59\n- 0\n- 1.23456789123e+08\n- \"1e400\"\n"
                .replace("\"1e400\"", "1e400")
                .as_str(),
        );
        check(
            "- 2024-01-02\n- ~\n-\n- True\n- yes\n- !!binary aGk=\n- !!str 5\n- !x 5\n- !!int \"5\"\n",
            "- \"2024-01-02T00:00:00Z\"\n- null\n- null\n- true\n- \"yes\"\n- hi\n- \"5\"\n- \"5\"\n- 5\n",
        );
        check("a: {b, c: }\n", "a:\n  b: \"\"\n  c: \"\"\n");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let check = |input: &str, expected: &str| {
            let error = written(input).unwrap_err();
            assert_eq!(error.reason, expected, "{input:?}");
            assert!(error.place.span().is_some());
        };
        check(
            "a: .inf\n",
            "is infinite or not a number, which JSON cannot hold",
        );
        check("a: !!binary $\n", "is tagged `!!binary` but is not base64");
        check(
            "a: \"\\x7f\"\n",
            "holds a control character that go-yaml does not read",
        );
        check(
            "a: |2\n  \tb\n",
            "starts with a tab, with which no block of YAML can start",
        );
    }

    #[test]
    fn the_table_has_the_range_and_place_of_each_scalar() {
        let input = "b: |-\n    x\n    y\na:\n  - 'yes'\n  - c: 0x10\n";
        let out = written(input).unwrap();
        let pieces: Vec<(&str, &str)> = out
            .table
            .iter()
            .map(|(range, place)| {
                let from = place.span();
                (
                    &out.text[range.start as usize..range.end as usize],
                    &input[from.start as usize..from.end as usize],
                )
            })
            .collect();
        assert_eq!(
            pieces,
            [
                ("a", "a"),
                ("\"yes\"", "'yes'"),
                ("c", "c"),
                ("16", "0x10"),
                ("b", "b"),
                ("|-\n  x\n  y", "|-\n    x\n    y"),
            ]
        );
        let starts: Vec<&str> = out
            .collections
            .iter()
            .map(|(start, _)| &out.text[*start as usize..*start as usize + 4])
            .collect();
        assert_eq!(starts, ["a:\n-", "- \"y", "c: 1"]);
    }
}
