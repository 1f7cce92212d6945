//! Go's `fmt`: values as `%v` and the other verbs print them.

mod float;
mod printf;
mod scalar;

pub(crate) use float::format_float;
pub(crate) use printf::sprintf;

use std::fmt::Write;

use crate::object::Object;
use crate::value::{Elem, Kind, Value};

/// Values within one another that are printed. A map can hold itself.
pub(crate) const DEEPEST: usize = 500;

/// Why a value is not printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unprintable {
    TooDeep,
    TooLarge,
}

/// The flags, width and precision of a verb.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    sharp: bool,
    zero: bool,
    plus: bool,
    minus: bool,
    space: bool,
    /// `%#v`
    go_syntax: bool,
    /// `%+v`
    names: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Writes values.
pub(crate) struct Printer<'a> {
    out: &'a mut Vec<u8>,
    flags: Flags,
    /// The length that `out` must not exceed.
    limit: usize,
    /// Within `%!d(...)`: methods are not called.
    erroring: bool,
}

type Result = std::result::Result<(), Unprintable>;

/// Appends a value as `%v` prints it.
pub(crate) fn print(value: &Value, out: &mut Vec<u8>, limit: usize) -> Result {
    match &value.kind {
        Kind::Str(text) => out.extend_from_slice(text.as_bytes()),
        _ => Printer::new(out, limit).arg(value, 'v')?,
    }
    Ok(())
}

impl<'a> Printer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, limit: usize) -> Printer<'a> {
        Printer {
            out,
            flags: Flags::default(),
            limit,
            erroring: false,
        }
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// An argument of `printf` and its like.
    pub(crate) fn arg(&mut self, value: &Value, verb: char) -> Result {
        match (&value.kind, verb) {
            (Kind::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Kind::Nil, _) => self.bad_verb(value, verb)?,
            (_, 'T') => {
                let name = value.type_name();
                self.pad_truncated(name.as_bytes());
            }
            // An address is another one in each run of Go, so any will do.
            (Kind::Map(_) | Kind::List(_), 'p') => self.push("0xc000000000"),
            (_, 'p') => self.bad_verb(value, verb)?,
            _ => self.value(value, verb, 0)?,
        }
        Ok(())
    }

    fn bad_verb(&mut self, value: &Value, verb: char) -> Result {
        let outer = std::mem::replace(&mut self.erroring, true);
        self.push("%!");
        tidegate_golang::unicode::push(self.out, verb);
        self.push("(");
        if value.is_nil() {
            self.push("<nil>");
        } else {
            self.push(&value.type_name());
            self.push("=");
            self.value(value, 'v', 0)?;
        }
        self.push(")");
        self.erroring = outer;
        Ok(())
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) -> Result {
        if depth > DEEPEST {
            return Err(Unprintable::TooDeep);
        }
        if self.out.len() > self.limit {
            return Err(Unprintable::TooLarge);
        }
        let fine = match &value.kind {
            Kind::Nil => {
                self.push(if self.flags.go_syntax {
                    "interface {}(nil)"
                } else {
                    "<nil>"
                });
                true
            }
            Kind::Bool(value) => self.boolean(*value, verb),
            Kind::Int(value) | Kind::Int64(value) => {
                self.integer(value.unsigned_abs(), *value < 0, true, verb)
            }
            Kind::Uint64(value) => self.integer(*value, false, false, verb),
            Kind::Uint8(value) => self.integer(u64::from(*value), false, false, verb),
            Kind::Float(value) => self.float(*value, verb),
            Kind::Complex(real, imaginary) => self.complex(*real, *imaginary, verb),
            Kind::Str(text) => self.text(text.as_bytes(), verb),
            Kind::JsonNumber(text) => self.text(text.as_bytes(), verb),
            Kind::List(list)
                if list.elem == Elem::Byte && matches!(verb, 's' | 'q' | 'x' | 'X') =>
            {
                let bytes: Vec<u8> = list.items.iter().map(byte).collect();
                self.text(&bytes, verb)
            }
            Kind::List(list) if list.is_nil && self.flags.go_syntax => {
                self.push(list.elem.list_type());
                self.push("(nil)");
                true
            }
            Kind::Map(map) if map.is_nil && self.flags.go_syntax => {
                self.push(&value.type_name());
                self.push("(nil)");
                true
            }
            Kind::List(list) => {
                self.open("[", &value.type_name());
                for (i, item) in list.items.iter().enumerate() {
                    self.separator(i);
                    self.value(item, verb, depth + 1)?;
                }
                self.close();
                true
            }
            Kind::Map(map) => {
                self.open("map[", &value.type_name());
                for (i, (key, value)) in map.entries().iter().enumerate() {
                    self.separator(i);
                    if !self.text(key.as_bytes(), verb) {
                        self.bad_verb(&Value::from(key.clone()), verb)?;
                    }
                    self.push(":");
                    self.value(value, verb, depth + 1)?;
                }
                self.close();
                true
            }
            Kind::Object(object) => self.object(&**object, verb),
        };
        if fine {
            Ok(())
        } else {
            self.bad_verb(value, verb)
        }
    }

    fn object(&mut self, object: &dyn Object, verb: char) -> bool {
        match object.as_int() {
            Some(value) if self.erroring || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') => {
                self.integer(value.unsigned_abs(), value < 0, true, verb)
            }
            _ => {
                let text = object.display_as_argument();
                self.text(text.as_bytes(), verb)
            }
        }
    }

    fn open(&mut self, plain: &str, type_name: &str) {
        if self.flags.go_syntax {
            self.push(type_name);
            self.push("{");
        } else {
            self.push(plain);
        }
    }

    fn separator(&mut self, index: usize) {
        if index > 0 {
            self.push(if self.flags.go_syntax { ", " } else { " " });
        }
    }

    fn close(&mut self) {
        self.push(if self.flags.go_syntax { "}" } else { "]" });
    }
}

fn byte(value: &Value) -> u8 {
    match value.kind {
        Kind::Uint8(byte) => byte,
        _ => 0,
    }
}

/// `fmt.Sprint`: blanks between arguments where neither is a string.
pub(crate) fn needs_space(before: &Value, value: &Value) -> bool {
    let is_string = |value: &Value| matches!(value.kind, Kind::Str(_) | Kind::JsonNumber(_));
    !is_string(before) && !is_string(value)
}

/// A value as `%v` prints it, for messages.
pub(crate) fn shown(value: &Value) -> String {
    let mut out = Vec::new();
    match print(value, &mut out, 1 << 20) {
        Ok(()) => crate::text::lossy(&out),
        Err(_) => format!("a {} that is too large to show", value.type_name()),
    }
}

/// A value as `%s` prints it, for messages.
pub(crate) fn shown_as_string(value: &Value) -> String {
    let mut out = Vec::new();
    match Printer::new(&mut out, 1 << 20).arg(value, 's') {
        Ok(()) => crate::text::lossy(&out),
        Err(_) => shown(value),
    }
}

/// Writes into text, which cannot fail.
pub(crate) fn push_display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let mut text = String::new();
    let _ = write!(text, "{value}");
    out.extend_from_slice(text.as_bytes());
}
