use std::fmt;

use tidegate_source::{Code, Diagnostic, Location, Span};
use tidegate_yaml::Node;

use crate::codes;

/// Why a ResourceSet cannot be built.
#[derive(Clone, Debug)]
pub struct BuildError {
    /// What is wrong, at the text to edit: the action of a template where one fails.
    pub finding: Box<Diagnostic>,
    /// What is to blame.
    pub cause: Cause,
    /// What Go's templates say, and the place in the template that they say it of, where the finding says
    /// it in other words or of another place.
    pub said: Option<(String, Span)>,
}

/// What is to blame where a ResourceSet cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The ResourceSet, or what was given for it.
    Fault,
    /// Its inputs are known in the cluster only. The text names the provider.
    Inputs(String),
    /// There are no objects. The operator has nothing to do then.
    Nothing,
}

pub(super) type Result<T> = std::result::Result<T, BuildError>;

impl BuildError {
    pub(super) fn at(node: &Node, message: impl Into<String>) -> BuildError {
        BuildError::new(codes::TEMPLATE_FAILS, node.place.span(), message)
    }

    pub(super) fn new(code: Code, span: Span, message: impl Into<String>) -> BuildError {
        BuildError {
            finding: Box::new(Diagnostic::error(code, span, message)),
            cause: Cause::Fault,
            said: None,
        }
    }

    pub(super) fn because(mut self, cause: Cause) -> BuildError {
        self.cause = cause;
        self
    }

    /// The place that the message is about: of a template where one fails. It may be in a virtual file.
    pub fn span(&self) -> Span {
        match (&self.said, &self.finding.primary) {
            (Some((_, span)), _) | (None, Location::Span(span)) => *span,
            (None, Location::Path(_)) => Span::NONE,
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said.as_ref().map(|(text, _)| text);
        f.write_str(said.unwrap_or(&self.finding.message))
    }
}

impl std::error::Error for BuildError {}
