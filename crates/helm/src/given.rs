//! Values as they are given on a command line: files, then single ones over them.

use tidegate_source::SourceFile;
use tidegate_yaml::{Node, Place};

use crate::error::ChartError;
use crate::load::read_values;
use crate::strvals::{self, Reading};
use crate::values::{Table, merged};

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
        let place = Place::default();
        if text.trim_start().starts_with('{') {
            let values = strvals::json_value(text, &place).ok_or_else(|| {
                ChartError::values(format!("failed parsing --set-json data JSON: {text}"))
            })?;
            self.0 = merged(&self.0, &values);
            return Ok(());
        }
        self.change(|into| strvals::set_json(text, into, &place))
            .map_err(|_| ChartError::values(format!("failed parsing --set-json data {text}")))
    }

    /// `--set` or `--set-string`.
    pub fn set(&mut self, line: &str, reading: Reading) -> Result<(), ChartError> {
        let flag = match reading {
            Reading::Typed => "--set",
            Reading::Text => "--set-string",
        };
        self.change(|into| strvals::set(line, into, reading, &Place::default()))
            .map_err(|error| refused(flag, &error))
    }

    /// `--set-file`: the texts of files, which `read` gives.
    pub fn set_file(
        &mut self,
        line: &str,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(), ChartError> {
        self.change(|into| strvals::set_file(line, into, read, &Place::default()))
            .map_err(|error| refused("--set-file", &error))
    }

    /// `--set-literal`: all that follows the `=`.
    pub fn set_literal(&mut self, line: &str) -> Result<(), ChartError> {
        self.change(|into| strvals::set_literal(line, into, &Place::default()))
            .map_err(|error| refused("--set-literal", &error))
    }

    fn change(
        &mut self,
        change: impl FnOnce(&Table) -> Result<(), strvals::Error>,
    ) -> Result<(), strvals::Error> {
        let into = Table::from_node(&self.0);
        change(&into)?;
        self.0 = into.to_node();
        Ok(())
    }

    /// The values, decoded.
    pub fn into_node(self) -> Node {
        self.0
    }
}

fn refused(flag: &str, error: &strvals::Error) -> ChartError {
    ChartError::values(format!("failed parsing {flag} data: {error}"))
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
        given.set_literal("i=a,b={c}").unwrap();
        let read = |name: &str| Ok(format!("text of {name}"));
        given.set_file("j={x,y}", &read).unwrap();
        assert_eq!(
            to_json(&given.into_node()).unwrap(),
            r#"{"a":{"b":{"x":true},"c":[5]},"e":"t","f":null,"g":"1.5","h":"5","i":"a,b={c}","j":["text of x","text of y"]}"#
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
