use std::fmt::{self, Write};

use super::reread::reread;
use super::writer::Writer;
use crate::json::{binary_text, binary_value, is_yes};
use crate::resolve::{Timestamp, float_value, go_float, int_value, json_float, resolve};
use crate::{Dialect, Scalar, ScalarKind, Style};

/// Lines are folded at the first space behind this column.
const WIDTH: usize = 80;

/// Below this, a double without a fraction is the same digits in JSON and as an integer.
const WHOLE: f64 = 1e15;

/// Longer keys need a `?`. In bytes.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Where a scalar stands.
#[derive(Clone, Copy, Debug)]
pub enum Context {
    /// A key on the line of its `:`.
    SimpleKey,
    /// A value (or a key behind a `?`) whose further lines have this indentation.
    Block(usize),
}

/// Why a scalar was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// It is a key that cannot stand on the line of its `:`. Nothing was written.
    TooWide,
    /// The Go tools refuse it: words that follow its name, such as "is not a number that JSON has".
    Refused(&'static str),
}

/// A key that cannot stand on the line of its `:`.
struct TooWide;

impl From<TooWide> for NotWritten {
    fn from(_: TooWide) -> NotWritten {
        NotWritten::TooWide
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Single,
    Double,
    Literal,
}

impl Writer {
    /// Writes a scalar of any kind.
    pub fn scalar(&mut self, scalar: &Scalar, context: Context) -> Result<(), NotWritten> {
        let text = scalar.text.as_str();
        let cannot = NotWritten::Refused;
        let dialect = Dialect::GoYaml3;
        let kind = scalar.kind_in(dialect);
        match kind {
            ScalarKind::Str | ScalarKind::Untagged | ScalarKind::Merge | ScalarKind::Opaque => {
                return self.string(text, scalar.style, context);
            }
            ScalarKind::Int => {
                let value = int_value(text, dialect);
                let value = value.ok_or_else(|| cannot("is not a whole number"))?;
                if plain_decimal(text) {
                    self.text.push_str(text);
                } else {
                    self.text.push_str(&value.to_string());
                }
            }
            ScalarKind::Float => {
                let value = float_value(text, dialect);
                let value = value.ok_or_else(|| cannot("is not a number"))?;
                if !value.is_finite() {
                    return Err(cannot(
                        "is infinite or not a number, which JSON cannot hold",
                    ));
                }
                self.float(value);
            }
            ScalarKind::Bool => {
                let truth = if is_yes(text) { "true" } else { "false" };
                self.text.push_str(truth);
            }
            // Go-yaml 3 writes an absent value within `{}` as an empty text.
            ScalarKind::Null if scalar.style != Style::Plain && text.is_empty() => {
                self.text.push_str("\"\"");
            }
            ScalarKind::Null => self.text.push_str("null"),
            ScalarKind::Timestamp => {
                let time = Timestamp::parse(text).and_then(Timestamp::to_rfc3339);
                let time = time.ok_or_else(|| cannot("is not a date that can be written"))?;
                return Ok(self.quoted_as_needed(&time, context)?);
            }
            ScalarKind::Binary => {
                let bytes = binary_value(text)
                    .ok_or_else(|| cannot("is tagged `!!binary` but is not base64"))?;
                return Ok(self.quoted_as_needed(&binary_text(&bytes), context)?);
            }
        }
        Ok(())
    }

    /// Writes text that was written in a style.
    pub fn string(&mut self, text: &str, style: Style, context: Context) -> Result<(), NotWritten> {
        let odd = style == Style::Folded
            || text.starts_with('\t')
            || text.bytes().fold(false, |odd, byte| odd | (byte >= 0x7f));
        if odd {
            let text = reread(text, style).map_err(NotWritten::Refused)?;
            return Ok(self.quoted_as_needed(&text, context)?);
        }
        Ok(self.quoted_as_needed(text, context)?)
    }

    /// Writes a number that is finite.
    pub fn float(&mut self, value: f64) {
        // Where lists are indented, nothing goes by way of JSON.
        let by_json = self.list_indent == 0;
        if value == 0.0 {
            self.text.push('0');
        } else if by_json && value.fract() == 0.0 && value.abs() < WHOLE {
            self.int(value as i64);
        } else {
            let json = json_float(value);
            if by_json && (json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()) {
                self.text.push_str(&json);
            } else {
                self.text.push_str(&go_float(value));
            }
        }
    }

    /// Writes a whole number.
    pub fn int(&mut self, value: impl fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
    }

    /// Writes text so that it reads as text again.
    fn quoted_as_needed(&mut self, text: &str, context: Context) -> Result<(), TooWide> {
        let traits = Traits::of(text);
        let wanted = if traits.line_feed {
            Form::Literal
        } else if reads_as_text(text) {
            Form::Plain
        } else {
            Form::Double
        };
        let indent = match context {
            Context::SimpleKey => {
                if traits.multiline || text.len() > LONGEST_SIMPLE_KEY {
                    return Err(TooWide);
                }
                None
            }
            Context::Block(indent) => Some(indent),
        };
        match traits.form(wanted) {
            Form::Plain => self.plain(text, indent),
            Form::Single => self.single_quoted(text, indent),
            Form::Double => self.double_quoted(text, indent),
            Form::Literal => self.literal(text, indent.unwrap_or(0)),
        }
        Ok(())
    }

    fn plain(&mut self, text: &str, indent: Option<usize>) {
        match indent {
            Some(indent) if self.may_fold(text) => self.folded_plain(text, indent),
            _ => self.text.push_str(text),
        }
    }

    /// Whether a space of the text may come to stand behind the last column.
    fn may_fold(&self, text: &str) -> bool {
        self.reaches(text.len(), WIDTH) && text.contains(' ')
    }

    fn folded_plain(&mut self, text: &str, indent: usize) {
        let bytes = text.as_bytes();
        let mut column = self.column();
        let mut rest = 0;
        let mut spaces = false;
        for (i, c) in text.char_indices() {
            if c == ' ' {
                if !spaces && column > WIDTH && bytes.get(i + 1) != Some(&b' ') {
                    self.text.push_str(&text[rest..i]);
                    self.line_break();
                    self.spaces(indent);
                    column = indent;
                    rest = i + 1;
                } else {
                    column += 1;
                }
                spaces = true;
            } else {
                column += 1;
                spaces = false;
            }
        }
        self.text.push_str(&text[rest..]);
    }

    fn single_quoted(&mut self, text: &str, indent: Option<usize>) {
        self.text.push('\'');
        let bytes = text.as_bytes();
        let mut column = self.column();
        let (mut spaces, mut breaks) = (false, false);
        for (i, c) in text.char_indices() {
            match c {
                ' ' => {
                    let inside = i > 0 && i < bytes.len() - 1;
                    match indent {
                        Some(indent)
                            if !spaces && column > WIDTH && inside && bytes[i + 1] != b' ' =>
                        {
                            self.line_break();
                            self.spaces(indent);
                            column = indent;
                        }
                        _ => {
                            self.text.push(' ');
                            column += 1;
                        }
                    }
                    spaces = true;
                }
                c if is_break(c) => {
                    if !breaks && c == '\n' {
                        self.line_break();
                    }
                    self.text.push(c);
                    self.starts_line();
                    column = 0;
                    breaks = true;
                }
                c => {
                    if breaks {
                        self.spaces(indent.unwrap_or(0));
                        column = indent.unwrap_or(0);
                    }
                    if c == '\'' {
                        self.text.push('\'');
                        column += 1;
                    }
                    self.text.push(c);
                    column += 1;
                    (spaces, breaks) = (false, false);
                }
            }
        }
        self.text.push('\'');
    }

    fn double_quoted(&mut self, text: &str, indent: Option<usize>) {
        self.text.push('"');
        let bytes = text.as_bytes();
        // Go-yaml looks for the mark at the start of the text, whichever character it writes.
        let marked = text.starts_with('\u{feff}');
        let mut column = self.column();
        let mut spaces = false;
        for (i, c) in text.char_indices() {
            if marked || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                let before = self.text.len();
                let out = &mut self.text;
                let _ = match c {
                    '\0' => out.write_str("\\0"),
                    '\x07' => out.write_str("\\a"),
                    '\x08' => out.write_str("\\b"),
                    '\t' => out.write_str("\\t"),
                    '\n' => out.write_str("\\n"),
                    '\x0b' => out.write_str("\\v"),
                    '\x0c' => out.write_str("\\f"),
                    '\r' => out.write_str("\\r"),
                    '\x1b' => out.write_str("\\e"),
                    '"' => out.write_str("\\\""),
                    '\\' => out.write_str("\\\\"),
                    '\u{85}' => out.write_str("\\N"),
                    '\u{a0}' => out.write_str("\\_"),
                    '\u{2028}' => out.write_str("\\L"),
                    '\u{2029}' => out.write_str("\\P"),
                    c if (c as u32) <= 0xff => write!(out, "\\x{:02X}", c as u32),
                    c if (c as u32) <= 0xffff => write!(out, "\\u{:04X}", c as u32),
                    c => write!(out, "\\U{:08X}", c as u32),
                };
                column += self.text.len() - before;
                spaces = false;
            } else if c == ' ' {
                match indent {
                    Some(indent) if !spaces && column > WIDTH && i > 0 && i < bytes.len() - 1 => {
                        self.line_break();
                        self.spaces(indent);
                        column = indent;
                        if bytes[i + 1] == b' ' {
                            self.text.push('\\');
                            column += 1;
                        }
                    }
                    _ => {
                        self.text.push(' ');
                        column += 1;
                    }
                }
                spaces = true;
            } else {
                self.text.push(c);
                column += 1;
                spaces = false;
            }
        }
        self.text.push('"');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.text.push('|');
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.text.push('2');
        }
        let mut from_end = text.chars().rev();
        match from_end.next() {
            Some(last) if is_break(last) => match from_end.next() {
                Some(c) if !is_break(c) => {}
                _ => self.text.push('+'),
            },
            _ => self.text.push('-'),
        }
        self.line_break();
        if text.is_ascii() {
            // No other line breaks than line feeds: whole lines at a time.
            for line in text.split_inclusive('\n') {
                if line != "\n" {
                    self.spaces(indent);
                }
                self.text.push_str(line);
            }
            if text.ends_with('\n') {
                self.starts_line();
            }
            return;
        }
        let mut breaks = true;
        for c in text.chars() {
            if !is_break(c) && breaks {
                self.spaces(indent);
            }
            self.text.push(c);
            breaks = is_break(c);
            if breaks {
                self.starts_line();
            }
        }
    }
}

/// What a text consists of, as far as it decides how it can be written.
struct Traits {
    line_feed: bool,
    multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

impl Traits {
    fn of(text: &str) -> Traits {
        let bytes = text.as_bytes();
        // Without early ends, the compiler makes loops of these that take many bytes at a time.
        let line_feed = bytes.iter().fold(false, |found, b| found | (*b == b'\n'));
        let odd = bytes.iter().fold(false, |found, b| {
            found | (*b < b' ' && *b != b'\n') | (*b >= 0x7f)
        });
        let outer_space = text.starts_with(' ') || text.ends_with(' ');
        if !odd && !line_feed {
            return Traits {
                line_feed: false,
                multiline: false,
                plain: !outer_space && !has_indicators(bytes),
                single: true,
                block: !text.is_empty() && !text.ends_with(' '),
            };
        }
        if !odd {
            let pairs = bytes.iter().zip(&bytes[1..]);
            let space_break =
                pairs.fold(false, |found, (a, b)| found | (*a == b' ' && *b == b'\n'));
            // Where a line feed is, nothing but a block or double quotes is asked for.
            return Traits {
                line_feed: true,
                multiline: true,
                plain: false,
                single: false,
                block: !space_break && !text.ends_with(' '),
            };
        }
        let (mut breaks, mut special) = (false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut previous_space, mut previous_break) = (false, false);
        for c in text.chars() {
            special |= !is_printable(c);
            if c == ' ' {
                break_space |= previous_break;
                (previous_space, previous_break) = (true, false);
            } else if is_break(c) {
                breaks = true;
                space_break |= previous_space;
                (previous_space, previous_break) = (false, true);
            } else {
                (previous_space, previous_break) = (false, false);
            }
        }
        let odd = space_break || special;
        Traits {
            line_feed,
            multiline: breaks,
            plain: !(breaks || outer_space || odd || has_indicators(bytes)),
            single: !(break_space || odd),
            block: !(previous_space || odd),
        }
    }

    fn form(&self, wanted: Form) -> Form {
        let form = match wanted {
            Form::Plain if !self.plain => Form::Single,
            form => form,
        };
        match form {
            Form::Single if !self.single => Form::Double,
            Form::Literal if !self.block => Form::Double,
            form => form,
        }
    }
}

/// Whether the text holds what means something else in a plain scalar outside of `[]` and `{}`.
fn has_indicators(bytes: &[u8]) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, None | Some(b' ' | b'\t'));
    let Some(first) = bytes.first() else {
        return false;
    };
    let leading = match first {
        b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' => true,
        b'?' | b':' | b'-' => blank(bytes.get(1)) || bytes.starts_with(b"---"),
        b'.' => bytes.starts_with(b"..."),
        _ => false,
    };
    // Most text has neither, which a loop without an early end tells at once.
    let possible = bytes
        .iter()
        .fold(false, |found, b| found | (*b == b':') | (*b == b'#'));
    let within = |(i, byte): (usize, &u8)| match byte {
        b':' => i > 0 && blank(bytes.get(i + 1)),
        b'#' => i > 0 && matches!(bytes[i - 1], b' ' | b'\t' | b'\n'),
        _ => false,
    };
    leading || possible && bytes.iter().enumerate().any(within)
}

/// Whether the plain text reads as text by the rules of go-yaml 2.
fn reads_as_text(text: &str) -> bool {
    match text.as_bytes().first() {
        // A merge key is not one where it stands as a value.
        Some(b'<') => true,
        Some(b'0'..=b'9' | b'+' | b'-') => {
            resolve(text, Dialect::Yaml11) == ScalarKind::Str && !is_base_60(text)
        }
        _ => resolve(text, Dialect::Yaml11) == ScalarKind::Str,
    }
}

/// Numbers such as `12:30`, which YAML 1.1 reads as sexagesimal.
pub fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let whole = parts.next().unwrap_or("");
    if !whole.starts_with(|c: char| c.is_ascii_digit()) || !digits(whole) {
        return false;
    }
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return false;
    }
    while let Some(part) = parts.next() {
        let part = match part.split_once('.') {
            Some((part, fraction)) if parts.peek().is_none() && digits(fraction) => part,
            Some(_) => return false,
            None => part,
        };
        let good = match part.as_bytes() {
            [ones] => ones.is_ascii_digit(),
            [b'0'..=b'5', ones] => ones.is_ascii_digit(),
            _ => false,
        };
        if !good {
            return false;
        }
    }
    true
}

/// Whether an integer is written as Go writes it already.
fn plain_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit())
        && (!digits.starts_with('0') || text == "0")
        && !digits.is_empty()
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml 2 writes without an escape.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}
