//! YAML of values.

use std::rc::Rc;

use tidegate_yaml::{
    Context, Dialect, NotWritten, Scalar, SmolStr, Style, Writer, by_key, resolve,
};

use super::Result;
use super::known::{KnownTexts, Page};
use crate::data::byte_text;
use crate::fmt::DEEPEST;
use crate::functions::{Call, Failure};
use crate::origin::Origins;
use crate::text::Str;
use crate::value::{Elem, Kind, List, Map, Value};

/// The YAML of a value, without the newline at its end.
pub(crate) fn write(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    write_with(call, value, &Layout::default())
}

/// The YAML of a value, with the newline at its end.
pub(crate) fn write_line(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    let layout = Layout {
        last_newline: true,
        ..Layout::default()
    };
    write_with(call, value, &layout)
}

/// The YAML of a value with lists indented, without the newline at its end.
pub(crate) fn write_indented(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    let layout = Layout {
        list_indent: 2,
        ..Layout::default()
    };
    write_with(call, value, &layout)
}

/// How a value is laid out.
#[derive(Default)]
struct Layout {
    list_indent: usize,
    /// Whether the newline at the end is a part of the text.
    last_newline: bool,
}

fn write_with(call: &mut Call<'_>, value: &Value, layout: &Layout) -> Result<Str> {
    let is_kept = layout.list_indent == 0;
    let mut emission = Emission {
        left: call.longest() / 8,
        writer: Writer::onto(String::new(), layout.list_indent),
        tracking: call.origins.is_on(),
        origins: call.origins,
        known: is_kept.then_some(&call.known_texts),
        page: Page::default(),
        sorted: Vec::new(),
        is_frozen: false,
        is_fixed: true,
    };
    emission.value(value, At::Start, 0, 0)?;
    emission.writer.end_line();
    let (mut page, is_fixed) = (emission.page, emission.is_fixed);
    page.text = emission.writer.into_text();
    let text = match page.text.strip_suffix('\n') {
        Some(shorter) if !layout.last_newline => shorter,
        _ => &page.text,
    };
    let written = Str::of_ranges(text, &page.table);
    let length = page.text.len();
    if is_kept && is_fixed {
        call.known_texts.keep(page);
    }
    call.reserve(length)?;
    Ok(written)
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum At {
    /// At the start of the text.
    Start,
    /// Behind a `:`.
    Key,
    /// Behind a `-`: collections start on its line.
    Item,
}

/// A value that is being written. What comes out is what Go makes of it by way of JSON.
struct Emission<'c> {
    writer: Writer,
    origins: &'c mut Origins,
    tracking: bool,
    /// What maps that are met again were written as; none where the text is laid out otherwise.
    known: Option<&'c KnownTexts>,
    /// What is noted of the text.
    page: Page,
    /// How many more values may be written: they can be shared, and a map can hold itself.
    left: usize,
    /// A stack of entry numbers in the order of their keys, for all maps that are open.
    sorted: Vec<u32>,
    /// Whether what is being written is in a map that was copied, in which nothing ever changes.
    is_frozen: bool,
    /// Whether the text stays the same as long as the maps do: objects may change.
    is_fixed: bool,
}

impl Emission<'_> {
    /// Writes a value. `indent` is that of the map whose key it is behind, or of what is in the item.
    fn value(&mut self, value: &Value, at: At, indent: usize, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(Failure::limit(format!(
                "values are nested more than {DEEPEST} deep"
            )));
        }
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return Err(Failure::limit("the value is larger than the limit")),
        };
        match (&value.kind, at) {
            (Kind::Object(object), _) => {
                self.is_fixed = false;
                self.value(&object.to_data(), at, indent, depth + 1)
            }
            (Kind::Map(map), _) if !map.is_nil && !map.is_empty() => match at {
                At::Start => self.map(map, 0, false, depth),
                At::Key => self.map(map, indent + 2, false, depth),
                At::Item => self.map(map, indent, true, depth),
            },
            (Kind::List(list), _) if is_sequence(list) => match at {
                At::Start => self.list(list, 0, false, depth),
                At::Key => self.list(list, indent + self.writer.list_indent(), false, depth),
                At::Item => self.list(list, indent, true, depth),
            },
            (_, At::Start) => self.leaf(value, 2),
            (_, At::Key) => {
                self.writer.push_str(" ");
                self.leaf(value, indent + 2)
            }
            (_, At::Item) => {
                self.writer.push_str(" ");
                self.leaf(value, indent)
            }
        }
    }

    /// Writes a map that is not empty. With `inline` the first key goes on the line of the `-` before it.
    fn map(&mut self, map: &Rc<Map>, indent: usize, inline: bool, depth: usize) -> Result<()> {
        let original = map.original();
        let is_copy = original.is_some();
        // As soon as somebody looks into a copy it is a map of its own, which can be changed.
        if is_copy && !self.is_frozen {
            self.page.guard(map);
        }
        let original = original.as_ref().or_else(|| map.underlying());
        let map = original.unwrap_or(map);
        if depth <= KnownTexts::DEEPEST
            && let Some(known) = self.known.and_then(|known| known.get(map, indent))
        {
            self.left = match self.left.checked_sub(known.values()) {
                Some(left) => left,
                None => return Err(Failure::limit("the value is larger than the limit")),
            };
            self.writer.start_line(indent, inline);
            let at = self.writer.len();
            self.writer.push_lines(known.text(), known.line_start());
            self.page.push_known(&known, at, depth);
            return Ok(());
        }
        let entries = map.entries();
        let entries: Vec<(&SmolStr, &Value)> = entries.iter().collect();
        let base = self.sorted.len();
        by_key(
            entries.len(),
            &|index| entries[index as usize].0.as_str(),
            &mut self.sorted,
        );
        self.writer.start_line(indent, inline);
        let (start, left) = (self.writer.len(), self.left);
        let seen = self.page.start(map, indent, depth, start);
        if !is_copy && !self.is_frozen {
            self.page.guard(map);
        }
        let outer = self.is_frozen;
        self.is_frozen |= is_copy;
        for at in base..base + entries.len() {
            let (key, value) = entries[self.sorted[at] as usize];
            if at > base {
                self.writer.start_line(indent, false);
            }
            self.entry(key, value, indent, depth)?;
        }
        self.is_frozen = outer;
        self.sorted.truncate(base);
        self.page.end(seen, &self.writer, left - self.left);
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Value, indent: usize, depth: usize) -> Result<()> {
        match self.writer.string(key, Style::Plain, Context::SimpleKey) {
            Ok(()) => {
                self.writer.push_str(":");
                self.value(value, At::Key, indent, depth + 1)
            }
            Err(NotWritten::TooWide) => {
                self.writer.push_str("? ");
                let context = Context::Block(indent + 2);
                self.writer
                    .string(key, Style::Plain, context)
                    .map_err(refused)?;
                self.writer.start_line(indent, false);
                self.writer.push_str(":");
                self.value(value, At::Item, indent + 2, depth + 1)
            }
            Err(why) => Err(refused(why)),
        }
    }

    /// Writes the items of a list that is not empty.
    fn list(&mut self, list: &List, indent: usize, inline: bool, depth: usize) -> Result<()> {
        for (at, item) in list.items.iter().enumerate() {
            self.writer.start_line(indent, inline && at == 0);
            self.writer.push_str("-");
            self.value(item, At::Item, indent + 2, depth + 1)?;
        }
        Ok(())
    }

    /// Writes a scalar or an empty collection.
    fn leaf(&mut self, value: &Value, indent: usize) -> Result<()> {
        let start = self.writer.len();
        let context = Context::Block(indent);
        match &value.kind {
            Kind::Nil => self.writer.push_str("null"),
            Kind::Bool(true) => self.writer.push_str("true"),
            Kind::Bool(false) => self.writer.push_str("false"),
            Kind::Int(value) | Kind::Int64(value) => self.writer.int(value),
            Kind::Uint64(value) => self.writer.int(value),
            Kind::Uint8(value) => self.writer.int(value),
            Kind::Float(value) if !value.is_finite() => {
                let shown = crate::fmt::format_float(*value, b'g', None);
                return Err(format!("json: unsupported value: {shown}").into());
            }
            Kind::Float(value) => self.writer.float(*value),
            Kind::Complex(..) => return Err("json: unsupported type: complex128".into()),
            Kind::JsonNumber(text) => self.number(text, context)?,
            Kind::Str(text) => {
                let text = text.to_text();
                let written = self.writer.string(&text, Style::Plain, context);
                written.map_err(refused)?;
            }
            Kind::List(list) if list.is_nil => self.writer.push_str("null"),
            Kind::List(list) if list.elem == Elem::Byte => {
                let text = byte_text(list);
                let written = self.writer.string(&text, Style::Plain, context);
                written.map_err(refused)?;
            }
            Kind::List(_) => self.writer.push_str("[]"),
            Kind::Map(map) if map.is_nil => self.writer.push_str("null"),
            Kind::Map(_) => self.writer.push_str("{}"),
            Kind::Object(_) => {}
        }
        if self.tracking {
            let origin = value.own_origin(self.origins);
            if origin.is_some() {
                let range = start as u32..self.writer.len() as u32;
                self.page.table.push((range, origin));
            }
        }
        Ok(())
    }

    /// A number that is kept as its text, which YAML reads again.
    fn number(&mut self, text: &SmolStr, context: Context) -> Result<()> {
        let text = match text.is_empty() {
            true => SmolStr::new_static("0"),
            false => text.clone(),
        };
        let scalar = Scalar {
            kind: resolve(&text, Dialect::Yaml11),
            text,
            style: Style::Plain,
        };
        self.writer.scalar(&scalar, context).map_err(refused)
    }
}

/// Whether a list is written as one, item by item.
fn is_sequence(list: &List) -> bool {
    !list.is_nil && list.elem != Elem::Byte && !list.items.is_empty()
}

fn refused(why: NotWritten) -> Failure {
    match why {
        NotWritten::Refused(reason) => format!("a value {reason}").into(),
        NotWritten::TooWide => "a value is too wide for a key".into(),
    }
}
