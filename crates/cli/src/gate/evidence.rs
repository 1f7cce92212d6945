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
        Envelope::of(&Statement::new(repository, digest, &self.result(now)), key)
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
        let details = Details {
            diff_id: Some(self.packaged.layer.diff_id.to_string()),
            report: Some(self.to_json()),
            ..Details::new(Evidence::Gate, now)
        };
        TestResult {
            configuration: configuration.into_iter().collect(),
            passed_tests: passed,
            warned_tests: codes(&|severity| severity == Severity::Warning),
            failed_tests: codes(&is_error),
            ..TestResult::new(self.outcome(), details)
        }
    }
}
