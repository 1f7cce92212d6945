//! Why a text cannot be substituted.

use std::fmt;

use crate::envsubst::{MAX_NESTING, MAX_PRODUCED};

/// A text that Flux refuses, or that is beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where the `${` is, in bytes from the start of the text.
    pub offset: usize,
    /// What is wrong.
    pub problem: Problem,
    /// What was read of the expression, or its name where it was read whole.
    subject: String,
    /// The character that ended the reading; none at the end of the text.
    found: Option<char>,
}

/// What is wrong with a `${...}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// In strict mode, a variable without a value and without a default.
    NotSet,
    /// No name follows `${`.
    NoName,
    /// Nothing follows an operator that needs something.
    NoOperand,
    /// A pattern without the `/` that must follow it.
    NoReplacement,
    /// A character where `}` or an operator is needed.
    Unexpected,
    /// More than [`MAX_NESTING`] expressions in each other.
    TooDeep,
    /// More than [`MAX_PRODUCED`] bytes.
    TooLarge,
    /// A pattern that takes too long to match.
    TooSlow,
}

/// More of an expression is not shown.
const SHOWN: usize = 40;

impl Error {
    pub(super) fn new(offset: usize, problem: Problem, read: &[u8], found: Option<char>) -> Error {
        let read = String::from_utf8_lossy(read);
        let mut subject: String = read.chars().take(SHOWN).collect();
        if subject.len() < read.len() {
            subject.push('…');
        }
        Error {
            offset,
            problem,
            subject,
            found,
        }
    }

    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        let subject = &self.subject;
        match self.problem {
            Problem::NotSet => Some(format!(
                "set `{subject}`, or give it a default: `${{{subject}:=default}}`"
            )),
            Problem::Unexpected if matches!(self.found, Some('-' | '+' | '?')) => Some(
                "write `:-` for a default: Flux knows no operator without the colon".to_owned(),
            ),
            Problem::NoName | Problem::Unexpected => {
                Some("where the text is meant for a shell and not for Flux, write `$${`".to_owned())
            }
            Problem::NoReplacement => {
                Some("to delete what matches, end with a slash: `${NAME/pattern/}`".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        let found = match self.found {
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(character) => format!("`{}`", character.escape_debug()),
            None => "the end of the text".to_owned(),
        };
        match self.problem {
            Problem::NotSet => write!(f, "the variable `{subject}` is not set"),
            Problem::NoName => {
                write!(f, "a name must follow `{subject}`, and {found} is none")
            }
            Problem::NoOperand => {
                write!(f, "something must follow `{subject}`, but {found} does")
            }
            Problem::NoReplacement => {
                write!(
                    f,
                    "the pattern in `{subject}` must end with `/`, not {found}"
                )
            }
            Problem::Unexpected => {
                write!(
                    f,
                    "`{subject}` must be closed with `}}`, but {found} follows"
                )
            }
            Problem::TooDeep => {
                write!(
                    f,
                    "more than {MAX_NESTING} expressions are nested in each other"
                )
            }
            Problem::TooLarge => {
                write!(
                    f,
                    "`{subject}` makes more than {MAX_PRODUCED} bytes of text"
                )
            }
            Problem::TooSlow => {
                write!(f, "the pattern for `{subject}` takes too long to match")
            }
        }
    }
}

impl std::error::Error for Error {}
