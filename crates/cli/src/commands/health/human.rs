//! The result for people.

use std::fmt::Write as _;

use tidegate_health::{Evidence, Verdict};

use super::located::Located;

/// How many reasons are shown; the others are counted.
const MOST: usize = 20;

/// Writes the result.
pub(crate) fn human(
    environment: &str,
    digest: &str,
    evidence: &Evidence,
    reasons: &[Located],
    color: bool,
) -> String {
    let mut out = String::new();
    let (word, paint) = match evidence.verdict {
        Verdict::Passed => ("PASSED", "\x1b[1;32m"),
        Verdict::Failed(_) => ("FAILED", "\x1b[1;31m"),
        Verdict::Inconclusive(_) => ("INCONCLUSIVE", "\x1b[1;33m"),
    };
    let (paint, plain) = if color { (paint, "\x1b[0m") } else { ("", "") };
    // A String takes whatever is written to it.
    let _ = writeln!(out, "{paint}{word}{plain}  {environment} at {digest}");
    for located in reasons.iter().take(MOST) {
        let _ = writeln!(out, "  {}", located.reason);
        if let Some(line) = &located.line {
            let _ = writeln!(out, "    {}:{}:{}", line.path, line.line, line.column);
        }
    }
    if reasons.len() > MOST {
        let _ = writeln!(out, "  and {} more", reasons.len() - MOST);
    }
    let counts = evidence.counts;
    let _ = write!(
        out,
        "{} objects expected, {} current",
        counts.expected, counts.current
    );
    if counts.not_judged > 0 {
        let _ = write!(out, ", {} not judged", counts.not_judged);
    }
    let _ = write!(
        out,
        "; {} samples in {} s",
        evidence.samples,
        evidence.took.as_secs()
    );
    if evidence.window_samples > 0 {
        let _ = write!(
            out,
            ", the last {} good for {} s",
            evidence.window_samples,
            evidence.window.as_secs()
        );
    }
    if let Some(skew) = evidence.clock_skew {
        let (by, how) = (skew.abs(), if skew > 0 { "ahead" } else { "behind" });
        let _ = write!(out, "; the clock of the API server is {by} s {how}");
    }
    out.push('\n');
    out
}
