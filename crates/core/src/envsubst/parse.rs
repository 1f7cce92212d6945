//! Reads one `${...}`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use memchr::memchr2;
use regex::Regex;

use crate::envsubst::error::{Error, Problem};
use crate::envsubst::{MAX_NESTING, rune};

/// A `${...}`.
#[derive(Debug)]
pub(super) struct Expression<'t> {
    pub(super) name: &'t str,
    pub(super) operator: Operator,
    pub(super) operands: Vec<Operand<'t>>,
    /// From `$` to behind `}`.
    pub(super) range: Range<usize>,
}

/// What is done to the value of the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `${A}`.
    Value,
    /// `${#A}`.
    Length,
    /// `:-`, `:=`, `:?`, `:+` and `=`, which all do the same.
    Default,
    /// `:`.
    Substring,
    /// `#`, `##`.
    TrimPrefix { longest: bool },
    /// `%`, `%%`.
    TrimSuffix { longest: bool },
    /// `/`.
    ReplaceFirst,
    /// `//`.
    ReplaceAll,
    /// `/#`.
    ReplacePrefix,
    /// `/%`.
    ReplaceSuffix,
    /// `,`, `^`.
    FirstLetter(rune::Case),
    /// `,,`, `^^`.
    AllLetters(rune::Case),
    /// `,^` and `^,`, which are read and do nothing.
    MixedCase,
}

/// A part of what follows an operator.
#[derive(Debug)]
pub(super) enum Operand<'t> {
    Text {
        /// Without what escapes.
        text: Cow<'t, [u8]>,
        range: Range<usize>,
    },
    Expression(Expression<'t>),
}

/// Reads expressions of a text.
pub(super) struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    /// Letters and digits beyond ASCII.
    name_characters: OnceCell<Option<Regex>>,
}

/// Where the text of an operand ends, apart from before `${`.
#[derive(Clone, Copy)]
struct Ends {
    at: &'static [u8],
    /// Whether `$$`, `\/` and `\\` stand for their second character.
    escapes: bool,
}

const BEFORE_BRACE: Ends = Ends {
    at: b"}",
    escapes: false,
};
const BEFORE_COLON: Ends = Ends {
    at: b":}",
    escapes: false,
};
/// Not before a brace: the text of a pattern goes on to the next slash, wherever it is.
const PATTERN: Ends = Ends {
    at: b"/",
    escapes: true,
};
const REPLACEMENT: Ends = Ends {
    at: b"}",
    escapes: true,
};

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t [u8]) -> Parser<'t> {
        Parser {
            text,
            at: 0,
            name_characters: OnceCell::new(),
        }
    }

    /// Reads the expression whose `${` is at `start`.
    pub(super) fn expression(&mut self, start: usize) -> Result<Expression<'t>, Error> {
        self.at = start;
        self.nested(1)
    }

    fn nested(&mut self, depth: usize) -> Result<Expression<'t>, Error> {
        let start = self.at;
        if depth > MAX_NESTING {
            return Err(self.error(start, Problem::TooDeep));
        }
        self.at += 2;
        if self.accept(b"#") {
            let name = self.name();
            if name.is_empty() {
                return Err(self.error(start, Problem::NoName));
            }
            return self.close(start, name, Operator::Length, Vec::new());
        }
        let name = self.name();
        if name.is_empty() {
            return Err(self.error(start, Problem::NoName));
        }
        match self.peek() {
            Some(b':') => self.colon(start, name, depth),
            Some(b'=') => {
                self.at += 1;
                self.default(start, name, depth)
            }
            Some(b',' | b'^') => {
                let operator = self.letter_case();
                self.close(start, name, operator, Vec::new())
            }
            Some(b'/') => self.replace(start, name, depth),
            Some(sign @ (b'#' | b'%')) => {
                self.at += 1;
                let longest = self.accept(&[sign]);
                let operator = match sign {
                    b'#' => Operator::TrimPrefix { longest },
                    _ => Operator::TrimSuffix { longest },
                };
                let pattern = self.operand(start, BEFORE_BRACE, depth)?;
                self.close(start, name, operator, vec![pattern])
            }
            _ => self.close(start, name, Operator::Value, Vec::new()),
        }
    }

    /// `:` begins a default or a substring.
    fn colon(
        &mut self,
        start: usize,
        name: &'t str,
        depth: usize,
    ) -> Result<Expression<'t>, Error> {
        self.at += 1;
        if self.accept(b"-=?+") {
            return self.default(start, name, depth);
        }
        // Flux loses its place where the next character takes several bytes.
        if rune::decode(&self.text[self.at..]).1 > 1 {
            return Err(self.error(start, Problem::Unexpected));
        }
        let mut operands = vec![self.operand(start, BEFORE_COLON, depth)?];
        if self.accept(b":") {
            while self.accept(b":") {}
            operands.push(self.operand(start, BEFORE_BRACE, depth)?);
        }
        self.close(start, name, Operator::Substring, operands)
    }

    fn default(
        &mut self,
        start: usize,
        name: &'t str,
        depth: usize,
    ) -> Result<Expression<'t>, Error> {
        let mut operands = Vec::new();
        while self.peek() != Some(b'}') {
            operands.push(self.operand(start, BEFORE_BRACE, depth)?);
        }
        self.close(start, name, Operator::Default, operands)
    }

    fn letter_case(&mut self) -> Operator {
        let case = |sign| match sign {
            b',' => rune::Case::Lower,
            _ => rune::Case::Upper,
        };
        let first = self.text[self.at];
        self.at += 1;
        match self.peek() {
            Some(second @ (b',' | b'^')) => {
                self.at += 1;
                match second == first {
                    true => Operator::AllLetters(case(first)),
                    false => Operator::MixedCase,
                }
            }
            _ => Operator::FirstLetter(case(first)),
        }
    }

    fn replace(
        &mut self,
        start: usize,
        name: &'t str,
        depth: usize,
    ) -> Result<Expression<'t>, Error> {
        self.at += 1;
        let operator = match self.peek() {
            Some(b'/') => Operator::ReplaceAll,
            Some(b'#') => Operator::ReplacePrefix,
            Some(b'%') => Operator::ReplaceSuffix,
            _ => Operator::ReplaceFirst,
        };
        if operator != Operator::ReplaceFirst {
            self.at += 1;
        }
        let mut operands = vec![self.operand(start, PATTERN, depth)?];
        if !self.accept(b"/") {
            return Err(self.error(start, Problem::NoReplacement));
        }
        while self.accept(b"/") {}
        if self.peek() != Some(b'}') {
            operands.push(self.operand(start, REPLACEMENT, depth)?);
        }
        self.close(start, name, operator, operands)
    }

    /// One operand, which is not empty: a text, or a whole `${...}`.
    fn operand(&mut self, start: usize, ends: Ends, depth: usize) -> Result<Operand<'t>, Error> {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"${") {
            return self.nested(depth + 1).map(Operand::Expression);
        }
        let begin = self.at;
        let mut owned: Option<Vec<u8>> = None;
        let mut kept = begin;
        while let Some(byte) = self.peek() {
            let next = self.text.get(self.at + 1);
            let is_escape = match byte {
                b'$' if next == Some(&b'{') => break,
                b'$' => ends.escapes && next == Some(&b'$'),
                b'\\' => ends.escapes && matches!(next, Some(b'/' | b'\\')),
                _ => false,
            };
            if is_escape {
                let text = owned.get_or_insert_default();
                text.extend_from_slice(&self.text[kept..self.at]);
                kept = self.at + 1;
                self.at += 2;
            } else if ends.at.contains(&byte) {
                break;
            } else {
                self.at += 1;
            }
        }
        if self.at == begin {
            return Err(self.error(start, Problem::NoOperand));
        }
        let last = &self.text[kept..self.at];
        let text = match owned {
            Some(mut text) => {
                text.extend_from_slice(last);
                Cow::Owned(text)
            }
            None => Cow::Borrowed(last),
        };
        Ok(Operand::Text {
            text,
            range: begin..self.at,
        })
    }

    fn close(
        &mut self,
        start: usize,
        name: &'t str,
        operator: Operator,
        operands: Vec<Operand<'t>>,
    ) -> Result<Expression<'t>, Error> {
        if !self.accept(b"}") {
            return Err(self.error(start, Problem::Unexpected));
        }
        Ok(Expression {
            name,
            operator,
            operands,
            range: start..self.at,
        })
    }

    /// The name that begins here: letters, digits and `_`. Empty where there is none.
    fn name(&mut self) -> &'t str {
        let begin = self.at;
        while let Some(byte) = self.peek() {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.at += 1;
            } else if byte.is_ascii() {
                break;
            } else {
                let (character, width) = rune::decode(&self.text[self.at..]);
                if !self.is_name_character(character) {
                    break;
                }
                self.at += width;
            }
        }
        str::from_utf8(&self.text[begin..self.at]).unwrap_or_default()
    }

    fn is_name_character(&self, character: char) -> bool {
        let pattern = self
            .name_characters
            .get_or_init(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
        let mut buffer = [0; 4];
        let text = character.encode_utf8(&mut buffer);
        pattern.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn accept(&mut self, bytes: &[u8]) -> bool {
        let accepted = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(accepted);
        accepted
    }

    /// What is wrong with the expression that begins at `start`, noticed where the parser is.
    fn error(&self, start: usize, problem: Problem) -> Error {
        // Text that was taken for a part of it is not worth showing: a line at most.
        let read = &self.text[start..self.at];
        let line = memchr2(b'\n', b'\r', read).map_or(read, |end| &read[..end]);
        let rest = &self.text[self.at..];
        let found = (!rest.is_empty()).then(|| rune::decode(rest).0);
        Error::new(start, problem, line, found)
    }
}
