//! A text document by document: what one of them holds that the quick reader does not know makes no
//! other one slow.

use std::ops::Range;

use granit_parser::{Event, Parser};
use memchr::memmem;

use super::tree::Builder;
use super::{ParseOptions, Parsed, block, settings};

/// What starts a document, wherever it stands, if a blank follows.
const SEPARATOR: &str = "\n---";

/// Reads all documents of a text; none where there is anything to say of it, which only a parser
/// tells that has seen all of it.
pub(super) fn read<'a>(
    text: &'a str,
    mut builder: Builder<'a>,
    options: ParseOptions,
) -> Option<Parsed> {
    let mut start = 0;
    while start < text.len() {
        let range = start..end(text, start);
        start = range.end;
        let mark = builder.mark();
        let is_quick = block::read(text, range.clone(), &mut builder).is_some();
        if builder.has_findings() {
            return None;
        }
        if !is_quick {
            if range.len() == text.len() {
                return None;
            }
            builder.back_to(&mark);
            any(text, range, &mut builder, options)?;
        }
    }
    Some(builder.finish())
}

/// Where the next document starts.
fn end(text: &str, from: usize) -> usize {
    let bytes = &text.as_bytes()[from..];
    let mut found = memmem::find_iter(bytes, SEPARATOR).filter(|at| {
        let behind = bytes.get(at + SEPARATOR.len());
        behind.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t'))
    });
    found.next().map_or(text.len(), |at| from + at + 1)
}

/// Reads any YAML that needs nothing of what is before or behind it; none where it does, or where
/// anything is wrong.
fn any<'a>(
    text: &'a str,
    range: Range<usize>,
    builder: &mut Builder<'a>,
    options: ParseOptions,
) -> Option<()> {
    let offset = range.start;
    // Directives are of the document behind them.
    let document = &text[range.clone()];
    if document.starts_with('%') || document.contains("\n%") {
        return None;
    }
    // With the separator behind it, since what ends a block tells where it is.
    let text = &text[offset..text.len().min(range.end + SEPARATOR.len())];
    let mut parser = Parser::new_from_str_with_options(text, settings(options));
    let is_behind = |span: &granit_parser::Span| {
        let start = span.byte_range().unwrap_or_default().start;
        start + offset >= range.end
    };
    loop {
        match parser.next_event()? {
            Ok((Event::StreamEnd, _)) => return Some(()),
            Ok((Event::DocumentStart(true, _), span)) if is_behind(&span) => return Some(()),
            Ok((event, span)) => builder.event(event, &span, offset),
            Err(_) => return None,
        }
        if builder.has_findings() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use tidegate_source::FileId;

    use super::*;
    use crate::Dialect;
    use crate::parse::read_all;

    /// Reads `text` document by document, and holds it against what is read of it as a whole;
    /// whether there was nothing to say of it.
    fn check(text: &str) -> bool {
        let options = ParseOptions::new(Dialect::GoYaml3);
        let builder = || Builder::new(text, FileId::DETACHED, options);
        let parts = read(text, builder(), options);
        if let Some(parts) = &parts {
            let whole = read_all(text, builder(), options);
            assert_eq!(format!("{parts:#?}"), format!("{whole:#?}"), "{text:?}");
        }
        parts.is_some()
    }

    #[test]
    fn one_odd_document_is_read_beside_plain_ones() {
        assert!(check(
            "# c\n---\na: 1\n# d\n---\nb: &x 1\nc: *x\n---\nd: 2\n"
        ));
        assert!(check(
            "a: [\n1]\n--- # e\nb: |2\n   c\n---\nd: \"\\x41\"\n---\n"
        ));
        assert!(check("a: 1\n---\n? b\n---\n!!str c\n---\n\"d\n  e\"\n"));
        assert!(check(
            "a: 1\r\n---\r\nb: 2\r\n---\nc: !!int 3\n...\n---\nd: 4\n"
        ));
    }

    #[test]
    fn what_needs_all_of_the_text_is_left_to_a_parser_of_all() {
        assert!(!check("a: &x 1\n---\nb: *x\n"));
        assert!(!check("a: \"1\n---\nb: 2\"\n"));
        assert!(!check("%YAML 1.1\n---\na: 1\n---\nb: 2\n"));
        assert!(!check("a: 1\n...\n%YAML 1.1\n---\nb: 2\n"));
        assert!(!check("a: 1\na: 2\n---\nb: 2\n"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn documents_are_read_as_the_whole_is(pieces in vec(select(PIECES), 0..16)) {
            check(&pieces.concat());
        }
    }

    /// What streams are made of.
    const PIECES: &[&str] = &[
        "---\n",
        "---\n",
        "\n---\n",
        "--- ",
        "---",
        "...\n",
        "\n",
        "\r\n",
        "# c\n",
        " # d\n",
        "a: b\n",
        "a:\n",
        "  c: d\n",
        "- e\n",
        "&x f\n",
        "*x\n",
        "\"g",
        "\"\n",
        "'",
        "|\n  h\n",
        ">\n",
        "[i,\n",
        "]\n",
        "{j: k}\n",
        "!!str l\n",
        "? m\n",
        ": n\n",
        "\t",
        "%YAML 1.1\n",
        "%TAG ! x\n",
        "\u{feff}",
        " ",
        "o\n",
        "<<: *x\n",
    ];
}
