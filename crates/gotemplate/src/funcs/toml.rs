//! TOML, as Helm's `toToml` writes it.

use super::{Result, text};
use crate::error::ErrorKind;
use crate::functions::{Call, Failure};
use crate::origin::Origin;
use crate::text::{Str, TextBuilder};
use crate::value::{Kind, Map, Value};

/// The TOML of a map.
pub(crate) fn write(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    let mut writer = Writer {
        out: call.text(),
        call,
    };
    match &value.kind {
        Kind::Map(map) => writer.table(map, &mut Vec::new(), 0)?,
        Kind::Nil => return Err(NO_VALUE.into()),
        _ => writer.inline(value, 0)?,
    }
    let Writer { out, call } = writer;
    call.reserve(out.len())?;
    Ok(out.finish())
}

/// What Go's reflection says of a nil.
const NO_VALUE: &str = "reflect: call of reflect.Value.Type on zero Value";

/// The TOML of a map; what cannot be written is its error as text.
pub(crate) fn lenient(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    match write(call, value) {
        Err(failure) if failure.kind == ErrorKind::Execute && failure.message != NO_VALUE => {
            Ok(failure.message.into())
        }
        written => written,
    }
}

/// The value of a TOML text. The inner error says what is wrong, in other words than Go's.
pub(crate) fn read(
    call: &mut Call<'_>,
    args: &[Value],
) -> Result<std::result::Result<Value, String>> {
    let toml = text(args, 0)?;
    call.reserve(toml.len())?;
    let table: std::result::Result<toml::Table, _> = toml.to_text().parse();
    let table = table.map_err(|error| format!("toml: {}", error.message()));
    Ok(table.map(|table| value(toml::Value::Table(table)).with_origin(args[0].origin)))
}

fn value(toml: toml::Value) -> Value {
    match toml {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => Value::list(items.into_iter().map(value).collect()),
        toml::Value::Table(table) => {
            let entries = table
                .into_iter()
                .map(|(key, item)| (key.into(), value(item)));
            Value::map(entries.collect())
        }
    }
}

struct Writer<'a, 'r> {
    out: TextBuilder,
    call: &'a mut Call<'r>,
}

impl Writer<'_, '_> {
    fn push(&mut self, text: &str) {
        self.out.push_bytes(text.as_bytes(), Origin::NONE);
    }

    fn indent(&mut self, depth: usize) {
        self.push(&"  ".repeat(depth));
    }

    /// The plain keys of a table, then the tables in it.
    fn table(&mut self, map: &Map, path: &mut Vec<String>, depth: usize) -> Result<()> {
        if path.len() > crate::fmt::DEEPEST {
            return Err(Failure::limit("values are nested too deep"));
        }
        self.call.check(self.out.len())?;
        let entries: Vec<(String, Value)> = {
            let entries = map.entries();
            entries
                .iter()
                .map(|(key, value)| (key.to_string(), value.clone()))
                .collect()
        };
        for (key, value) in entries.iter().filter(|(_, value)| !is_table(value)) {
            if value.is_nil() {
                continue;
            }
            self.indent(depth);
            self.push(&name(key));
            self.push(" = ");
            self.inline(value, 0)?;
            self.push("\n");
        }
        for (key, value) in entries.iter().filter(|(_, value)| is_table(value)) {
            path.push(name(key));
            match &value.kind {
                Kind::Map(map) => self.section(map, path, "[", "]", depth)?,
                Kind::List(list) => {
                    for item in &list.items {
                        if let Kind::Map(map) = &item.kind {
                            self.section(map, path, "[[", "]]", depth)?;
                        }
                    }
                }
                _ => {}
            }
            path.pop();
        }
        Ok(())
    }

    fn section(
        &mut self,
        map: &Map,
        path: &mut Vec<String>,
        open: &str,
        close: &str,
        depth: usize,
    ) -> Result<()> {
        // The first section of the text needs no line before it.
        if path.len() == 1 && !self.out.is_empty() {
            self.push("\n");
        }
        self.indent(depth);
        self.push(open);
        self.push(&path.join("."));
        self.push(close);
        self.push("\n");
        self.table(map, path, depth + 1)
    }

    fn inline(&mut self, value: &Value, depth: usize) -> Result<()> {
        if depth > crate::fmt::DEEPEST {
            return Err(Failure::limit("values are nested too deep"));
        }
        match &value.kind {
            Kind::Str(text) => {
                self.push("\"");
                self.out.push_mapped(text, value.origin, escape);
                self.push("\"");
            }
            Kind::Float(number) => {
                let text = float(*number);
                self.out.push_bytes(text.as_bytes(), value.origin);
            }
            Kind::List(list) => {
                self.push("[");
                for (i, item) in list.items.iter().enumerate() {
                    if i > 0 {
                        self.push(", ");
                    }
                    if item.is_nil() {
                        return Err("toml: cannot encode array with nil element".into());
                    }
                    self.inline(item, depth + 1)?;
                }
                self.push("]");
            }
            Kind::Map(map) => {
                self.push("{");
                for (i, (key, item)) in map.entries().iter().enumerate() {
                    if i > 0 {
                        self.push(", ");
                    }
                    self.push(&name(key));
                    self.push(" = ");
                    self.inline(item, depth + 1)?;
                }
                self.push("}");
            }
            Kind::Object(object) => return self.inline(&object.to_data(), depth + 1),
            _ => {
                let mut out = std::mem::take(&mut self.out);
                let printed = self.call.print_into(value, &mut out);
                self.out = out;
                printed?;
            }
        }
        Ok(())
    }
}

fn is_table(value: &Value) -> bool {
    match &value.kind {
        Kind::Map(_) => true,
        Kind::List(list) => {
            !list.items.is_empty()
                && list
                    .items
                    .iter()
                    .all(|item| matches!(item.kind, Kind::Map(_)))
        }
        _ => false,
    }
}

/// A key, in quotes where it is more than letters, digits, `_` and `-`.
fn name(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        return key.to_owned();
    }
    let mut out = vec![b'"'];
    escape(key.as_bytes(), &mut out);
    out.push(b'"');
    crate::text::lossy(&out)
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let mut text = crate::fmt::format_float(number, b'f', None);
    if !text.contains('.') {
        text.push_str(".0");
    }
    text
}

fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            0..0x20 | 0x7f => crate::fmt::push_display(out, format_args!("\\u{byte:04x}")),
            byte => out.push(*byte),
        }
    }
}
