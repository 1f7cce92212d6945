//! Text inside of text: a patch in a kustomization, a manifest in a ConfigMap.

use std::sync::Arc;

use tidegate_source::{SourceFile, SourceMap, SourceMapBuilder, Sources, Span, TreePath};

use crate::{Node, Scalar, Style};

/// A virtual file of the text of a scalar, whose map leads each range back to the bytes it was
/// written with. `name` is what the file is called in messages.
///
/// A node that is no scalar, or that has no place in a file, gives a file without places. Text
/// that differs from what is written at its place leads there as a whole, from the first
/// difference on. In a `|` block it does so line by line: variables of Flux that were put into a block
/// change no other line than theirs.
pub fn embed(sources: &Sources, scalar: &Node, name: TreePath) -> Arc<SourceFile> {
    let whole = scalar.place.span();
    let text = scalar.text().unwrap_or("").to_owned();
    let written = sources.get(whole.file);
    let map = match (scalar.as_scalar(), written.as_ref().map(|file| file.text())) {
        (Some(scalar), Some(Ok(written))) => map_of(scalar, written, whole),
        _ => SourceMapBuilder::new(whole).finish(),
    };
    sources.add_virtual(name, text, map)
}

/// The map from the text of a scalar to `written`, the text of the file it is in.
fn map_of(scalar: &Scalar, written: &str, whole: Span) -> SourceMap {
    let mut walk = Walk {
        text: &scalar.text,
        done: 0,
        written,
        at: whole.start as usize,
        end: (whole.end as usize).min(written.len()),
        whole,
        map: SourceMapBuilder::new(whole),
    };
    // A file that was taken as it is, such as one of a generator.
    if whole.start == 0 && whole.end as usize == written.len() {
        walk.lines(0, Some(0));
        return walk.finish();
    }
    // What was written anew on its way has lost its style, but not its place.
    let style = match written.as_bytes().get(whole.start as usize) {
        Some(b'|') => Style::Literal,
        Some(b'>') => Style::Folded,
        Some(b'\'') => Style::SingleQuoted,
        Some(b'"') => Style::DoubleQuoted,
        _ => scalar.style,
    };
    match style {
        Style::Literal => walk.literal(),
        Style::Folded => walk.block(),
        Style::Plain => walk.flow(None),
        Style::SingleQuoted => walk.flow(Some('\'')),
        Style::DoubleQuoted => walk.flow(Some('"')),
    }
    walk.finish()
}

/// A walk along the text of a scalar and along the bytes it was written with.
struct Walk<'t> {
    text: &'t str,
    /// How far the text is mapped.
    done: usize,
    written: &'t str,
    at: usize,
    end: usize,
    whole: Span,
    map: SourceMapBuilder,
}

impl Walk<'_> {
    fn origin(&self, start: usize, end: usize) -> Span {
        Span::new(self.whole.file, start, end)
    }

    /// The next `bytes` of the text came from `start..end` as a whole.
    fn made(&mut self, bytes: usize, start: usize, end: usize) {
        self.map.made(self.done, self.origin(start, end));
        self.done += bytes;
    }

    /// What was not met as expected leads to the scalar as a whole.
    fn finish(mut self) -> SourceMap {
        if self.done < self.text.len() {
            self.map.made(self.done, self.whole);
        }
        self.map.finish()
    }

    /// A literal block: each of its lines stands in the file, behind an indentation.
    fn literal(&mut self) {
        let written = &self.written[self.at..self.end];
        let Some(header) = written.find('\n') else {
            return;
        };
        self.lines(self.at + header + 1, None);
    }

    /// Lines that stand in the file from `start` on, behind an indentation: that of the first one that
    /// is not blank, where it is not known.
    fn lines(&mut self, mut start: usize, mut indentation: Option<usize>) {
        let mut lines = self.text.split_inclusive('\n');
        for line in self.written[start..self.end].split_inclusive('\n') {
            let from = start;
            start += line.len();
            let Some(text) = lines.next() else { return };
            let content = line.trim_end_matches(['\n', '\r']);
            let text = text.strip_suffix('\n').unwrap_or(text);
            let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
            if blanks(content) < content.len() {
                indentation.get_or_insert(blanks(content).saturating_sub(blanks(text)));
            }
            let indentation = indentation.unwrap_or(0).min(blanks(content));
            self.line(text, from + indentation, &content[indentation..]);
            if self.done < self.text.len() {
                self.made(1, from + content.len(), start);
            }
        }
    }

    /// A line of the text, which is written at `at` as `written`: alike at both ends at least.
    fn line(&mut self, text: &str, at: usize, written: &str) {
        let same = text.chars().zip(written.chars());
        let head = same.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8());
        let head: usize = head.sum();
        let (rest, left) = (&text[head..], &written[head..]);
        let same = rest.chars().rev().zip(left.chars().rev());
        let tail = same.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8());
        let tail: usize = tail.sum();
        let (middle, end) = (at + head, at + written.len() - tail);
        if head > 0 {
            self.map.copied(self.done, self.origin(at, middle));
            self.done += head;
        }
        if rest.len() > tail {
            self.made(rest.len() - tail, middle, end);
        }
        if tail > 0 {
            self.map.copied(self.done, self.origin(end, end + tail));
            self.done += tail;
        }
    }

    /// A folded block: its lines stand in the file behind an indentation, joined by blanks.
    fn block(&mut self) {
        let written = &self.written[self.at..self.end];
        let Some(header) = written.find('\n') else {
            return;
        };
        let mut start = self.at + header + 1;
        let lines = self.written[start..self.end].split_inclusive('\n');
        let mut indentation = None;
        for line in lines {
            let content = line.trim_end_matches(['\n', '\r']);
            let from = start;
            start += line.len();
            let blanks = content.len() - content.trim_start_matches(' ').len();
            let is_blank = blanks == content.len();
            // Blank lines and folds become line breaks and blanks of the text.
            let rest = &self.text[self.done..];
            let breaks = rest.len() - rest.trim_start_matches('\n').len();
            if is_blank && indentation.is_none_or(|indentation| blanks <= indentation) {
                continue;
            }
            let indentation = *indentation.get_or_insert_with(|| {
                let first = &rest[breaks..];
                blanks.saturating_sub(first.len() - first.trim_start_matches(' ').len())
            });
            let content = content.get(indentation..).unwrap_or("");
            let fold = match rest.strip_prefix(' ') {
                Some(folded) if breaks == 0 && !rest.starts_with(content) => {
                    usize::from(folded.starts_with(content))
                }
                _ => breaks,
            };
            if !rest[fold..].starts_with(content) {
                return;
            }
            let first = from + indentation;
            if fold > 0 {
                self.made(fold, from.saturating_sub(1), from);
            }
            let origin = self.origin(first, first + content.len());
            self.map.copied(self.done, origin);
            self.done += content.len();
        }
        // The line breaks at the end.
        let rest = &self.text[self.done..];
        if rest.bytes().all(|byte| byte == b'\n') && !rest.is_empty() {
            self.made(rest.len(), self.end, self.end);
        }
    }

    /// A scalar without or with quotes: folded over lines, with escapes.
    fn flow(&mut self, quote: Option<char>) {
        if quote.is_some() {
            self.at += 1;
            self.end = self.end.saturating_sub(1).max(self.at);
        }
        let mut copying = false;
        while self.at < self.end {
            let rest = &self.written[self.at..self.end];
            let made = match (quote, rest.chars().next()) {
                (_, None) => return,
                (Some('"'), Some('\\')) => Some(escape(rest)),
                (Some('\''), Some('\'')) => Some((2, 1)),
                (_, Some(' ' | '\t' | '\r' | '\n')) => fold(rest),
                _ => None,
            };
            let text = &self.text[self.done..];
            match made {
                Some((written, characters)) => {
                    let bytes = text.chars().take(characters).map(char::len_utf8).sum();
                    self.made(bytes, self.at, (self.at + written).min(self.end));
                    self.at += written;
                    copying = false;
                }
                None => {
                    let next = rest.chars().next();
                    if next != text.chars().next() {
                        return;
                    }
                    if !copying {
                        self.map.copied(self.done, self.origin(self.at, self.end));
                        copying = true;
                    }
                    let bytes = next.map_or(1, char::len_utf8);
                    self.done += bytes;
                    self.at += bytes;
                }
            }
        }
    }
}

/// The bytes of the escape at the start of `written`, and how many characters it stands for.
fn escape(written: &str) -> (usize, usize) {
    let mut characters = written.chars();
    characters.next();
    match characters.next() {
        Some('x') => (4, 1),
        Some('u') => (6, 1),
        Some('U') => (10, 1),
        // A line break that does not count, and the indentation behind it.
        Some('\r' | '\n') => {
            let rest = written[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            (written.len() - rest.len(), 0)
        }
        Some(other) => (1 + other.len_utf8(), 1),
        None => (1, 0),
    }
}

/// The bytes of the blanks and line breaks at the start of `written` where lines are folded, and
/// how many characters they stand for; none where they are blanks within a line.
fn fold(written: &str) -> Option<(usize, usize)> {
    let rest = written.trim_start_matches([' ', '\t', '\r', '\n']);
    let blanks = &written[..written.len() - rest.len()];
    let breaks = blanks.matches('\n').count();
    match breaks {
        0 => None,
        1 => Some((blanks.len(), 1)),
        n => Some((blanks.len(), n - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, ParseOptions, parse};
    use tidegate_source::MemorySystem;

    /// Embeds the value of the first key of `yaml`, and checks what the places of `wanted`, a part
    /// of its text, lead to.
    fn check(yaml: &str, wanted: &str, expected: &str) {
        let path = TreePath::new("a.yaml").unwrap();
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", yaml)));
        let file = sources.load(&path).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let root = parsed.documents[0].root.as_ref().unwrap();
        let value = &root.as_map().unwrap().iter().next().unwrap().value;
        let made = embed(&sources, value, path);
        let text = made.text().unwrap();
        assert_eq!(text, value.text().unwrap());
        let start = text.find(wanted).unwrap();
        let span = Span::new(made.id(), start, start + wanted.len());
        let real = sources.real(span);
        let found = &yaml[real.start as usize..real.end as usize];
        assert_eq!(found, expected, "{yaml:?}");
    }

    #[test]
    fn lines_of_blocks_lead_behind_their_indentation() {
        check("a: |-\n  one\n    two\n\n  three\n", "three", "three");
        check("a: |-\n  one\n    two\n\n  three\n", "  two", "  two");
        check("a: |\r\n  one\r\n  two\r\n", "two", "two");
        check("a: |2\n   one\n  two\n", "two", "two");
        check("a: |\n\n  one\n", "one", "one");
        check("b: |\n  æ: one\n  two: b\n", "one", "one");
        check(
            "a: >-\n  one two\n  three\n\n  four\n    five\n",
            "three",
            "three",
        );
        check(
            "a: >-\n  one two\n  three\n\n  four\n    five\n",
            "four",
            "four",
        );
        check(
            "a: >-\n  one two\n  three\n\n  four\n    five\n",
            "five",
            "five",
        );
    }

    #[test]
    fn lines_of_a_block_that_changed_lead_to_their_own() {
        let path = TreePath::new("a.yaml").unwrap();
        let yaml = "a: |\n  one ${x} two\n  three\n";
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", yaml)));
        let file = sources.load(&path).unwrap();
        let place = crate::Place::at(Span::new(file.id(), 3, yaml.len()));
        let made = embed(&sources, &Node::str("one 1234 two\nthree\n", place), path);
        for (wanted, expected) in [
            ("one", "one"),
            ("1234", "${x}"),
            ("two", "two"),
            ("three", "three"),
        ] {
            let start = made.text().unwrap().find(wanted).unwrap();
            let real = sources.real(Span::new(made.id(), start, start + wanted.len()));
            assert_eq!(&yaml[real.start as usize..real.end as usize], expected);
        }
    }

    #[test]
    fn lines_of_a_file_that_was_taken_whole_lead_to_their_own() {
        let path = TreePath::new("values.yaml").unwrap();
        let yaml = "# about\nhost: ${x}.example\nport: 80\n";
        let sources = Sources::new(Arc::new(MemorySystem::new().with("values.yaml", yaml)));
        let file = sources.load(&path).unwrap();
        let place = crate::Place::at(Span::new(file.id(), 0, yaml.len()));
        let text = yaml.replace("${x}", "www");
        let made = embed(&sources, &Node::str(text, place), path);
        for (wanted, expected) in [("www", "${x}"), (".example", ".example"), ("80", "80")] {
            let start = made.text().unwrap().find(wanted).unwrap();
            let real = sources.real(Span::new(made.id(), start, start + wanted.len()));
            assert_eq!(&yaml[real.start as usize..real.end as usize], expected);
        }
    }

    #[test]
    fn escapes_and_folds_lead_to_what_they_are_written_with() {
        check("a: one two\n", "two", "two");
        check("a: one\n  two\n\n  three\n", "three", "three");
        check("a: 'it''s one'\n", "one", "one");
        check("a: 'it''s one'\n", "'", "''");
        check("a: \"x\\ty\\u00e9z\"\n", "z", "z");
        check("a: \"x\\ty\\u00e9z\"\n", "é", "\\u00e9");
        check("a: \"- op: add\\n  path: /a\"\n", "/a", "/a");
        check("a: \"one\\\n   two\n   three\"\n", "three", "three");
    }
}
