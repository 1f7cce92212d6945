use serde_json::Value;

/// A value that was rendered. It is not JSON: parts of it may be known in the cluster only.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Any scalar: a variable that nothing outside the cluster knows.
    Unknown,
    /// Nothing at all, which an API server drops or fills in.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as it is written in JSON.
    Number(String),
    /// Text.
    Text(String),
    /// Keys and values; each key once.
    Map(Vec<(String, Field)>),
    /// Items.
    List(Vec<Field>),
}

impl Field {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Field> {
        match self {
            Field::Map(entries) => {
                let mut entries = entries.iter();
                entries
                    .find(|(name, _)| name == key)
                    .map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Field::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether an API server may drop it without a loss: it is what a field is that is not there.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Field::Null | Field::Bool(false) => true,
            Field::Unknown | Field::Bool(true) => false,
            Field::Number(text) => text.parse::<f64>() == Ok(0.0),
            Field::Text(text) => text.is_empty(),
            Field::Map(entries) => entries.iter().all(|(_, value)| value.is_zero()),
            Field::List(items) => items.is_empty(),
        }
    }
}

impl From<&Value> for Field {
    fn from(value: &Value) -> Field {
        match value {
            Value::Null => Field::Null,
            Value::Bool(value) => Field::Bool(*value),
            Value::Number(number) => Field::Number(number.to_string()),
            Value::String(text) => Field::Text(text.clone()),
            Value::Array(items) => Field::List(items.iter().map(Field::from).collect()),
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| (key.clone(), Field::from(value));
                Field::Map(entries.iter().map(entry).collect())
            }
        }
    }
}
