//! Waivers in the files themselves: `# tidegate: allow(CODE) reason`.

use std::ops::Range;

use tidegate_source::{Code, Diagnostic, SourceFile, Span};

use crate::rules;
use crate::waivers::codes;

/// A comment that waives findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// What it is about.
    pub(super) scope: CommentScope,
    /// The rules, and where each is written.
    pub(super) codes: Vec<(Code, Span)>,
    /// Why.
    pub(super) reason: String,
    /// The comment with its `#`.
    pub(super) span: Span,
}

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommentScope {
    /// A line, from 0.
    Line(usize),
    /// The file.
    File,
}

const MARK: &str = "tidegate:";
const HOW: &str = "write it as `# tidegate: allow(CODE) reason`";

/// The comments of a file, and what is wrong with those that waive nothing for it.
pub(super) fn comments(file: &SourceFile) -> (Vec<Comment>, Vec<Diagnostic>) {
    let mut comments = Vec::new();
    let mut findings = Vec::new();
    // Few files have any: the others are not decoded.
    if memchr::memmem::find(file.bytes(), MARK.as_bytes()).is_none() {
        return (comments, findings);
    }
    let Ok(text) = file.text() else {
        return (comments, findings);
    };
    let only_whole_lines = !has_trailing_comments(file);
    let mut next = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), MARK.as_bytes()) {
        // The rest of a line is one comment.
        if at < next {
            continue;
        }
        let line_start = text[..at]
            .rfind(['\n', '\r'])
            .map_or(0, |before| before + 1);
        let end = text[at..]
            .find(['\n', '\r'])
            .map_or(text.len(), |length| at + length);
        next = end;
        let Some(start) = comment_start(&text[line_start..at]).map(|start| line_start + start)
        else {
            continue;
        };
        let is_whole_line = text[line_start..start].trim().is_empty();
        if !is_whole_line && only_whole_lines {
            continue;
        }
        let line = match is_whole_line {
            true => next_line(file, text, end),
            false => file.lines().line_of(at as u32),
        };
        let span = Span::new(file.id(), start, start + text[start..end].trim_end().len());
        match read(file, text, at + MARK.len()..span.end as usize) {
            Ok((whole_file, codes, reason)) => comments.push(Comment {
                scope: match whole_file {
                    true => CommentScope::File,
                    false => CommentScope::Line(line),
                },
                codes,
                reason,
                span,
            }),
            Err(wrong) => findings.push(
                Diagnostic::warning(
                    codes::INVALID_WAIVER,
                    wrong.span.unwrap_or(span),
                    wrong.message,
                )
                .with_help(wrong.help),
            ),
        }
    }
    (comments, findings)
}

/// Whether a comment may stand behind a value: elsewhere `#` is a part of it.
fn has_trailing_comments(file: &SourceFile) -> bool {
    let name = file.path().file_name().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("yaml" | "yml" | "toml")) || name == "Kustomization"
}

/// Where the comment starts that ends with `before`: a `#` at the start of the line or behind a
/// blank, and nothing but blanks behind it.
fn comment_start(before: &str) -> Option<usize> {
    let inside = before.trim_end().strip_suffix('#')?;
    let starts = inside.is_empty() || inside.ends_with([' ', '\t']);
    starts.then_some(inside.len())
}

/// The first line behind `end` that is neither blank nor a comment.
fn next_line(file: &SourceFile, text: &str, end: usize) -> usize {
    let mut line = file.lines().line_of(end as u32);
    for rest in text[end..].lines().skip(1) {
        line += 1;
        let rest = rest.trim_start();
        if !rest.is_empty() && !rest.starts_with('#') {
            break;
        }
    }
    line
}

struct Wrong {
    /// The comment as a whole, if none.
    span: Option<Span>,
    message: String,
    help: String,
}

/// Whether it is about the file, the rules, the reason.
type Read = (bool, Vec<(Code, Span)>, String);

/// Reads what stands behind the mark.
fn read(file: &SourceFile, text: &str, range: Range<usize>) -> Result<Read, Wrong> {
    let wrong = |message: &str| Wrong {
        span: None,
        message: message.to_owned(),
        help: HOW.to_owned(),
    };
    let rest = text[range.clone()].trim_start();
    let word_length = rest.find(|c: char| !c.is_ascii_alphabetic() && c != '-');
    let (word, rest) = rest.split_at(word_length.unwrap_or(rest.len()));
    let whole_file = match word {
        "allow" => false,
        "allow-file" => true,
        _ => {
            return Err(wrong(
                "this comment asks tidegate for nothing that it knows",
            ));
        }
    };
    let rest = rest.trim_start();
    let (list, reason) = match rest.strip_prefix('(') {
        Some(rest) => rest
            .split_once(')')
            .ok_or_else(|| wrong("the list of rules is not closed with `)`"))?,
        // One code and the reason, with a blank between them, is clear enough.
        None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
    };
    let mut codes = Vec::new();
    let mut start = offset_in(text, list);
    for item in list.split(',') {
        let name = item.trim();
        let at = start + (item.len() - item.trim_start().len());
        start += item.len() + 1;
        let span = Span::new(file.id(), at, at + name.len());
        if name.is_empty() {
            return Err(wrong("this waiver does not say which rule it is about"));
        }
        let rule = rules::find(name).ok_or_else(|| Wrong {
            span: Some(span),
            message: format!("there is no rule `{name}`"),
            help: match rules::nearest_to(name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`tidegate rules` lists all rules".to_owned(),
            },
        })?;
        codes.push((rule.code, span));
    }
    let reason = reason
        .trim_start_matches([' ', '\t', ':', '-', '–', '—'])
        .trim_end();
    if reason.is_empty() {
        return Err(Wrong {
            span: None,
            message: "this waiver gives no reason, so it waives nothing".to_owned(),
            help: HOW.to_owned(),
        });
    }
    Ok((whole_file, codes, reason.to_owned()))
}

/// Where a part of a text starts in it.
fn offset_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{Location, MemorySystem, Sources, TreePath};

    /// Reads the comments of a file: `line[,line]: CODES reason`, lines from 1, `*` for the file;
    /// or `column: message`.
    fn check_in(name: &str, text: &str, expected: &[&str]) {
        let sources = Sources::new(Arc::new(MemorySystem::new().with(name, text)));
        let file = sources.load(&TreePath::new(name).unwrap()).unwrap();
        let (comments, findings) = comments(&file);
        let comments = comments.iter().map(|comment| {
            let line = match comment.scope {
                CommentScope::Line(line) => (line + 1).to_string(),
                CommentScope::File => "*".to_owned(),
            };
            for (code, span) in &comment.codes {
                let written = &text[span.start as usize..span.end as usize];
                assert_eq!(rules::find(written).map(|rule| rule.code), Some(*code));
            }
            let codes: Vec<&str> = comment
                .codes
                .iter()
                .map(|(code, _)| code.as_str())
                .collect();
            format!("{line}: {} {}", codes.join(","), comment.reason)
        });
        let findings = findings.iter().map(|finding| match finding.primary {
            Location::Span(span) => format!("{}: {}", span.start, finding.message),
            Location::Path(_) => panic!("a comment has a place"),
        });
        let found: Vec<String> = comments.chain(findings).collect();
        assert_eq!(found, expected, "{text}");
    }

    fn check(text: &str, expected: &[&str]) {
        check_in("a.yaml", text, expected);
    }

    #[test]
    fn a_comment_is_about_its_line_or_the_next_one() {
        check(
            "a: 1 # tidegate: allow(KUS001) made by CI",
            &["1: KUS001 made by CI"],
        );
        check(
            "# tidegate: allow(KUS001) why\n\n  # more on it\r\n  - a\n  - b\n",
            &["4: KUS001 why"],
        );
        check(
            "# tidegate: allow(KUS001) one\n# tidegate: allow(missing-file) two\na: 1",
            &["3: KUS001 one", "3: KUS001 two"],
        );
        check(
            "# tidegate: allow-file(KUS001) all of it",
            &["*: KUS001 all of it"],
        );
    }

    #[test]
    fn codes_are_listed_and_the_reason_follows() {
        check(
            "#tidegate:allow(KUS001, duplicate-key ): both: known",
            &["1: KUS001,YML002 both: known"],
        );
        check("# tidegate: allow KUS001 — why", &["1: KUS001 why"]);
        check(
            "# tidegate: allow KUS001,YML002 why",
            &["1: KUS001,YML002 why"],
        );
    }

    #[test]
    fn what_waives_nothing_is_said() {
        let no_reason = "0: this waiver gives no reason, so it waives nothing";
        check("# tidegate: allow(KUS001)", &[no_reason]);
        check("# tidegate: allow KUS001", &[no_reason]);
        check("# tidegate: allow(KUS001) -", &[no_reason]);
        check(
            "# tidegate: allow(KUS999) why",
            &["18: there is no rule `KUS999`"],
        );
        check(
            "# tidegate: allow(KUS001 why",
            &["0: the list of rules is not closed with `)`"],
        );
        let no_rule = "0: this waiver does not say which rule it is about";
        check("# tidegate: allow() why", &[no_rule]);
        check("# tidegate: allow", &[no_rule]);
        check(
            "# tidegate: ignore KUS001",
            &["0: this comment asks tidegate for nothing that it knows"],
        );
    }

    #[test]
    fn only_comments_are_read() {
        check("a: tidegate: allow(KUS001) x", &[]);
        check("a: x#tidegate: allow(KUS001) x", &[]);
        check("# see tidegate: allow(KUS001) x", &[]);
        check_in("a.env", "A=1 # tidegate: allow(KUS001) x", &[]);
        check_in(
            "a.env",
            "# tidegate: allow(KUS001) x\nA=1",
            &["2: KUS001 x"],
        );
    }
}
