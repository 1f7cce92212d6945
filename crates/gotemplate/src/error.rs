//! What can go wrong, in Go's words.

use std::fmt;

use tidegate_source::Span;

use crate::origin::Origin;

/// Why a template could not be read or executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Go's whole text: `template: NAME:LINE:COLUMN: executing "NAME" at <...>: ...`.
    pub message: String,
    /// The last part of the text: what is wrong, without where.
    pub reason: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// Where, the innermost template last: `include` and `tpl` add a frame each.
    pub frames: Vec<Frame>,
    /// The value that was looked up last, and what decided that the place was reached. Nothing where no track
    /// was kept.
    pub origins: [Origin; 2],
    /// Lengths of the texts of the errors that this one wraps, the outermost first.
    pub(crate) causes: Vec<usize>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not a template.
    Parse,
    /// It could not be executed.
    Execute,
    /// The function `fail` was called.
    Fail,
    /// The function `required` was called without a value.
    Required,
    /// A limit of this crate was reached.
    Limit,
}

/// One place in a chain of templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The name of the text, as it was given when it was parsed.
    pub source: String,
    /// The template in it.
    pub template: String,
    /// Line, from 1.
    pub line: u32,
    /// Offset in the line in bytes, as Go counts columns: from 0. None for parse errors.
    pub column: Option<u32>,
    /// Where it is, if the text is in a file of the file table.
    pub span: Span,
}

impl Error {
    /// The texts of this error and of those that it wraps, as `errors.Unwrap` gives them: each is the end of
    /// the one before.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        let text = self.message.as_str();
        let wrapped = self.causes.iter().filter_map(move |length| {
            let start = text.len().checked_sub(*length)?;
            text.get(start..)
        });
        std::iter::once(text).chain(wrapped)
    }

    /// The innermost place.
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
