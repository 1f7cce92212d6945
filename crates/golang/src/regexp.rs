//! Go's regular expressions in terms of the crate `regex`: both are RE2's, but classes such as `\d` are
//! ASCII in Go, brackets do not nest, and a brace that is no repetition is itself.

use std::iter::Peekable;
use std::str::CharIndices;

use regex::bytes::{Regex, RegexBuilder};

/// Go's limit for the numbers in `{n,m}`.
const MOST_REPEATS: u32 = 1000;

/// Compiles an expression of Go's `regexp`. The error is in Go's words where it is a usual one.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated =
        translate(pattern).map_err(|reason| format!("error parsing regexp: {reason}"))?;
    RegexBuilder::new(&translated)
        .size_limit(32 << 20)
        .nest_limit(1000)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "error parsing regexp: expression too large".to_owned()
            }
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                format!(
                    "error parsing regexp: {}: `{pattern}`",
                    last.trim_start_matches("error: ")
                )
            }
        })
}

struct Translator<'a> {
    pattern: &'a str,
    chars: Peekable<CharIndices<'a>>,
    out: String,
    /// How many parentheses are open.
    open: usize,
    /// Whether there is something that a repetition can repeat.
    repeatable: bool,
    /// Whether the last thing was a repetition.
    repeated: Option<usize>,
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator {
        pattern,
        chars: pattern.char_indices().peekable(),
        out: String::with_capacity(pattern.len() + 16),
        open: 0,
        repeatable: false,
        repeated: None,
    };
    translator.all()?;
    Ok(translator.out)
}

impl Translator<'_> {
    fn rest(&mut self) -> &str {
        let at = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
        &self.pattern[at..]
    }

    fn accept(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, c)| *c == wanted).is_some()
    }

    fn all(&mut self) -> Result<(), String> {
        while let Some((at, c)) = self.chars.next() {
            let mut item = true;
            let mut repeated = None;
            match c {
                '\\' => self.escape(at)?,
                '[' => self.class(at)?,
                '(' => {
                    self.group(at)?;
                    item = false;
                }
                ')' => {
                    if self.open == 0 {
                        return Err(format!("unexpected ): `{}`", self.pattern));
                    }
                    self.open -= 1;
                    self.out.push(')');
                }
                '|' => {
                    self.out.push('|');
                    item = false;
                }
                '*' | '+' | '?' => {
                    let end = at + 1 + usize::from(self.rest().starts_with('?'));
                    let operator = &self.pattern[at..end];
                    self.check_repeat(operator, end)?;
                    self.out.push_str(operator);
                    if operator.len() > 1 {
                        self.chars.next();
                    }
                    repeated = Some(at);
                }
                '{' => match self.repetition(at)? {
                    Some(end) => {
                        let operator = &self.pattern[at..end];
                        self.check_repeat(operator, end)?;
                        self.out.push_str(operator);
                        while self.chars.peek().is_some_and(|(next, _)| *next < end) {
                            self.chars.next();
                        }
                        repeated = Some(at);
                    }
                    None => self.out.push_str("\\{"),
                },
                '}' => self.out.push_str("\\}"),
                '&' | '~' | '-' | '#' | ' ' => self.out.push(c),
                c => self.out.push(c),
            }
            self.repeatable = item;
            self.repeated = repeated;
        }
        if self.open > 0 {
            return Err(format!("missing closing ): `{}`", self.pattern));
        }
        Ok(())
    }

    fn check_repeat(&self, operator: &str, end: usize) -> Result<(), String> {
        if let Some(before) = self.repeated {
            return Err(format!(
                "invalid nested repetition operator: `{}`",
                &self.pattern[before..end]
            ));
        }
        if !self.repeatable {
            return Err(format!(
                "missing argument to repetition operator: `{operator}`"
            ));
        }
        Ok(())
    }

    /// The end of `{n}`, `{n,}` or `{n,m}`; none for a brace that is itself.
    fn repetition(&mut self, at: usize) -> Result<Option<usize>, String> {
        let text = &self.pattern[at + 1..];
        let Some(close) = text.find('}') else {
            return Ok(None);
        };
        let (least, most) = text[..close]
            .split_once(',')
            .unwrap_or((&text[..close], &text[..close]));
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = |text: &str| text.len() > 1 && text.starts_with('0');
        if !is_number(least)
            || !(most.is_empty() || is_number(most))
            || leading_zero(least)
            || leading_zero(most)
        {
            return Ok(None);
        }
        let mut end = at + 1 + close + 1;
        let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
        let too_many =
            number(least) > MOST_REPEATS || (!most.is_empty() && number(most) > MOST_REPEATS);
        if too_many || (!most.is_empty() && number(most) < number(least)) {
            return Err(format!(
                "invalid repeat count: `{}`",
                &self.pattern[at..end]
            ));
        }
        if self.pattern[end..].starts_with('?') {
            end += 1;
        }
        Ok(Some(end))
    }

    fn group(&mut self, at: usize) -> Result<(), String> {
        if !self.accept('?') {
            self.out.push('(');
            self.open += 1;
            return Ok(());
        }
        let rest = self.rest();
        let named = rest.starts_with("P<") || rest.starts_with('<');
        if named {
            let Some(end) = rest.find('>') else {
                return Err(format!("invalid named capture: `{}`", &self.pattern[at..]));
            };
            let name = &rest[rest.find('<').unwrap_or(0) + 1..end];
            let valid = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(valid) {
                return Err(format!("invalid named capture: `(?{}`", &rest[..=end]));
            }
            // A name that starts with a digit is one in Go alone; nothing can refer to it by name.
            let name = match name.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("_{name}"),
                false => name.to_owned(),
            };
            let skip = end + 1;
            self.out.push_str(&format!("(?P<{name}>"));
            for _ in 0..skip {
                self.chars.next();
            }
            self.open += 1;
            return Ok(());
        }
        self.out.push_str("(?");
        for (_, c) in self.chars.by_ref() {
            self.out.push(c);
            match c {
                'i' | 'm' | 's' | 'U' | '-' => {}
                ':' => {
                    self.open += 1;
                    return Ok(());
                }
                ')' => return Ok(()),
                _ => break,
            }
        }
        let end = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
        Err(format!(
            "invalid or unsupported Perl syntax: `{}`",
            &self.pattern[at..end]
        ))
    }

    /// An escape outside of brackets.
    fn escape(&mut self, at: usize) -> Result<(), String> {
        let Some((_, c)) = self.chars.next() else {
            return Err("trailing backslash at end of expression: ``".to_owned());
        };
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            's' => self.out.push_str("[\\t\\n\\x0C\\r ]"),
            'S' => self.out.push_str("[^\\t\\n\\x0C\\r ]"),
            'b' => self.out.push_str("(?-u:\\b)"),
            'B' => self.out.push_str("(?-u:\\B)"),
            'A' => self.out.push_str("\\A"),
            'z' => self.out.push_str("\\z"),
            'C' => self.out.push_str("(?s-u:.)"),
            'Q' => {
                let rest = self.rest();
                let end = rest.find("\\E").unwrap_or(rest.len());
                let quoted = regex::escape(&rest[..end]);
                let skip = rest[..end].chars().count() + if end < rest.len() { 2 } else { 0 };
                self.out.push_str(&quoted);
                for _ in 0..skip {
                    self.chars.next();
                }
            }
            c => self.simple_escape(at, c)?,
        }
        Ok(())
    }

    /// An escape that means the same within brackets and outside of them.
    fn simple_escape(&mut self, at: usize, c: char) -> Result<(), String> {
        match c {
            'a' | 'f' | 't' | 'n' | 'r' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'p' | 'P' | 'x' => {
                self.out.push('\\');
                self.out.push(c);
                if self.accept('{') {
                    // `\p{^Greek}` is `\P{Greek}`.
                    if c != 'x' && self.accept('^') {
                        self.out.pop();
                        self.out.push(if c == 'p' { 'P' } else { 'p' });
                    }
                    self.out.push('{');
                    for (_, c) in self.chars.by_ref() {
                        self.out.push(c);
                        if c == '}' {
                            break;
                        }
                    }
                } else {
                    let digits = if c == 'x' { 2 } else { 1 };
                    self.out
                        .extend(self.chars.by_ref().take(digits).map(|(_, c)| c));
                }
            }
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or(0);
                let octal = c == '0' || self.rest().starts_with(|c: char| c.is_digit(8));
                if !octal {
                    return Err(format!("invalid escape sequence: `\\{c}`"));
                }
                for _ in 0..2 {
                    let next = self.chars.next_if(|(_, c)| c.is_digit(8));
                    let Some((_, digit)) = next else { break };
                    value = value * 8 + digit.to_digit(8).unwrap_or(0);
                }
                self.out.push_str(&format!("\\x{{{value:x}}}"));
            }
            // With a backslash these are the edges of words.
            '<' | '>' => self.out.push(c),
            c if c.is_ascii_punctuation() => {
                self.out.push('\\');
                self.out.push(c);
            }
            _ => {
                let end = at + 1 + c.len_utf8();
                return Err(format!(
                    "invalid escape sequence: `{}`",
                    &self.pattern[at..end]
                ));
            }
        }
        Ok(())
    }

    /// `[...]`: brackets and the operators of classes are themselves in Go.
    fn class(&mut self, at: usize) -> Result<(), String> {
        self.out.push('[');
        if self.accept('^') {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some((here, c)) = self.chars.next() else {
                return Err(format!("missing closing ]: `{}`", &self.pattern[at..]));
            };
            match c {
                ']' if !first => break,
                '[' if self.rest().starts_with(':') => {
                    let rest = self.rest();
                    match rest.find(":]") {
                        Some(end) => {
                            let name = rest[..end + 2].to_owned();
                            self.out.push('[');
                            self.out.push_str(&name);
                            for _ in 0..name.len() {
                                self.chars.next();
                            }
                        }
                        None => self.out.push_str("\\["),
                    }
                }
                '\\' => self.class_escape(here)?,
                '[' | ']' | '&' | '~' | '^' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                // At an edge it is itself, and so it is at the end of a range.
                '-' if first || self.rest().starts_with(']') => self.out.push_str("\\-"),
                '-' => {
                    self.out.push('-');
                    if self.accept('-') {
                        self.out.push_str("\\-");
                    }
                }
                c => self.out.push(c),
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    fn class_escape(&mut self, at: usize) -> Result<(), String> {
        let Some((_, c)) = self.chars.next() else {
            return Err(format!("missing closing ]: `{}`", &self.pattern[at..]));
        };
        match c {
            'd' => self.out.push_str("0-9"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.out.push_str("0-9A-Za-z_"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            's' => self.out.push_str("\\t\\n\\x0C\\r\\x20"),
            'S' => self.out.push_str("[^\\t\\n\\x0C\\r ]"),
            c => self.simple_escape(at, c)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_they_mean_in_go() {
        let check = |pattern: &str, text: &str, expected: &[&str]| {
            let regex = compile(pattern).unwrap();
            let found: Vec<_> = regex
                .find_iter(text.as_bytes())
                .map(|one| std::str::from_utf8(one.as_bytes()).unwrap())
                .collect();
            assert_eq!(found, expected, "{pattern}");
        };
        check(r"\d+", "1٣2", &["1", "2"]);
        check(r"[\w.]+", "a.b é", &["a.b"]);
        check("[[]", "a[", &["["]);
        check("[a&&b]+", "a&b", &["a&b"]);
        check("a{,2}", "a{,2}", &["a{,2}"]);
        check(r"\Qa.b\E+", "a.bb", &["a.bb"]);
        check(r"[]a]+", "]a", &["]a"]);
        check(r"(?i)ABC", "abc", &["abc"]);
        check(r"\bfoo\b", "a foo b", &["foo"]);
        check(r"[^a-z]+", "aB1", &["B1"]);
        check(r"\101", "A", &["A"]);
        check(r"\<\/", "</", &["</"]);
        check("[-a]b[a-]", "-b-", &["-b-"]);
        check("[+--]+", "+,-.", &["+,-"]);
        check("[a^]+", "a^", &["a^"]);
        check(r"\p{^Greek}+", "αab", &["ab"]);
    }

    #[test]
    fn errors_are_those_of_go() {
        let check = |pattern: &str, expected: &str| {
            assert_eq!(
                compile(pattern).unwrap_err(),
                format!("error parsing regexp: {expected}")
            );
        };
        check("[", "missing closing ]: `[`");
        check("(a", "missing closing ): `(a`");
        check("a)", "unexpected ): `a)`");
        check("*a", "missing argument to repetition operator: `*`");
        check("a**", "invalid nested repetition operator: `**`");
        check(r"\q", r"invalid escape sequence: `\q`");
        check("(?=a)", "invalid or unsupported Perl syntax: `(?=`");
        for pattern in [r"\1", "(?x)a", "a{2}{3}", "[b-a]"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        check("a{1001}", "invalid repeat count: `{1001}`");
    }
}
