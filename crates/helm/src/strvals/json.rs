//! JSON at the start of a text, as Go's decoder takes it: what follows the value does not matter.

use serde_json::Value as Json;
use tidegate_yaml::{Entry, Node, Place, ScalarKind, Style, json_float};

/// The value, decoded as Helm does it, and its length in characters.
pub(super) fn value(text: &[char], place: &Place) -> Option<(Node, usize)> {
    let blanks = text.iter().take_while(|c| is_blank(**c)).count();
    let length = blanks + length(&text[blanks..])?;
    let value: String = text[..length].iter().collect();
    let value = serde_json::from_str(&value).ok()?;
    Some((node(&value, place), length))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// How long a value is, if it is one.
fn length(text: &[char]) -> Option<usize> {
    match text.first()? {
        '{' | '[' => collection(text),
        '"' => string(text),
        '-' | '0'..='9' => Some(number(text)),
        _ => ["true", "false", "null"]
            .into_iter()
            .find(|word| text.iter().copied().take(word.len()).eq(word.chars()))
            .map(str::len),
    }
}

fn collection(text: &[char]) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    loop {
        match text.get(at)? {
            '"' => at += string(&text[at..])? - 1,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn string(text: &[char]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            '"' => return Some(at + 1),
            '\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// As far as a number goes on. `01` is `0` and something else.
fn number(text: &[char]) -> usize {
    let digits = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.iter().take_while(|c| c.is_ascii_digit()).count()
    };
    let mut at = usize::from(text.first() == Some(&'-'));
    at += match text.get(at) {
        Some('0') => 1,
        _ => digits(at),
    };
    if text.get(at) == Some(&'.') {
        at += 1 + digits(at + 1);
    }
    if matches!(text.get(at), Some('e' | 'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some('+' | '-')));
        at += digits(at);
    }
    at
}

fn node(value: &Json, place: &Place) -> Node {
    let place_of = || place.clone();
    let scalar = |text: &str, kind| Node::scalar(text, kind, Style::Plain, place_of());
    match value {
        Json::Null => Node::null(place_of()),
        Json::Bool(value) => scalar(if *value { "true" } else { "false" }, ScalarKind::Bool),
        Json::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            scalar(&json_float(number), ScalarKind::Float)
        }
        Json::String(text) => Node::str(text.as_str(), place_of()),
        Json::Array(items) => {
            let items = items.iter().map(|item| node(item, place));
            Node::seq(items.collect(), place_of())
        }
        Json::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries.into_iter().map(|(key, value)| Entry {
                key: Node::str(key.as_str(), place_of()),
                value: node(value, place),
            });
            Node::map(entries.collect(), place_of())
        }
    }
}
