use serde::Deserialize;

use super::{NotAValidation, Validation, ValidationVerdict, only};

/// The document. Others may add fields.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    digest: Option<String>,
    result: String,
    time: Option<String>,
    url: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    passed_tests: Vec<String>,
    #[serde(default)]
    warned_tests: Vec<String>,
    #[serde(default)]
    failed_tests: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Validation, NotAValidation> {
    let refused = NotAValidation::Json;
    let document: Document =
        serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
    let claimed = match document.result.to_uppercase().as_str() {
        "PASSED" | "WARNED" => ValidationVerdict::Passed,
        "FAILED" => ValidationVerdict::Failed,
        "INCONCLUSIVE" => ValidationVerdict::Inconclusive(
            document.reason.unwrap_or_else(|| "it says so".to_owned()),
        ),
        other => {
            let other = other.escape_debug();
            return Err(refused(format!(
                "its `result` is `{other}`, and none of PASSED, WARNED, FAILED and INCONCLUSIVE"
            )));
        }
    };
    let time = document.time.map(|time| {
        let parsed = time.parse();
        parsed.map_err(|_| refused(format!("its `time` is `{}`", time.escape_debug())))
    });
    let mut validation = Validation {
        digest: only(document.digest.as_deref())?,
        verdict: ValidationVerdict::Failed,
        time: time.transpose()?,
        url: document.url,
        passed: document.passed_tests,
        warned: document.warned_tests,
        failed: document.failed_tests,
    };
    validation.judged(Some(claimed));
    Ok(validation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    fn check(fields: &str, expected: &str) {
        let digest = Digest::of(b"a");
        let text = format!("{{\"digest\": \"{digest}\", {fields}}}");
        let came = match Validation::read(&text) {
            Ok(validation) => {
                assert_eq!(validation.digest, digest);
                format!("{:?}", validation.verdict)
            }
            Err(why) => why.to_string(),
        };
        assert_eq!(came, expected, "{fields}");
    }

    #[test]
    fn what_the_tests_say_goes_before_what_the_file_says() {
        check("\"result\": \"PASSED\", \"passedTests\": [\"a\"]", "Passed");
        check(
            "\"result\": \"passed\", \"passedTests\": [\"a\"], \"more\": 1",
            "Passed",
        );
        check("\"result\": \"WARNED\", \"warnedTests\": [\"a\"]", "Passed");
        let none = "Inconclusive(\"no test was executed\")";
        check("\"result\": \"PASSED\"", none);
        check("\"result\": \"PASSED\", \"passedTests\": []", none);
        let failed = "\"result\": \"PASSED\", \"passedTests\": [\"a\"], \"failedTests\": [\"b\"]";
        check(failed, "Failed");
        check("\"result\": \"FAILED\", \"passedTests\": [\"a\"]", "Failed");
        check(
            "\"result\": \"INCONCLUSIVE\", \"reason\": \"no samples\", \"passedTests\": [\"a\"]",
            "Inconclusive(\"no samples\")",
        );
    }

    #[test]
    fn what_is_no_result() {
        let none = "it is no result in JSON: ";
        check(
            "\"result\": \"OK\"",
            &format!(
                "{none}its `result` is `OK`, and none of PASSED, WARNED, FAILED and INCONCLUSIVE"
            ),
        );
        check(
            "\"result\": \"PASSED\", \"time\": \"noon\"",
            &format!("{none}its `time` is `noon`"),
        );
        let read = |text: &str| Validation::read(text).unwrap_err().to_string();
        assert_eq!(
            read("{\"result\": \"PASSED\"}"),
            "it does not name the artifact"
        );
        assert_eq!(
            read("{\"result\": \"PASSED\", \"digest\": \"latest\"}"),
            "it names the artifact `latest`, which is no digest"
        );
        assert!(read("{").starts_with(none));
        assert!(read(&"{\"a\":".repeat(100_000)).starts_with(none));
        assert_eq!(read("passed"), "it is neither JSON nor the XML of JUnit");
        assert_eq!(read(""), "it is neither JSON nor the XML of JUnit");
    }
}
