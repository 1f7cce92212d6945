use jiff::Timestamp;
use tidegate_artifact::Digest;
use tidegate_artifact::evidence::{
    Details, Envelope, Evidence, SigningKey, Statement, StatementSubject, TestResult,
};
use tidegate_source::Severity;

use super::Gated;

impl Gated {
    /// The evidence that something with this content passed the gate, or did not: said of a digest, and signed
    /// where there is a key.
    pub(crate) fn evidence(
        &self,
        repository: &str,
        digest: &Digest,
        key: Option<&SigningKey>,
        now: Timestamp,
    ) -> Envelope {
        sign(&Statement::new(repository, digest, &self.result(now)), key)
    }

    /// What the evidence says.
    pub(crate) fn result(&self, now: Timestamp) -> TestResult {
        let findings = self.report().map_or(&[][..], |report| &report.findings);
        let codes = |wanted: &dyn Fn(Severity) -> bool| {
            let found = findings.iter().filter(|one| wanted(one.severity));
            let mut codes: Vec<String> = found.map(|one| one.code.to_string()).collect();
            codes.sort();
            codes.dedup();
            codes
        };
        let is_error = |severity: Severity| severity >= Severity::Error;
        let mut passed = Vec::new();
        if self.passed {
            passed.extend(["check".to_owned(), "pack".to_owned()]);
        }
        let configuration = self.checked.configured.identity.as_ref();
        let configuration = configuration.map(|(name, digest)| StatementSubject {
            name: name.clone(),
            digest: [(digest.algorithm().to_owned(), digest.hex().to_owned())].into(),
        });
        TestResult {
            result: self.outcome(),
            configuration: configuration.into_iter().collect(),
            url: None,
            passed_tests: passed,
            warned_tests: codes(&|severity| severity == Severity::Warning),
            failed_tests: codes(&is_error),
            details: Details {
                kind: Evidence::Gate,
                environment: None,
                diff_id: Some(self.packaged.layer.diff_id.to_string()),
                inconclusive: false,
                time: written_time(now),
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                reason: None,
                report: Some(self.to_json()),
            },
        }
    }
}

/// A statement in an envelope.
pub(crate) fn sign(statement: &Statement, key: Option<&SigningKey>) -> Envelope {
    let mut envelope = Envelope::new(&statement.to_bytes());
    if let Some(key) = key {
        envelope.sign(key);
    }
    envelope
}

/// RFC 3339, in UTC, to the second.
pub(crate) fn written_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
