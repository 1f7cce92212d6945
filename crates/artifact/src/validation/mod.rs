//! The result of a validation as a file has it: JSON, or the XML of JUnit.
//!
//! Such a file is written by whatever ran the tests. It names the artifact itself, so that the result of one is
//! not recorded for another; and what it says of its tests goes before what it says of itself.

mod json;
mod junit;

use std::fmt;

use jiff::Timestamp;

use crate::Digest;
use crate::evidence::Outcome;

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// The artifact.
    pub digest: Digest,
    /// What it came to.
    pub verdict: ValidationVerdict,
    /// When the tests ended, where the file says so.
    pub time: Option<Timestamp>,
    /// Where the run can be seen, where the file says so.
    pub url: Option<String>,
    /// The names of tests that passed.
    pub passed: Vec<String>,
    /// Those that passed with warnings.
    pub warned: Vec<String>,
    /// Those that failed.
    pub failed: Vec<String>,
}

/// What a validation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidationVerdict {
    /// All tests passed, and there were some.
    Passed,
    /// Something failed.
    Failed,
    /// It cannot be told, for this reason.
    Inconclusive(String),
}

impl ValidationVerdict {
    /// The result and whether it is open, as evidence has them.
    pub fn outcome(&self) -> (Outcome, bool) {
        match self {
            ValidationVerdict::Passed => (Outcome::Passed, false),
            ValidationVerdict::Failed => (Outcome::Failed, false),
            ValidationVerdict::Inconclusive(_) => (Outcome::Failed, true),
        }
    }

    /// In capitals, as evidence has it; with a word of our own for what is open.
    pub fn as_str(&self) -> &'static str {
        match self {
            ValidationVerdict::Passed => "PASSED",
            ValidationVerdict::Failed => "FAILED",
            ValidationVerdict::Inconclusive(_) => "INCONCLUSIVE",
        }
    }
}

/// Why a file is no result of a validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAValidation {
    /// It is neither JSON nor XML.
    NeitherFormat,
    /// It is no JSON, or not with the fields that are needed: why.
    Json(String),
    /// It is no XML, or not that of JUnit: why.
    Junit(String),
    /// It names no artifact.
    NoDigest,
    /// What it names is no digest.
    NotADigest(String),
    /// It names several artifacts.
    Several(Digest, Digest),
}

impl fmt::Display for NotAValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotAValidation::NeitherFormat => f.write_str("it is neither JSON nor the XML of JUnit"),
            NotAValidation::Json(why) => write!(f, "it is no result in JSON: {why}"),
            NotAValidation::Junit(why) => write!(f, "it is no XML of JUnit: {why}"),
            NotAValidation::NoDigest => f.write_str("it does not name the artifact"),
            NotAValidation::NotADigest(text) => {
                write!(
                    f,
                    "it names the artifact `{}`, which is no digest",
                    text.escape_debug()
                )
            }
            NotAValidation::Several(one, other) => {
                write!(f, "it names more than one artifact: {one} and {other}")
            }
        }
    }
}

impl std::error::Error for NotAValidation {}

impl Validation {
    /// The largest file that is read, in bytes: 8 MiB.
    pub const LARGEST: u64 = 8 << 20;

    /// Reads a file.
    pub fn read(text: &str) -> Result<Validation, NotAValidation> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        match text.chars().next() {
            Some('{') => json::read(text),
            Some('<') => junit::read(text),
            _ => Err(NotAValidation::NeitherFormat),
        }
    }

    /// What tests came to, whatever a file says of itself: `claimed`.
    fn judged(&mut self, claimed: Option<ValidationVerdict>) {
        let executed = self.passed.len() + self.warned.len() + self.failed.len();
        self.verdict = match claimed {
            _ if !self.failed.is_empty() => ValidationVerdict::Failed,
            Some(ValidationVerdict::Failed) => ValidationVerdict::Failed,
            Some(open @ ValidationVerdict::Inconclusive(_)) => open,
            _ if executed == 0 => {
                ValidationVerdict::Inconclusive("no test was executed".to_owned())
            }
            _ => ValidationVerdict::Passed,
        };
    }
}

/// The one artifact of those that are named.
fn only<'t>(named: impl IntoIterator<Item = &'t str>) -> Result<Digest, NotAValidation> {
    let mut found: Option<Digest> = None;
    for text in named {
        let digest = Digest::parse(text.trim());
        let digest = digest.ok_or_else(|| NotAValidation::NotADigest(text.to_owned()))?;
        match found {
            Some(other) if other != digest => return Err(NotAValidation::Several(other, digest)),
            _ => found = Some(digest),
        }
    }
    found.ok_or(NotAValidation::NoDigest)
}
