//! Templates in the ResourceSet's dialect: `<<` and `>>`, slim-sprig's functions, and `inputs`.

use std::sync::Arc;

use tidegate_gotemplate::{
    Failure, Fixed, Function, Functions, Host, Limits, MissingKey, Options, Origins, Set, Value,
};
use tidegate_source::{FileId, Span};
use tidegate_yaml::{Dialect, Emitted, Node, ParseOptions, emit_go_yaml2, parse_text, to_json};

use super::objects::as_json;
use super::{BuildError, Cause, Result};

/// The name that errors give to each template.
const NAME: &str = "resourceset";

/// Reads templates.
pub(super) struct Engine(Arc<Functions>);

/// A template that was read, and where it is written.
pub(super) struct Template {
    set: Set,
    pub(super) span: Span,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine(Arc::new(
            Functions::flux().with(&[Function::host("inputs", &[])]),
        ))
    }
}

impl Engine {
    pub(super) fn parse(&self, text: &str, node: &Node) -> Result<Template> {
        let options = Options {
            delims: ("<<".into(), ">>".into()),
            missing_key: MissingKey::Error,
            root: NAME.into(),
            ..Options::default()
        };
        let mut set = Set::new(Arc::clone(&self.0), options);
        set.parse(NAME, text.as_bytes(), FileId::NONE)
            .map_err(|error| BuildError::at(node, error.message))?;
        Ok(Template {
            set,
            span: node.place.span(),
        })
    }

    /// An entry of `resources` is a template once it is written as YAML again, as it comes out of the
    /// cluster: its keys sorted.
    pub(super) fn resource(&self, resource: &Node) -> Result<Template> {
        let unwritable = |error: tidegate_yaml::Unwritable| {
            BuildError::at(resource, format!("the resource has {error}"))
        };
        let decoded = as_json(resource).map_err(|reason| {
            BuildError::at(resource, format!("the resource has a key that {reason}"))
        })?;
        let json = to_json(&decoded).map_err(unwritable)?;
        let parsed = parse_text(&json, FileId::NONE, ParseOptions::new(Dialect::Yaml11));
        let root = parsed.documents.into_iter().find_map(|one| one.root);
        let mut text = Emitted::default();
        if let Some(root) = root {
            emit_go_yaml2(&root, &mut text, false).map_err(unwritable)?;
        }
        self.parse(&text.text, resource)
    }
}

impl Template {
    /// What it prints with one input set.
    pub(super) fn run(&self, inputs: &Value) -> Result<String> {
        let refused = |message: String| BuildError {
            message,
            span: self.span,
            cause: Cause::Fault,
        };
        let mut host = Inputs {
            inputs,
            fixed: Fixed::default(),
        };
        let mut origins = Origins::off();
        let output = self
            .set
            .execute(
                NAME,
                &Value::NIL,
                &mut host,
                &mut origins,
                &Limits::default(),
            )
            .map_err(|error| refused(error.message))?;
        String::from_utf8(output.text)
            .map_err(|_| refused("the template prints bytes that are no UTF-8".to_owned()))
    }
}

/// The function `inputs`. None of the others reads anything from outside.
struct Inputs<'i> {
    inputs: &'i Value,
    fixed: Fixed,
}

impl Host for Inputs<'_> {
    fn call(&mut self, _: &str, _: &[Value]) -> std::result::Result<Value, Failure> {
        Ok(self.inputs.clone())
    }

    fn now(&mut self) -> (i64, u32) {
        self.fixed.now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.fixed.random(bytes);
    }
}
