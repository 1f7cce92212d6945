//! Values as they are given on a command line: files, then single ones over them.

use tidegate_source::FileId;
use tidegate_source::SourceFile;
use tidegate_yaml::{Dialect, Node, ParseOptions, Place, parse_text};

use crate::error::ChartError;
use crate::load::read_values;
use crate::strvals::{self, Reading};
use crate::values::{Table, Value, decode_node, merged};

/// Values that are being put together. Helm takes files first, then `--set-json`, `--set`, `--set-string`, `--set-file`
/// and `--set-literal`, each in the order in which they are given.
///
/// Source: `helm.sh/helm/v4/pkg/cli/values`.
#[derive(Clone, Debug)]
pub struct Given(Node);

impl Default for Given {
    fn default() -> Given {
        Given(Node::map(Vec::new(), Place::default()))
    }
}

impl Given {
    /// Puts the values of a file over what is there; `name` is what people call it.
    pub fn file(&mut self, name: &str, file: &SourceFile) -> Result<(), ChartError> {
        let values = read_values(file)
            .map_err(|error| error.during(format_args!("failed to parse {name}")))?;
        self.0 = merged(&self.0, &values);
        Ok(())
    }

    /// `--set-json`: a JSON object, or paths with JSON values.
    pub fn json(&mut self, text: &str) -> Result<(), ChartError> {
        if text.trim_start().starts_with('{') {
            let refused =
                || ChartError::values(format!("failed parsing --set-json data JSON: {text}"));
            let (node, length) = json(text.trim()).ok_or_else(refused)?;
            if length < text.trim().len() || node.as_map().is_none() {
                return Err(refused());
            }
            self.0 = merged(&self.0, &node);
            return Ok(());
        }
        let refused = || ChartError::values(format!("failed parsing --set-json data {text}"));
        let into = Table::from_node(&self.0);
        let mut rest = text;
        while let Some((path, value)) = rest.split_once('=') {
            let blank = value.trim_start();
            let (node, behind) = match blank.chars().next() {
                None | Some(',') => (Node::null(Place::default()), blank),
                Some(_) => {
                    let (node, length) = json(value).ok_or_else(refused)?;
                    (node, value[length..].trim_start())
                }
            };
            strvals::set_at(path, &into, Value::from_node(&node)).map_err(|_| refused())?;
            rest = behind.strip_prefix(',').unwrap_or(behind);
        }
        if !rest.is_empty() {
            return Err(refused());
        }
        self.0 = into.to_node();
        Ok(())
    }

    /// `--set` or `--set-string`.
    pub fn set(&mut self, line: &str, reading: Reading) -> Result<(), ChartError> {
        let flag = match reading {
            Reading::Typed => "--set",
            Reading::Text => "--set-string",
        };
        let into = Table::from_node(&self.0);
        strvals::set(line, &into, reading, &Place::default())
            .map_err(|error| ChartError::values(format!("failed parsing {flag} data: {error}")))?;
        self.0 = into.to_node();
        Ok(())
    }

    /// `--set-literal`, and `--set-file` once the file was read: a text at a path.
    pub fn text(&mut self, flag: &str, path: &str, text: &str) -> Result<(), ChartError> {
        let into = Table::from_node(&self.0);
        let value = Value::Leaf(Node::str(text, Place::default()));
        strvals::set_at(path, &into, value)
            .map_err(|error| ChartError::values(format!("failed parsing {flag} data: {error}")))?;
        self.0 = into.to_node();
        Ok(())
    }

    /// The values, decoded.
    pub fn into_node(self) -> Node {
        self.0
    }
}

/// The JSON value that a text starts with, decoded, and its length.
fn json(text: &str) -> Option<(Node, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.next()?.ok()?;
    let length = values.byte_offset();
    // Go takes no value of a number or word that goes on behind it.
    let options = ParseOptions::new(Dialect::Yaml11);
    let parsed = parse_text(&text[..length], FileId::NONE, options);
    let root = parsed.documents.into_iter().next()?.root?;
    Some((decode_node(&root).ok()?, length))
}

#[cfg(test)]
mod tests {
    use tidegate_yaml::to_json;

    use super::*;

    #[test]
    fn later_ones_win() {
        let mut given = Given::default();
        given.json(r#"{"a":{"b":1,"c":[1]}}"#).unwrap();
        given.json(r#"a.b={"x": true},e="t" ,f= "#).unwrap();
        given.set("a.c[0]=5,g=1.5", Reading::Typed).unwrap();
        given.set("h=5", Reading::Text).unwrap();
        given.text("--set-literal", "i", "a,b={c}").unwrap();
        assert_eq!(
            to_json(&given.into_node()).unwrap(),
            r#"{"a":{"b":{"x":true},"c":[5]},"e":"t","f":null,"g":"1.5","h":"5","i":"a,b={c}"}"#
        );
    }

    #[test]
    fn what_is_no_json() {
        let refused = |text: &str| Given::default().json(text).unwrap_err().message;
        assert_eq!(
            refused("a={b: c}"),
            "failed parsing --set-json data a={b: c}"
        );
        assert_eq!(
            refused("{\"a\":1} x"),
            "failed parsing --set-json data JSON: {\"a\":1} x"
        );
        assert_eq!(refused("a"), "failed parsing --set-json data a");
    }
}
