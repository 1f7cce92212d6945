//! The result as one JSON document.
//!
//! Fields are added without a new version, and taken away or changed only with one.

use jiff::Timestamp;
use serde_json::{Value, json};
use tidegate_artifact::evidence::to_second;
use tidegate_health::{Evidence, Verdict};
use tidegate_source::Subject;

use super::located::Located;

/// The version of the schema.
const VERSION: u32 = 1;

/// Writes the result.
pub(crate) fn json(
    environment: &str,
    digest: &str,
    evidence: &Evidence,
    reasons: &[Located],
    not_judged: &[Located],
) -> String {
    // The fields that `tidegate attest --result` reads are `digest`, `result`, `reason`, `time` and the tests.
    let shown = |located: &Located| located.reason.to_string();
    let is_of = |verdict: &Verdict| *verdict == evidence.verdict;
    let failed: Vec<String> = match &evidence.verdict {
        Verdict::Failed(_) => reasons.iter().map(shown).collect(),
        Verdict::Passed | Verdict::Inconclusive(_) => Vec::new(),
    };
    let document = json!({
        "passedTests": if is_of(&Verdict::Passed) { vec!["rollout"] } else { Vec::new() },
        "failedTests": failed,
        "reason": reasons.first().map(shown),
        "time": to_second(Timestamp::now()),
        "version": VERSION,
        "environment": environment,
        "digest": digest,
        "result": evidence.verdict.as_str(),
        "reasons": list(reasons),
        "notJudged": list(not_judged),
        "counts": {
            "expected": evidence.counts.expected,
            "current": evidence.counts.current,
            "notJudged": evidence.counts.not_judged,
        },
        "window": {
            "seconds": evidence.window.as_secs(),
            "samples": evidence.window_samples,
        },
        "cluster": {
            "uid": evidence.cluster_uid,
            "version": evidence.server_version,
            "clockAheadSeconds": evidence.clock_skew,
        },
        "samples": evidence.samples,
        "seconds": evidence.took.as_secs(),
        "requests": evidence.requests,
    });
    format!("{document:#}\n")
}

fn list(reasons: &[Located]) -> Vec<Value> {
    let one = |located: &Located| {
        json!({
            "kind": located.reason.kind.as_str(),
            "object": located.reason.subject.as_ref().map(object),
            "field": located.reason.field,
            "message": located.reason.message,
            "source": located.line.as_ref().map(|line| {
                json!({"path": line.path, "line": line.line, "column": line.column})
            }),
        })
    };
    reasons.iter().map(one).collect()
}

fn object(subject: &Subject) -> Value {
    json!({
        "apiVersion": subject.api_version,
        "kind": subject.kind,
        "namespace": subject.namespace,
        "name": subject.name,
    })
}
