//! Records what was found out about an artifact.

mod gate_report;
mod result;

use crate::args::{Attest, Global};
use crate::commands::{Failure, Outcome};

pub(crate) fn run(args: &Attest, global: &Global) -> Result<Outcome, Failure> {
    let recorded = match (&args.result, &args.environment, &args.gate_report) {
        (Some(file), Some(environment), None) => result::record(args, file, environment),
        (None, _, Some(file)) => gate_report::record(args, file, global),
        _ => {
            return Err(Failure::new("there is nothing to record").with_help(
                "name the result of a validation: --result FILE --env ENVIRONMENT; or the report of the gate: \
                 --gate-report FILE",
            ));
        }
    };
    match recorded {
        Ok(()) => Ok(Outcome::Clean),
        Err(ended) => ended.report(args.output),
    }
}
