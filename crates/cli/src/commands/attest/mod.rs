//! Records what was found out about an artifact.

mod gate_report;
mod result;

use tidegate_artifact::Digest;

use crate::args::{Attest, Global};
use crate::commands::{Failure, Outcome};
use crate::promotion::result_lines;

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

/// What was recorded, for a workflow.
fn recorded_lines(digest: &Digest, verdict: &str, attached: &Digest) -> String {
    result_lines(&[
        ("digest", digest.to_string()),
        ("result", verdict.to_owned()),
        ("attestation", attached.to_string()),
    ])
}
