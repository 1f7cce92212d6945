//! Template text to tokens.

use std::ops::Range;

use memchr::memmem;

use tidegate_golang::unicode::{decode, is_letter_or_digit, is_printable};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// The text of the error is in [`Lexed::error`].
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    End,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Nil,
    /// `if`, `range` and their like.
    Keyword(Keyword),
}

/// The words that start an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// A token: its text is the range of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: u32,
    pub end: u32,
    /// The line it starts in, from 1.
    pub line: u32,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// All tokens of a text, the last one [`TokenKind::End`] or [`TokenKind::Error`].
pub(crate) struct Lexed {
    pub tokens: Vec<Token>,
    pub error: String,
}

/// Splits a text up.
pub(crate) fn lex(text: &[u8], left: &str, right: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        left: left.as_bytes(),
        right: right.as_bytes(),
        pos: 0,
        start: 0,
        line: 1,
        start_line: 1,
        tokens: Vec::new(),
    };
    let error = match lexer.all() {
        Ok(()) => String::new(),
        Err(message) => {
            lexer.emit(TokenKind::Error);
            message
        }
    };
    Lexed {
        tokens: lexer.tokens,
        error,
    }
}

const BLANKS: &[u8] = b" \t\r\n";

fn is_blank(byte: u8) -> bool {
    BLANKS.contains(&byte)
}

/// `- ` behind a left delimiter.
fn trims_left(text: &[u8]) -> bool {
    matches!(text, [b'-', blank, ..] if is_blank(*blank))
}

/// ` -` before a right delimiter.
fn trims_right(text: &[u8]) -> bool {
    matches!(text, [blank, b'-', ..] if is_blank(*blank))
}

struct Lexer<'a> {
    text: &'a [u8],
    left: &'a [u8],
    right: &'a [u8],
    pos: usize,
    /// Where the token that is being read starts.
    start: usize,
    /// The line of `pos`, counted up to `start` only.
    line: u32,
    start_line: u32,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &[u8] {
        &self.text[self.pos..]
    }

    /// Ends the token and counts its lines.
    fn emit(&mut self, kind: TokenKind) {
        self.tokens.push(Token {
            kind,
            start: self.start as u32,
            end: self.pos as u32,
            line: self.start_line,
        });
        self.skip();
    }

    /// Drops what was read since the last token.
    fn skip(&mut self) {
        let read = &self.text[self.start..self.pos];
        self.line += memchr::memchr_iter(b'\n', read).count() as u32;
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn all(&mut self) -> Result<(), String> {
        let finder = memmem::Finder::new(self.left);
        loop {
            let Some(at) = finder.find(self.rest()) else {
                self.pos = self.text.len();
                if self.pos > self.start {
                    self.emit(TokenKind::Text);
                }
                self.emit(TokenKind::End);
                return Ok(());
            };
            self.text_before(at);
            self.pos += self.left.len();
            let trims = trims_left(self.rest());
            let marker = if trims { 2 } else { 0 };
            if self.text[self.pos + marker..].starts_with(b"/*") {
                self.pos += marker;
                self.skip();
                self.comment()?;
            } else {
                self.emit(TokenKind::LeftDelim);
                self.pos += marker;
                self.skip();
                self.action()?;
            }
        }
    }

    /// The text before a left delimiter that is `at` bytes away.
    fn text_before(&mut self, at: usize) {
        let delim = self.pos + at;
        if at == 0 {
            return;
        }
        self.pos = delim;
        if trims_left(&self.text[delim + self.left.len()..]) {
            let kept = without_blanks(&self.text[self.start..delim]);
            self.pos = self.start + kept;
        }
        if self.pos > self.start {
            self.emit(TokenKind::Text);
        }
        self.pos = delim;
        self.skip();
    }

    /// Whether a right delimiter is here, and whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if trims_right(rest) && rest[2..].starts_with(self.right) {
            return Some(true);
        }
        rest.starts_with(self.right).then_some(false)
    }

    fn comment(&mut self) -> Result<(), String> {
        self.pos += 2;
        let Some(at) = memmem::find(self.rest(), b"*/") else {
            self.pos = self.start;
            return Err("unclosed comment".to_owned());
        };
        self.pos += at + 2;
        let Some(trims) = self.at_right_delim() else {
            self.pos = self.start;
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.close(trims);
        self.skip();
        Ok(())
    }

    /// Goes behind the right delimiter, and behind the blanks that it trims.
    fn close(&mut self, trims: bool) {
        self.pos += self.right.len() + if trims { 2 } else { 0 };
        if trims {
            let rest = self.rest();
            let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
            self.pos += blanks;
        }
    }

    fn action(&mut self) -> Result<(), String> {
        let mut parens = 0usize;
        loop {
            if let Some(trims) = self.at_right_delim() {
                if parens > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                self.right_delim(trims);
                return Ok(());
            }
            let Some((c, width)) = decode(self.rest()) else {
                return Err("unclosed action".to_owned());
            };
            self.pos += width;
            match c {
                ' ' | '\t' | '\r' | '\n' => {
                    if self.space() {
                        self.right_delim(true);
                        return Ok(());
                    }
                }
                '=' => self.emit(TokenKind::Assign),
                ':' => {
                    if self.next() != Some('=') {
                        return Err("expected :=".to_owned());
                    }
                    self.emit(TokenKind::Declare);
                }
                '|' => self.emit(TokenKind::Pipe),
                '"' => self.quoted(b'"', TokenKind::String, "quoted string")?,
                '`' => self.raw_string()?,
                '$' => self.field_or_variable(TokenKind::Variable)?,
                '\'' => self.quoted(b'\'', TokenKind::CharConstant, "character constant")?,
                '.' if self.rest().first().is_none_or(u8::is_ascii_digit) => self.number()?,
                '.' => self.field_or_variable(TokenKind::Field)?,
                '+' | '-' | '0'..='9' => self.number()?,
                '(' => {
                    parens += 1;
                    self.emit(TokenKind::LeftParen);
                }
                ')' if parens == 0 => return Err("unexpected right paren".to_owned()),
                ')' => {
                    parens -= 1;
                    self.emit(TokenKind::RightParen);
                }
                c if is_letter_or_digit(c) => self.identifier()?,
                ' '..='~' => self.emit(TokenKind::Char),
                c => {
                    return Err(format!(
                        "unrecognized character in action: {}",
                        code_point(c)
                    ));
                }
            }
        }
    }

    fn right_delim(&mut self, trims: bool) {
        if trims {
            self.pos = self.start + 2;
            self.skip();
        }
        let start = self.start;
        self.pos = start;
        self.close(false);
        self.emit(TokenKind::RightDelim);
        if trims {
            let blanks = self
                .rest()
                .iter()
                .take_while(|byte| is_blank(**byte))
                .count();
            self.pos += blanks;
            self.skip();
        }
    }

    /// A run of blanks. True where its last one belongs to a trimming right delimiter and is the only one.
    fn space(&mut self) -> bool {
        while self.rest().first().is_some_and(|byte| is_blank(*byte)) {
            self.pos += 1;
        }
        let last = self.pos - 1;
        if trims_right(&self.text[last..]) && self.text[last + 2..].starts_with(self.right) {
            self.pos = last;
            if self.pos == self.start {
                return true;
            }
        }
        self.emit(TokenKind::Space);
        false
    }

    fn next(&mut self) -> Option<char> {
        let (c, width) = decode(self.rest())?;
        self.pos += width;
        Some(c)
    }

    fn word(&mut self) -> Option<char> {
        loop {
            match decode(self.rest()) {
                Some((c, width)) if is_letter_or_digit(c) => self.pos += width,
                Some((c, _)) => return Some(c),
                None => return None,
            }
        }
    }

    fn identifier(&mut self) -> Result<(), String> {
        let behind = self.word();
        if !self.at_terminator() {
            return Err(bad_character(behind));
        }
        let kind = match &self.text[self.start..self.pos] {
            b"true" | b"false" => TokenKind::Bool,
            b"nil" => TokenKind::Nil,
            b"block" => TokenKind::Keyword(Keyword::Block),
            b"break" => TokenKind::Keyword(Keyword::Break),
            b"continue" => TokenKind::Keyword(Keyword::Continue),
            b"define" => TokenKind::Keyword(Keyword::Define),
            b"else" => TokenKind::Keyword(Keyword::Else),
            b"end" => TokenKind::Keyword(Keyword::End),
            b"if" => TokenKind::Keyword(Keyword::If),
            b"range" => TokenKind::Keyword(Keyword::Range),
            b"template" => TokenKind::Keyword(Keyword::Template),
            b"with" => TokenKind::Keyword(Keyword::With),
            _ => TokenKind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    fn field_or_variable(&mut self, kind: TokenKind) -> Result<(), String> {
        if self.at_terminator() {
            self.emit(match kind {
                TokenKind::Field => TokenKind::Dot,
                kind => kind,
            });
            return Ok(());
        }
        let behind = self.word();
        if !self.at_terminator() {
            return Err(bad_character(behind));
        }
        self.emit(kind);
        Ok(())
    }

    /// Whether a word can end here.
    fn at_terminator(&self) -> bool {
        match self.rest().first() {
            None => true,
            Some(byte) if is_blank(*byte) || b".,|:)(".contains(byte) => true,
            Some(_) => self.rest().starts_with(self.right),
        }
    }

    fn quoted(&mut self, quote: u8, kind: TokenKind, what: &str) -> Result<(), String> {
        loop {
            let byte = self.rest().first().copied();
            self.pos += usize::from(byte.is_some());
            match byte {
                Some(b'\\') if self.rest().first().is_some_and(|byte| *byte != b'\n') => {
                    self.pos += 1
                }
                None | Some(b'\n' | b'\\') => return Err(format!("unterminated {what}")),
                Some(byte) if byte == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn raw_string(&mut self) -> Result<(), String> {
        let Some(at) = memchr::memchr(b'`', self.rest()) else {
            return Err("unterminated raw quoted string".to_owned());
        };
        self.pos += at + 1;
        self.emit(TokenKind::RawString);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        self.pos = self.start;
        let mut fine = self.scan_number();
        let mut kind = TokenKind::Number;
        if fine && matches!(self.rest().first(), Some(b'+' | b'-')) {
            kind = TokenKind::Complex;
            fine = self.scan_number() && self.text[self.pos - 1] == b'i';
        }
        if !fine {
            let text = &self.text[self.start..self.pos];
            return Err(format!(
                "bad number syntax: {}",
                tidegate_golang::quote(text)
            ));
        }
        self.emit(kind);
        Ok(())
    }

    fn accept(&mut self, any_of: &[u8]) -> bool {
        let found = self
            .rest()
            .first()
            .is_some_and(|byte| any_of.contains(byte));
        self.pos += usize::from(found);
        found
    }

    fn accept_run(&mut self, any_of: &[u8]) {
        while self.accept(any_of) {}
    }

    /// Takes more than what is a number; reading its value finds what is wrong.
    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEX: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEX;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if (digits == DECIMAL && self.accept(b"eE")) || (digits == HEX && self.accept(b"pP")) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        match decode(self.rest()) {
            Some((c, width)) if is_letter_or_digit(c) => {
                self.pos += width;
                false
            }
            _ => true,
        }
    }
}

/// The length of a text without the blanks at its end.
fn without_blanks(text: &[u8]) -> usize {
    text.iter()
        .rposition(|byte| !is_blank(*byte))
        .map_or(0, |at| at + 1)
}

fn bad_character(c: Option<char>) -> String {
    match c {
        Some(c) => format!("bad character {}", code_point(c)),
        None => "bad character U+FFFFFFFFFFFFFFFF".to_owned(),
    }
}

/// A character as `%#U` prints it.
fn code_point(c: char) -> String {
    let number = u32::from(c);
    if is_printable(c) {
        format!("U+{number:04X} '{c}'")
    } else {
        format!("U+{number:04X}")
    }
}
