//! Single values under a verb, with its flags, width and precision.

use super::{Printer, format_float};
use tidegate_golang::unicode::{characters, is_printable};
use tidegate_golang::{quote_char, quote_with};

impl Printer<'_> {
    /// False for a verb that is not for this kind of value.
    pub(super) fn boolean(&mut self, value: bool, verb: char) -> bool {
        let fits = matches!(verb, 't' | 'v');
        if fits {
            self.pad(if value { b"true" } else { b"false" });
        }
        fits
    }

    pub(super) fn integer(&mut self, size: u64, negative: bool, signed: bool, verb: char) -> bool {
        match verb {
            'v' if self.flags.go_syntax && !signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.digits(format!("{size:x}"), negative, "0x");
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.digits(size.to_string(), negative, ""),
            'b' => self.digits(format!("{size:b}"), negative, "0b"),
            'o' => self.digits(format!("{size:o}"), negative, "0"),
            'O' => self.digits(format!("{size:o}"), negative, "0o"),
            'x' => self.digits(format!("{size:x}"), negative, "0x"),
            'X' => self.digits(format!("{size:X}"), negative, "0X"),
            'c' => {
                let c = code_point(size, negative);
                self.pad(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            'q' => {
                let quoted = quote_char(code_point(size, negative), self.flags.plus);
                self.pad(quoted.as_bytes());
            }
            'U' => self.unicode(if negative { size.wrapping_neg() } else { size }),
            _ => return false,
        }
        true
    }

    /// The digits of a whole number, with its sign and a prefix under `#`.
    fn digits(&mut self, mut digits: String, negative: bool, prefix: &str) {
        let flags = self.flags;
        let wanted = match (flags.precision, flags.width) {
            (Some(0), _) if digits == "0" => {
                self.pad_with(b"", b' ');
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => {
                width - usize::from(width > 0 && (negative || flags.plus || flags.space))
            }
            _ => 0,
        };
        if wanted > digits.len() {
            digits.insert_str(0, &"0".repeat(wanted - digits.len()));
        }
        // An octal number that starts with a zero needs no other one.
        if prefix == "0o" || (flags.sharp && !(prefix == "0" && digits.starts_with('0'))) {
            if prefix == "0o" && flags.sharp && !digits.starts_with('0') {
                digits.insert(0, '0');
            }
            digits.insert_str(0, prefix);
        }
        let sign = match negative {
            true => "-",
            false if flags.plus => "+",
            false if flags.space => " ",
            false => "",
        };
        digits.insert_str(0, sign);
        self.pad_with(digits.as_bytes(), b' ');
    }

    fn unicode(&mut self, number: u64) {
        let digits = format!("{number:X}");
        let wanted = self.flags.precision.unwrap_or(4).max(4);
        let zeros = "0".repeat(wanted.saturating_sub(digits.len()));
        let mut text = format!("U+{zeros}{digits}");
        let c = u32::try_from(number).ok().and_then(char::from_u32);
        if let Some(c) = c.filter(|c| self.flags.sharp && is_printable(*c)) {
            text.push_str(&format!(" '{c}'"));
        }
        self.pad_with(text.as_bytes(), b' ');
    }

    pub(super) fn float(&mut self, value: f64, verb: char) -> bool {
        let (format, precision) = match verb {
            'v' => (b'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb as u8, None),
            'f' | 'e' | 'E' => (verb as u8, Some(6)),
            'F' => (b'f', Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        let mut text = format_float(value, format, precision);
        if !text.starts_with(['-', '+']) {
            text.insert(0, '+');
        }
        let flags = self.flags;
        if flags.space && !flags.plus && text.starts_with('+') {
            text.replace_range(0..1, " ");
        }
        if !value.is_finite() {
            let bare = value.is_nan() && !flags.space && !flags.plus;
            let plain = bare || (text.starts_with('+') && !flags.plus);
            let text = if plain && !(value.is_infinite() && flags.plus) {
                &text[usize::from(bare)..]
            } else {
                &text
            };
            // An infinity keeps its sign, other numbers show a plus when asked to only.
            self.pad_with(text.as_bytes(), b' ');
            return true;
        }
        if flags.sharp && format != b'b' {
            text = with_point(&text, format, precision);
        }
        if !flags.plus && text.starts_with('+') {
            self.pad(&text.as_bytes()[1..]);
        } else if let Some(width) = flags.width.filter(|width| *width > text.len())
            && flags.zero
            && !flags.minus
        {
            self.out.push(text.as_bytes()[0]);
            self.out
                .extend(std::iter::repeat_n(b'0', width - text.len()));
            self.out.extend_from_slice(&text.as_bytes()[1..]);
        } else {
            self.pad(text.as_bytes());
        }
        true
    }

    pub(super) fn complex(&mut self, real: f64, imaginary: f64, verb: char) -> bool {
        if !matches!(
            verb,
            'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E'
        ) {
            return false;
        }
        self.push("(");
        self.float(real, verb);
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.float(imaginary, verb);
        self.flags.plus = plus;
        self.push("i)");
        true
    }

    pub(super) fn text(&mut self, bytes: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.flags.go_syntax => self.quoted(bytes),
            'v' | 's' => self.pad_truncated(bytes),
            'x' => self.hex(bytes, b"0123456789abcdefx"),
            'X' => self.hex(bytes, b"0123456789ABCDEFX"),
            'q' => self.quoted(bytes),
            _ => return false,
        }
        true
    }

    fn truncated<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        match self.flags.precision {
            None => bytes,
            Some(precision) => {
                let end = characters(bytes).nth(precision).map(|(at, _)| at);
                &bytes[..end.unwrap_or(bytes.len())]
            }
        }
    }

    pub(super) fn pad_truncated(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        self.pad(bytes);
    }

    fn quoted(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        let raw = self.flags.sharp && can_be_raw(bytes);
        if raw {
            self.pad(&[b"`", bytes, b"`"].concat());
        } else {
            let quoted = quote_with(bytes, '"', self.flags.plus);
            self.pad(quoted.as_bytes());
        }
    }

    fn hex(&mut self, bytes: &[u8], digits: &[u8; 17]) {
        let flags = self.flags;
        let bytes = &bytes[..flags.precision.unwrap_or(usize::MAX).min(bytes.len())];
        let mut text = Vec::with_capacity(2 * bytes.len());
        for (i, byte) in bytes.iter().enumerate() {
            if i > 0 && flags.space {
                text.push(b' ');
            }
            if flags.sharp && (i == 0 || flags.space) {
                text.extend([b'0', digits[16]]);
            }
            text.extend([
                digits[usize::from(byte >> 4)],
                digits[usize::from(byte & 15)],
            ]);
        }
        self.pad(&text);
    }

    /// Pads on the left, with zeros under `0`, or on the right under `-`.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let filler = match self.flags.zero && !self.flags.minus {
            true => b'0',
            false => b' ',
        };
        self.pad_with(text, filler);
    }

    fn pad_with(&mut self, text: &[u8], filler: u8) {
        let width = match self.flags.width {
            Some(width) if width > 0 => width.saturating_sub(characters(text).count()),
            _ => 0,
        };
        let filler = std::iter::repeat_n(filler, width);
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.out.extend(filler);
        } else {
            self.out.extend(filler);
            self.out.extend_from_slice(text);
        }
    }
}

fn code_point(size: u64, negative: bool) -> char {
    match u32::try_from(size) {
        Ok(number) if !negative => char::from_u32(number).unwrap_or('\u{fffd}'),
        _ => '\u{fffd}',
    }
}

/// `%#g`: a point always, and the zeros that `%g` cuts off. The text has a sign.
fn with_point(text: &str, format: u8, precision: Option<usize>) -> String {
    let marks: &[char] = match format {
        b'x' | b'X' => &['p', 'P'],
        _ => &['e', 'E'],
    };
    let (number, tail) = text.split_at(text.find(marks).unwrap_or(text.len()));
    let mut number = number.to_owned();
    let significant = number[1..]
        .trim_start_matches(|c| c != '.' && !matches!(c, '1'..='9' | 'a'..='f' | 'A'..='F'))
        .chars()
        .skip_while(|c| matches!(c, '.' | '0'))
        .filter(|c| *c != '.')
        .count();
    let mut missing = match format {
        b'g' | b'G' | b'x' => precision.unwrap_or(6).saturating_sub(significant),
        _ => 0,
    };
    if !number.contains('.') {
        if &number[1..] == "0" {
            missing = missing.saturating_sub(1);
        }
        number.push('.');
    }
    number.extend(std::iter::repeat_n('0', missing));
    number + tail
}

/// Whether a raw string can hold it.
fn can_be_raw(bytes: &[u8]) -> bool {
    let fits = |c: char| !matches!(c, '\0'..='\x08' | '\n'..='\x1f' | '`' | '\x7f' | '\u{feff}');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(fits))
}
