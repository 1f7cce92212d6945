use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tidegate_artifact::Digest;
use tidegate_artifact::evidence::Outcome;
use tidegate_core::{not_checked_error, not_rendered_error};
use tidegate_source::{Diagnostic, Location, Severity, Sources};

use super::Gated;
use crate::charts::LockFile;

/// The version of the schema. Fields are added without a new one, and taken away or changed only with
/// one.
const VERSION: u32 = 1;

impl Gated {
    /// How the gate went.
    pub(crate) fn outcome(&self) -> Outcome {
        let findings = self.report().map_or(&[][..], |report| &report.findings);
        let warns = findings.iter().any(|one| one.severity >= Severity::Warning);
        match (self.passed, warns) {
            (true, false) => Outcome::Passed,
            (true, true) => Outcome::Warned,
            (false, _) => Outcome::Failed,
        }
    }

    /// What was gated, from what, and what was found: the same for the same tree, whoever asks.
    ///
    /// It holds codes, places and counts, and no text of the tree.
    pub(crate) fn to_json(&self) -> Value {
        let Some(report) = self.report() else {
            return Value::Null;
        };
        let layer = &self.packaged.layer;
        let configured = &self.checked.configured;
        let config = configured.identity.as_ref();
        let config =
            config.map(|(name, digest)| json!({"path": name, "digest": digest.to_string()}));
        let clusters = report.clusters.iter();
        let clusters = clusters.map(|one| json!({"name": one.name, "path": one.path.as_str()}));
        let charts = self
            .checked
            .charts
            .taken()
            .into_iter()
            .map(|(source, taken)| {
                json!({
                    "source": source.url(),
                    "chart": source.chart(),
                    "version": taken.version,
                    "digest": taken.digest,
                    "locked": taken.is_locked,
                })
            });
        json!({
            "version": VERSION,
            "tool": {"name": "tidegate", "version": env!("CARGO_PKG_VERSION")},
            "result": self.outcome().as_str(),
            "content": {
                "digest": layer.diff_id.to_string(),
                "bytes": layer.tar_size,
                "files": layer.entries.iter().filter(|one| one.size.is_some()).count(),
                "root": self.packaged.root.as_str(),
                "path": self.tree.part().as_str(),
            },
            "layer": {"digest": layer.digest.to_string(), "bytes": layer.bytes.len()},
            "config": config,
            "lock": self.lock(),
            "clusters": clusters.collect::<Vec<_>>(),
            "rendered": {
                "kustomizations": report.counts.kustomizations,
                "objects": report.counts.objects,
                "files": report.counts.files,
                "bytes": report.counts.bytes,
            },
            "charts": charts.collect::<Vec<_>>(),
            "findings": counted(&report.findings),
            "waived": self.waived(),
            "inBaseline": self.checked.known,
            "notChecked": self.not_checked(),
        })
    }

    /// The lock file of the charts, and the digest of its bytes.
    fn lock(&self) -> Option<Value> {
        let place = LockFile::place(&self.checked.configured).ok()?.path;
        let bytes = self.tree.system().read(&place).ok()?;
        Some(json!({"path": place.as_str(), "digest": Digest::of(&bytes).to_string()}))
    }

    /// Waivers by code, with their reasons.
    fn waived(&self) -> Vec<Value> {
        let mut by_code: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for one in &self.checked.waived {
            let (count, reasons) = by_code.entry(one.finding.code.as_str()).or_default();
            *count += 1;
            reasons.insert(&one.reason);
        }
        let all = by_code.into_iter();
        all.map(
            |(code, (count, reasons))| json!({"code": code, "count": count, "reasons": reasons}),
        )
        .collect()
    }

    /// What was not rendered or not checked, and why that was accepted.
    fn not_checked(&self) -> Vec<Value> {
        let Some(report) = self.report() else {
            return Vec::new();
        };
        let rendered = report.not_rendered.iter().map(not_rendered_error);
        let checked = report.not_checked.iter().map(not_checked_error);
        let sources = &self.checked.sources;
        let counts: BTreeSet<(&str, &str)> = report
            .findings
            .iter()
            .map(|one| (one.code.as_str(), one.message.as_str()))
            .collect();
        let all = rendered.chain(checked).map(|one| {
            let waived = self.checked.waived.iter().find(|waived| {
                waived.finding.code == one.code && waived.finding.message == one.message
            });
            let accepted = match waived {
                Some(waived) => Some(waived.reason.as_str()),
                None if counts.contains(&(one.code.as_str(), one.message.as_str())) => None,
                None => Some("the level of the rule in the config"),
            };
            json!({
                "code": one.code.as_str(),
                "what": one.message,
                "place": place(&one.primary, sources),
                "accepted": accepted,
            })
        });
        all.collect()
    }
}

/// Findings by code and severity.
fn counted(findings: &[Diagnostic]) -> Vec<Value> {
    let mut by_code: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for one in findings {
        *by_code
            .entry((one.code.as_str(), one.severity))
            .or_default() += 1;
    }
    let all = by_code.into_iter();
    all.map(|((code, severity), count)| {
        json!({"code": code, "severity": severity.as_str(), "count": count})
    })
    .collect()
}

fn place(location: &Location, sources: &Sources) -> Option<String> {
    let path = location.path(sources)?;
    Some(match location.line_col(sources) {
        Some(at) => format!("{path}:{}", at.line),
        None => path.to_string(),
    })
}
