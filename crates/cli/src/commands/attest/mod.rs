//! Records what was found out about an artifact.

mod result;

use crate::args::Attest;
use crate::commands::{Failure, Outcome};

pub(crate) fn run(args: &Attest) -> Result<Outcome, Failure> {
    match (&args.result, &args.environment) {
        (Some(file), Some(environment)) => match result::record(args, file, environment) {
            Ok(()) => Ok(Outcome::Clean),
            Err(ended) => ended.report(args.output),
        },
        _ => Err(Failure::new("there is nothing to record")
            .with_help("name the result of a validation: --result FILE --env ENVIRONMENT")),
    }
}
