//! What the Go tools refuse and granit-parser reads.

use std::ops::Range;

use tidegate_source::{Diagnostic, FileId, Span};

use super::codes;

/// The first character of the text that YAML does not allow anywhere.
pub(super) fn control_character(text: &str, file: FileId) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    let is_control =
        |byte: u8| byte < b' ' && byte != b'\n' && byte != b'\t' && byte != b'\r' || byte == 0x7f;
    // Without an early end, the compiler makes a loop of this that takes many bytes at a time.
    let is_odd = bytes
        .iter()
        .fold(false, |found, byte| found | is_control(*byte));
    let ascii = is_odd.then(|| bytes.iter().position(|byte| is_control(*byte)));
    // U+0080 to U+009F but U+0085, U+FFFE and U+FFFF; UTF-8 has no surrogates.
    let others = memchr::memchr2_iter(0xc2, 0xef, bytes).find(|at| match bytes[at + 1..] {
        [second @ 0x80..0xa0, ..] if bytes[*at] == 0xc2 => second != 0x85,
        [0xbf, 0xbe | 0xbf, ..] => bytes[*at] == 0xef,
        _ => false,
    });
    let at = ascii.flatten().into_iter().chain(others).min()?;
    let c = text[at..].chars().next()?;
    let span = Span::new(file, at, at + c.len_utf8());
    let message = format!(
        "the control character U+{:04X} is not allowed in YAML",
        c as u32
    );
    Some(
        Diagnostic::error(codes::SYNTAX, span, message)
            .with_note("here")
            .with_help(format!(
                "remove it, or write it as `\"\\u{:04X}\"` in double quotes",
                c as u32
            )),
    )
}

/// The first escape of a double-quoted scalar that go-yaml does not know. `range` holds the quotes.
pub(super) fn escape(text: &str, range: &Range<usize>, file: FileId) -> Option<Diagnostic> {
    let raw = text.get(range.clone())?;
    let mut at = raw.find('\\')?;
    loop {
        let rest = &raw[at..];
        let start = range.start + at;
        let mut width = 2;
        match rest.as_bytes().get(1) {
            Some(b'/') => {
                let span = Span::new(file, start, start + 2);
                return Some(
                    Diagnostic::error(
                        codes::SYNTAX,
                        span,
                        "`\\/` is not an escape of YAML 1.1, which the Kubernetes tools read",
                    )
                    .with_help("write `/` without the backslash"),
                );
            }
            Some(kind @ (b'u' | b'U')) => {
                width = if *kind == b'u' { 6 } else { 10 };
                let digits = rest.get(2..width)?;
                let value = u32::from_str_radix(digits, 16).ok()?;
                if (0xd800..0xe000).contains(&value) {
                    return Some(surrogate(raw, at, range.start, file));
                }
            }
            _ => {}
        }
        at += width;
        while !raw.is_char_boundary(at) {
            at += 1;
        }
        at += raw.get(at..)?.find('\\')?;
    }
}

fn surrogate(raw: &str, at: usize, start: usize, file: FileId) -> Diagnostic {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let pair = [unit(at), unit(at + 6)].map(Option::unwrap_or_default);
    let character = char::decode_utf16(pair).next().and_then(Result::ok);
    let length = if character.is_some() { 12 } else { 6 };
    let span = Span::new(file, start + at, start + at + length);
    let finding = Diagnostic::error(
        codes::SYNTAX,
        span,
        "half of a surrogate pair is not an escape of YAML",
    );
    match character {
        Some(c) => finding.with_help(format!(
            "write `\\U{:08X}`, or the character itself: {c}",
            c as u32
        )),
        None => finding.with_help("write the character itself, or `\\U` and its eight digits"),
    }
}

/// A tab that starts a line of a block scalar before the indentation is reached. `start` is where
/// the header is, `end` the end of the last line.
pub(super) fn tab_in_block(
    text: &str,
    start: usize,
    content: usize,
    end: usize,
    file: FileId,
) -> Option<Diagnostic> {
    let raw = text.get(start..end)?;
    if !raw.contains('\t') {
        return None;
    }
    let line = text[..content.min(text.len())]
        .rfind('\n')
        .map_or(0, |i| i + 1);
    let indent = content.saturating_sub(line);
    let header = raw.find('\n')?;
    let mut offset = start + header + 1;
    // Until it is known how deep the block is, unless its header says so.
    let header = raw[..header].split('#').next().unwrap_or("");
    let mut first = !header.contains(|c: char| c.is_ascii_digit());
    for line in text[offset..end].split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        if line[blanks..].starts_with('\t') && (blanks < indent || first) {
            return Some(tab(file, offset + blanks));
        }
        first &= line.trim_ascii().is_empty();
        offset += line.len();
    }
    None
}

/// A tab that starts a further line of a plain scalar, before its indentation is reached.
pub(super) fn tab_in_plain(
    text: &str,
    range: &Range<usize>,
    indent: usize,
    file: FileId,
) -> Option<Diagnostic> {
    let raw = text.get(range.clone())?;
    let mut offset = range.start + raw.find('\n')? + 1;
    for line in text[offset..range.end].split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        if blanks < indent && line[blanks..].starts_with('\t') {
            return Some(tab(file, offset + blanks));
        }
        offset += line.len();
    }
    None
}

/// A tab that starts a line between two tokens, or that follows a `-` or `?`. Behind a plain scalar
/// only a tab before `indent` counts.
pub(super) fn tab_between(
    text: &str,
    gap: Range<usize>,
    indent: Option<usize>,
    file: FileId,
) -> Option<Diagnostic> {
    let raw = text.get(gap.clone())?;
    if !raw.contains('\t') {
        return None;
    }
    // The gap may start behind the `-` of a first item.
    let before = &text[..gap.start];
    let item = before.strip_suffix(['-', '?']).is_some_and(|rest| {
        indent.is_none() && (rest.is_empty() || rest.ends_with([' ', '\t', '\n', '\r']))
    });
    let mut offset = gap.start;
    for (i, line) in raw.split_inclusive('\n').enumerate() {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let content = &line[spaces..];
        let blanks = content.len() - content.trim_start_matches([' ', '-', '?', '\t']).len();
        let tab_at = content[..blanks].find('\t');
        let counts = match indent {
            _ if i == 0 => item || content.starts_with(['-', '?']),
            Some(indent) => spaces < indent,
            None => true,
        };
        if let Some(at) = tab_at
            && counts
        {
            return Some(tab(file, offset + spaces + at));
        }
        offset += line.len();
    }
    None
}

/// A tab where only spaces can indent.
pub(super) fn tab(file: FileId, at: usize) -> Diagnostic {
    Diagnostic::error(
        codes::SYNTAX,
        Span::new(file, at, at + 1),
        "a tab cannot indent YAML",
    )
    .with_note("a tab")
    .with_help("indent with spaces")
}

/// Text behind a `---` within a file, which kustomize refuses: it splits files at such lines.
pub(super) fn beside_separator(text: &str, marker_end: usize, file: FileId) -> Option<Diagnostic> {
    let start = marker_end.checked_sub(3)?;
    if start == 0 || text.as_bytes().get(start - 1) != Some(&b'\n') {
        return None;
    }
    let line = text.get(marker_end..)?;
    // Without a line break at its end, it separates nothing.
    let line = &line[..line.find('\n')?];
    let content = line.trim();
    if content.is_empty() || content.starts_with('#') {
        return None;
    }
    let at = marker_end + (line.len() - line.trim_start().len());
    let span = Span::new(file, at, at + content.len());
    Some(
        Diagnostic::error(
            codes::SYNTAX,
            span,
            "kustomize does not accept text behind a `---` that separates documents",
        )
        .with_note("belongs on the next line")
        .with_help("put it on a line of its own"),
    )
}

/// A directive before a document: the lines that start with `%` in `gap`.
pub(super) fn directive(
    text: &str,
    gap: Range<usize>,
    accept_1_1: bool,
    file: FileId,
) -> Option<Diagnostic> {
    let mut offset = gap.start;
    for line in text.get(gap)?.split_inclusive('\n') {
        let content = line.trim_end();
        let accepted = accept_1_1 && (content == "%YAML 1.1" || content.starts_with("%TAG"));
        if content.starts_with('%') && !accepted {
            let name = content.split(' ').next().unwrap_or(content);
            let span = Span::new(file, offset, offset + content.len());
            return Some(
                Diagnostic::error(
                    codes::SYNTAX,
                    span,
                    format!("the directive `{name}` is not accepted by the Kubernetes tools"),
                )
                .with_help("remove the line: there is one version of YAML for them"),
            );
        }
        offset += line.len();
    }
    None
}

/// A key that is a mapping or a list: most often a template that was meant as text.
pub(super) fn collection_key(text: &str, at: Span) -> Diagnostic {
    let start = (at.start as usize).min(text.len());
    let finding = Diagnostic::error(
        codes::KEY_NOT_TEXT,
        at,
        "a key must be text, and this is a collection",
    );
    if text[..start].ends_with('{') && text[start..].starts_with('{') {
        finding.with_help("quote a value that starts with a template: `\"{{ ... }}\"`")
    } else {
        finding.with_help("quote the key if the brackets belong to its text")
    }
}

/// A name of an anchor that go-yaml does not read.
pub(super) fn anchor(name: &str, at: Span) -> Option<Diagnostic> {
    if is_name(name) {
        return None;
    }
    let message = "an anchor has more than letters, digits, `-` and `_` in its name";
    Some(
        Diagnostic::error(codes::SYNTAX, at, message)
            .with_help("rename it, or quote the value if the `&` belongs to its text"),
    )
}

/// An alias that names no anchor. Its name is not repeated: it can be a password without quotes.
pub(super) fn alias(name: &str, at: Span) -> Diagnostic {
    if is_name(name) {
        Diagnostic::error(
            codes::SYNTAX,
            at,
            "no anchor of this name comes before the alias",
        )
        .with_note("unknown anchor")
        .with_help("define it above with `&`, or quote the value if the `*` belongs to its text")
    } else {
        Diagnostic::error(
            codes::SYNTAX,
            at,
            "a value that starts with `*` must name an anchor, and this cannot be one",
        )
        .with_help("quote the value if the `*` belongs to its text")
    }
}

fn is_name(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
