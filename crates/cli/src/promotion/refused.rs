use std::io::{self, Write};

use serde_json::{Value, json};
use tidegate_artifact::RepositoryError;
use tidegate_artifact::promotion::{self, Refusal};

use crate::args::ResultFormat;
use crate::commands::{Failure, Outcome, written};

/// Why nothing was done, and what to do about it: the exit status is 1.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// How a command ended that did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Ended {
    Refused(Refused),
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Failed(failure)
    }
}

impl From<Refused> for Ended {
    fn from(refused: Refused) -> Ended {
        Ended::Refused(refused)
    }
}

impl From<RepositoryError> for Ended {
    fn from(error: RepositoryError) -> Ended {
        Ended::Failed(Failure::new(error.to_string()))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused {
            message: refusal.to_string(),
            help: refusal.help(),
        }
    }
}

impl From<promotion::Failure<RepositoryError>> for Ended {
    fn from(failure: promotion::Failure<RepositoryError>) -> Ended {
        match failure {
            promotion::Failure::Refused(refusal) => Refused::from(*refusal).into(),
            promotion::Failure::Registry(error) => error.into(),
        }
    }
}

impl Ended {
    /// Says why on standard error, and in JSON on standard output too.
    pub(crate) fn report(self, output: ResultFormat) -> Result<Outcome, Failure> {
        let refused = match self {
            Ended::Failed(failure) => return Err(failure),
            Ended::Refused(refused) => refused,
        };
        let Refused { message, help } = &refused;
        if output == ResultFormat::Json {
            let document: Value = json!({
                "version": 1,
                "changed": false,
                "refused": { "message": message, "help": help },
            });
            written(
                io::stdout()
                    .lock()
                    .write_all(format!("{document:#}\n").as_bytes()),
            )?;
        }
        let text = format!("refused: {message}\nhelp: {help}\n");
        written(io::stderr().lock().write_all(text.as_bytes()))?;
        Ok(Outcome::Refused)
    }
}
