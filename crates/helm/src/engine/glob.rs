//! The patterns of `.Files.Glob`.
//!
//! Source: the syntax of `github.com/gobwas/glob`, with `/` as the separator.

use regex::Regex;

/// A pattern. One that cannot be read matches everything, as in Helm.
pub(super) struct Glob(Option<Regex>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Glob {
        Glob(expression(pattern).and_then(|text| Regex::new(&text).ok()))
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(path))
    }
}

/// The pattern as a regular expression.
fn expression(pattern: &str) -> Option<String> {
    let mut out = String::from("(?s)^(?:");
    let mut chars = pattern.chars().peekable();
    let mut open = 0_usize;
    while let Some(char) = chars.next() {
        match char {
            '*' if chars.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '{' => {
                open += 1;
                out.push_str("(?:");
            }
            ',' if open > 0 => out.push('|'),
            '}' if open > 0 => {
                open -= 1;
                out.push(')');
            }
            '[' => out.push_str(&class(&mut chars)?),
            '\\' => {
                if let Some(char) = chars.next() {
                    literal(&mut out, char);
                }
            }
            _ => literal(&mut out, char),
        }
    }
    out.extend(std::iter::repeat_n(')', open));
    out.push_str(")$");
    Some(out)
}

fn literal(out: &mut String, char: char) {
    out.push_str(&regex::escape(char.encode_utf8(&mut [0; 4])));
}

/// `[abc]`, `[a-c]`, or one of these after `!`. None where it does not end.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let not = chars.next_if_eq(&'!').is_some();
    let mut members = Vec::new();
    let first = chars.next()?;
    if chars.next_if_eq(&'-').is_some() {
        let last = chars.next()?;
        if last < first || chars.next()? != ']' {
            return None;
        }
        members.push((first, last));
    } else {
        let mut next = Some(first);
        loop {
            match next? {
                ']' if members.is_empty() => return None,
                ']' => break,
                '\\' => {
                    let char = chars.next()?;
                    members.push((char, char));
                }
                char => members.push((char, char)),
            }
            next = chars.next();
        }
    }
    let mut out = String::from(if not { "[^" } else { "[" });
    for (first, last) in members {
        literal(&mut out, first);
        if last != first {
            out.push('-');
            literal(&mut out, last);
        }
    }
    out.push(']');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, paths: &[&str], others: &[&str]) {
        let glob = Glob::new(pattern);
        for path in paths {
            assert!(glob.matches(path), "{pattern} {path}");
        }
        for path in others {
            assert!(!glob.matches(path), "{pattern} {path}");
        }
    }

    #[test]
    fn stars_and_separators() {
        check(
            "config/*",
            &["config/a.txt", "config/"],
            &["config/a/b", "x"],
        );
        check("config/**", &["config/a.txt", "config/a/b"], &["config"]);
        check("**.yaml", &["a.yaml", "x/y.yaml"], &["a.yml"]);
        check("a?c", &["abc"], &["a/c", "ac"]);
    }

    #[test]
    fn classes_and_alternatives() {
        check("[ab]x", &["ax", "bx"], &["cx"]);
        check("[!a-c]x", &["dx", "/x"], &["ax"]);
        check("{a,b/*}.txt", &["a.txt", "b/c.txt"], &["c.txt"]);
        check(r"\{a\*", &["{a*"], &["a", "{ab"]);
        check("a,b", &["a,b"], &["a"]);
    }

    #[test]
    fn what_cannot_be_read_matches_everything() {
        check("[a", &["x/y"], &[]);
        check("[]x", &["x/y"], &[]);
    }
}
