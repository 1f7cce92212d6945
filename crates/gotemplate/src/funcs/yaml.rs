//! YAML, as `sigs.k8s.io/yaml` reads and writes it: by way of JSON.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};
use tidegate_source::{Location, Severity, SourceFile, TreePath};
use tidegate_yaml::{
    Dialect, Emitted, Node, ParseOptions, ScalarKind, Unwritable, Value as NodeValue,
    emit_go_yaml2, emit_indented, float_value, parse,
};

use super::{Result, text};
use crate::data::{Numbers, from_node, read_from};
use crate::error::ErrorKind;
use crate::functions::{Call, Failure};
use crate::origin::Origin;
use crate::text::Str;
use crate::value::Value;

/// The YAML of a value, with the newline at its end.
pub(crate) fn write(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    write_with(call, value, emit_go_yaml2)
}

/// The YAML of a value with lists indented.
pub(crate) fn write_indented(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    write_with(call, value, emit_indented)
}

type Emit = fn(&Node, &mut Emitted, bool) -> std::result::Result<(), Unwritable>;

fn write_with(call: &mut Call<'_>, value: &Value, emit: Emit) -> Result<Str> {
    let most = call.longest() / 8;
    let node = value.to_node(call.origins, most)?;
    let tracking = call.origins.is_on();
    let mut emitted = Emitted::default();
    emit(&node, &mut emitted, tracking).map_err(|error| Failure::from(error.to_string()))?;
    call.reserve(emitted.text.len())?;
    if !tracking {
        return Ok(emitted.text.into());
    }
    let mut out = call.text();
    let mut from = 0;
    let bytes = emitted.text.as_bytes();
    for (range, place) in &emitted.table {
        let (start, end) = (range.start as usize, range.end as usize);
        out.push_bytes(&bytes[from..start], Origin::NONE);
        out.push_bytes(&bytes[start..end], Origin::of_place(place));
        from = end;
    }
    out.push_bytes(&bytes[from..], Origin::NONE);
    Ok(out.finish())
}

/// What `toYaml` gives.
pub(crate) fn to_yaml(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    let yaml = lenient(write(call, value))?;
    Ok(without_newline(call, yaml))
}

/// A text without one newline at its end.
pub(crate) fn without_newline(call: &Call<'_>, text: Str) -> Str {
    if !text.as_bytes().ends_with(b"\n") {
        return text;
    }
    let mut out = call.text();
    out.push_slice(&text, 0..text.len() - 1, Origin::NONE);
    out.finish()
}

/// What cannot be written is an empty string.
pub(crate) fn lenient(written: Result<Str>) -> Result<Str> {
    match written {
        Err(failure) if failure.kind != ErrorKind::Limit => Ok("".into()),
        written => written,
    }
}

/// The value of the first document of a YAML text, none where there is no document. The inner error is
/// what Go would say, nearly.
pub(crate) fn read(
    call: &mut Call<'_>,
    args: &[Value],
) -> Result<std::result::Result<Option<Value>, String>> {
    let (yaml, origin) = (text(args, 0)?, args[0].origin);
    call.reserve(yaml.len())?;
    if let Some(known) = call.yaml_cache.get(yaml, origin) {
        return Ok(Ok(known));
    }
    let read = read_anew(call, yaml, origin)?;
    Ok(read.map(|value| call.yaml_cache.keep(yaml, origin, value)))
}

fn read_anew(
    call: &mut Call<'_>,
    yaml: &Str,
    origin: Origin,
) -> Result<std::result::Result<Option<Value>, String>> {
    let Some(name) = TreePath::new("values.yaml").ok() else {
        return Ok(Ok(None));
    };
    let file = SourceFile::detached(name, yaml.to_text().to_string());
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    if let Some(error) = parsed
        .findings
        .iter()
        .find(|one| one.severity == Severity::Error)
    {
        let line = match &error.primary {
            Location::Span(span) => file.line_col(span.start).line,
            Location::Path(_) => 1,
        };
        return Ok(Err(format!(
            "error converting YAML to JSON: yaml: line {line}: {}",
            error.message
        )));
    }
    let root = parsed
        .documents
        .into_iter()
        .next()
        .and_then(|document| document.root);
    let Some(root) = root else {
        return Ok(Ok(None));
    };
    if let Some(error) = unsupported(&root) {
        return Ok(Err(format!("error converting YAML to JSON: {error}")));
    }
    let origins = &mut *call.origins;
    let mut convert = |node: &Node| read_from(yaml, origin, node.place.span(), origins);
    Ok(Ok(Some(from_node(&root, Numbers::Float64, &mut convert))))
}

/// What texts of YAML say: charts that build objects out of templates read the same text over and over.
#[derive(Default)]
pub(crate) struct YamlCache {
    read: FxHashMap<u64, Vec<Known>>,
    bytes: usize,
}

struct Known {
    text: Str,
    origin: Origin,
    /// Nobody else has it, so that it does not change.
    value: Option<Value>,
}

impl YamlCache {
    /// The texts that are kept have no more bytes than this.
    const MOST: usize = 16 << 20;

    fn hash(text: &Str) -> u64 {
        FxBuildHasher.hash_one(text.as_bytes())
    }

    /// A copy of what a text says.
    fn get(&self, text: &Str, origin: Origin) -> Option<Option<Value>> {
        let known = self.read.get(&YamlCache::hash(text))?;
        let same = |known: &&Known| {
            known.origin == origin
                && known.text.as_bytes() == text.as_bytes()
                && known.text.pieces() == text.pieces()
        };
        let value = &known.iter().find(same)?.value;
        Some(value.as_ref().map(Value::lazy_copy))
    }

    /// Keeps what a text says, and gives a copy.
    fn keep(&mut self, text: &Str, origin: Origin, value: Option<Value>) -> Option<Value> {
        let bytes = text.len() + size_of_val(text.pieces().unwrap_or_default());
        if self.bytes + bytes > YamlCache::MOST {
            return value;
        }
        self.bytes += bytes;
        let copy = value.as_ref().map(Value::lazy_copy);
        let known = Known {
            text: text.clone(),
            origin,
            value,
        };
        self.read
            .entry(YamlCache::hash(text))
            .or_default()
            .push(known);
        copy
    }
}

/// Why JSON cannot hold a node: it has no infinities, and its keys are never null.
fn unsupported(node: &Node) -> Option<String> {
    match &node.value {
        NodeValue::Scalar(scalar) if scalar.kind == ScalarKind::Float => {
            let value = float_value(&scalar.text, Dialect::Yaml11)?;
            let shown = crate::fmt::format_float(value, b'g', None);
            (!value.is_finite()).then(|| format!("json: unsupported value: {shown}"))
        }
        NodeValue::Scalar(_) => None,
        NodeValue::Seq(seq) => seq.iter().find_map(unsupported),
        NodeValue::Map(map) => map.iter().find_map(|entry| {
            if entry.key.is_null() {
                let value = entry.value.text().unwrap_or_default();
                let value = tidegate_golang::quote(value.as_bytes());
                return Some(format!(
                    "unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}"
                ));
            }
            unsupported(&entry.value)
        }),
    }
}
