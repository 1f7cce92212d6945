//! Templates in the ResourceSet's dialect: `<<` and `>>`, slim-sprig's functions, and `inputs`.

use std::sync::Arc;

use tidegate_gotemplate::{
    Error, Failure, Fixed, Function, Functions, Host, Limits, MissingKey, Options, Output, Set,
    Value,
};
use tidegate_source::{FileId, Sources, Span, TreePath};
use tidegate_yaml::{Emitted, Node, Place, ScalarKind, StepKind, Unwritable, embed, emit_go_yaml2};

use super::error::{BuildError, Result};
use super::objects::as_json;
use super::values::Values;
use crate::codes;
use crate::printed::Opaque;

/// The name that errors give to each template.
const NAME: &str = "resourceset";

/// Reads templates.
pub(super) struct Engine<'a> {
    functions: Arc<Functions>,
    sources: &'a Sources,
}

/// A template that was read.
pub(super) struct Template<'n> {
    set: Set,
    sources: &'n Sources,
    /// Where it is written.
    pub(super) node: &'n Node,
    /// Its text.
    pub(super) text: String,
    /// Whether something changed it since it was written.
    has_steps: bool,
    written: Written,
}

/// How a range of a template leads to where it is written.
enum Written {
    /// It is the text of a scalar, which is a virtual file.
    Scalar(FileId),
    /// It is an object that was written as YAML: the ranges of its scalars, with their places.
    Object(Emitted),
}

impl<'a> Engine<'a> {
    pub(super) fn new(sources: &'a Sources) -> Engine<'a> {
        Engine {
            functions: Arc::new(Functions::flux().with(&[Function::host("inputs", &[])])),
            sources,
        }
    }

    /// A template that is the text of a scalar.
    pub(super) fn template<'n>(&self, text: &str, node: &'n Node) -> Result<Template<'n>>
    where
        'a: 'n,
    {
        let name = TreePath::new("resourcesTemplate").unwrap_or_else(|_| TreePath::root());
        let file = embed(self.sources, node, name).id();
        self.parse(text, node, Written::Scalar(file))
    }

    /// An entry of `resources` is a template once it is written as YAML again, as it comes out of the
    /// cluster: its keys sorted.
    pub(super) fn resource<'n>(&self, resource: &'n Node) -> Result<Template<'n>>
    where
        'a: 'n,
    {
        let unwritable =
            |error: Unwritable| BuildError::at(resource, format!("the resource has {error}"));
        let decoded = as_json(resource)
            .map_err(|what| BuildError::at(resource, format!("the resource has {what}")))?;
        let mut text = Emitted::default();
        emit_go_yaml2(&decoded, &mut text, true).map_err(unwritable)?;
        let whole = std::mem::take(&mut text.text);
        self.parse(&whole, resource, Written::Object(text))
    }

    fn parse<'n>(&self, text: &str, node: &'n Node, written: Written) -> Result<Template<'n>>
    where
        'a: 'n,
    {
        let options = Options {
            delims: ("<<".into(), ">>".into()),
            missing_key: MissingKey::Error,
            root: NAME.into(),
            ..Options::default()
        };
        let mut template = Template {
            set: Set::new(Arc::clone(&self.functions), options),
            sources: self.sources,
            node,
            text: text.to_owned(),
            has_steps: !node.place.steps().is_empty(),
            written,
        };
        let file = match template.written {
            Written::Scalar(file) => file,
            Written::Object(_) => FileId::DETACHED,
        };
        match template.set.parse(NAME, text.as_bytes(), file) {
            Ok(()) => Ok(template),
            Err(error) => {
                let span = template.span_of(&error);
                Err(BuildError::new(codes::TEMPLATE_FAILS, span, error.message))
            }
        }
    }
}

impl Template<'_> {
    /// Whether it is an entry of `resources`.
    pub(super) fn is_resource(&self) -> bool {
        matches!(self.written, Written::Object(_))
    }

    /// What it prints with one input set.
    pub(super) fn run(
        &self,
        inputs: &Value,
        values: &mut Values,
    ) -> std::result::Result<Output, Box<Error>> {
        let mut host = Inputs {
            inputs,
            fixed: Fixed::default(),
        };
        let limits = Limits::default();
        let origins = &mut values.origins;
        self.set
            .execute(NAME, &Value::NIL, &mut host, origins, &limits)
    }

    /// The place of a range of its text.
    pub(super) fn place(&self, span: Span) -> Place {
        match &self.written {
            Written::Scalar(_) => {
                let place = Place::at(span);
                let whole = &self.node.place;
                match !self.has_steps || self.is_as_written(span) {
                    true => place,
                    // Whatever made the text what it is.
                    false => place.mixed(StepKind::Template, whole),
                }
            }
            Written::Object(emitted) => {
                let table = &emitted.table;
                let at = table.partition_point(|(range, _)| range.end <= span.start);
                let place = table.get(at).or(table.last()).map(|(_, place)| place);
                place.unwrap_or(&self.node.place).clone()
            }
        }
    }

    /// Whether a range of its text is written in a file as it is: whatever was put into the template,
    /// it was not there.
    fn is_as_written(&self, span: Span) -> bool {
        let real = self.sources.real(span);
        let Some(file) = self.sources.get(real.file) else {
            return false;
        };
        let text = self.text.get(span.start as usize..span.end as usize);
        let written = file.text().ok();
        let written = written.and_then(|text| text.get(real.start as usize..real.end as usize));
        text.is_some() && text == written
    }

    /// What is to be edited where it fails: the action, as far as it can be told.
    pub(super) fn span_of(&self, error: &Error) -> Span {
        let span = error.frame().map(|frame| frame.span);
        match span.filter(|span| span.is_some()) {
            Some(span) => self.place(span).span(),
            None => self.node.place.span(),
        }
    }

    /// Notes what of its text only the cluster knows.
    pub(super) fn note_opaque(&self, opaque: &mut Opaque) {
        match self.written {
            Written::Scalar(file) => {
                let scalar = self.node.as_scalar();
                if scalar.is_some_and(|scalar| scalar.kind == ScalarKind::Opaque) {
                    opaque.templates.insert(file);
                }
            }
            Written::Object(_) => opaque.note(self.node),
        }
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
