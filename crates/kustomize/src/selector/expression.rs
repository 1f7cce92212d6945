//! Regular expressions as Go reads them.

use regex::Regex;
use tidegate_yaml::SmolStr;

/// A regular expression that fits a whole text. Most are plain words: these need no engine.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    /// This text.
    Text(SmolStr),
    /// This text, where `.` stands for any character but the end of a line.
    Dotted(SmolStr),
    /// Any text of one line.
    Line,
    /// Anything else.
    Regex(Regex),
}

impl Expression {
    /// Reads an expression that has to fit a whole text.
    pub(crate) fn anchored(pattern: &str) -> Result<Expression, String> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':');
        Ok(if pattern.bytes().all(plain) {
            Expression::Text(pattern.into())
        } else if pattern.bytes().all(|b| plain(b) || b == b'.') {
            Expression::Dotted(pattern.into())
        } else if pattern == ".*" {
            Expression::Line
        } else {
            Expression::Regex(go_regex(&format!("^(?:{pattern})$"))?)
        })
    }

    /// Whether it fits.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Expression::Text(own) => own == text,
            Expression::Dotted(own) => {
                let mut chars = text.chars();
                own.bytes().all(|b| {
                    let c = chars.next();
                    c == Some(char::from(b)) || b == b'.' && c.is_some_and(|c| c != '\n')
                }) && chars.next().is_none()
            }
            Expression::Line => !text.contains('\n'),
            Expression::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Reads a regular expression of Go's package `regexp`: classes such as `\d` are ASCII, `\Q..\E`
/// quotes, and what only the Rust engine knows is text or an error.
pub(crate) fn go_regex(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    Regex::new(&translated).map_err(|error| reason(&error))
}

/// The last line of the engine's message; those above it draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or("it does not parse");
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    // The repetition operator that was just read, and whether a `?` may still make it lazy.
    let mut repeated: Option<bool> = None;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let repetition = match c {
            '*' | '+' | '?' => Some(1),
            '{' => counted(rest),
            _ => None,
        };
        if let Some(length) = repetition {
            match repeated {
                Some(true) if c == '?' => repeated = Some(false),
                Some(_) => return Err(format!("invalid nested repetition operator `{c}`")),
                None => repeated = Some(true),
            }
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        repeated = None;
        match c {
            '\\' => rest = escape(after, &mut out, false)?,
            '[' => rest = class(after, &mut out)?,
            '(' => {
                flags(after)?;
                out.push('(');
                rest = after;
                // The `?` of a group is no repetition.
                if let Some(inner) = after.strip_prefix('?') {
                    out.push('?');
                    rest = inner;
                }
            }
            '{' => {
                out.push_str("\\{");
                rest = after;
            }
            c => {
                out.push(c);
                rest = after;
            }
        }
    }
    Ok(out)
}

/// The length of a counted repetition at the start of `text`; anything else in braces is text.
fn counted(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (low, high) = match text[1..end].split_once(',') {
        Some((low, high)) => (low, high),
        None => (&text[1..end], ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (!low.is_empty() && digits(low) && digits(high)).then_some(end + 1)
}

/// Refuses the flags that Go does not know.
fn flags(group: &str) -> Result<(), String> {
    let Some(inner) = group.strip_prefix('?') else {
        return Ok(());
    };
    let letters = inner.split([':', ')', '<', '=', '!']).next().unwrap_or("");
    match letters.chars().find(|c| matches!(c, 'x' | 'R' | 'u')) {
        Some(flag) if !letters.starts_with('P') => Err(format!("unknown flag `{flag}`")),
        _ => Ok(()),
    }
}

/// Translates what follows a backslash; gives the rest.
fn escape<'a>(after: &'a str, out: &mut String, in_class: bool) -> Result<&'a str, String> {
    let Some(c) = after.chars().next() else {
        return Err("trailing backslash".to_owned());
    };
    let rest = &after[c.len_utf8()..];
    let ascii = |inner: &str, negated: bool| match (in_class, negated) {
        (true, false) => inner.to_owned(),
        (_, true) => format!("[^{inner}]"),
        (false, false) => format!("[{inner}]"),
    };
    match c {
        'd' | 'D' => out.push_str(&ascii("0-9", c == 'D')),
        'w' | 'W' => out.push_str(&ascii("0-9A-Za-z_", c == 'W')),
        's' | 'S' => out.push_str(&ascii("\\t\\n\\f\\r ", c == 'S')),
        'b' if !in_class => out.push_str("(?-u:\\b)"),
        'Q' if !in_class => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(quoted));
            return Ok(rest);
        }
        '0'..='7' => {
            let digits = after
                .bytes()
                .take(3)
                .take_while(|b| (b'0'..=b'7').contains(b));
            let length = digits.count();
            // `\1` alone would be a reference to a group, which neither engine has.
            if c != '0' && length == 1 {
                return Err(format!("invalid escape sequence `\\{c}`"));
            }
            let code = u32::from_str_radix(&after[..length], 8).unwrap_or(0);
            out.push_str(&format!("\\x{{{code:x}}}"));
            return Ok(&after[length..]);
        }
        'u' | 'U' | '8' | '9' => return Err(format!("invalid escape sequence `\\{c}`")),
        '<' | '>' => out.push(c),
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    Ok(rest)
}

/// Translates a bracketed class after its `[`; gives the rest.
fn class<'a>(after: &'a str, out: &mut String) -> Result<&'a str, String> {
    out.push('[');
    let mut rest = after;
    if let Some(inner) = rest.strip_prefix('^') {
        out.push('^');
        rest = inner;
    }
    let mut first = true;
    loop {
        let Some(c) = rest.chars().next() else {
            return Err("missing closing ]".to_owned());
        };
        let after = &rest[c.len_utf8()..];
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(after);
            }
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").unwrap_or(0) + 2;
                out.push('[');
                out.push_str(&after[..end]);
                rest = &after[end..];
            }
            '\\' => rest = escape(after, out, true)?,
            // Sets within sets and operations on them are text in Go.
            ']' | '[' | '&' | '~' => {
                out.push('\\');
                out.push(c);
                rest = after;
            }
            c => {
                out.push(c);
                rest = after;
            }
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, fits: &[&str], not: &[&str]) {
        let expression = Expression::anchored(pattern).unwrap();
        for text in fits {
            assert!(expression.is_match(text), "{pattern} fits {text}");
        }
        for text in not {
            assert!(!expression.is_match(text), "{pattern} does not fit {text}");
        }
    }

    #[test]
    fn expressions_fit_the_whole_text() {
        check("web", &["web"], &["web2", "myweb"]);
        check("a.c", &["abc", "aéc"], &["ac", "abcd", "a\nc"]);
        check(".*", &["", "x"], &["a\nb"]);
        check("web|db", &["web", "db"], &["webdb"]);
        check("a)|(b", &["a", "ax", "b", "xb"], &["xa"]);
    }

    #[test]
    fn classes_are_ascii_and_braces_may_be_text() {
        check(r"\d+", &["12"], &["١٢"]);
        check(r"[\w-]+", &["a-b"], &["é"]);
        check("[a&&b]+", &["a&b"], &["c"]);
        check("a{,2}", &["a{,2}"], &["aa"]);
        check("a{2}?", &["aa"], &["a"]);
        check(r"\Qa.b\E+", &["a.b", "a.bb"], &["acb"]);
        check(r"\101", &["A"], &["101"]);
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in ["a**", "(", "[a", r"\u0041", "(?x)a", "*a"] {
            assert!(Expression::anchored(pattern).is_err(), "{pattern}");
        }
    }
}
