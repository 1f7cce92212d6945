//! Schemas of CustomResourceDefinitions: whether they are structural, and what is in them.

use tidegate_golang::regexp;
use tidegate_yaml::{Map, Node, Value};

use crate::cel::check_written;
use crate::fault::Faults;
use crate::path::Path;
use crate::structural::{Schema, SchemaRef};
use crate::validate::check_value;

/// Checks the schema of a version.
pub(super) fn check(node: &Node, path: &Path<'_>, faults: &mut Faults) {
    let before = faults.list.len();
    walk(node, path, Place::Root, faults);
    if faults.list.len() > before {
        return;
    }
    let schema = Schema::from_openapi(node);
    values(schema.root(), node, path, true, faults);
}

/// The schema of a field at a path such as `.spec.name`, or `.spec['a.b']`; with `in_maps`, values of
/// maps have paths as well.
pub(super) fn field_at<'n>(schema: &'n Node, path: &str, in_maps: bool) -> Option<&'n Node> {
    let mut at = schema;
    let mut rest = path;
    while !rest.is_empty() {
        let name;
        if let Some(after) = rest.strip_prefix("['").filter(|_| in_maps) {
            (name, rest) = after.split_once("']")?;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            (name, rest) = after.split_at(end);
        }
        at = match at.get("properties").and_then(|all| all.get(name)) {
            Some(part) => part,
            None if in_maps => at.get("additionalProperties")?,
            None => return None,
        };
    }
    Some(at)
}

/// What a schema is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Field,
    Item,
}

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Keywords of JSON Schema that a schema of a kind does not have.
const FORBIDDEN: [&str; 6] = [
    "$ref",
    "additionalItems",
    "definitions",
    "dependencies",
    "id",
    "patternProperties",
];

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::text).unwrap_or_default()
}

fn is_true(node: &Node, key: &str) -> bool {
    text(node, key) == "true"
}

fn entries<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let map = node.get(key).and_then(Node::as_map);
    let entries = map.into_iter().flat_map(Map::entries);
    entries.filter_map(|entry| Some((entry.key.text()?, &entry.value)))
}

fn walk(node: &Node, path: &Path<'_>, place: Place, faults: &mut Faults) {
    keywords(node, path, faults);
    kind(node, path, place, faults);
    list_type(node, path, faults);
    extensions(node, path, place, faults);
    rules(node, path, faults);
    junctors(node, path, faults);
    let additional = node.get("additionalProperties");
    if let Some(at) = additional {
        let is_schema = at.as_map().is_some();
        if place == Place::Root && (is_schema || at.text() == Some("true")) {
            let reason = "must not be used at the root";
            faults.forbidden(&path.field("additionalProperties"), at, reason);
        } else if entries(node, "properties").next().is_some() && at.text() != Some("true") {
            let reason = "additionalProperties and properties are mutual exclusive";
            faults.forbidden(&path.field("additionalProperties"), at, reason);
        }
    }
    let properties = path.field("properties");
    for (key, part) in entries(node, "properties") {
        walk(part, &properties.key(key), Place::Field, faults);
    }
    for (key, place) in [
        ("items", Place::Item),
        ("additionalProperties", Place::Field),
    ] {
        if let Some(part) = node.get(key).filter(|part| part.as_map().is_some()) {
            walk(part, &path.field(key), place, faults);
        }
    }
}

fn keywords(node: &Node, path: &Path<'_>, faults: &mut Faults) {
    for key in FORBIDDEN {
        let value = node.get(key).filter(|value| !value.is_null());
        let is_empty = |value: &&Node| match &value.value {
            Value::Map(map) => map.is_empty() && key != "dependencies",
            Value::Scalar(scalar) => scalar.text.is_empty(),
            Value::Seq(_) => false,
        };
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            faults.forbidden(&path.field(key), value, &format!("{key} is not supported"));
        }
    }
    if let Some(items) = node.get("items").filter(|items| items.as_seq().is_some()) {
        let reason = "items must be a schema object and not an array";
        faults.forbidden(&path.field("items"), items, reason);
    }
    if let Some(unique) = node
        .get("uniqueItems")
        .filter(|unique| unique.text() == Some("true"))
    {
        let reason =
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        faults.forbidden(&path.field("uniqueItems"), unique, reason);
    }
    if let Some(pattern) = node.get("pattern")
        && let Err(error) = regexp::compile(pattern.text().unwrap_or_default())
    {
        let reason = format!("must be a valid regular expression, but isn't: {error}");
        faults.invalid(&path.field("pattern"), pattern, reason);
    }
}

fn kind(node: &Node, path: &Path<'_>, place: Place, faults: &mut Faults) {
    let untyped = is_true(node, "x-kubernetes-int-or-string")
        || is_true(node, "x-kubernetes-preserve-unknown-fields");
    let kind = text(node, "type");
    let path = path.field("type");
    let at = node.get("type").unwrap_or(node);
    if kind.is_empty() && is_true(node, "x-kubernetes-embedded-resource") {
        let reason = "must be object if x-kubernetes-embedded-resource is true";
        faults.required(&path, node, reason);
    } else if kind.is_empty() && (!untyped || place == Place::Root) {
        let what = match place {
            Place::Root => "must not be empty at the root",
            Place::Item => "must not be empty for specified array items",
            Place::Field => "must not be empty for specified object fields",
        };
        faults.required(&path, node, what);
    }
    if !kind.is_empty() && !TYPES.contains(&kind) {
        faults.unsupported(&path, at, TYPES.into_iter());
    }
    if place == Place::Root && !kind.is_empty() && kind != "object" {
        faults.invalid(&path, at, "must be object at the root");
    }
}

fn list_type(node: &Node, path: &Path<'_>, faults: &mut Faults) {
    let kind = text(node, "type");
    let items = node.get("items").filter(|items| items.as_map().is_some());
    if kind == "array" && node.get("items").is_none() {
        faults.required(&path.field("items"), node, "must be specified");
    }
    for (key, wanted, known) in [
        (
            "x-kubernetes-list-type",
            "array",
            &["atomic", "set", "map"][..],
        ),
        ("x-kubernetes-map-type", "object", &["atomic", "granular"]),
    ] {
        let Some(at) = node.get(key).filter(|at| !at.is_null()) else {
            continue;
        };
        if kind != wanted {
            let path = path.field("type");
            let reason = format!("must be {wanted} if {key} is specified");
            match node.get("type") {
                None => faults.required(&path, node, &reason),
                Some(at) => faults.invalid(&path, at, reason),
            }
        }
        if !known.contains(&at.text().unwrap_or_default()) {
            faults.unsupported(&path.field(key), at, known.iter().copied());
        }
    }
    let list = text(node, "x-kubernetes-list-type");
    let keys = node.get("x-kubernetes-list-map-keys");
    let keys_path = path.field("x-kubernetes-list-map-keys");
    let named: Vec<&Node> = keys.and_then(Node::as_seq).into_iter().flatten().collect();
    if !named.is_empty() && list != "map" {
        let path = path.field("x-kubernetes-list-type");
        let reason = "must be map if x-kubernetes-list-map-keys is non-empty";
        match node.get("x-kubernetes-list-type") {
            None => faults.required(&path, node, reason),
            Some(at) => faults.invalid(&path, at, reason),
        }
    }
    let items_path = path.field("items");
    if let ("set", Some(items)) = (list, items) {
        let (key, allowed) = match text(items, "type") {
            "array" => (
                "x-kubernetes-list-type",
                items.get("x-kubernetes-list-type").is_none(),
            ),
            _ => ("x-kubernetes-map-type", text(items, "type") != "object"),
        };
        if !allowed && text(items, key) != "atomic" {
            let reason = "must be atomic as item of a list with x-kubernetes-list-type=set";
            faults.invalid(
                &items_path.field(key),
                items.get(key).unwrap_or(items),
                reason,
            );
        }
    }
    if list != "map" {
        return;
    }
    if named.is_empty() {
        let reason = "must not be empty if x-kubernetes-list-type is map";
        faults.required(&keys_path, node, reason);
    }
    let Some(items) = items else {
        return;
    };
    if text(items, "type") != "object" {
        let reason = "must be object if parent array's x-kubernetes-list-type is map";
        let at = items.get("type").unwrap_or(items);
        return faults.invalid(&items_path.field("type"), at, reason);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    let properties_path = items_path.field("properties");
    let required = items.get("required").and_then(Node::as_seq);
    for key in named {
        let name = key.text().unwrap_or_default();
        if !seen.insert(name) {
            faults.invalid(&keys_path, key, "must not contain duplicate entries");
        }
        let Some(property) = items.get("properties").and_then(|all| all.get(name)) else {
            let reason = "entries must all be names of item properties";
            faults.invalid(&keys_path, key, reason);
            continue;
        };
        let path = properties_path.key(name);
        if matches!(text(property, "type"), "array" | "object") {
            let reason = "must be a scalar type if parent array's x-kubernetes-list-type is map";
            faults.invalid(&path.field("type"), property, reason);
        }
        let mut required = required.into_iter().flatten();
        let is_required = required.any(|one| one.text() == Some(name));
        if !is_required && property.get("default").is_none() {
            let reason = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            faults.required(&path.field("default"), property, reason);
        }
        if is_true(property, "nullable") {
            let reason = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            faults.forbidden(&path.field("nullable"), property, reason);
        }
    }
}

fn extensions(node: &Node, path: &Path<'_>, place: Place, faults: &mut Faults) {
    let preserve = "x-kubernetes-preserve-unknown-fields";
    let embedded = "x-kubernetes-embedded-resource";
    let both = "x-kubernetes-int-or-string";
    if let Some(at) = node.get(preserve).filter(|at| at.text() == Some("false")) {
        faults.invalid(&path.field(preserve), at, "must be true or undefined");
    }
    for key in [preserve, embedded] {
        if is_true(node, both) && is_true(node, key) {
            let at = node.get(key).unwrap_or(node);
            let reason = format!("must be false if {both} is true");
            faults.invalid(&path.field(key), at, reason);
        }
    }
    let is_embedded = is_true(node, embedded);
    if is_embedded {
        let kind = node
            .get("type")
            .filter(|kind| kind.text() != Some("object"));
        if let Some(kind) = kind {
            let reason = format!("must be object if {embedded} is true");
            faults.invalid(&path.field("type"), kind, reason);
        }
        if !is_true(node, preserve) && entries(node, "properties").next().is_none() {
            let reason = format!("must not be empty if {embedded} is true without {preserve}");
            faults.required(&path.field("properties"), node, &reason);
        }
        if let Some(at) = node.get("additionalProperties") {
            let reason = format!("must not be used if {embedded} is set");
            faults.forbidden(&path.field("additionalProperties"), at, &reason);
        }
    }
    if !is_embedded && place != Place::Root {
        return;
    }
    let properties = path.field("properties");
    for (name, wanted) in [
        ("kind", "string"),
        ("apiVersion", "string"),
        ("metadata", "object"),
    ] {
        let Some(property) = node.get("properties").and_then(|all| all.get(name)) else {
            continue;
        };
        let path = properties.key(name);
        if text(property, "type") != wanted {
            let at = property.get("type").unwrap_or(property);
            faults.invalid(&path.field("type"), at, format!("must be {wanted}"));
        }
        if place != Place::Root {
            continue;
        }
        if let Some(default) = property.get("default") {
            let reason = format!("must not be set in top-level {name}");
            faults.forbidden(&path.field("default"), default, &reason);
        }
        if name == "metadata" && !is_plain_metadata(property) {
            let reason = "must not specify anything other than name and generateName, but metadata is implicitly specified";
            faults.forbidden(&path, property, reason);
        }
    }
}

/// Whether a schema of metadata says nothing but what names must be.
fn is_plain_metadata(node: &Node) -> bool {
    let keys = node.as_map().into_iter().flat_map(Map::entries);
    let mut keys = keys.filter_map(|entry| entry.key.text());
    let mut names = entries(node, "properties").map(|(name, _)| name);
    names.all(|name| matches!(name, "name" | "generateName"))
        && keys.all(|key| matches!(key, "type" | "properties" | "default"))
}

/// Why a rule may say that a value is wrong.
const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

fn rules(node: &Node, path: &Path<'_>, faults: &mut Faults) {
    let path = path.field("x-kubernetes-validations");
    let rules = node.get("x-kubernetes-validations").and_then(Node::as_seq);
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let path = path.index(index);
        let (code, message) = (text(rule, "rule").trim(), text(rule, "message"));
        let at = |key: &str| rule.get(key).unwrap_or(rule);
        let has_breaks = |text: &str| text.contains(['\n', '\r']);
        if code.is_empty() {
            faults.required(&path.field("rule"), rule, "rule is not specified");
        } else if !message.is_empty() && message.trim().is_empty() {
            let reason = "must be non-empty if specified";
            faults.invalid(&path.field("message"), at("message"), reason);
        } else if has_breaks(message.trim()) {
            let reason = "must not contain line breaks";
            faults.invalid(&path.field("message"), at("message"), reason);
        } else if has_breaks(code) && message.trim().is_empty() {
            let reason = "message must be specified if rule contains line breaks";
            faults.required(&path.field("message"), rule, reason);
        }
        let expression = text(rule, "messageExpression");
        if !expression.is_empty() && expression.trim().is_empty() {
            let reason = "messageExpression must be non-empty if specified";
            faults.required(&path.field("messageExpression"), rule, reason);
        }
        if let Some(reason) = rule.get("reason").filter(|reason| !reason.is_null())
            && !REASONS.contains(&reason.text().unwrap_or_default())
        {
            faults.unsupported(&path.field("reason"), reason, REASONS.into_iter());
        }
        let field = text(rule, "fieldPath");
        if !field.is_empty() && field_at(node, field, true).is_none() {
            let reason = "must be a valid path";
            faults.invalid(&path.field("fieldPath"), at("fieldPath"), reason);
        }
    }
}

/// Keywords that a schema within `allOf` and its like does not have, and what they must be instead.
const NOT_NESTED: [(&str, &str); 10] = [
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    (
        "x-kubernetes-preserve-unknown-fields",
        "must be false to be structural",
    ),
    (
        "x-kubernetes-embedded-resource",
        "must be false to be structural",
    ),
    (
        "x-kubernetes-int-or-string",
        "must be false to be structural",
    ),
    (
        "x-kubernetes-list-map-keys",
        "must be empty to be structural",
    ),
];

/// Those that a schema may not even say.
const UNDEFINED: [(&str, &str); 3] = [
    (
        "x-kubernetes-list-type",
        "must be undefined to be structural",
    ),
    (
        "x-kubernetes-map-type",
        "must be undefined to be structural",
    ),
    ("x-kubernetes-validations", "must be empty to be structural"),
];

/// The parts of a schema that are put together: what each of them says of values, the schema itself
/// must say of structure.
fn junctors(node: &Node, path: &Path<'_>, faults: &mut Faults) {
    parts(node, Some(node), path, path, faults);
}

fn parts(
    node: &Node,
    whole: Option<&Node>,
    path: &Path<'_>,
    whole_path: &Path<'_>,
    faults: &mut Faults,
) {
    for key in ["anyOf", "allOf", "oneOf"] {
        let list = node.get(key).and_then(Node::as_seq);
        if key == "anyOf" && is_int_or_string(node) {
            continue;
        }
        let path = path.field(key);
        for (index, part) in list.into_iter().flatten().enumerate() {
            nested(part, whole, &path.index(index), whole_path, faults);
        }
    }
    if let Some(part) = node.get("not").filter(|part| !part.is_null()) {
        nested(part, whole, &path.field("not"), whole_path, faults);
    }
}

/// Whether a schema is `anyOf` an integer and a text, which may say so.
fn is_int_or_string(node: &Node) -> bool {
    let parts = node.get("anyOf").and_then(Node::as_seq);
    let parts: Vec<&Node> = parts.into_iter().flatten().collect();
    let only = |part: &Node, kind: &str| {
        text(part, "type") == kind && part.as_map().is_some_and(|map| map.len() == 1)
    };
    matches!(parts.as_slice(), [a, b] if only(a, "integer") && only(b, "string"))
}

fn nested(
    node: &Node,
    whole: Option<&Node>,
    path: &Path<'_>,
    whole_path: &Path<'_>,
    faults: &mut Faults,
) {
    keywords(node, path, faults);
    for (key, reason) in NOT_NESTED.into_iter().chain(UNDEFINED) {
        let Some(value) = node.get(key).filter(|value| !value.is_null()) else {
            continue;
        };
        let is_zero = match &value.value {
            Value::Scalar(scalar) => matches!(scalar.text.as_str(), "" | "false"),
            Value::Seq(seq) => seq.is_empty(),
            Value::Map(_) => false,
        };
        if !is_zero || key == "default" {
            faults.forbidden(&path.field(key), value, reason);
        }
    }
    parts(node, whole, path, whole_path, faults);
    let properties = path.field("properties");
    let whole_properties = whole_path.field("properties");
    for (key, part) in entries(node, "properties") {
        let path = properties.key(key);
        let whole_path = whole_properties.key(key);
        if key == "metadata" {
            let reason = "must not be specified in a nested context";
            faults.forbidden(&path, part, reason);
        }
        let whole = whole.and_then(|whole| whole.get("properties")?.get(key));
        if whole.is_none() {
            let reason = format!("because it is defined in {path}");
            faults.required(&whole_path, part, &reason);
        }
        nested(part, whole, &path, &whole_path, faults);
    }
    if let Some(items) = node.get("items").filter(|items| items.as_map().is_some()) {
        let whole = whole.and_then(|whole| whole.get("items"));
        let (path, whole_path) = (path.field("items"), whole_path.field("items"));
        if whole.is_none() {
            let reason = format!("because it is defined in {path}");
            faults.required(&whole_path, items, &reason);
        }
        nested(items, whole, &path, &whole_path, faults);
    }
}

/// Checks defaults against their own schemas, and compiles rules.
fn values(schema: SchemaRef<'_>, node: &Node, path: &Path<'_>, root: bool, faults: &mut Faults) {
    if let Some(default) = node.get("default") {
        check_value(schema, default, &path.field("default"), faults);
    }
    let rules = path.field("x-kubernetes-validations");
    let written = node.get("x-kubernetes-validations").and_then(Node::as_seq);
    for (index, rule) in schema.node().rules.iter().enumerate() {
        let rules = rules.index(index);
        let at = |key: &str| {
            let rule = written.and_then(|rules| rules.get(index));
            rule.map_or(node, |rule| rule.get(key).unwrap_or(rule))
        };
        let found = check_written(rule, schema, root);
        if let Some(reason) = &found.rule {
            faults.invalid(&rules.field("rule"), at("rule"), reason);
        }
        if let Some(reason) = found.message {
            let key = "messageExpression";
            let reason = format!("{key} compilation failed: {reason}");
            faults.invalid(&rules.field(key), at(key), reason);
        }
        let says = written.and_then(|rules| rules.get(index)?.get("optionalOldSelf"));
        if let Some(says) = says.filter(|says| !says.is_null() && found.rule.is_none())
            && !found.uses_old_self
        {
            let reason = "may not be set if oldSelf is not used in rule";
            faults.invalid(&rules.field("optionalOldSelf"), says, reason);
        }
    }
    let properties = path.field("properties");
    for (key, value) in entries(node, "properties") {
        if let Some(part) = schema.property(key) {
            values(part, value, &properties.key(key), part.embedded, faults);
        }
    }
    for (key, part) in [
        ("items", schema.items()),
        ("additionalProperties", schema.additional()),
    ] {
        if let (Some(part), Some(node)) = (part, node.get(key)) {
            values(part, node, &path.field(key), part.embedded, faults);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    #[test]
    fn paths_lead_to_fields() {
        let schema = r#"{"properties":{"spec":{"properties":{"a.b":{"type":"string"}},"x":1}},"additionalProperties":{"type":"integer"}}"#;
        let schema = read(schema).unwrap();
        let kind = |path: &str, in_maps| {
            let found = field_at(&schema, path, in_maps)?;
            found.get("type").and_then(Node::text)
        };
        assert_eq!(kind(".spec['a.b']", true), Some("string"));
        assert_eq!(kind(".other", true), Some("integer"));
        for wrong in [".other", "spec", ".spec.c", ".spec['a.b']", ".spec["] {
            assert_eq!(kind(wrong, false), None, "{wrong}");
        }
    }

    fn check_schema(schema: &str, expected: &[&str]) {
        let mut faults = Faults::default();
        check(&read(schema).unwrap(), &Path::Root.field("s"), &mut faults);
        let paths: Vec<&str> = faults
            .list
            .iter()
            .map(|fault| fault.path.as_str())
            .collect();
        assert_eq!(paths, expected, "{schema}");
    }

    #[test]
    fn structure() {
        let both = r#"{"type":"object","properties":{"p":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}}"#;
        check_schema(both, &[]);
        check_schema(
            r#"{"type":"object","properties":{"a":{}}}"#,
            &["s.properties[a].type"],
        );
        check_schema(
            r#"{"type":"object","oneOf":[{"properties":{"a":{"type":"string"}}}]}"#,
            &["s.properties[a]", "s.oneOf[0].properties[a].type"],
        );
        check_schema(
            r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
            &["s.additionalProperties"],
        );
        check_schema(
            r#"{"type":"object","properties":{"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}}"#,
            &["s.properties[l].items.properties[k].default"],
        );
    }
}
