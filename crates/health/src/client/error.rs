use std::fmt;

use crate::verdict::{Reason, ReasonKind};

/// Why the API server did not say what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What sort of error it is.
    pub kind: ErrorKind,
    /// What is wrong, in the words of the server where it said something.
    pub message: String,
}

/// What sort of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Where the cluster is, or who one is there, is not known.
    NoAccess,
    /// There was no answer, or none that could be understood, after several tries.
    NoAnswer,
    /// The server does not know who asks, or does not show them what they ask for.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// What was asked for is too long ago.
    Gone,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let message = message.into();
        Error { kind, message }
    }

    /// What it is to a verdict.
    pub fn reason(&self) -> Reason {
        let kind = match self.kind {
            ErrorKind::Forbidden => ReasonKind::Forbidden,
            ErrorKind::NoAccess | ErrorKind::NoAnswer | ErrorKind::NotFound | ErrorKind::Gone => {
                ReasonKind::NoAnswer
            }
        };
        Reason::new(kind, self.message.clone())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
