//! What text becomes on its way from a node to the last writer: kustomize writes a resource with
//! go-yaml 3, reads that, writes JSON, reads that with go-yaml 2, and writes the result.

use std::borrow::Cow;

use super::scalar::{is_break, is_printable};
use crate::Style;
use crate::fold::fold;

/// The text that arrives at the last writer; the error is why none does.
pub(super) fn reread(text: &str, style: Style) -> Result<Cow<'_, str>, &'static str> {
    let mut out = Cow::Borrowed(text);
    let block = match style {
        Style::SingleQuoted | Style::DoubleQuoted => false,
        Style::Literal | Style::Folded => true,
        Style::Plain => text.contains('\n'),
    };
    if block && fits_block(text) {
        if text.starts_with('\t') {
            return Err("starts with a tab, with which no block of YAML can start");
        }
        if style == Style::Folded {
            out = Cow::Owned(refold(text));
        }
    }
    if text.bytes().all(|byte| byte < 0x7f) {
        return Ok(out);
    }
    // What stands raw in JSON and what go-yaml 2 does not read there.
    if text
        .chars()
        .any(|c| matches!(c, '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    {
        return Err("holds a control character that go-yaml does not read");
    }
    if out.contains('\u{85}') {
        out = Cow::Owned(fold_next_lines(&out));
    }
    Ok(out)
}

/// Whether go-yaml 3 writes the text as a block where it is asked to.
fn fits_block(text: &str) -> bool {
    let mut before = '\0';
    for c in text.chars() {
        if is_break(c) && before == ' ' || !is_printable(c) && c != '\t' {
            return false;
        }
        before = c;
    }
    before != ' ' && !text.is_empty()
}

/// Text after go-yaml 3 has written it as a `>` block and read it again. It writes a blank line for
/// each line break, also next to lines that start with a blank, where it is not folded away.
fn refold(text: &str) -> String {
    let first = text.trim_start_matches('\n').chars().next();
    let doubles = !matches!(first, None | Some(' ' | '\t'));
    let mut written = String::with_capacity(text.len() + 8);
    let (mut after_break, mut leading_blank) = (true, true);
    for c in text.chars() {
        if c == '\n' {
            if !after_break && !leading_blank && doubles {
                written.push('\n');
            }
            after_break = true;
        } else {
            if after_break {
                leading_blank = matches!(c, ' ' | '\t');
            }
            after_break = false;
        }
        written.push(c);
    }
    let content = written.trim_end_matches('\n');
    let breaks = written.len() - content.len();
    let mut out = fold(content.split('\n'));
    // The end: stripped, kept or clipped as the header says.
    if text.ends_with("\n\n") || text == "\n" {
        push_breaks(&mut out, breaks);
    } else if text.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn push_breaks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('\n', count));
}

/// U+0085 breaks a line within the quotes of JSON, so it is folded to a space, and several of them
/// to line breaks; blanks around it are lost.
fn fold_next_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('\u{85}').peekable();
    let mut breaks = 0;
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        let piece = if breaks > 0 {
            piece.trim_start_matches(' ')
        } else {
            piece
        };
        let piece = if last {
            piece
        } else {
            piece.trim_end_matches(' ')
        };
        if !piece.is_empty() || last {
            match breaks {
                0 => {}
                1 => out.push(' '),
                n => push_breaks(&mut out, n - 1),
            }
            breaks = 0;
        }
        out.push_str(piece);
        breaks += 1;
    }
    out
}
