pub(crate) mod attest;
pub(crate) mod charts;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod envsubst;
pub(crate) mod gate;
pub(crate) mod health;
pub(crate) mod helm;
pub(crate) mod history;
pub(crate) mod kustomize;
pub(crate) mod promote;
pub(crate) mod push;
pub(crate) mod render;
pub(crate) mod resourceset;
pub(crate) mod rollback;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod validate;
pub(crate) mod verify;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;

use crate::args::Global;
use crate::place::WorkingFolder;

/// The exit status of a run that ended as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to complain of.
    Clean,
    /// Findings, or refused input.
    Refused,
    /// The config has errors, so that nothing was done.
    Misconfigured,
    /// What was asked cannot be told.
    Inconclusive,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Clean => ExitCode::SUCCESS,
            Outcome::Refused => ExitCode::from(1),
            Outcome::Misconfigured => ExitCode::from(2),
            Outcome::Inconclusive => ExitCode::from(3),
        }
    }
}

/// Why a run could not end as it should: wrong usage, or the world around failed.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// What failed, without the help.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Says why on standard error; the exit status is 2.
    pub(crate) fn report(self) -> ExitCode {
        let mut text = format!("error: {}\n", self.message);
        if let Some(help) = self.help {
            text.push_str(&format!("help: {help}\n"));
        }
        // There is nobody left to tell that telling failed.
        let _ = io::stderr().write_all(text.as_bytes());
        ExitCode::from(2)
    }
}

/// A reader that has seen enough closes its end of the pipe: no failure.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
            "the output could not be written: {error}"
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn working_folder() -> Result<WorkingFolder, Failure> {
    WorkingFolder::current()
        .map_err(|error| Failure::new(format!("the current directory cannot be read: {error}")))
}

pub(crate) fn threads(global: &Global) -> NonZeroUsize {
    let threads = global.threads.or_else(|| available_parallelism().ok());
    threads.unwrap_or(NonZeroUsize::MIN)
}
