//! `printf`.

use super::{Flags, Printer, Unprintable};
use crate::origin::{Origin, Origins};
use crate::text::{Str, TextBuilder};
use crate::value::{Kind, Value};
use tidegate_golang::unicode::decode;

/// Widths and precisions above are ignored, as in Go.
const LARGEST: i64 = 1_000_000;

/// `fmt.Sprintf`. The format keeps its pieces, and so do strings that are printed as they are.
pub(crate) fn sprintf(
    format: &Str,
    format_origin: Origin,
    args: &[Value],
    origins: &mut Origins,
    limit: usize,
) -> Result<Str, Unprintable> {
    let mut state = State {
        text: format.as_bytes(),
        at: 0,
        args,
        next: 0,
        reordered: false,
        good: true,
    };
    let mut out = TextBuilder::with_capacity(origins, format.len() + 16);
    while state.at < state.text.len() {
        let start = state.at;
        let plain = memchr::memchr(b'%', &state.text[start..]);
        let end = plain.map_or(state.text.len(), |at| start + at);
        out.push_slice(format, start..end, format_origin);
        state.at = end;
        if plain.is_none() {
            break;
        }
        state.at += 1;
        state.verb(&mut out, origins, limit)?;
        if out.len() > limit {
            return Err(Unprintable::TooLarge);
        }
    }
    if !state.reordered && state.next < args.len() {
        let mut extra = b"%!(EXTRA ".to_vec();
        for (i, arg) in args[state.next..].iter().enumerate() {
            if i > 0 {
                extra.extend_from_slice(b", ");
            }
            extra.extend_from_slice(arg.type_name().as_bytes());
            if !arg.is_nil() {
                extra.push(b'=');
                super::print(arg, &mut extra, limit)?;
            }
        }
        extra.push(b')');
        out.push_bytes(&extra, Origin::NONE);
    }
    Ok(out.finish())
}

struct State<'a> {
    text: &'a [u8],
    at: usize,
    args: &'a [Value],
    next: usize,
    /// Arguments were named by their numbers: extra ones are not reported.
    reordered: bool,
    /// The number of the argument is one.
    good: bool,
}

impl State<'_> {
    /// One verb, from behind its `%`.
    fn verb(
        &mut self,
        out: &mut TextBuilder,
        origins: &mut Origins,
        limit: usize,
    ) -> Result<(), Unprintable> {
        self.good = true;
        let mut flags = self.flags();
        let mut complaint = Vec::new();
        let mut indexed = self.arg_number();
        if self.accept(b'*') {
            match self.int_arg() {
                Some(width) => {
                    flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                }
                None => complaint.extend_from_slice(b"%!(BADWIDTH)"),
            }
            indexed = false;
        } else {
            flags.width = self.number();
            if indexed && flags.width.is_some() {
                self.good = false;
            }
        }
        if self.at + 1 < self.text.len() && self.accept(b'.') {
            if indexed {
                self.good = false;
            }
            indexed = self.arg_number();
            if self.accept(b'*') {
                match self.int_arg() {
                    Some(precision) if precision >= 0 => flags.precision = Some(precision as usize),
                    _ => complaint.extend_from_slice(b"%!(BADPREC)"),
                }
                indexed = false;
            } else {
                flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !indexed {
            self.arg_number();
        }
        out.push_bytes(&complaint, Origin::NONE);
        let Some((verb, width)) = decode(&self.text[self.at..]) else {
            out.push_bytes(b"%!(NOVERB)", Origin::NONE);
            return Ok(());
        };
        self.at += width;
        let complain = |out: &mut TextBuilder, what: &str| {
            out.push_bytes(format!("%!{verb}({what})").as_bytes(), Origin::NONE);
        };
        if verb == '%' {
            out.push_bytes(b"%", Origin::NONE);
        } else if !self.good {
            complain(out, "BADINDEX");
        } else if self.next >= self.args.len() {
            complain(out, "MISSING");
        } else {
            let arg = &self.args[self.next];
            self.next += 1;
            print_arg(arg, verb, flags, out, origins, limit)?;
        }
        Ok(())
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        flags
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn number(&mut self) -> Option<usize> {
        let mut value: Option<i64> = None;
        while let Some(digit) = self.text.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            if value.is_some_and(|value| value > LARGEST) {
                self.at = self.text.len();
                return None;
            }
            value = Some(value.unwrap_or(0) * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        value.map(|value| value as usize)
    }

    /// `[3]`
    fn arg_number(&mut self) -> bool {
        let rest = &self.text[self.at..];
        if rest.first() != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let Some(close) = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3) else {
            self.good = false;
            self.at += 1;
            return false;
        };
        let digits = &rest[1..close];
        self.at += close + 1;
        let number = std::str::from_utf8(digits)
            .ok()
            .filter(|text| !text.starts_with('+'))
            .and_then(|text| text.parse::<i64>().ok())
            .filter(|number| *number <= LARGEST * 10);
        match number {
            Some(number) if number >= 1 && number <= self.args.len() as i64 => {
                self.next = number as usize - 1;
                true
            }
            number => {
                self.good = false;
                number.is_some()
            }
        }
    }

    /// The argument that `*` stands for.
    fn int_arg(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next)?;
        self.next += 1;
        let value = match &arg.kind {
            Kind::Int(value) | Kind::Int64(value) => *value,
            Kind::Uint8(value) => i64::from(*value),
            Kind::Uint64(value) => i64::try_from(*value).ok()?,
            Kind::Object(object) => object.as_int()?,
            _ => return None,
        };
        (-LARGEST..=LARGEST).contains(&value).then_some(value)
    }
}

fn print_arg(
    arg: &Value,
    verb: char,
    mut flags: Flags,
    out: &mut TextBuilder,
    origins: &mut Origins,
    limit: usize,
) -> Result<(), Unprintable> {
    if let Kind::Str(text) = &arg.kind
        && matches!(verb, 's' | 'v')
        && flags.precision.is_none()
        && flags.width.is_none()
        && !flags.sharp
    {
        out.push_str(text, arg.origin);
        return Ok(());
    }
    if verb == 'v' {
        flags.go_syntax = std::mem::take(&mut flags.sharp);
        flags.names = std::mem::take(&mut flags.plus);
    }
    let origin = arg.deep_origin(origins);
    let mut fine = Ok(());
    out.push_with(origin, |bytes| {
        let mut printer = Printer::new(bytes, limit);
        printer.flags = flags;
        fine = printer.arg(arg, verb);
    });
    fine
}
