use granit_parser::ErrorKind;
use tidegate_source::{Diagnostic, FileId, Span};

use super::{Limits, codes, refuse};

/// Says in plain words what is wrong, at the place to edit.
///
/// `at` is where the scanner gave up, `token_end` where the last token that it understood ends.
pub(super) fn explain(
    kind: &ErrorKind,
    text: &str,
    file: FileId,
    at: usize,
    token_end: usize,
    limits: Limits,
) -> Diagnostic {
    use ErrorKind as E;
    let at = at.min(text.len());
    let here = Span::new(file, at, at + width(text, at));
    let error = |span, message: &str| Diagnostic::error(codes::SYNTAX, span, message);
    if let Some(tab) = leading_tab(text, at) {
        return refuse::tab(file, tab);
    }
    match kind {
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            misplaced_key(text, file, at).unwrap_or_else(|| {
                error(
                    colon(text, file, at),
                    "a `: ` is not allowed within this value",
                )
                .with_note("starts a mapping where none can be")
                .with_help("quote the whole value if the colon belongs to its text")
            })
        }
        E::InvalidSimpleKey | E::SimpleKeyExpected => {
            let line = line_of(text, key_start(text, at, token_end), file);
            error(line, "this line is neither `key: value` nor a part of the value above it")
                .with_note("a `:` is missing")
                .with_help("write `key: value`, or indent the line more than the key it belongs to")
        }
        E::ExpectedBlockMappingKey => error(
            line_of(text, at, file),
            "this line does not fit the mapping it stands in",
        )
        .with_note("a key was expected here")
        .with_help("give it the same indentation as the keys beside it, or indent it as a value of the key above"),
        E::ExpectedBlockSequenceEntry => error(
            line_of(text, at, file),
            "this line does not fit the list it stands in",
        )
        .with_note("a `- ` was expected here")
        .with_help("start it with `- `, or indent it as a part of the item above"),
        E::InvalidIndentation => error(line_of(text, at, file), "this line is not indented like what it belongs to")
            .with_help("give it the same indentation as the lines beside it"),
        E::UnexpectedEofFlowSequence | E::ExpectedFlowSequenceSeparator => {
            let bracket = open_bracket(text, at, '[').unwrap_or(at);
            error(here, "the list `[...]` is not closed here, and no `,` comes before the next item")
                .with_label(Span::new(file, bracket, bracket + width(text, bracket)), "starts here")
                .with_help("close it with `]`, or separate its items with `,`; quote a value that starts with `[` but is text")
        }
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping | E::ExpectedFlowMappingSeparator => {
            let bracket = open_bracket(text, at, '{').unwrap_or(at);
            let finding = error(here, "the mapping `{...}` is not closed here, and no `,` comes before the next key")
                .with_label(Span::new(file, bracket, bracket + width(text, bracket)), "starts here");
            if text[bracket..].starts_with("{{") {
                finding.with_help("quote a value that starts with a template: `\"{{ ... }}\"`")
            } else {
                finding.with_help("close it with `}`, or separate its keys with `,`; quote a value that starts with `{` but is text")
            }
        }
        E::TabInBlockIndentation | E::TabNotAllowed => match text[..at].rfind('\t').or_else(|| text[at..].find('\t').map(|i| at + i)) {
            Some(tab) if text[tab.min(at)..tab.max(at)].len() < 80 => refuse::tab(file, tab),
            _ => error(here, "a tab cannot indent YAML").with_help("indent with spaces"),
        },
        E::UnexpectedCharacter { character } => {
            error(here, &format!("a value cannot start with `{character}`"))
                .with_help("quote the value")
        }
        E::CommentNotSeparated => error(here, "a comment needs a space before its `#`")
            .with_help("put a space before the `#`, or quote the value if the `#` belongs to it"),
        E::CommentInterceptedScalar => error(here, "a comment cannot stand within a value of several lines")
            .with_help("remove the comment, or quote the value if the `#` belongs to it"),
        _ => rest(kind, text, file, at, limits),
    }
}

/// The kinds of error about quotes, brackets and single characters.
fn rest(kind: &ErrorKind, text: &str, file: FileId, at: usize, limits: Limits) -> Diagnostic {
    use ErrorKind as E;
    let here = Span::new(file, at, at + width(text, at));
    let error = |span, message: &str| Diagnostic::error(codes::SYNTAX, span, message);
    match kind {
        E::RecursionLimitExceeded => {
            let message = format!("values are nested more than {} levels deep", limits.depth);
            Diagnostic::error(codes::LIMIT, here, message)
        }
        E::BlockSequenceEntryNotAllowed => error(here, "a list cannot start on the line of its key")
            .with_help("put `- ` on the next line, or quote the value if the `-` belongs to its text"),
        E::BlockEntryInFlowCollection => {
            let finding = error(here, "a `-` cannot start an item within `[...]` or `{...}`");
            if text[..at].ends_with("{{") {
                finding.with_help("this looks like a template, which is no YAML before it is rendered")
            } else {
                finding.with_help("quote the item if the `-` belongs to its text")
            }
        }
        E::UnclosedQuotedScalar => error(here, "this quote is never closed")
            .with_note("starts here")
            .with_help("close it at the end of the value"),
        E::DocumentIndicatorInQuotedScalar | E::InvalidQuotedScalarIndent => {
            error(here, "this quote is not closed where its text can end")
                .with_note("starts here")
                .with_help("close it, and indent all lines of the text more than its key")
        }
        E::InvalidTrailingSingleQuotedScalar => error(rest_of_line(text, at, file), "text follows a value in single quotes")
            .with_note("outside of the quotes")
            .with_help("quote the whole value, and write each quote within it twice: `'it''s'`"),
        E::InvalidTrailingDoubleQuotedScalar => error(rest_of_line(text, at, file), "text follows a value in double quotes")
            .with_note("outside of the quotes")
            .with_help("quote the whole value, and write each quote within it as `\\\"`"),
        E::UnknownQuotedScalarEscape => match unknown_escape(text, at) {
            Some(escape) => {
                let name = &text[escape..escape + 1 + width(text, escape + 1)];
                let span = Span::new(file, escape, escape + name.len());
                error(span, &format!("`{name}` is not an escape of YAML"))
                    .with_help("write the backslash twice, or use single quotes, which know no escapes")
            }
            None => error(here, "a backslash in double quotes starts no escape of YAML")
                .with_help("write the backslash twice, or use single quotes, which know no escapes"),
        },
        E::UnclosedFlowCollection { .. } => error(here, "this bracket is not closed")
            .with_note("starts here")
            .with_help("close it, or quote the value if the bracket belongs to its text"),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            error(here, "this bracket closes none that is open")
                .with_help("remove it, or quote the value if the bracket belongs to its text")
        }
        E::MissingAnchorOrAliasName => {
            let character = text[at..].chars().next().unwrap_or('&');
            error(here, &format!("a value that starts with `{character}` must name an anchor"))
                .with_help(format!("quote the value if the `{character}` belongs to its text"))
        }
        E::InvalidBlockScalarHeader => error(rest_of_line(text, at, file), "text cannot stand behind the `|` or `>` of a block")
            .with_help("put the text on the next line, or quote the value if the first character belongs to it"),
        E::TabInPlainScalar | E::TabInIndentation | E::TabAtBlockScalarStart => {
            match text[at..].find('\t') {
                Some(i) => refuse::tab(file, at + i),
                None => error(here, "a tab cannot indent YAML").with_help("indent with spaces"),
            }
        }
        kind => error(here, &format!("this is not YAML: {kind}"))
            .with_help("quote the text if it is meant as one value"),
    }
}

/// The backslash of the first escape behind the quote at `at` that YAML does not know.
fn unknown_escape(text: &str, at: usize) -> Option<usize> {
    let mut escape = at + text[at..].find('\\')?;
    loop {
        let next = text[escape + 1..].chars().next()?;
        if !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(next) {
            return Some(escape);
        }
        let rest = escape + 1 + next.len_utf8();
        escape = rest + text[rest..].find('\\')?;
    }
}

/// From a place to the end of its line.
fn rest_of_line(text: &str, at: usize, file: FileId) -> Span {
    let rest = &text[at..];
    let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
    Span::new(file, at, at + line.trim_end().len())
}

fn width(text: &str, at: usize) -> usize {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        None | Some('\n' | '\r') => 0,
        Some(c) => c.len_utf8(),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}

/// The content of the line that holds a place.
fn line_of(text: &str, at: usize, file: FileId) -> Span {
    let start = line_start(text, at);
    let line = &text[start..];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let blanks = line.len() - line.trim_start().len();
    Span::new(
        file,
        start + blanks,
        start + line.trim_end().len().max(blanks),
    )
}

/// A line that has no `:` is noticed at its end or at the next token only: back to it.
fn key_start(text: &str, at: usize, token_end: usize) -> usize {
    let gap = text.get(token_end..at).unwrap_or("");
    let blanks = gap.len()
        - gap
            .trim_start_matches([' ', '\n', '\r', '\t', ':', '-'])
            .len();
    if blanks == gap.len() {
        at
    } else {
        token_end + blanks
    }
}

/// A tab before the first character of the line, or of the line before it.
fn leading_tab(text: &str, at: usize) -> Option<usize> {
    let start = line_start(text, at);
    let line = &text[start..];
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line[..blanks].find('\t').map(|i| start + i)
}

/// The `:` at or before a place, on its line.
fn colon(text: &str, file: FileId, at: usize) -> Span {
    let start = line_start(text, at);
    let end = (at + 1).min(text.len());
    match text.get(start..end).and_then(|line| line.rfind(':')) {
        Some(i) => Span::new(file, start + i, start + i + 1),
        None => Span::new(file, at, at + width(text, at)),
    }
}

/// Where the `:` belongs to the first key of its line, it is in order: what stands above is not.
fn misplaced_key(text: &str, file: FileId, at: usize) -> Option<Diagnostic> {
    let key = line_of(text, at, file);
    let written = text.get(key.start as usize..at)?.trim_end();
    if written.is_empty() || written.contains(": ") || written.starts_with(['-', '"', '\'', '?']) {
        return None;
    }
    for (open, close) in [('[', ']'), ('{', '}')] {
        if let Some(bracket) = open_bracket(text, at, open)
            && (bracket as u32) < key.start
        {
            let span = Span::new(file, bracket, bracket + 1);
            let message = format!("this `{open}` is not closed before the next key");
            return Some(
                Diagnostic::error(codes::SYNTAX, span, message)
                    .with_label(key, "the next key")
                    .with_help(format!(
                        "close it with `{close}`, or quote the value if the bracket belongs to it"
                    )),
            );
        }
    }
    let above = text[..line_start(text, at)].trim_end();
    let above = line_of(text, above.len(), file);
    let (start, end) = (above.start as usize, above.end as usize);
    let line = &text[start..end];
    if line.contains(": ") {
        let span = Span::new(file, key.start as usize, key.start as usize + written.len());
        let message = format!("`{written}` is a key, but what stands above it has a value already");
        return Some(
            Diagnostic::error(codes::SYNTAX, span, message)
                .with_label(above, "this has a value")
                .with_help("indent it like the keys beside it, or take the value above it out"),
        );
    }
    let indentation = |at: usize| at - line_start(text, at);
    let is_key = line.is_empty() || line.ends_with(':') || line.starts_with(['-', '#']);
    if is_key || indentation(start) != indentation(key.start as usize) {
        return None;
    }
    Some(
        Diagnostic::error(
            codes::SYNTAX,
            above,
            "this line is neither `key: value` nor a part of the value above it",
        )
        .with_note("a `: ` is missing")
        .with_help("write `key: value`, with a blank behind the colon"),
    )
}

/// The last `bracket` before a place that nothing closes.
fn open_bracket(text: &str, at: usize, bracket: char) -> Option<usize> {
    let close = if bracket == '[' { ']' } else { '}' };
    let mut depth = 0;
    let document = text[..at].rfind("\n---").map_or(0, |i| i + 4);
    for (i, c) in text[document..at].char_indices().rev() {
        if c == close {
            depth += 1;
        } else if c == bracket {
            if depth == 0 {
                return Some(document + i);
            }
            depth -= 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{Location, MemorySystem, Sources, TreePath};

    use crate::{Dialect, ParseOptions, parse};

    /// Parses, and compares the findings: `line:column: what is there: message`.
    fn check(yaml: &str, expected: &str) {
        let path = TreePath::new("a.yaml").unwrap();
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", yaml)));
        let file = sources.load(&path).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let found = parsed.findings.iter().map(|finding| {
            let Location::Span(span) = finding.primary else {
                return finding.message.clone();
            };
            let at = file.line_col(span.start);
            let written = &yaml[span.start as usize..span.end as usize];
            let (line, column) = (at.line, at.column);
            format!("{line}:{column}: {written}: {}", finding.message)
        });
        let found: Vec<String> = found.collect();
        assert_eq!(found.join("\n"), expected, "{yaml}");
    }

    #[test]
    fn mistakes_are_told_where_they_are_to_be_mended() {
        check("a:\n\tb: 1\n", "2:1: \t: a tab cannot indent YAML");
        check("a:\n  b:\n  \tc: 1\n", "3:3: \t: a tab cannot indent YAML");
        check(
            "a: full: 90\n",
            "1:8: :: a `: ` is not allowed within this value",
        );
        check(
            "a: 1\n  b: 2\n",
            "2:3: b: `b` is a key, but what stands above it has a value already",
        );
        let list = "this line does not fit the list it stands in";
        check("a:\n  - b: 1\n   c: 2\n", &format!("3:4: c: 2: {list}"));
        let mapping = "this line does not fit the mapping it stands in";
        check("a:\n    b: 1\n  c: 2\n", &format!("3:3: c: 2: {mapping}"));
        let no_colon = "this line is neither `key: value` nor a part of the value above it";
        check("a: 1\nb\nc: 2\n", &format!("2:1: b: {no_colon}"));
        check("a:b\nc: 2\n", &format!("1:1: a:b: {no_colon}"));
        check(
            "a: [b, c\nd: 1\n",
            "1:4: [: this `[` is not closed before the next key",
        );
        check("a: 'x\nb: 1\n", "1:4: ': this quote is never closed");
        check("a: @b\n", "1:4: @: a value cannot start with `@`");
        let anchor = "a value that starts with `*` must name an anchor, and";
        check(
            "a: *.${domain}\n",
            &format!("1:4: *.$: {anchor} this cannot be one"),
        );
    }

    #[test]
    fn several_keys_that_are_there_twice_are_one_mistake() {
        let twice = "there twice in one mapping";
        check("a: 1\na: 2\n", &format!("2:1: a: the key `a` is {twice}"));
        check(
            "a: 1\nb: 1\nc: 1\na: 2\nb: 2\nc: 2\n",
            &format!("4:1: a: the keys `a`, `b` and `c` are {twice}"),
        );
    }
}
