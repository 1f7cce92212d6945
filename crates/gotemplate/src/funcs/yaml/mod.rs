//! YAML, as `sigs.k8s.io/yaml` reads and writes it: by way of JSON.

mod known;
mod write;

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};
use tidegate_source::{Location, Severity, SourceFile, TreePath};
use tidegate_yaml::{
    Dialect, Node, ParseOptions, ScalarKind, Value as NodeValue, float_value, parse,
};

pub(crate) use known::KnownTexts;
pub(crate) use write::{write, write_indented, write_line};

use super::{Result, text};
use crate::data::{Numbers, from_node, read_from};
use crate::error::ErrorKind;
use crate::functions::Call;
use crate::origin::Origin;
use crate::text::Str;
use crate::value::Value;

/// What `toYaml` gives.
pub(crate) fn to_yaml(call: &mut Call<'_>, value: &Value) -> Result<Str> {
    lenient(write(call, value))
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
