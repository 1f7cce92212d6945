//! Go's regular expressions in terms of the crate `regex`. Both are of the same family; they differ
//! in what classes like `\d` hold, in which escapes they know, and in what they take literally.

use regex::{Regex, RegexBuilder};

/// Compiles an expression of Go; none where Go would refuse it.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    let translated = Translator {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 16),
    }
    .pattern()?;
    // Go has no limit on the size of a program other than on repetitions, which are at most 1,000.
    RegexBuilder::new(&translated)
        .size_limit(64 << 20)
        .build()
        .ok()
}

struct Translator<'p> {
    rest: &'p str,
    out: String,
}

impl Translator<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn pattern(mut self) -> Option<String> {
        // Whether a repetition was just written: a second one is refused.
        let mut repeated = false;
        while let Some(c) = self.next() {
            let mut repeats = false;
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '*' | '+' | '?' => {
                    if repeated {
                        return None;
                    }
                    repeats = true;
                    self.out.push(c);
                    self.lazy();
                }
                '{' => match repetition(self.rest) {
                    Some(length) => {
                        if repeated {
                            return None;
                        }
                        repeats = true;
                        self.out.push('{');
                        self.out.push_str(&self.rest[..length]);
                        self.rest = &self.rest[length..];
                        self.lazy();
                    }
                    None => self.out.push_str("\\{"),
                },
                '}' => self.out.push_str("\\}"),
                ']' => self.out.push_str("\\]"),
                _ => self.out.push(c),
            }
            repeated = repeats;
        }
        Some(self.out)
    }

    fn lazy(&mut self) {
        if self.rest.starts_with('?') {
            self.rest = &self.rest[1..];
            self.out.push('?');
        }
    }

    fn group(&mut self) -> Option<()> {
        self.out.push('(');
        let Some(rest) = self.rest.strip_prefix('?') else {
            return Some(());
        };
        if rest.starts_with("P<") || rest.starts_with('<') {
            return Some(());
        }
        let end = rest.find([':', ')'])?;
        // Flags that only one of the two knows are none.
        let known = rest[..end].chars().all(|c| "imsU-".contains(c));
        known.then_some(())
    }

    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.out.push('\\');
        }
        // `\<` and `\>` stand for the edges of words.
        match c {
            '<' => self.out.push_str("x3C"),
            '>' => self.out.push_str("x3E"),
            _ => self.out.push(c),
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self, in_class: bool) -> Option<()> {
        let c = self.next()?;
        let class = match c {
            'd' => Some("0-9"),
            'w' => Some("0-9A-Za-z_"),
            's' => Some("\\t\\n\\x0C\\r "),
            _ => None,
        };
        if let Some(class) = class {
            match in_class {
                true => self.out.push_str(class),
                false => self.out.push_str(&format!("[{class}]")),
            }
            return Some(());
        }
        match c {
            'D' => self.out.push_str("[^0-9]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            'S' => self.out.push_str("[^\\t\\n\\x0C\\r ]"),
            'b' if !in_class => self.out.push_str("(?-u:\\b)"),
            'B' | 'A' | 'z' if !in_class => {
                self.out.push('\\');
                self.out.push(c);
            }
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'x' => {
                self.out.push_str("\\x");
            }
            'p' | 'P' => {
                let negated = self.rest.starts_with("{^");
                let c = match (c, negated) {
                    ('p', true) => 'P',
                    ('P', true) => 'p',
                    (c, _) => c,
                };
                self.out.push('\\');
                self.out.push(c);
                if negated {
                    self.rest = &self.rest[2..];
                    self.out.push('{');
                }
            }
            'Q' if !in_class => {
                let (quoted, rest) = match self.rest.split_once("\\E") {
                    Some((quoted, rest)) => (quoted, rest),
                    None => (self.rest, ""),
                };
                self.rest = rest;
                for c in quoted.chars() {
                    self.literal(c);
                }
            }
            '0'..='7' => {
                // A digit other than zero alone would refer back to a group.
                let more = self.rest.bytes().take_while(|b| matches!(b, b'0'..=b'7'));
                let more = more.count().min(2);
                if c != '0' && more == 0 {
                    return None;
                }
                let digits = format!("{c}{}", &self.rest[..more]);
                self.rest = &self.rest[more..];
                let code = u32::from_str_radix(&digits, 8).ok()?;
                self.out.push_str(&format!("\\x{{{code:X}}}"));
            }
            c if c.is_ascii_punctuation() => self.literal(c),
            _ => return None,
        }
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.next();
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let c = self.next()?;
            match c {
                ']' if !first => {
                    self.out.push(']');
                    return Some(());
                }
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => {
                    let end = self.rest.find(":]")? + 2;
                    self.out.push('[');
                    self.out.push_str(&self.rest[..end]);
                    self.rest = &self.rest[end..];
                }
                '\\' => self.escape(true)?,
                // A dash at an edge is itself; a range is not to be split.
                '-' if first || self.rest.starts_with(']') => self.out.push_str("\\-"),
                '-' => self.out.push('-'),
                '[' | ']' | '&' | '~' | '^' => self.literal(c),
                _ => self.out.push(c),
            }
            first = false;
        }
    }
}

/// How long a repetition `3}`, `3,}` or `3,5}` is that begins here.
fn repetition(rest: &str) -> Option<usize> {
    let end = rest.find('}')?;
    let (low, high) = match rest[..end].split_once(',') {
        Some((low, high)) => (low, Some(high)),
        None => (&rest[..end], None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let valid = digits(low) && high.is_none_or(|high| high.is_empty() || digits(high));
    valid.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let regex = compile(pattern).unwrap_or_else(|| panic!("{pattern}"));
        for text in good {
            assert!(regex.is_match(text), "{pattern} {text}");
        }
        for text in bad {
            assert!(!regex.is_match(text), "{pattern} {text}");
        }
    }

    #[test]
    fn as_in_go() {
        check(r"^\d+$", &["12"], &["١", "a"]);
        check(r"^[\w-]+$", &["a-b_1"], &["é"]);
        check(r"^[a-z&&[]+$", &["a&["], &["b]"]);
        check(r"^a{,2}$", &["a{,2}"], &["a"]);
        check(r"^\Qa.b\E$", &["a.b"], &["axb"]);
        check(r"^(?i)abc", &["ABC"], &["x"]);
        check(r"^\<\/$", &["</"], &[]);
        check(r"^[^]a]$", &["b"], &["]", "a"]);
        check(r"^[+-]?\d$", &["-1", "+1"], &["x1"]);
        check(r"^x{2,3}$", &["xx"], &["x"]);
        check(r"\x41\101", &["AA"], &[]);
        check(r"^[-a]b[a-]$", &["-b-"], &["cba"]);
    }

    #[test]
    fn refused_by_go() {
        for pattern in [
            "[", "a**", r"\1", "(?=a)", "(?x)a", "a{2}{3}", r"\y", "(", "[b-a]",
        ] {
            assert!(compile(pattern).is_none(), "{pattern}");
        }
    }
}
