//! What can go wrong with a server, or with what it sends.

use std::fmt;
use std::io;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server does not have it.
    NotFound,
    /// The server wants other credentials, or any.
    Unauthorized,
    /// Someone else has changed it first.
    Raced,
    /// The server refuses for another reason.
    Refused,
    /// The server is not reached, too slow, or overloaded, after all tries.
    Unavailable,
    /// What it sent is not what was asked for: another digest, another length.
    Mismatch,
    /// What it sends exceeds a limit.
    TooLarge,
    /// What it sent cannot be read.
    Malformed,
    /// The request itself makes no sense: an address, a reference, a name that none can have.
    Invalid,
    /// The disk of this machine.
    Local,
    /// It would take the network, which is not to be used.
    Offline,
}

/// Something that went wrong with a server, or with what it sends; one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of thing it is.
    pub kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error that reads `WHERE: WHAT`.
    pub(crate) fn at(kind: ErrorKind, place: impl fmt::Display, what: impl fmt::Display) -> Error {
        let message = format!("{place}: {what}");
        Error { kind, message }
    }

    pub(crate) fn invalid(message: String) -> Error {
        let kind = ErrorKind::Invalid;
        Error { kind, message }
    }

    /// With something that is to be known about it.
    pub(crate) fn and(mut self, more: &str) -> Error {
        self.message.push_str("; ");
        self.message.push_str(more);
        self
    }

    pub(crate) fn disk(path: &std::path::Path, error: &io::Error) -> Error {
        Error::at(ErrorKind::Local, path.display(), error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What a server says, as far as it can be put into a message: one line, not too long, nothing that a
/// terminal obeys.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 200;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.trim().chars().take(LONGEST).map(clean).collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
