//! The declarations of keys as a JSON schema, for editors.

use serde_json::{Map, Value, json};

use super::declare::{Key, Kind, Table};
use super::keys;

/// The schema of `tidegate.toml`, in the draft that editors of TOML know.
pub(super) fn schema() -> String {
    let mut schema = table(&keys::FILE);
    schema.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    schema.insert("title".to_owned(), json!("tidegate.toml"));
    // The alternate form is indented, and cannot fail for a value without maps of other keys.
    format!("{:#}\n", Value::Object(schema))
}

fn table(declared: &Table) -> Map<String, Value> {
    let properties = declared.keys.iter();
    let properties = properties.map(|key| (key.name.to_owned(), described(key)));
    let required = declared.keys.iter().filter(|key| key.required);
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema.insert("properties".to_owned(), Value::Object(properties.collect()));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn described(key: &Key) -> Value {
    let mut schema = kind(&key.kind);
    let description = match key.default {
        "" => key.doc.to_owned(),
        default => format!("{} Default: {default}.", key.doc),
    };
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), json!(description));
    }
    schema
}

fn kind(declared: &Kind) -> Value {
    match declared {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Text | Kind::TreePath | Kind::File => json!({ "type": "string", "pattern": "\\S" }),
        Kind::Texts => {
            json!({ "type": "array", "items": { "type": "string", "pattern": "\\S" } })
        }
        Kind::Duration => json!({ "type": "string", "pattern": "^([0-9]+[wdhms])+$" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Counts => json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Version => json!({
            "type": "string",
            "pattern": "^v?[0-9]+\\.[0-9]+(\\.([x*]|[0-9]+([-+].*)?))?$",
        }),
        Kind::Rule => json!({ "type": "string", "pattern": RULE }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Table(declared) => Value::Object(table(declared)),
        Kind::Tables(declared) => json!({ "type": "array", "items": table(declared) }),
        Kind::Map(of, value) => {
            let mut schema = json!({ "type": "object", "additionalProperties": kind(value) });
            if *of == "RULE" {
                schema["propertyNames"] = json!({ "pattern": RULE });
            }
            schema
        }
        Kind::ValueOr(declared) => json!({
            "anyOf": [{ "type": ["string", "number", "boolean"] }, table(declared)],
        }),
    }
}

/// The code or the name of a rule.
const RULE: &str = "^([A-Za-z]{3}[0-9]{3}|[A-Za-z0-9]+(-[A-Za-z0-9]+)*)$";

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;
    use toml::de::{DeTable, DeValue};

    /// What a schema, of the few words that ours is made of, says against a value.
    fn faults(schema: &Value, value: &DeValue<'_>, at: &str, faults: &mut Vec<String>) {
        for (word, rule) in schema.as_object().unwrap() {
            let holds = match word.as_str() {
                "$schema" | "title" | "description" | "format" | "propertyNames" => true,
                "type" => types(rule).iter().any(|name| has_type(value, name)),
                "enum" => rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|it| it.as_str() == value.as_str()),
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
                "minimum" => value
                    .as_integer()
                    .is_none_or(|number| !number.as_str().starts_with('-')),
                "required" => value.as_table().is_none_or(|table| {
                    let mut names = rule.as_array().unwrap().iter();
                    names.all(|name| table.contains_key(name.as_str().unwrap()))
                }),
                "items" => {
                    for item in value.as_array().into_iter().flatten() {
                        self::faults(rule, item.get_ref(), at, faults);
                    }
                    true
                }
                "properties" | "additionalProperties" => {
                    let known = schema.get("properties");
                    for (key, value) in value.as_table().into_iter().flatten() {
                        let at = format!("{at}.{}", key.get_ref());
                        let known = known.and_then(|known| known.get(key.get_ref().as_ref()));
                        match (known, word.as_str(), rule) {
                            (Some(known), "properties", _) => {
                                self::faults(known, value.get_ref(), &at, faults);
                            }
                            (None, "additionalProperties", Value::Bool(false)) => {
                                faults.push(format!("{at}: unknown"));
                            }
                            (None, "additionalProperties", rule) => {
                                self::faults(rule, value.get_ref(), &at, faults);
                            }
                            _ => {}
                        }
                    }
                    true
                }
                "anyOf" => rule.as_array().unwrap().iter().any(|schema| {
                    let mut inner = Vec::new();
                    self::faults(schema, value, at, &mut inner);
                    inner.is_empty()
                }),
                word => panic!("the schema uses `{word}`, which this test does not know"),
            };
            if !holds {
                faults.push(format!("{at}: {word}"));
            }
        }
    }

    fn types(rule: &Value) -> Vec<&str> {
        match rule {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            name => name.as_str().into_iter().collect(),
        }
    }

    fn has_type(value: &DeValue<'_>, name: &str) -> bool {
        match value {
            // JSON has no dates: editors take them for text.
            DeValue::String(_) | DeValue::Datetime(_) => name == "string",
            DeValue::Integer(_) => matches!(name, "number" | "integer"),
            DeValue::Float(_) => name == "number",
            DeValue::Boolean(_) => name == "boolean",
            DeValue::Array(_) => name == "array",
            DeValue::Table(_) => name == "object",
        }
    }

    fn check(text: &str, expected: &[&str]) {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let document = DeTable::parse(text).unwrap().into_inner();
        let mut found = Vec::new();
        faults(&schema, &DeValue::Table(document), "", &mut found);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_examples_of_the_page_are_valid() {
        let examples = super::super::page::examples();
        assert!(examples.len() >= 4);
        for example in examples {
            check(example, &[]);
        }
    }

    #[test]
    fn what_the_reader_refuses_is_invalid() {
        check("fail-on = 'error'", &[".fail-on: unknown"]);
        check("fail_on = 'eror'", &[".fail_on: enum"]);
        check("flux = 2.9", &[".flux: type"]);
        check("flux = 'new'", &[".flux: pattern"]);
        check("[[provides]]\nkind = 'ConfigMap'", &[".provides: required"]);
        check(
            "[[provides]]\nname = 'a'\nvalues = { A = 1, B = { type = 'date' }, C = [] }",
            &[".provides.values.B: anyOf", ".provides.values.C: anyOf"],
        );
        check(
            "[clusters.live]\nrooot = '.'",
            &[".clusters.live.rooot: unknown"],
        );
    }
}
