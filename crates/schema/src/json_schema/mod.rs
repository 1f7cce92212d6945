//! JSON Schema, drafts 4 to 2020-12, as `values.schema.json` of a chart is validated by Helm: with its
//! verdicts, its words, and the tree of failures that they stand in.
//!
//! The crate `jsonschema` was measured first. Its errors are flat and of other keywords (a value of the
//! wrong type fails further ones, each missing property is a failure of its own), formats have no reasons, and values
//! would have to be copied out of the nodes that know where they are written.

mod check;
mod compile;
mod compiled;
mod decimal;
mod document;
mod draft;
mod failure;
mod format;
mod instance;
mod location;
mod named;
#[cfg(test)]
mod tests;
mod violation;

use std::fmt;

use smol_str::SmolStr;
use tidegate_yaml::{Node, Place, ScalarKind, Style};

use self::check::Checker;
use self::compiled::{Id, Schema};
use self::failure::Failure;
pub use self::violation::Violation;
use crate::json;

/// A schema that is ready to be used any number of times, on any thread.
#[derive(Debug)]
pub struct JsonSchema {
    /// The first is that of the document.
    schemas: Vec<Schema>,
}

/// Why there is no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// It is wrong, in Helm's words.
    Refused(String),
    /// It refers to a document that is elsewhere. Helm would fetch it; nothing is fetched here.
    Remote(String),
}

/// Why a value does not fit a schema. It is displayed as Helm does, without a line break at the end.
#[derive(Clone, Debug)]
pub struct Invalid {
    failures: Vec<Failure>,
}

/// The URL that Helm gives the schema of every chart.
const VALUES_SCHEMA: &str = "file:///values.schema.json";

impl JsonSchema {
    /// Reads the bytes of a `values.schema.json`. References lead into the document or to the schemas of
    /// json-schema.org.
    pub fn read(bytes: &[u8]) -> Result<JsonSchema, SchemaError> {
        let text = std::str::from_utf8(bytes).ok();
        let root = text.and_then(json::read);
        let root = root.ok_or_else(|| SchemaError::Refused("it is not JSON".to_owned()))?;
        Ok(JsonSchema {
            schemas: compile::compile(VALUES_SCHEMA, root)?,
        })
    }

    /// Holds a value against the schema.
    pub fn validate(&self, value: &Node) -> Result<(), Invalid> {
        let result = Checker::new(&self.schemas, None).run(Id(0), value);
        result.map_err(|failures| Invalid { failures })
    }

    /// Whether each key of a path is among the `properties` that the schema names there.
    pub fn names(&self, path: &[SmolStr]) -> bool {
        named::names(&self.schemas, path)
    }
}

impl Invalid {
    /// What is wrong, each at its place: of the alternatives of an `anyOf` or `oneOf` only the one that was
    /// likely meant counts.
    pub fn violations(&self) -> Vec<Violation> {
        violation::violations(&self.failures)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for failure in &self.failures {
            failure.write(0, &mut text);
        }
        f.write_str(text.trim_start_matches('\n'))
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SchemaError::Refused(message) => f.write_str(message),
            SchemaError::Remote(url) => write!(f, "failing loading {url:?}: it is not at hand"),
        }
    }
}

impl std::error::Error for SchemaError {}

/// The document at a URL that is not the one being read.
fn load(url: &str) -> Result<Node, SchemaError> {
    if let Some(text) = draft::known_document(url) {
        return json::read(text).ok_or_else(|| SchemaError::Remote(url.to_owned()));
    }
    if url.starts_with("urn:") {
        // Helm lets everything pass that it cannot look up by such a name.
        let place = Place::default();
        return Ok(Node::scalar("true", ScalarKind::Bool, Style::Plain, place));
    }
    match url.strip_prefix("file://") {
        Some(path) => Err(SchemaError::Refused(format!(
            "failing loading {url:?}: open {path}: no such file or directory"
        ))),
        None => Err(SchemaError::Remote(url.to_owned())),
    }
}
