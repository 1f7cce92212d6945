//! What the output cannot hold, and what changes on the way to it. A build passes through JSON,
//! where keys are text and numbers are finite, and through a YAML reader that takes no control
//! characters.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use tidegate_source::{Code, Diagnostic};
use tidegate_yaml::{
    Dialect, Entry, Map, Node, Scalar, ScalarKind, SmolStr, Style, Value, float_value, int_value,
    resolve, timestamp_value,
};

use crate::codes;
use crate::decode::type_of;
use crate::refold::refold;
use crate::resource::Resource;

/// Which keys below the root the output can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Text: so says the JSON of the Go that kustomize is built with.
    Text,
    /// Text, and whole numbers and dates, which are written as text: so says the JSON of the Go
    /// that kustomize-controller is built with.
    Written,
}

/// Makes an object what the output can hold. The error is the first value that it cannot.
pub(crate) fn settle(resource: &mut Resource, keys: Keys) -> Result<(), Box<Diagnostic>> {
    let mut seen = Seen::default();
    match fault(resource.node(), keys, true, &mut seen) {
        None => {
            if seen.folded {
                refold_all(resource.body_mut());
            }
            if seen.not_text {
                write_keys(resource.body_mut(), keys, true);
            }
            Ok(())
        }
        Some((code, node, message, help)) => {
            let span = node.place.span();
            let span = if span.is_some() {
                span
            } else {
                resource.span()
            };
            let finding = Diagnostic::error(code, span, message)
                .with_help(help)
                .with_subject(resource.subject())
                .with_trail(resource.chain.trail());
            Err(Box::new(finding))
        }
    }
}

type Fault<'n> = (Code, &'n Node, String, &'static str);

/// What is to be changed.
#[derive(Default)]
struct Seen {
    /// Folded text.
    folded: bool,
    /// Keys that are no text.
    not_text: bool,
}

fn fault<'n>(node: &'n Node, keys: Keys, root: bool, seen: &mut Seen) -> Option<Fault<'n>> {
    match &node.value {
        Value::Scalar(scalar) => {
            seen.folded |= scalar.style == Style::Folded;
            let fault = scalar_fault(scalar);
            fault.map(|(message, help)| (codes::UNWRITABLE, node, message, help))
        }
        Value::Seq(seq) => seq.iter().find_map(|item| fault(item, keys, false, seen)),
        Value::Map(map) => map
            .iter()
            .find_map(|entry| {
                let key = match written_key(&entry.key, keys, root) {
                    Some(_) => {
                        seen.not_text = true;
                        None
                    }
                    None => key_fault(&entry.key),
                };
                key.or_else(|| fault(&entry.value, keys, false, seen))
            })
            .or_else(|| duplicate(map)),
    }
}

/// The text that a key becomes which is none. At the root, Go knows that keys are text, and takes
/// what is written.
fn written_key(key: &Node, keys: Keys, root: bool) -> Option<SmolStr> {
    let scalar = key.as_scalar()?;
    let text = &scalar.text;
    match scalar.kind {
        ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool | ScalarKind::Timestamp if root => {
            Some(text.clone())
        }
        ScalarKind::Int if keys == Keys::Written => {
            let value = int_value(text, Dialect::GoYaml3)?;
            Some(value.to_string().into())
        }
        ScalarKind::Timestamp if keys == Keys::Written => Some(timestamp_value(text)?.into()),
        _ => None,
    }
}

/// Makes text of the keys that are none.
fn write_keys(node: &mut Node, keys: Keys, root: bool) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Seq(seq) => {
            let items = seq.items_mut().iter_mut();
            items.for_each(|item| write_keys(item, keys, false));
        }
        Value::Map(map) => {
            let mut written = false;
            for entry in map.entries_mut() {
                if let Some(text) = written_key(&entry.key, keys, root) {
                    entry.key = Node::str(text, entry.key.place.clone());
                    written = true;
                }
                write_keys(&mut entry.value, keys, false);
            }
            if written {
                keep_last(map);
            }
        }
    }
}

/// Where two keys became one, the last one counts.
fn keep_last(map: &mut Map) {
    let mut seen: HashSet<SmolStr, BuildHasherDefault<FxHasher>> = HashSet::default();
    let is_last = |entry: &Entry| {
        let text = entry.key.as_scalar().map(|key| key.text.clone());
        text.is_none_or(|text| seen.insert(text))
    };
    let mut last: Vec<bool> = map.iter().rev().map(is_last).collect();
    map.entries_mut().retain(|_| last.pop().unwrap_or(true));
}

/// Folded text is changed on the way to the output, once.
fn refold_all(node: &mut Node) {
    if !has_folded(node) {
        return;
    }
    match &mut node.value {
        Value::Scalar(scalar) => {
            scalar.style = Style::Literal;
            if let Some(text) = refold(&scalar.text) {
                scalar.text = text.into();
            }
        }
        Value::Seq(seq) => seq.items_mut().iter_mut().for_each(refold_all),
        Value::Map(map) => {
            let entries = map.entries_mut().iter_mut();
            entries.for_each(|entry| refold_all(&mut entry.value));
        }
    }
}

fn has_folded(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.style == Style::Folded,
        Value::Seq(seq) => seq.iter().any(has_folded),
        Value::Map(map) => map.iter().any(|entry| has_folded(&entry.value)),
    }
}

/// A key that is there twice: strategic merge patches can bring such mappings.
fn duplicate(map: &Map) -> Option<Fault<'_>> {
    const FEW: usize = 16;
    let keys = || map.iter().map(|entry| &entry.key);
    let second = if map.len() <= FEW {
        let before = |i: usize, key: &Node| keys().take(i).any(|k| k.text() == key.text());
        keys().enumerate().find(|(i, key)| before(*i, key))?.1
    } else {
        let mut seen: HashSet<&str, BuildHasherDefault<FxHasher>> = HashSet::default();
        keys().find(|key| key.text().is_some_and(|text| !seen.insert(text)))?
    };
    let text = second.text().unwrap_or_default();
    let message = format!("the key `{text}` is there twice in one mapping");
    Some((
        tidegate_yaml::codes::DUPLICATE_KEY,
        second,
        message,
        "remove one of the two",
    ))
}

fn key_fault(key: &Node) -> Option<Fault<'_>> {
    let kind = match key.as_scalar() {
        Some(scalar) => match scalar.kind {
            ScalarKind::Str | ScalarKind::Merge | ScalarKind::Binary => {
                let fault = scalar_fault(scalar);
                return fault.map(|(message, help)| (codes::UNWRITABLE, key, message, help));
            }
            // A key that a transformer or generator makes: its value is text.
            ScalarKind::Untagged if scalar.style == Style::Plain => {
                match resolve(&scalar.text, Dialect::GoYaml3) {
                    ScalarKind::Merge => {
                        let message = "the key `<<` merges mappings, and its value is text";
                        let help = "use another key";
                        return Some((codes::UNWRITABLE, key, message.to_owned(), help));
                    }
                    kind => kind,
                }
            }
            ScalarKind::Untagged => ScalarKind::Str,
            kind => kind,
        },
        None => ScalarKind::Null,
    };
    if matches!(
        kind,
        ScalarKind::Str | ScalarKind::Merge | ScalarKind::Binary
    ) {
        return None;
    }
    let what = match kind {
        ScalarKind::Int | ScalarKind::Float => "a number",
        ScalarKind::Bool => "a boolean",
        ScalarKind::Timestamp => "a date",
        _ => type_of(key),
    };
    let text = key.text().unwrap_or_default();
    let message = format!("the key `{text}` is {what}, and keys must be text");
    let help = "put it in quotes, or use another key";
    Some((tidegate_yaml::codes::KEY_NOT_TEXT, key, message, help))
}

/// Whether go-yaml writes a text as a block when it can.
fn is_block(text: &str) -> bool {
    let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r' | '\u{85}');
    text.contains('\n')
        && !text.ends_with(' ')
        && !text.contains(" \n")
        && !text.contains(unprintable)
}

fn scalar_fault(scalar: &Scalar) -> Option<(String, &'static str)> {
    if scalar.kind == ScalarKind::Float {
        let value = float_value(&scalar.text, Dialect::GoYaml3)?;
        return (!value.is_finite()).then(|| {
            let message = format!("{} is not a number that JSON has", scalar.text);
            (message, "put it in quotes if text is meant")
        });
    }
    if scalar.style == Style::Literal && scalar.text.starts_with('\t') && is_block(&scalar.text) {
        let message = "kustomize writes the text as a block, and cannot read one back whose first \
                       line starts with a tab";
        let help = "indent the first line with blanks, or put a line before it";
        return Some((message.to_owned(), help));
    }
    // All in one sweep, with no way out early: that is what compiles to vector instructions. Only
    // bytes from 0x7f on can begin what is refused.
    let bytes = scalar.text.bytes();
    if bytes.fold(0, |all, byte| all | byte.wrapping_add(1)) & 0x80 == 0 {
        return None;
    }
    let refused =
        |c: &char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let c = scalar.text.chars().find(refused)?;
    let message = format!(
        "the text holds the control character U+{:04X}, which no YAML reader takes",
        u32::from(c)
    );
    Some((message, "take it out, or keep the text as `binaryData`"))
}
