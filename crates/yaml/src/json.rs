use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use smol_str::SmolStr;

use crate::resolve::{Timestamp, float_value, go_float, int_value, json_float};
use crate::{Dialect, Node, Scalar, ScalarKind, Unwritable, Value};

/// The node as JSON text without blanks, keys sorted by their bytes, as Go's `encoding/json` writes
/// it: `<`, `>` and `&` are escaped.
pub fn to_json(node: &Node) -> Result<String, Unwritable> {
    let mut out = String::new();
    write_node(node, &mut out)?;
    Ok(out)
}

/// A key as `sigs.k8s.io/yaml` makes JSON of it: `on` is `true`, `0x1F` is `31`. The scalar was parsed
/// as [`Dialect::Yaml11`]. The error says what it is instead of a key.
pub fn json_key(scalar: &Scalar) -> Result<SmolStr, &'static str> {
    let text = &scalar.text;
    Ok(match scalar.kind {
        ScalarKind::Null => return Err("is null"),
        ScalarKind::Bool => is_yes(text).to_string().into(),
        ScalarKind::Int => match int_value(text, Dialect::Yaml11) {
            Some(value) if value > i128::from(i64::MAX) => {
                return Err("is a number beyond 2^63");
            }
            Some(value) => value.to_string().into(),
            None => text.clone(),
        },
        ScalarKind::Float => {
            float_value(text, Dialect::Yaml11).map_or_else(|| text.clone(), float_key)
        }
        ScalarKind::Binary => match binary_value(text) {
            Some(bytes) => binary_text(&bytes).into(),
            None => return Err("is not base64"),
        },
        _ => text.clone(),
    })
}

/// A key that is a number with a fraction: it is written with the digits of a single.
fn float_key(value: f64) -> SmolStr {
    let single = value as f32;
    if single.is_nan() {
        return ".nan".into();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    // The shortest digits that give the same single, as a double.
    let shortest = single.to_string().parse();
    go_float(shortest.unwrap_or(value)).into()
}

/// What a boolean of either dialect is.
pub fn is_yes(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b't' | b'T' | b'y' | b'Y'))
        || text.eq_ignore_ascii_case("on")
}

/// The bytes of the text of a `!!binary` scalar; none where it is not base64.
pub fn binary_value(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    // Go skips line breaks within base64.
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    engine.decode(text).ok()
}

/// Bytes as the text that Go makes of them, in JSON and rune by rune: each byte that is not UTF-8
/// becomes U+FFFD.
pub fn binary_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}

fn write_node(node: &Node, out: &mut String) -> Result<(), Unwritable> {
    match &node.value {
        Value::Scalar(scalar) => write_scalar(node, scalar, out),
        Value::Seq(seq) => {
            out.push('[');
            for (i, item) in seq.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_node(item, out)?;
            }
            out.push(']');
            Ok(())
        }
        Value::Map(map) => {
            let mut entries: Vec<(&str, &Node)> = Vec::with_capacity(map.len());
            for entry in map {
                let Some(key) = entry.key.text() else {
                    return Err(cannot(
                        &entry.key,
                        "is a collection where a key must be text",
                    ));
                };
                entries.push((key, &entry.value));
            }
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_node(value, out)?;
            }
            out.push('}');
            Ok(())
        }
    }
}

fn cannot(node: &Node, reason: &'static str) -> Unwritable {
    Unwritable {
        place: node.place.clone(),
        reason,
    }
}

fn write_scalar(node: &Node, scalar: &Scalar, out: &mut String) -> Result<(), Unwritable> {
    let text = scalar.text.as_str();
    let dialect = Dialect::GoYaml3;
    let kind = scalar.kind_in(dialect);
    match kind {
        ScalarKind::Str | ScalarKind::Untagged | ScalarKind::Merge | ScalarKind::Opaque => {
            write_text(text, out);
        }
        ScalarKind::Null => out.push_str("null"),
        ScalarKind::Bool => {
            out.push_str(if is_yes(text) { "true" } else { "false" });
        }
        ScalarKind::Int => {
            let value = int_value(text, dialect);
            let value = value.ok_or_else(|| cannot(node, "is not a whole number"))?;
            let _ = write!(out, "{value}");
        }
        ScalarKind::Float => {
            let value = float_value(text, dialect).filter(|value| value.is_finite());
            let value = value.ok_or_else(|| {
                cannot(node, "is infinite or not a number, which JSON cannot hold")
            })?;
            out.push_str(&json_float(value));
        }
        ScalarKind::Timestamp => {
            let time = Timestamp::parse(text).and_then(Timestamp::to_rfc3339);
            let time = time.ok_or_else(|| cannot(node, "is not a date that can be written"))?;
            write_text(&time, out);
        }
        ScalarKind::Binary => {
            let bytes = binary_value(text);
            let bytes =
                bytes.ok_or_else(|| cannot(node, "is tagged `!!binary` but is not base64"))?;
            write_text(&binary_text(&bytes), out);
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' | '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
