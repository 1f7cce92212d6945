//! What counts of what was found: levels of rules, waivers, the baseline.

use tidegate_source::{Code, Diagnostic, Sink, Sources, Waived};

use crate::baseline::Baseline;
use crate::config::{Config, Date};
use crate::rules::is_off_by_default;
use crate::waivers::Waivers;

/// What findings are judged by.
#[derive(Debug)]
pub struct Judging<'a> {
    /// Levels and waivers.
    pub config: &'a Config,
    /// Findings that are known.
    pub baseline: Option<Baseline>,
    /// The day, for waivers that hold until one.
    pub today: Date,
    /// Whether all of the tree was checked. A waiver or an entry of a baseline is reported as
    /// unused only then.
    pub everything_was_checked: bool,
    /// Rules that were not looked at, although everything else was: their waivers may be used elsewhere.
    pub not_looked_at: &'a [Code],
}

/// Findings, told apart.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Those that count, sorted by place, with what is wrong with waivers and the baseline.
    pub findings: Vec<Diagnostic>,
    /// Those that are waived, sorted by place.
    pub waived: Vec<Waived>,
    /// How many are in the baseline.
    pub known: usize,
}

/// Judges findings that are sorted and whose places are real, as [`Sink::finish`] leaves them.
pub fn judge(findings: Vec<Diagnostic>, sources: &Sources, by: Judging<'_>) -> Verdict {
    let Judging {
        config,
        baseline,
        today,
        everything_was_checked,
        not_looked_at,
    } = by;
    let mut waivers = Waivers::new(sources, config, today);
    let mut verdict = Verdict::default();
    for finding in findings {
        let Some(finding) = levelled(finding, config) else {
            continue;
        };
        match waivers.waive(finding, sources) {
            Ok(waived) => verdict.waived.push(waived),
            Err(finding) => verdict.findings.push(*finding),
        }
    }
    let mut about_waivers = waivers.findings(everything_was_checked, not_looked_at);
    if let Some(mut baseline) = baseline {
        (verdict.findings, verdict.known) = baseline.split(verdict.findings, sources);
        about_waivers.extend(baseline.stale().filter(|_| everything_was_checked));
    }
    let about_waivers = about_waivers.into_iter();
    let about_waivers: Vec<Diagnostic> = about_waivers
        .filter_map(|finding| levelled(finding, config))
        .collect();
    if !about_waivers.is_empty() {
        let mut sink = Sink::new();
        sink.extend(verdict.findings);
        sink.extend(about_waivers);
        verdict.findings = sink.finish(sources);
    }
    verdict
}

/// The finding with the severity that the config gives to its rule; none where that is off.
fn levelled(mut finding: Diagnostic, config: &Config) -> Option<Diagnostic> {
    match config.level(finding.code) {
        Some(level) => finding.severity = level.severity?,
        None if is_off_by_default(finding.code) => return None,
        None => {}
    }
    Some(finding)
}
