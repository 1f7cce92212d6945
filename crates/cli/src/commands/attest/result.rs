//! Records the result of a validation.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;
use tidegate_artifact::evidence::{
    Details, Envelope, Evidence, Role, SigningKey, Statement, TestResult, to_second,
};
use tidegate_artifact::validation::{Validation, ValidationVerdict};

use crate::args::Attest;
use crate::commands::{Failure, written};
use crate::promotion::{Ended, Named, Refused, Setting, environment, print_result};
use crate::signing::{VALIDATE_KEY, signing_key};

use super::recorded_lines;

pub(super) fn record(args: &Attest, file: &Path, typed: &str) -> Result<(), Ended> {
    let named = Named::parse(&args.digest)?;
    let place = environment(typed)?;
    let setting = Setting::open(&args.repository, &[typed], Some(&named))?;
    let digest = named.digest()?;
    let key = signing_key(args.key.as_deref(), VALIDATE_KEY)?;
    let shown = file.display();
    let validation = Validation::read(&text_of(file)?).map_err(|why| Refused {
        message: format!("{shown} cannot be recorded: {why}"),
        help: format!(
            "JSON has `\"digest\": \"{digest}\"` and `\"result\"` at its top, JUnit a property `digest` in its suite"
        ),
    })?;
    if validation.digest != digest {
        return Err(Refused {
            message: format!(
                "{shown} is about {}, and not about {digest}",
                validation.digest
            ),
            help: "validate this artifact, or record the result for the one that it names"
                .to_owned(),
        }
        .into());
    }
    let time = validation.time.unwrap_or(setting.now);
    if time > setting.now + jiff::SignedDuration::from_mins(5) {
        return Err(Refused {
            message: format!("{shown} is of {}, which is yet to come", to_second(time)),
            help: "set the clock of the machine that wrote it, or of this one".to_owned(),
        }
        .into());
    }
    if let Some(warning) = warning(&setting, typed, key.as_ref()) {
        let text = format!("warning: {warning}\n");
        written(io::stderr().lock().write_all(text.as_bytes()))?;
    }
    let (result, inconclusive) = validation.verdict.outcome();
    let reason = match &validation.verdict {
        ValidationVerdict::Inconclusive(why) => Some(why.clone()),
        _ => None,
    };
    let details = Details {
        environment: Some(place.to_string()),
        inconclusive,
        reason: reason.clone(),
        ..Details::new(Evidence::Validation, time)
    };
    let result = TestResult {
        url: args.url.clone().or(validation.url),
        passed_tests: validation.passed,
        warned_tests: validation.warned,
        failed_tests: validation.failed,
        ..TestResult::new(result, details)
    };
    let statement = Statement::new(&setting.name.to_string(), &digest, &result);
    let envelope = Envelope::of(&statement, key.as_ref());
    let attached = setting.repository().attach(&digest, &envelope)?;
    let verdict = validation.verdict.as_str();
    let tests = [
        &result.passed_tests,
        &result.warned_tests,
        &result.failed_tests,
    ];
    print_result(
        args.output,
        || {
            let why = reason
                .as_ref()
                .map_or(String::new(), |why| format!(": {why}"));
            let signed = match &key {
                Some(key) => format!("signed by key {}", key.verifying_key().id().short()),
                None => "not signed".to_owned(),
            };
            format!(
                "recorded {verdict} in {place} for {digest}{why}\n  {} passed, {} warned, {} failed; {signed}\n  \
                 {attached}\n",
                tests[0].len(),
                tests[1].len(),
                tests[2].len()
            )
        },
        || {
            json!({
                "version": 1,
                "digest": digest.to_string(),
                "environment": place.as_str(),
                "result": verdict,
                "reason": reason,
                "time": to_second(time),
                "attestation": attached.to_string(),
                "key": key.as_ref().map(|key| key.verifying_key().id().to_string()),
            })
        },
        || recorded_lines(&digest, verdict, &attached),
    )?;
    Ok(())
}

/// Why nobody will go by what is recorded.
fn warning(setting: &Setting, environment: &str, key: Option<&SigningKey>) -> Option<String> {
    let keys = setting.policy.keys(Role::Validate, environment);
    match key {
        _ if setting.policy.unsigned => None,
        None => Some(
            "it is not signed, so `promote` will not go by it: sign it with --key FILE or TIDEGATE_VALIDATE_KEY"
                .to_owned(),
        ),
        Some(key) if !keys.contains(&key.verifying_key()) => Some(format!(
            "the config does not list key {} as `validate` key of {environment}, so `promote` will not go by it",
            key.verifying_key().id().short()
        )),
        Some(_) => None,
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    let shown = file.display();
    let refused = |why: &dyn std::fmt::Display| Failure::new(format!("{shown}: {why}"));
    let length = fs::metadata(file).map_err(|error| refused(&error))?.len();
    if length > Validation::LARGEST {
        let most = Validation::LARGEST >> 20;
        return Err(refused(&format!("it has more than {most} MiB")));
    }
    fs::read_to_string(file).map_err(|error| refused(&error))
}
