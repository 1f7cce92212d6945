//! A field and what is below it, as a page of text.

use tidegate_schema::{Additional, Checks, ListType, SchemaRef, ValueType};
use tidegate_yaml::{Node, to_json};

use super::find::{Field, shown, within};

/// Fields within one another are listed down to here: some kinds hold themselves.
const DEEPEST: usize = 10;

/// The page of a field.
pub(super) fn page(field: &Field<'_>, recursive: bool) -> String {
    let Field { kind, schema, .. } = field;
    let mut text = format!("{} <{}>\n", shown(kind, &field.path), type_of(*schema));
    text.push_str(&format!("  apiVersion: {}\n", kind.api_version()));
    if field.path.is_empty() {
        let scope = match kind.namespaced {
            true => "in a namespace",
            false => "of the cluster as a whole",
        };
        text.push_str(&format!("  objects are {scope}\n"));
    }
    if field.required {
        text.push_str("  required\n");
    }
    for line in constraints(*schema) {
        text.push_str(&format!("  {line}\n"));
    }
    let below = within(*schema);
    if below.node().properties.is_empty() {
        return text;
    }
    text.push_str("fields:\n");
    fields(below, 1, recursive, &mut text);
    text
}

fn fields(schema: SchemaRef<'_>, depth: usize, recursive: bool, text: &mut String) {
    let node = schema.node();
    let indent = "  ".repeat(depth);
    let width = node.properties.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or(0) + 1;
    for (name, _) in &node.properties {
        let Some(part) = schema.property(name) else {
            continue;
        };
        let mark = match node.required.contains(name) {
            true => "*",
            false => " ",
        };
        let marked = format!("{name}{mark}");
        let mut line = format!("{indent}{marked:width$} <{}>", type_of(part));
        let constraints = constraints(part);
        if !constraints.is_empty() {
            line.push_str("  ");
            line.push_str(&constraints.join("; "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if recursive && depth < DEEPEST {
            fields(within(part), depth + 1, recursive, text);
        }
    }
}

/// The type, as it is written in Go's words for lists and maps.
fn type_of(schema: SchemaRef<'_>) -> String {
    let node = schema.node();
    if let Some(items) = schema.items() {
        return format!("[]{}", type_of(items));
    }
    if node.int_or_string {
        return "integer or string".to_owned();
    }
    if let (Some(values), true) = (schema.additional(), node.properties.is_empty()) {
        return format!("map[string]{}", type_of(values));
    }
    let name = node.value_type.map_or("any", ValueType::as_str);
    match (node.format.as_str(), node.value_type) {
        ("", _) | (_, Some(ValueType::Object | ValueType::Array)) => name.to_owned(),
        ("quantity", _) => "quantity".to_owned(),
        (format, _) => format!("{name}, {format}"),
    }
}

/// What a value must be, each in a few words.
fn constraints(schema: SchemaRef<'_>) -> Vec<String> {
    let node = schema.node();
    let mut out = Vec::new();
    let default = node
        .default
        .as_ref()
        .and_then(|default| to_json(default).ok());
    // What Go has where there is no value is none.
    if let Some(default) =
        default.filter(|text| !["0", "\"\"", "{}", "[]"].contains(&text.as_str()))
    {
        out.push(format!("default: {default}"));
    }
    if node.nullable {
        out.push("may be null".to_owned());
    }
    if node.preserve_unknown || node.additional == Additional::Any {
        out.push("takes any fields".to_owned());
    }
    match node.list_type {
        Some(ListType::Set) => out.push("no item twice".to_owned()),
        Some(ListType::Map) => {
            out.push(format!("items differ in {}", node.list_map_keys.join(", ")));
        }
        Some(ListType::Atomic) | None => {}
    }
    let own = node.checks.iter();
    // Those of the items of a list, and of the values of a map.
    let parts = schema.items().or_else(|| schema.additional());
    let of_parts = parts.and_then(|parts| parts.node().checks.as_ref());
    for checks in own.chain(of_parts) {
        add_checks(checks, &mut out);
    }
    for rule in &node.rules {
        let said = match rule.message.trim() {
            "" => rule.rule.trim(),
            message => message,
        };
        out.push(format!("rule: {said}"));
    }
    out
}

fn add_checks(checks: &Checks, out: &mut Vec<String>) {
    let plain = |node: &Node| match node.text() {
        Some(text) => text.to_owned(),
        None => to_json(node).unwrap_or_default(),
    };
    if !checks.one_of_values.is_empty() {
        let values: Vec<String> = checks.one_of_values.iter().map(plain).collect();
        out.push(format!("one of: {}", values.join(", ")));
    }
    let bound = |out: &mut Vec<String>, words: &str, value: Option<String>| {
        out.extend(value.map(|value| format!("{words} {value}")));
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let count = |value: Option<u64>| value.map(|value| value.to_string());
    let more = |exclusive| if exclusive { "more than" } else { "at least" };
    let less = |exclusive| if exclusive { "less than" } else { "at most" };
    bound(out, more(checks.exclusive_minimum), number(checks.minimum));
    bound(out, less(checks.exclusive_maximum), number(checks.maximum));
    bound(out, "a multiple of", number(checks.multiple_of));
    bound(out, "characters: at least", count(checks.min_length));
    bound(out, "characters: at most", count(checks.max_length));
    bound(out, "items: at least", count(checks.min_items));
    bound(out, "items: at most", count(checks.max_items));
    bound(out, "keys: at least", count(checks.min_properties));
    bound(out, "keys: at most", count(checks.max_properties));
    if !checks.pattern.is_empty() {
        out.push(format!("matches {}", checks.pattern));
    }
}
