use std::fmt::Write;

use tidegate_yaml::json_float;

use crate::fmt::DEEPEST;
use crate::functions::{Call, Failure};
use crate::origin::Origin;
use crate::text::{Str, TextBuilder};
use crate::value::{Elem, Kind, Map, Value};
use tidegate_golang::unicode::characters;

/// How JSON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without blanks; `<`, `>` and `&` are escaped.
    Compact,
    /// Without blanks and without these escapes.
    Raw,
    /// Two blanks for each level.
    Pretty,
}

/// The JSON of a value.
pub(crate) fn write(call: &mut Call<'_>, value: &Value, style: Style) -> Result<Str, Failure> {
    let mut writer = Writer {
        out: call.text(),
        style,
        call,
    };
    writer.value(value, 0)?;
    let Writer { out, call, .. } = writer;
    call.reserve(out.len())?;
    Ok(out.finish())
}

struct Writer<'a, 'r> {
    out: TextBuilder,
    style: Style,
    call: &'a mut Call<'r>,
}

impl Writer<'_, '_> {
    fn push(&mut self, text: &str) {
        self.out.push_bytes(text.as_bytes(), Origin::NONE);
    }

    fn scalar(&mut self, text: &str, origin: Origin) {
        self.out.push_bytes(text.as_bytes(), origin);
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Failure> {
        if depth > DEEPEST {
            return Err(Failure::limit(format!(
                "values are nested more than {DEEPEST} deep"
            )));
        }
        self.call.check(self.out.len())?;
        let origin = value.origin;
        match &value.kind {
            Kind::Nil => self.scalar("null", origin),
            Kind::Bool(value) => self.scalar(if *value { "true" } else { "false" }, origin),
            Kind::Int(value) | Kind::Int64(value) => self.scalar(&value.to_string(), origin),
            Kind::Uint64(value) => self.scalar(&value.to_string(), origin),
            Kind::Uint8(value) => self.scalar(&value.to_string(), origin),
            Kind::Float(value) if !value.is_finite() => {
                let shown = crate::fmt::format_float(*value, b'g', None);
                return Err(format!("json: unsupported value: {shown}").into());
            }
            Kind::Float(value) => self.scalar(&json_float(*value), origin),
            Kind::Complex(..) => return Err("json: unsupported type: complex128".into()),
            Kind::JsonNumber(text) => self.scalar(if text.is_empty() { "0" } else { text }, origin),
            Kind::Str(text) => self.string(text, origin),
            Kind::List(list) if list.is_nil => self.scalar("null", origin),
            Kind::List(list) if list.elem == Elem::Byte => {
                let bytes: Vec<u8> = list
                    .items
                    .iter()
                    .map(|item| crate::funcs::cast::Cast::Sprig.int(item) as u8)
                    .collect();
                self.scalar(
                    &format!("\"{}\"", crate::funcs::encoding::base64(&bytes)),
                    origin,
                );
            }
            Kind::List(list) if list.items.is_empty() => self.scalar("[]", origin),
            Kind::List(list) => {
                self.push("[");
                for (i, item) in list.items.iter().enumerate() {
                    self.start(i, depth + 1);
                    self.value(item, depth + 1)?;
                }
                self.end(depth, "]");
            }
            Kind::Map(map) if map.is_nil => self.scalar("null", origin),
            Kind::Map(map) if map.is_empty() => self.scalar("{}", origin),
            Kind::Map(map) => self.map(map, depth)?,
            Kind::Object(object) => self.value(&object.to_data(), depth + 1)?,
        }
        Ok(())
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<(), Failure> {
        self.push("{");
        for (i, (key, item)) in map.entries().iter().enumerate() {
            self.start(i, depth + 1);
            self.string(&Str::from(key.clone()), Origin::NONE);
            self.push(match self.style {
                Style::Pretty => ": ",
                _ => ":",
            });
            self.value(item, depth + 1)?;
        }
        self.end(depth, "}");
        Ok(())
    }

    fn start(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.push(",");
        }
        self.line(depth);
    }

    fn end(&mut self, depth: usize, bracket: &str) {
        self.line(depth);
        self.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        if self.style == Style::Pretty {
            self.push("\n");
            self.push(&"  ".repeat(depth));
        }
    }

    fn string(&mut self, text: &Str, origin: Origin) {
        let html = self.style != Style::Raw;
        self.push("\"");
        self.out
            .push_mapped(text, origin, |bytes, out| escape(bytes, html, out));
        self.push("\"");
    }
}

fn escape(bytes: &[u8], html: bool, out: &mut Vec<u8>) {
    for (_, c) in characters(bytes) {
        let short: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            '\x08' => b"\\b",
            '\x0c' => b"\\f",
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                coded(c, out);
                continue;
            }
            '<' | '>' | '&' if html => {
                coded(c, out);
                continue;
            }
            c => {
                tidegate_golang::unicode::push(out, c);
                continue;
            }
        };
        out.extend_from_slice(short);
    }
}

fn coded(c: char, out: &mut Vec<u8>) {
    let mut code = String::new();
    let _ = write!(code, "\\u{:04x}", u32::from(c));
    out.extend_from_slice(code.as_bytes());
}
