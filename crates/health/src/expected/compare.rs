//! Whether a live object holds the fields that were rendered.
//!
//! An API server adds: defaults, what other managers own, what webhooks inject. So only what was rendered is looked
//! for. And it writes some values in another form than they came in; these forms are equal here.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Field;
use super::quantity;

/// A field that is not as it was rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it is in the live object, as a JSON pointer.
    pub pointer: String,
    /// What is wrong with it. Of texts that are long only the beginning is in it.
    pub message: String,
}

/// The first field of an object that the live one does not hold. Of its metadata labels and annotations are
/// looked at; its status is the controller's.
pub fn difference(rendered: &Field, live: &Value) -> Option<Difference> {
    let Field::Map(entries) = rendered else {
        return None;
    };
    let mut at = Path::default();
    for (key, value) in entries {
        let found = match key.as_str() {
            "apiVersion" | "kind" | "status" => None,
            "metadata" => ["labels", "annotations"].iter().find_map(|part| {
                let live = live.get("metadata").and_then(|metadata| metadata.get(part));
                at.within("metadata", |at| {
                    at.within(part, |at| held(value.get(part)?, live, at))
                })
            }),
            key => at.within(key, |at| held(value, live.get(key), at)),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The keys that lead to a value.
#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn within<T>(&mut self, key: &str, then: impl FnOnce(&mut Path) -> T) -> T {
        self.0.push(key.to_owned());
        let came = then(self);
        self.0.pop();
        came
    }

    fn difference(&self, message: String) -> Option<Difference> {
        let escaped = self
            .0
            .iter()
            .map(|key| key.replace('~', "~0").replace('/', "~1"));
        let pointer = escaped.fold(String::new(), |pointer, key| format!("{pointer}/{key}"));
        Some(Difference { pointer, message })
    }

    fn ends_in(&self, key: &str) -> bool {
        self.0.last().is_some_and(|last| last == key)
    }

    /// Whether values here are quantities: the API server writes these in the shortest form.
    fn is_quantity(&self) -> bool {
        const HOLDERS: &[&str] = &[
            "capacity",
            "default",
            "defaultRequest",
            "hard",
            "limits",
            "max",
            "maxLimitRequestRatio",
            "min",
            "overhead",
            "podFixed",
            "requests",
        ];
        const FIELDS: &[&str] = &["averageValue", "divisor", "sizeLimit", "storage", "value"];
        let mut keys = self.0.iter().rev();
        let (last, before) = (keys.next(), keys.next());
        let is_one_of = |key: Option<&String>, list: &[&str]| {
            key.is_some_and(|key| list.contains(&key.as_str()))
        };
        // `value` is a quantity in the target of an autoscaler, and the text of a variable elsewhere.
        let is_text = last.is_some_and(|last| last == "value")
            && before.is_none_or(|before| !["target", "metric"].contains(&before.as_str()));
        is_one_of(before, HOLDERS) || (is_one_of(last, FIELDS) && !is_text)
    }
}

fn held(rendered: &Field, live: Option<&Value>, at: &mut Path) -> Option<Difference> {
    let live = live.filter(|live| !live.is_null());
    let Some(live) = live else {
        return match rendered.is_zero() {
            true => None,
            false => at.difference(format!(
                "{} was rendered, and is not there",
                shown(rendered)
            )),
        };
    };
    match (rendered, live) {
        (Field::Null, _) => None,
        // Written for one that is not there, which is then that of the service.
        (Field::Number(number), _) if number == "0" && at.ends_in("targetPort") => None,
        (Field::Unknown, Value::Object(_) | Value::Array(_)) => {
            at.difference("a scalar was rendered, and there is none".to_owned())
        }
        (Field::Unknown, _) => None,
        (Field::Map(entries), Value::Object(live)) => entries
            .iter()
            .find_map(|(key, value)| at.within(key, |at| held(value, live.get(key), at))),
        (Field::List(items), Value::Array(live)) => list(items, live, at),
        _ if is_same(rendered, live, at) => None,
        _ => at.difference(format!(
            "{} was rendered, and {} is there",
            shown(rendered),
            cut(&live.to_string())
        )),
    }
}

fn is_same(rendered: &Field, live: &Value, at: &Path) -> bool {
    match (rendered, live) {
        (Field::Bool(rendered), Value::Bool(live)) => rendered == live,
        (Field::Text(rendered), Value::String(live)) => {
            rendered == live || (at.is_quantity() && quantity::are_equal(rendered, live))
        }
        (Field::Number(rendered), Value::Number(live)) => {
            let live = live.to_string();
            *rendered == live || is_same_number(rendered, &live)
        }
        (Field::Number(rendered), Value::String(live)) => {
            at.is_quantity() && quantity::are_equal(rendered, live)
        }
        _ => false,
    }
}

fn is_same_number(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Items with keys are found by them, and there may be others between them; the rest are compared one by
/// one.
fn list(rendered: &[Field], live: &[Value], at: &mut Path) -> Option<Difference> {
    if let Some(key) = key_of(rendered) {
        let places: HashMap<String, usize> = live
            .iter()
            .enumerate()
            .filter_map(|(index, live)| Some((key.of_live(live)?, index)))
            .collect();
        return rendered.iter().find_map(|item| {
            let place = key.of(item).and_then(|key| places.get(&key));
            match place {
                Some(index) => at.within(&index.to_string(), |at| held(item, live.get(*index), at)),
                None => at.difference(format!(
                    "an item with {} was rendered, and is not there",
                    key.shown(item)
                )),
            }
        });
    }
    let scalars = |item: &Field| identity(item).is_some();
    if rendered.len() < live.len() && rendered.iter().all(scalars) {
        // A set, to which others have added.
        let there: HashSet<String> = live.iter().filter_map(identity_of_live).collect();
        let lost = rendered.iter().find(|item| {
            let identity = identity(item);
            identity.is_some_and(|identity| !there.contains(&identity))
        })?;
        return at.difference(format!("{} was rendered, and is not there", shown(lost)));
    }
    if rendered.len() != live.len() {
        return at.difference(format!(
            "{} items were rendered, and {} are there",
            rendered.len(),
            live.len()
        ));
    }
    let mut pairs = rendered.iter().zip(live).enumerate();
    pairs.find_map(|(index, (item, live))| {
        at.within(&index.to_string(), |at| held(item, Some(live), at))
    })
}

/// The fields by which items of a list are told apart.
struct Key(&'static [&'static str]);

/// What the lists of Kubernetes go by; the last two are the ports of Services and of containers.
const KEYS: &[Key] = &[
    Key(&["name"]),
    Key(&["mountPath"]),
    Key(&["devicePath"]),
    Key(&["topologyKey", "whenUnsatisfiable"]),
    Key(&["ip"]),
    Key(&["uid"]),
    Key(&["port", "protocol"]),
    Key(&["containerPort", "protocol"]),
];

/// The key that all items have, each another one.
fn key_of(items: &[Field]) -> Option<&'static Key> {
    KEYS.iter().find(|key| {
        let mut seen = HashSet::with_capacity(items.len());
        let mut items = items.iter();
        items.len() > 0 && items.all(|item| key.of(item).is_some_and(|key| seen.insert(key)))
    })
}

impl Key {
    fn of(&self, item: &Field) -> Option<String> {
        self.joined(|key| item.get(key).and_then(identity))
    }

    fn of_live(&self, item: &Value) -> Option<String> {
        self.joined(|key| item.get(key).and_then(identity_of_live))
    }

    /// The first field has to be there. A protocol that is not is TCP.
    fn joined(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut joined = value(self.0[0])?;
        for key in &self.0[1..] {
            let or = if *key == "protocol" { "TCP" } else { "" };
            joined.push('\n');
            joined.push_str(&value(key).unwrap_or_else(|| or.to_owned()));
        }
        Some(joined)
    }

    fn shown(&self, item: &Field) -> String {
        let parts = self.0.iter().filter_map(|key| {
            let value = item.get(key)?;
            Some(format!("{key} {}", shown(value)))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// What a text or a number is told from others by; nothing for other values.
fn identity(value: &Field) -> Option<String> {
    match value {
        Field::Text(text) => Some(text.clone()),
        Field::Number(text) => Some(
            text.parse::<f64>()
                .map_or(text.clone(), |value| value.to_string()),
        ),
        _ => None,
    }
}

fn identity_of_live(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.as_f64()?.to_string()),
        _ => None,
    }
}

/// A value, short enough to read.
fn shown(value: &Field) -> String {
    match value {
        Field::Unknown => "a value".to_owned(),
        Field::Null => "null".to_owned(),
        Field::Bool(value) => value.to_string(),
        Field::Number(text) => text.clone(),
        Field::Text(text) => cut(&Value::from(text.as_str()).to_string()),
        Field::Map(_) => "a map".to_owned(),
        Field::List(items) => format!("a list of {}", items.len()),
    }
}

fn cut(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// With a value that is not known in place of a text that says so.
    fn field(value: &Value) -> Field {
        fn unknown(field: &mut Field) {
            match field {
                Field::Text(text) if text == "${UNKNOWN}" => *field = Field::Unknown,
                Field::Map(entries) => entries.iter_mut().for_each(|(_, value)| unknown(value)),
                _ => {}
            }
        }
        let mut field = Field::from(value);
        unknown(&mut field);
        field
    }

    /// `expected` is the pointer and what is said of it, or nothing.
    fn check(rendered: Value, live: Value, expected: &str) {
        let found = difference(&field(&rendered), &live);
        let found = found.map(|one| format!("{}: {}", one.pointer, one.message));
        assert_eq!(found.unwrap_or_default(), expected);
    }

    #[test]
    fn what_is_added_does_not_matter() {
        check(
            json!({"metadata": {"name": "a", "labels": {"a": "b"}}, "spec": {"replicas": 1}}),
            json!({"metadata": {"name": "a", "labels": {"a": "b", "c": "d"}, "uid": "1"},
                "spec": {"replicas": 1, "paused": false}, "status": {}}),
            "",
        );
    }

    #[test]
    fn what_was_rendered_has_to_be_there() {
        let live = json!({"metadata": {"labels": {"a": "x"}}, "spec": {"replicas": 2}});
        let spec = |spec: Value| json!({"spec": spec});
        check(
            spec(json!({"replicas": 1})),
            live.clone(),
            "/spec/replicas: 1 was rendered, and 2 is there",
        );
        check(
            spec(json!({"image": "web:2"})),
            live.clone(),
            "/spec/image: \"web:2\" was rendered, and is not there",
        );
        check(
            spec(json!({"suspend": false, "x": null, "y": {}, "z": []})),
            live.clone(),
            "",
        );
        check(
            json!({"metadata": {"labels": {"a": "b"}}}),
            live,
            "/metadata/labels/a: \"b\" was rendered, and \"x\" is there",
        );
    }

    #[test]
    fn a_port_that_is_not_written_is_that_of_the_service() {
        let port = |target: u16| json!({"ports": [{"port": 80, "targetPort": target}]});
        check(port(0), port(80), "");
        let expected = "/ports/0/targetPort: 81 was rendered, and 80 is there";
        check(port(81), port(80), expected);
    }

    #[test]
    fn quantities_are_equal_in_any_form() {
        let resources = |value: Value| json!({"spec": {"limits": {"cpu": value}}});
        check(resources(json!(1)), resources(json!("1")), "");
        check(resources(json!("1000m")), resources(json!("1")), "");
        check(
            resources(json!("2")),
            resources(json!("1")),
            "/spec/limits/cpu: \"2\" was rendered, and \"1\" is there",
        );
        let data = |value: &str| json!({"data": {"cpu": value}});
        check(
            data("1000m"),
            data("1"),
            "/data/cpu: \"1000m\" was rendered, and \"1\" is there",
        );
    }

    #[test]
    fn items_are_found_by_their_keys() {
        let rendered = json!({"containers": [{"name": "web", "image": "a"}]});
        let sidecar = json!({"containers": [{"name": "mesh"}, {"name": "web", "image": "a"}]});
        check(rendered.clone(), sidecar, "");
        let changed = json!({"containers": [{"name": "mesh"}, {"name": "web", "image": "b"}]});
        let expected = "/containers/1/image: \"a\" was rendered, and \"b\" is there";
        check(rendered.clone(), changed, expected);
        let gone = json!({"containers": [{"name": "mesh"}]});
        let expected = "/containers: an item with name \"web\" was rendered, and is not there";
        check(rendered, gone, expected);
        let ports = json!({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]});
        let live =
            json!({"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]});
        check(ports, live, "");
    }

    #[test]
    fn lists_without_keys_are_compared_in_order() {
        let args = |items: Value| json!({"args": items});
        check(args(json!(["a", "b"])), args(json!(["a", "b"])), "");
        let expected = "/args/0: \"a\" was rendered, and \"b\" is there";
        check(args(json!(["a", "b"])), args(json!(["b", "a"])), expected);
        let expected = "/args: 2 items were rendered, and 1 are there";
        check(args(json!(["a", "b"])), args(json!(["a"])), expected);
        check(args(json!(["b"])), args(json!(["a", "b"])), "");
        let expected = "/args: \"c\" was rendered, and is not there";
        check(args(json!(["c"])), args(json!(["a", "b"])), expected);
    }

    #[test]
    fn unknown_values_are_any_scalar() {
        check(json!({"a": "${UNKNOWN}"}), json!({"a": 5}), "");
        check(
            json!({"a": "${UNKNOWN}"}),
            json!({"a": {}}),
            "/a: a scalar was rendered, and there is none",
        );
        check(
            json!({"a": "${UNKNOWN}"}),
            json!({}),
            "/a: a value was rendered, and is not there",
        );
    }

    #[test]
    fn numbers_are_equal_in_any_form() {
        check(json!({"a": 1}), json!({"a": 1.0}), "");
        check(
            json!({"a": 1}),
            json!({"a": "1"}),
            "/a: 1 was rendered, and \"1\" is there",
        );
    }
}
