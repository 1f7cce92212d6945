use granit_parser::ErrorKind;
use tidegate_source::{Diagnostic, FileId, Span};

use super::codes;

/// Says in plain words what is wrong, at the place to edit.
pub(super) fn explain(
    kind: &ErrorKind,
    text: &str,
    file: FileId,
    at: usize,
    _token_end: usize,
) -> Diagnostic {
    let at = at.min(text.len());
    let span = Span::new(file, at, at);
    Diagnostic::error(codes::SYNTAX, span, kind.to_string())
}
