//! Label selectors, in the grammar of Kubernetes.

use tidegate_yaml::SmolStr;

/// Requirements that must all hold; without any, everything fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requirements(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: SmolStr,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Exists,
    Missing,
    In(Vec<SmolStr>),
    NotIn(Vec<SmolStr>),
    Greater(i64),
    Less(i64),
}

impl Requirements {
    /// Reads a selector such as `app=web, tier in (a, b), !old`.
    pub(crate) fn parse(text: &str) -> Result<Requirements, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            next: 0,
        };
        parser.requirements().map(Requirements)
    }

    /// Whether all hold, where `value` gives the value of a label.
    pub(crate) fn match_with<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = value(&requirement.key);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
                Test::In(values) => value.is_some_and(|own| values.iter().any(|v| v == own)),
                Test::NotIn(values) => value.is_none_or(|own| values.iter().all(|v| v != own)),
                Test::Greater(than) => number().is_some_and(|own| own > *than),
                Test::Less(than) => number().is_some_and(|own| own < *than),
            }
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Symbol(&'a str),
    End,
}

impl Token<'_> {
    fn words(self) -> String {
        match self {
            Token::Word(text) | Token::Symbol(text) => format!("`{text}`"),
            Token::End => "it ends".to_owned(),
        }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
    const SPECIAL: [char; 7] = ['=', '!', '(', ')', ',', '>', '<'];
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches(BLANK);
    while let Some(first) = rest.chars().next() {
        let length = if SPECIAL.contains(&first) {
            // `==` and `!=` are the symbols of two characters.
            if rest.starts_with("==") || rest.starts_with("!=") {
                2
            } else {
                1
            }
        } else {
            rest.find(|c| BLANK.contains(&c) || SPECIAL.contains(&c))
                .unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at(length);
        out.push(if SPECIAL.contains(&first) {
            Token::Symbol(token)
        } else {
            Token::Word(token)
        });
        rest = after.trim_start_matches(BLANK);
    }
    out
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.next).copied().unwrap_or(Token::End)
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut out = Vec::new();
        if self.peek() == Token::End {
            return Ok(out);
        }
        loop {
            out.push(self.requirement()?);
            match self.take() {
                Token::End => return Ok(out),
                Token::Symbol(",") => {}
                other => {
                    return Err(format!(
                        "{} where a comma or the end should be",
                        other.words()
                    ));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Token::Symbol("!");
        if negated {
            self.take();
        }
        let key = match self.take() {
            Token::Word(key) if key != "in" && key != "notin" => key,
            other => return Err(format!("{} where a key should be", other.words())),
        };
        check_key(key)?;
        let requirement = |test| {
            let key = key.into();
            Ok(Requirement { key, test })
        };
        if negated {
            return requirement(Test::Missing);
        }
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return requirement(Test::Exists);
        }
        match self.take() {
            Token::Word("in") => requirement(Test::In(self.values()?)),
            Token::Word("notin") => requirement(Test::NotIn(self.values()?)),
            Token::Symbol("=" | "==") => requirement(Test::In(vec![self.value()?])),
            Token::Symbol("!=") => requirement(Test::NotIn(vec![self.value()?])),
            Token::Symbol(">") => requirement(Test::Greater(self.number()?)),
            Token::Symbol("<") => requirement(Test::Less(self.number()?)),
            other => Err(format!("{} where an operator should be", other.words())),
        }
    }

    fn value(&mut self) -> Result<SmolStr, String> {
        let value = match self.peek() {
            Token::End | Token::Symbol(",") => "",
            Token::Word(value) => {
                self.take();
                value
            }
            other => return Err(format!("{} where a value should be", other.words())),
        };
        check_value(value)?;
        Ok(value.into())
    }

    fn number(&mut self) -> Result<i64, String> {
        let value = self.value()?;
        let number = value.parse();
        number.map_err(|_| format!("`{value}` where a whole number should be"))
    }

    /// Values in parentheses; between two commas there is an empty one.
    fn values(&mut self) -> Result<Vec<SmolStr>, String> {
        match self.take() {
            Token::Symbol("(") => {}
            other => return Err(format!("{} where `(` should be", other.words())),
        }
        if self.peek() == Token::Symbol(")") {
            self.take();
            return Ok(vec![SmolStr::default()]);
        }
        let mut out: Vec<SmolStr> = Vec::new();
        loop {
            let value = match self.peek() {
                Token::Word(value) => {
                    self.take();
                    value
                }
                _ => "",
            };
            check_value(value)?;
            out.push(value.into());
            match self.take() {
                Token::Symbol(",") => {}
                Token::Symbol(")") => return Ok(out),
                other => return Err(format!("{} where a comma or `)` should be", other.words())),
            }
        }
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let part = |part: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let ends = |b: Option<&u8>| b.is_some_and(|b| *b != b'-');
        let bytes = part.as_bytes();
        ends(bytes.first()) && ends(bytes.last()) && part.bytes().all(inner)
    };
    let prefix_ok = prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(part));
    if prefix_ok && !name.is_empty() && is_name(name) {
        Ok(())
    } else {
        Err(format!("`{key}` is not the key of a label"))
    }
}

fn check_value(value: &str) -> Result<(), String> {
    if value.is_empty() || is_name(value) {
        Ok(())
    } else {
        Err(format!("`{value}` is not the value of a label"))
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    text.len() <= 63
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(selector: &str, labels: &[(&str, &str)], expected: bool) {
        let requirements = Requirements::parse(selector).unwrap();
        let value = |key: &str| labels.iter().find(|(own, _)| *own == key).map(|(_, v)| *v);
        assert_eq!(requirements.match_with(value), expected, "{selector}");
    }

    #[test]
    fn requirements_must_all_hold() {
        let labels = [("app", "web"), ("example.com/n", "7"), ("empty", "")];
        for (selector, expected) in [
            ("", true),
            ("app", true),
            ("!app", false),
            ("app=web", true),
            ("app == web , !old", true),
            ("app!=web", false),
            ("old!=web", true),
            ("app in (db,web)", true),
            ("app notin (db, web)", false),
            ("old notin (db)", true),
            ("example.com/n>6,example.com/n<8", true),
            ("example.com/n>7", false),
            ("app in ()", false),
            ("app notin ()", true),
            ("empty=", true),
            ("empty in (,a)", true),
        ] {
            check(selector, &labels, expected);
        }
    }

    #[test]
    fn what_does_not_parse_is_named() {
        for (selector, error) in [
            ("app web", "`web` where an operator should be"),
            ("app=web,", "it ends where a key should be"),
            ("app in (a", "it ends where a comma or `)` should be"),
            ("in in (a)", "`in` where a key should be"),
            ("=web", "`=` where a key should be"),
            ("app>x", "`x` where a whole number should be"),
            ("-a=b", "`-a` is not the key of a label"),
            ("a=b c", "`c` where a comma or the end should be"),
        ] {
            assert_eq!(
                Requirements::parse(selector).unwrap_err(),
                error,
                "{selector}"
            );
        }
    }
}
