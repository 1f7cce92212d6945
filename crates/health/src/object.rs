//! An object as the API server shows it.

use serde_json::{Map, Value};
use tidegate_source::Subject;

/// An object of the cluster. Who manages which field of it is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed(Value);

impl Observed {
    /// Takes what the API server sent.
    pub fn new(mut object: Value) -> Observed {
        const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            let annotations = metadata.get_mut("annotations");
            if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
                annotations.remove(LAST_APPLIED);
            }
        }
        Observed(object)
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    /// The text there; empty where there is none.
    pub fn text(&self, path: &[&str]) -> &str {
        self.at(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole number there.
    pub fn int(&self, path: &[&str]) -> Option<i64> {
        self.at(path).and_then(Value::as_i64)
    }

    /// Whether `true` is there.
    pub fn is_true(&self, path: &[&str]) -> bool {
        self.at(path).and_then(Value::as_bool) == Some(true)
    }

    /// The list there; empty where there is none.
    pub fn list(&self, path: &[&str]) -> &[Value] {
        let list = self.at(path).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"])
    }

    /// `metadata.namespace`; empty where it has none.
    pub fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"])
    }

    /// An annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.at(&["metadata", "annotations", name])?.as_str()
    }

    /// `metadata.generation`: how often what is wanted of it has changed.
    pub fn generation(&self) -> Option<i64> {
        self.int(&["metadata", "generation"])
    }

    /// `status.observedGeneration`: which of these its controller has seen last.
    pub fn observed_generation(&self) -> Option<i64> {
        self.int(&["status", "observedGeneration"])
    }

    /// Whether it is being deleted.
    pub fn is_terminating(&self) -> bool {
        self.at(&["metadata", "deletionTimestamp"]).is_some()
    }

    /// A condition of its status.
    pub fn condition(&self, kind: &str) -> Option<Condition<'_>> {
        self.conditions().find(|condition| condition.kind() == kind)
    }

    /// All conditions of its status.
    pub fn conditions(&self) -> impl Iterator<Item = Condition<'_>> {
        conditions(self.list(&["status", "conditions"]))
    }

    /// What it is called.
    pub fn subject(&self) -> Subject {
        Subject {
            api_version: self.text(&["apiVersion"]).to_owned(),
            kind: self.text(&["kind"]).to_owned(),
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
        }
    }
}

/// The conditions of a list of them.
pub(crate) fn conditions(list: &[Value]) -> impl Iterator<Item = Condition<'_>> {
    list.iter().filter_map(Value::as_object).map(Condition)
}

/// What a controller says of an object.
#[derive(Clone, Copy, Debug)]
pub struct Condition<'a>(&'a Map<String, Value>);

impl<'a> Condition<'a> {
    fn text(self, key: &str) -> &'a str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its `type`.
    pub fn kind(self) -> &'a str {
        self.text("type")
    }

    /// Whether its status is `True`.
    pub fn is_true(self) -> bool {
        self.text("status") == "True"
    }

    /// Whether its status is `False`.
    pub fn is_false(self) -> bool {
        self.text("status") == "False"
    }

    /// Its reason, a word.
    pub fn reason(self) -> &'a str {
        self.text("reason")
    }

    /// Its message, a sentence.
    pub fn message(self) -> &'a str {
        self.text("message")
    }

    /// The generation of the object that it was said of.
    pub fn observed_generation(self) -> Option<i64> {
        self.0.get("observedGeneration")?.as_i64()
    }

    /// What it says, in its own words, or by its reason where there are none.
    pub fn words(self) -> String {
        let said = match (self.message(), self.reason()) {
            ("", "") => return format!("{} is {}", self.kind(), self.text("status")),
            ("", reason) => reason,
            (message, _) => message,
        };
        shortened(said)
    }
}

/// What a controller says, in one line that is not too long to read.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 500;
    let mut words = String::new();
    for word in text.split_whitespace() {
        if words.len() + word.len() > LONGEST {
            words.push_str(" …");
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_looked_at_is_left_out() {
        let observed = Observed::new(json!({
            "metadata": {
                "name": "a",
                "managedFields": [{"manager": "x"}],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "b": "c"},
            },
        }));
        let expected = json!({"metadata": {"name": "a", "annotations": {"b": "c"}}});
        assert_eq!(observed.value(), &expected);
    }

    #[test]
    fn long_messages_are_cut_between_words() {
        assert_eq!(shortened(" two\n  lines "), "two lines");
        let long = "word ".repeat(200);
        assert!(shortened(&long).len() <= 505);
        assert!(shortened(&long).ends_with("word …"));
    }
}
