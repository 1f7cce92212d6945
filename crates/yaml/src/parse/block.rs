//! A reader of plain block YAML: mappings and lists by indentation, whose keys stand on one line,
//! scalars in quotes or without, `|` and `>` blocks, and flow collections on one line. Nearly all
//! files of a GitOps tree hold nothing else, and this reads them several times as fast as a full
//! parser.
//!
//! What it meets beyond that (an anchor, a tag, a tab, a key over several lines, a mistake) makes
//! it give up, and granit-parser reads the document from its start. So this knows no errors, and it
//! must build what granit-parser's events build: tests hold the two against each other.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::ScalarStyle;
use memchr::memchr;

use super::quoted::{self, push_break};
use super::tree::{Builder, Kind};
use crate::fold::fold;

/// Deeper nesting is left to the full parser.
const DEPTH: usize = 100;

/// A longer key must not be followed by its `:`. In bytes.
const LONGEST_KEY: usize = 1000;

/// Reads the documents in a range of `text` into the builder; none where they hold more than this
/// reader knows, with some of them in the builder.
pub(super) fn read<'a>(
    text: &'a str,
    range: Range<usize>,
    builder: &mut Builder<'a>,
) -> Option<()> {
    let read = &text[range.clone()];
    let odd = |byte: u8| byte == b'\t' || byte == b'\r';
    let is_odd = read.bytes().fold(false, |found, byte| found | odd(byte));
    if is_odd || (!read.is_ascii() && read.contains('\u{feff}')) {
        return None;
    }
    let text = &text[..range.end];
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: range.start,
        builder,
        levels: Vec::new(),
        document: None,
    };
    reader.read()
}

struct Reader<'a, 'b> {
    text: &'a str,
    bytes: &'a [u8],
    /// Start of the next line.
    at: usize,
    builder: &'b mut Builder<'a>,
    /// The block collections that are open.
    levels: Vec<Level>,
    /// The document that is being read.
    document: Option<Document>,
}

struct Document {
    /// Where it starts.
    start: usize,
    has_root: bool,
}

struct Level {
    /// The column of its keys or dashes.
    indent: usize,
    is_seq: bool,
    /// The `:` or `-` whose value has not come yet.
    pending: Option<usize>,
}

/// A scalar with its place.
struct Line<'a> {
    text: Cow<'a, str>,
    style: ScalarStyle,
    range: Range<usize>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) -> Option<()> {
        while self.at < self.bytes.len() {
            let start = self.at;
            let end = self.line_end(start);
            self.at = end + 1;
            let line = &self.bytes[start..end];
            let indent = line.iter().take_while(|byte| **byte == b' ').count();
            match line.get(indent) {
                None | Some(b'#') => continue,
                Some(b'-') if indent == 0 && line.starts_with(b"---") => {
                    let rest = &line[3..];
                    let comment = rest.iter().position(|byte| *byte != b' ');
                    match comment {
                        None => {}
                        Some(at) if at > 0 && rest[at] == b'#' => {}
                        Some(_) => return None,
                    }
                    self.end_document(start)?;
                    self.start_document(true, start..start + 3);
                    continue;
                }
                Some(b'.' | b'%') if indent == 0 => return None,
                Some(_) => {}
            }
            let at = start + indent;
            if self.document.is_none() {
                self.start_document(false, at..at);
            }
            self.line(at, indent, end)?;
        }
        self.end_document(self.bytes.len())
    }

    /// The next line break, or the end.
    fn line_end(&self, from: usize) -> usize {
        memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |end| from + end)
    }

    fn start_document(&mut self, explicit: bool, marker: Range<usize>) {
        self.document = Some(Document {
            start: marker.end,
            has_root: false,
        });
        self.builder.begin_document(explicit, marker);
    }

    fn end_document(&mut self, at: usize) -> Option<()> {
        let Some(document) = self.document.take() else {
            return Some(());
        };
        if document.has_root {
            while !self.levels.is_empty() {
                self.close(at)?;
            }
            self.builder.close_document(at);
        } else {
            self.absent(document.start);
            self.builder.close_document(document.start);
        }
        Some(())
    }

    /// A value that is not there.
    fn absent(&mut self, at: usize) {
        self.builder
            .scalar("~", ScalarStyle::Plain, 0, None, at..at);
    }

    /// Ends the innermost collection.
    fn close(&mut self, at: usize) -> Option<()> {
        let level = self.levels.pop()?;
        match level.pending {
            Some(_) if level.is_seq => return None,
            Some(colon) => self.absent(colon),
            None => {}
        }
        self.builder.end(at..at);
        Some(())
    }

    /// A line with content, which starts at `at` in the column `indent`.
    fn line(&mut self, at: usize, indent: usize, end: usize) -> Option<()> {
        let is_item = self.is_item(at, end);
        while let Some(level) = self.levels.last() {
            let over = level.indent > indent || level.indent == indent && level.is_seq && !is_item;
            if !over {
                break;
            }
            self.close(at)?;
        }
        let Some(level) = self.levels.last_mut() else {
            let document = self.document.as_mut()?;
            if std::mem::replace(&mut document.has_root, true) {
                return None;
            }
            return self.node(at, indent, end);
        };
        let beside = level.indent == indent;
        let pending = level.pending.take();
        match (beside, level.is_seq, pending) {
            // A list may stand in the column of the key that it belongs to.
            (true, false, Some(_)) if is_item => self.node(at, indent, end),
            (true, false, None) if is_item => None,
            (true, true, Some(_)) => None,
            (true, true, None) => self.item(at, indent, end),
            (true, false, pending) => {
                if let Some(colon) = pending {
                    self.absent(colon);
                }
                let (key, colon) = self.key(at, end)??;
                self.entry(key, colon, end)
            }
            (false, _, Some(_)) => self.node(at, indent, end),
            (false, _, None) => None,
        }
    }

    fn is_item(&self, at: usize, end: usize) -> bool {
        self.bytes[at] == b'-' && (at + 1 == end || self.bytes[at + 1] == b' ')
    }

    /// A node whose first character is at `at`.
    fn node(&mut self, at: usize, indent: usize, end: usize) -> Option<()> {
        if self.levels.len() > DEPTH {
            return None;
        }
        let is_seq = self.is_item(at, end);
        let key = if is_seq { None } else { self.key(at, end)? };
        if !is_seq && key.is_none() {
            // A document that is one scalar is no business of this reader.
            self.levels.last()?;
            return self.value(at, end);
        }
        self.levels.push(Level {
            indent,
            is_seq,
            pending: None,
        });
        self.builder.gap(at);
        match key {
            None => {
                self.builder.begin(Kind::Seq, false, 0, at..at);
                self.item(at, indent, end)
            }
            Some((key, colon)) => {
                self.builder.begin(Kind::Map(None, false), false, 0, at..at);
                self.entry(key, colon, end)
            }
        }
    }

    /// What follows a `-`.
    fn item(&mut self, dash: usize, indent: usize, end: usize) -> Option<()> {
        let at = self.skip_spaces(dash + 1, end);
        if at == end || self.bytes[at] == b'#' {
            self.levels.last_mut()?.pending = Some(dash);
            return Some(());
        }
        self.node(at, indent + (at - dash), end)
    }

    /// A key and what follows its `:`.
    fn entry(&mut self, key: Line<'a>, colon: usize, end: usize) -> Option<()> {
        self.scalar(key);
        let at = self.skip_spaces(colon + 1, end);
        if at == end || self.bytes[at] == b'#' {
            self.levels.last_mut()?.pending = Some(colon);
            return Some(());
        }
        if self.is_item(at, end) {
            return None;
        }
        self.value(at, end)
    }

    fn scalar(&mut self, line: Line<'a>) {
        self.builder.gap(line.range.start);
        self.builder
            .scalar(&line.text, line.style, 0, None, line.range);
    }

    fn skip_spaces(&self, at: usize, end: usize) -> usize {
        let spaces = self.bytes[at..end].iter().take_while(|byte| **byte == b' ');
        at + spaces.count()
    }

    /// The key at `at` and the place of its `:`; an inner none where there is no key.
    fn key(&self, at: usize, end: usize) -> Option<Option<(Line<'a>, usize)>> {
        let is_colon =
            |at: usize| self.bytes[at] == b':' && (at + 1 == end || self.bytes[at + 1] == b' ');
        match self.bytes[at] {
            b'"' | b'\'' => {
                let parent = self.levels.last().map_or(0, |level| level.indent);
                let line = self.quoted(at, parent)?;
                let colon = line.range.end;
                if colon > end {
                    return Some(None);
                }
                if colon < end && is_colon(colon) {
                    return Some(Some((line, colon)));
                }
                let next = self.skip_spaces(colon, end);
                match next < end && self.bytes[next] == b':' {
                    true => None,
                    false => Some(None),
                }
            }
            b'|' | b'>' | b'[' | b'{' => Some(None),
            _ => {
                let mut colon = at;
                while colon < end && !is_colon(colon) {
                    if self.bytes[colon] == b'#' && self.bytes[colon - 1] == b' ' {
                        return Some(None);
                    }
                    colon += 1;
                }
                if colon == end {
                    return Some(None);
                }
                let long = colon - at > LONGEST_KEY;
                if colon == at
                    || self.bytes[colon - 1] == b' '
                    || long
                    || !self.starts_plain(at, end)
                {
                    return None;
                }
                let range = at..colon;
                let text = Cow::Borrowed(&self.text[range.clone()]);
                let style = ScalarStyle::Plain;
                Some(Some((Line { text, style, range }, colon)))
            }
        }
    }

    /// Whether a plain scalar can start at `at`. Refuses more than YAML does.
    fn starts_plain(&self, at: usize, end: usize) -> bool {
        match self.bytes[at] {
            b'-' => at + 1 < end && !matches!(self.bytes[at + 1], b' ' | b'-'),
            b'&' | b'*' | b'!' | b'%' | b'@' | b'`' | b'#' | b',' | b']' | b'}' | b'"' | b'\''
            | b'|' | b'>' | b'[' | b'{' | b'?' | b':' => false,
            _ => true,
        }
    }

    /// A value that starts at `at` and does not hold a key.
    fn value(&mut self, at: usize, end: usize) -> Option<()> {
        match self.bytes[at] {
            b'"' | b'\'' => {
                let line = self.quoted(at, self.levels.last()?.indent)?;
                let mut end = end;
                if line.range.end > end {
                    end = self.line_end(line.range.end);
                    self.at = end + 1;
                }
                self.ends_at(line.range.end, end)?;
                self.scalar(line);
                Some(())
            }
            b'|' | b'>' => self.block(at, end),
            b'[' | b'{' => {
                let after = self.flow(at, end, 0)?;
                self.ends_at(after, end)
            }
            _ if self.starts_plain(at, end) => {
                let mut stop = at;
                while stop < end {
                    match self.bytes[stop] {
                        b':' if stop + 1 == end || self.bytes[stop + 1] == b' ' => return None,
                        b'#' if self.bytes[stop - 1] == b' ' => break,
                        _ => stop += 1,
                    }
                }
                let first = self.text[at..stop].trim_end_matches(' ');
                let (text, text_end) = match stop == end {
                    true => self.plain_lines(first, at + first.len())?,
                    false => (Cow::Borrowed(first), at + first.len()),
                };
                let (style, range) = (ScalarStyle::Plain, at..text_end);
                self.scalar(Line { text, style, range });
                Some(())
            }
            _ => None,
        }
    }

    /// Nothing but blanks and a comment may follow until the end of the line.
    fn ends_at(&self, at: usize, end: usize) -> Option<()> {
        let next = self.skip_spaces(at, end);
        let fine = next == end || next > at && self.bytes[next] == b'#';
        fine.then_some(())
    }

    /// A plain scalar with the lines that go on with it, and where it ends. The next line is that
    /// behind its first one.
    fn plain_lines(&mut self, first: &'a str, first_end: usize) -> Option<(Cow<'a, str>, usize)> {
        let parent = self.levels.last()?.indent;
        let (mut text, mut text_end) = (Cow::Borrowed(first), first_end);
        let mut next = self.at;
        let mut empty = 0;
        while next < self.bytes.len() {
            let blanks = self.bytes[next..].iter().take_while(|byte| **byte == b' ');
            let blanks = blanks.count();
            let at = next + blanks;
            match self.bytes.get(at) {
                Some(b'\n') => {
                    empty += 1;
                    next = at + 1;
                    continue;
                }
                Some(b'#') | None => break,
                Some(_) if blanks <= parent => break,
                Some(_) => {}
            }
            let end = self.line_end(at);
            for stop in at..end {
                let is_odd = match self.bytes[stop] {
                    b':' => stop + 1 == end || self.bytes[stop + 1] == b' ',
                    b'#' => self.bytes[stop - 1] == b' ',
                    _ => false,
                };
                if is_odd {
                    return None;
                }
            }
            let line = self.text[at..end].trim_end_matches(' ');
            let text = text.to_mut();
            push_break(std::mem::take(&mut empty), text);
            text.push_str(line);
            text_end = at + line.len();
            next = end + 1;
            self.at = next;
        }
        Some((text, text_end))
    }

    /// A scalar in quotes. Its further lines must be indented further than `parent`.
    fn quoted(&self, at: usize, parent: usize) -> Option<Line<'a>> {
        let quoted = quoted::read(self.text, at, parent)?;
        Some(Line {
            text: quoted.text,
            style: match self.bytes[at] {
                b'"' => ScalarStyle::DoubleQuoted,
                _ => ScalarStyle::SingleQuoted,
            },
            range: at..quoted.end,
        })
    }

    /// A `|` or `>` block.
    fn block(&mut self, at: usize, end: usize) -> Option<()> {
        let header = self.text[at + 1..end].trim_end_matches(' ');
        let is_literal = self.bytes[at] == b'|';
        if !matches!(header, "" | "-" | "+") {
            return None;
        }
        let parent = self.levels.last()?.indent;
        // The first line that is not blank tells how far the block is indented.
        let mut indent = None;
        let mut content = 0;
        let mut lines: Vec<&str> = Vec::new();
        let mut stop = self.at;
        while stop < self.bytes.len() {
            // A block that the file ends in without a line break is left to the full parser.
            let line_end = stop + memchr(b'\n', &self.bytes[stop..])?;
            let line = &self.text[stop..line_end];
            let blanks = line.len() - line.trim_start_matches(' ').len();
            match indent {
                None if blanks == line.len() => {
                    if blanks > 0 {
                        return None;
                    }
                    lines.push("");
                }
                None => {
                    if blanks <= parent {
                        return None;
                    }
                    indent = Some(blanks);
                    content = stop + blanks;
                    lines.push(&line[blanks..]);
                }
                Some(indent) if blanks >= indent => lines.push(&line[indent..]),
                Some(_) if blanks == line.len() => lines.push(""),
                Some(_) => break,
            }
            stop = line_end + 1;
        }
        indent?;
        let trailing = lines
            .iter()
            .rev()
            .take_while(|line| line.is_empty())
            .count();
        let text = if is_literal {
            let size = lines.iter().map(|line| line.len() + 1).sum();
            let mut text = String::with_capacity(size);
            for line in &lines[..lines.len() - trailing] {
                text.push_str(line);
                text.push('\n');
            }
            text.pop();
            text
        } else {
            if lines
                .iter()
                .any(|line| !line.is_empty() && line.trim_matches(' ').is_empty())
            {
                return None;
            }
            fold(lines[..lines.len() - trailing].iter().copied())
        };
        let mut text = text;
        let breaks = match header {
            "-" => 0,
            "+" => 1 + trailing,
            _ => 1,
        };
        text.extend(std::iter::repeat_n('\n', breaks));
        let style = match is_literal {
            true => ScalarStyle::Literal,
            false => ScalarStyle::Folded,
        };
        self.builder.gap(at);
        self.builder.scalar(&text, style, 0, None, content..stop);
        self.at = stop;
        Some(())
    }

    /// A flow collection that ends on its line; gives the place behind it.
    fn flow(&mut self, at: usize, end: usize, depth: usize) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        let is_seq = self.bytes[at] == b'[';
        let close = if is_seq { b']' } else { b'}' };
        let kind = match is_seq {
            true => Kind::Seq,
            false => Kind::Map(None, false),
        };
        self.builder.gap(at);
        self.builder.begin(kind, true, 0, at..at + 1);
        let mut next = self.skip_spaces(at + 1, end);
        if next < end && self.bytes[next] == close {
            self.builder.end(next..next + 1);
            return Some(next + 1);
        }
        loop {
            if !is_seq {
                next = self.flow_scalar(next, end)?;
                if self.bytes.get(next) != Some(&b':') || self.bytes.get(next + 1) != Some(&b' ') {
                    return None;
                }
                next = self.skip_spaces(next + 1, end);
            }
            next = match self.bytes.get(next)? {
                b'[' | b'{' => self.flow(next, end, depth + 1)?,
                _ => self.flow_scalar(next, end)?,
            };
            next = self.skip_spaces(next.min(end), end);
            if next >= end {
                return None;
            }
            match self.bytes[next] {
                b',' => next = self.skip_spaces(next + 1, end),
                byte if byte == close => {
                    self.builder.end(next..next + 1);
                    return Some(next + 1);
                }
                _ => return None,
            }
        }
    }

    /// A scalar within a flow collection; gives the place behind it.
    fn flow_scalar(&mut self, at: usize, end: usize) -> Option<usize> {
        if at >= end {
            return None;
        }
        if matches!(self.bytes[at], b'"' | b'\'') {
            let line = self.quoted(at, end)?;
            let after = line.range.end;
            // Further lines are left to the full parser.
            if after > end {
                return None;
            }
            self.scalar(line);
            return Some(after);
        }
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_./$+=^(;<-~)*@ ".contains(&byte);
        let mut stop = at;
        while stop < end {
            match self.bytes[stop] {
                b':' if self
                    .bytes
                    .get(stop + 1)
                    .copied()
                    .is_some_and(|b| b != b' ' && word(b)) => {}
                byte if word(byte) || byte >= 0x80 => {}
                _ => break,
            }
            stop += 1;
        }
        let text = self.text[at..stop].trim_end_matches(' ');
        let is_fine = text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_./$".contains(c))
            && (self.bytes.get(stop) != Some(&b':') || text.len() == stop - at);
        if !is_fine {
            return None;
        }
        let range = at..at + text.len();
        let (text, style) = (Cow::Borrowed(text), ScalarStyle::Plain);
        self.scalar(Line { text, style, range });
        Some(stop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use tidegate_source::{MemorySystem, Sources, TreePath};

    use super::*;
    use crate::Dialect;
    use crate::parse::{ParseOptions, Parsed, read_all};

    fn both(text: &str) -> (Option<Parsed>, Parsed) {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let options = ParseOptions::new(Dialect::GoYaml3);
        let builder = || Builder::new(text, file.id(), options);
        let mut fast = builder();
        let fast = read(text, 0..text.len(), &mut fast).map(|()| fast.finish());
        (fast, read_all(text, builder(), options))
    }

    /// Reads `text` here, and holds it against what the full parser reads.
    fn check(text: &str) {
        let (fast, full) = both(text);
        let fast = fast.unwrap_or_else(|| panic!("given up: {text:?}"));
        assert_eq!(format!("{fast:#?}"), format!("{full:#?}"), "{text:?}");
    }

    #[test]
    fn block_yaml_is_read_as_the_full_parser_reads_it() {
        check(
            "a: 1\nb:\n  c: x y # z\n  d:\ne:\n- 1\n- f: 2\n  g: 'it''s'\n-   - h\n    - \"i\\n\"\n",
        );
        check("# c\n---\n# d\na: b#c\n\n---\n---\n# only\n--- # e\nx: y\n# end\n");
        check(
            "a: |\n  x\n\n    y \n\nb: >-\n  x\n  y\n\n  z\n    w\n  v\nc: |+\n\n  q\n\n# c\nd: |-\n    r\n  # c\n",
        );
        check("a: {}\nb: [ ]\nc: [x, \"y\", {z: 1, w: [2]}] # c\nd: {\"k\": v w, l: a:b}\n");
        check("a:\n  - b:\n      - c\n    d: e\n  -\n    f: g\nh: -1\n\"q\": r\n");
        check("a: b\nc: [d]");
        check("a:\n  'quoted on the next line'\nb: null\n<<: x\n");
    }

    #[test]
    fn scalars_on_several_lines_are_read_as_the_full_parser_reads_them() {
        check("a: b\n  c  \n\n\n  d e\n\n# f\ng:\n  h\n  {{ i }}\n   - j\nk: l\n\n");
        check("- a\n  b\n- - c\n   - d\n-\n e\n f\n");
        check(
            "a: \"b \n  c\\n\n\n  d\\\n   \\  e \\u00e9\\x41\\U0001F600\" # f\ng: 'h\n\n  ''i'' \n  #j'\n",
        );
        check("a:\n  \"b\n   c\"\nd:\n- 'e\n  f'\n- g\n");
    }

    #[test]
    fn the_rest_is_left_to_the_full_parser() {
        for text in [
            "a: &x 1\n",
            "a: !!str 1\n",
            "a: b\n  c: d\n",
            "a: b\n  c # d\n",
            "a: \"b\n  c\": d\n",
            "a: \"b\nc\"\n",
            "a:\tb\n",
            "a: |\n  b",
            "? a\n: b\n",
            "- a\nb: c\n",
            "a: b: c\n",
            "a: [b\n",
            "a: 'b' c\n",
            "%YAML 1.1\n---\na: b\n",
            "a\n",
            "a: |2\n   b\n",
            "a: - b\n",
            "--- a\n",
            "a: b\n...\n",
            "a: b\n c: d\n",
            "a: \"\\/\"\n",
            "[a]: b\n",
        ] {
            let (fast, _) = both(text);
            assert!(fast.is_none(), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn both_readers_build_the_same(pieces in vec(select(PIECES), 0..14)) {
            let text = pieces.concat();
            let (fast, full) = both(&text);
            if let Some(fast) = fast.filter(|fast| fast.findings.is_empty()) {
                prop_assert_eq!(format!("{:?}", fast), format!("{:?}", full), "{:?}", text);
            }
        }

        #[test]
        fn both_readers_build_the_same_scalars(quote in select(&["", "'", "\""][..]), pieces in vec(select(SCALAR), 0..9)) {
            let text = format!("a:\n  b: {quote}x{}{quote}\nc: d\n", pieces.concat());
            let (fast, full) = both(&text);
            if let Some(fast) = fast.filter(|fast| fast.findings.is_empty()) {
                prop_assert_eq!(format!("{:?}", fast), format!("{:?}", full), "{:?}", text);
            }
        }
    }

    /// What scalars on several lines are made of.
    const SCALAR: &[&str] = &[
        "x", "é", " ", "\n   ", "\n    ", "\n", "\n ", "\n  ", "\\\n   ", "\\n", "\\ ", "\\u00e9",
        "''", "'", "\"", "\\\"", "\\\\", "#", " #", ":", ": ", "-", "- ", "{{", "{", "*", "&",
        "---\n", "|", "1", "?", "%", "[", "]",
    ];

    /// What block YAML is made of.
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        "c:\n  ",
        "- ",
        "- x\n",
        "\n",
        "\n  ",
        "\n    ",
        "k: v\n",
        "  k: v\n",
        "- k: v\n",
        ": ",
        "|\n",
        "|-\n   ",
        ">-\n  ",
        "|+\n\n  q\n\n",
        "'x'",
        "\"y\"",
        "'",
        "\"",
        "{a: b}",
        "[a, b]",
        "{",
        "]",
        ", ",
        "# c\n",
        " # d\n",
        "---\n",
        "1",
        "~",
        "é",
        "  ",
        "\\n",
        "\\\n ",
        "\\ ",
        "\\x41",
        "  x\n",
        "   y z \n",
        "-",
        ":",
        "*x",
        "&x ",
        "<<: ",
    ];
}
