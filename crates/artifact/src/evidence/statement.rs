use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tidegate_registry::Digest;

/// What a statement is.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What is said: the result of tests.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The field of the predicate that holds [`Details`]. The specification lets producers add fields, which
/// others pass over.
const DETAILS: &str = "dev.tidegate";

/// Something that is said of artifacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What it is said of.
    pub subject: Vec<StatementSubject>,
    /// [`TEST_RESULT`].
    pub predicate_type: String,
    /// What is said.
    pub predicate: serde_json::Value,
}

/// An artifact that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementSubject {
    /// Its repository. Artifacts are told apart by their digests.
    #[serde(default)]
    pub name: String,
    /// Digits by algorithm.
    pub digest: BTreeMap<String, String>,
}

/// How tests ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// All of them passed.
    Passed,
    /// They passed, and something is to be looked at.
    Warned,
    /// Some failed.
    Failed,
}

impl Outcome {
    /// The word of the specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Passed => "PASSED",
            Outcome::Warned => "WARNED",
            Outcome::Failed => "FAILED",
        }
    }
}

/// The predicate `test-result`, with what tidegate adds to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// How the tests ended.
    pub result: Outcome,
    /// What they were run with: the config, by name and digest.
    #[serde(default)]
    pub configuration: Vec<StatementSubject>,
    /// Where the run can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The names of tests that passed.
    #[serde(default)]
    pub passed_tests: Vec<String>,
    /// Those that passed with warnings.
    #[serde(default)]
    pub warned_tests: Vec<String>,
    /// Those that failed.
    #[serde(default)]
    pub failed_tests: Vec<String>,
    /// What only tidegate says.
    #[serde(rename = "dev.tidegate")]
    pub details: Details,
}

impl TestResult {
    /// A result that names no tests.
    pub fn new(result: Outcome, details: Details) -> TestResult {
        TestResult {
            result,
            configuration: Vec::new(),
            url: None,
            passed_tests: Vec::new(),
            warned_tests: Vec::new(),
            failed_tests: Vec::new(),
            details,
        }
    }
}

/// Which kind of evidence a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The gate before the push.
    Gate,
    /// The validation in an environment.
    Validation,
    /// What was found out after it was live: a rollback left it.
    Rejection,
    /// A person decided for it, against what else is known.
    Approval,
}

impl Evidence {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Evidence::Gate => "gate",
            Evidence::Validation => "validation",
            Evidence::Rejection => "rejection",
            Evidence::Approval => "approval",
        }
    }
}

/// What tidegate says beyond the specification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Which kind of evidence it is.
    pub kind: Evidence,
    /// The environment that it is about; none for the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The content digest of the artifact: that of its archive, whoever compressed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_id: Option<String>,
    /// Whether it could not be told how it did. The result is then [`Failed`](Outcome::Failed): the
    /// specification has no word for it, and it did not pass.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inconclusive: bool,
    /// When the tests ended: RFC 3339, in UTC, to the second.
    pub time: String,
    /// The version of tidegate.
    pub tool: String,
    /// Why, where a person decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The report of the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<serde_json::Value>,
}

impl Details {
    /// What is said of each result of this version, and nothing else.
    pub fn new(kind: Evidence, time: Timestamp) -> Details {
        Details {
            kind,
            environment: None,
            diff_id: None,
            inconclusive: false,
            time: to_second(time),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            reason: None,
            report: None,
        }
    }
}

/// A time as it stands in evidence: RFC 3339, in UTC, to the second.
pub fn to_second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Why a payload is no evidence for an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotEvidence {
    /// It is no statement of in-toto.
    NotStatement,
    /// It says something else than a test result of tidegate.
    OtherPredicate(String),
    /// It is about other digests.
    OtherSubject,
}

impl fmt::Display for NotEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotEvidence::NotStatement => f.write_str("it is no statement of in-toto"),
            NotEvidence::OtherPredicate(of) => {
                write!(f, "it says `{of}`, which is no test result of tidegate")
            }
            NotEvidence::OtherSubject => f.write_str("it is about another digest"),
        }
    }
}

impl std::error::Error for NotEvidence {}

impl Statement {
    /// Says a test result of an artifact.
    pub fn new(repository: &str, digest: &Digest, result: &TestResult) -> Statement {
        let digests = (digest.algorithm().to_owned(), digest.hex().to_owned());
        Statement {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: vec![StatementSubject {
                name: repository.to_owned(),
                digest: BTreeMap::from([digests]),
            }],
            predicate_type: TEST_RESULT.to_owned(),
            // Texts, lists and numbers can be written.
            predicate: serde_json::to_value(result).unwrap_or_default(),
        }
    }

    /// The payload of an envelope.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The test result that a payload says of an artifact.
    pub fn result(payload: &[u8], digest: &Digest) -> Result<TestResult, NotEvidence> {
        let statement: Statement =
            serde_json::from_slice(payload).map_err(|_| NotEvidence::NotStatement)?;
        if statement.statement_type != STATEMENT_TYPE {
            return Err(NotEvidence::NotStatement);
        }
        let other = || NotEvidence::OtherPredicate(statement.predicate_type.clone());
        if statement.predicate_type != TEST_RESULT || statement.predicate.get(DETAILS).is_none() {
            return Err(other());
        }
        let is_own = |subject: &StatementSubject| {
            subject.digest.get(digest.algorithm()).map(String::as_str) == Some(digest.hex())
        };
        if !statement.subject.iter().any(is_own) {
            return Err(NotEvidence::OtherSubject);
        }
        TestResult::deserialize(&statement.predicate).map_err(|_| other())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> TestResult {
        TestResult {
            result: Outcome::Passed,
            configuration: Vec::new(),
            url: None,
            passed_tests: vec!["check".to_owned()],
            warned_tests: Vec::new(),
            failed_tests: Vec::new(),
            details: Details {
                kind: Evidence::Validation,
                environment: Some("integration".to_owned()),
                diff_id: None,
                inconclusive: false,
                time: "2026-11-24T12:00:00Z".to_owned(),
                tool: "0.1.0".to_owned(),
                reason: None,
                report: None,
            },
        }
    }

    #[test]
    fn a_statement_is_about_one_digest() {
        let (digest, other) = (Digest::of(b"a"), Digest::of(b"b"));
        let payload = Statement::new("registry.example/a", &digest, &result()).to_bytes();
        assert_eq!(Statement::result(&payload, &digest), Ok(result()));
        assert_eq!(
            Statement::result(&payload, &other),
            Err(NotEvidence::OtherSubject)
        );
    }

    #[test]
    fn what_is_no_evidence() {
        let digest = Digest::of(b"a");
        let check = |payload: &str, expected: NotEvidence| {
            assert_eq!(
                Statement::result(payload.as_bytes(), &digest),
                Err(expected)
            );
        };
        check("[]", NotEvidence::NotStatement);
        let statement = |of: &str, predicate: &str| {
            format!(
                "{{\"_type\":\"{of}\",\"subject\":[],\"predicateType\":\"{predicate}\",\"predicate\":{{}}}}"
            )
        };
        check(&statement("x", TEST_RESULT), NotEvidence::NotStatement);
        check(
            &statement(STATEMENT_TYPE, "https://slsa.dev/provenance/v1"),
            NotEvidence::OtherPredicate("https://slsa.dev/provenance/v1".to_owned()),
        );
        // The result of someone else's tests.
        check(
            &statement(STATEMENT_TYPE, TEST_RESULT),
            NotEvidence::OtherPredicate(TEST_RESULT.to_owned()),
        );
    }
}
