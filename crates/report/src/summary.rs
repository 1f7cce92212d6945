//! What was checked, what was not, and how many findings there are.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tidegate_source::{
    Diagnostic, NotChecked, NotCheckedReason, NotRendered, Severity, SkipReason, Waived,
};

use crate::text::printable;
use crate::view::Views;

/// What a run did. All numbers are of the whole run, not of one cluster.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary<'a> {
    /// Clusters that were found.
    pub clusters: usize,
    /// Kustomizations that were built.
    pub kustomizations: usize,
    /// Objects that were rendered.
    pub objects: usize,
    /// Files that were read.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// How long it took. Shown to people only: machines get the same bytes for the same input.
    pub elapsed: Duration,
    /// What was not rendered, sorted by place.
    pub not_rendered: &'a [NotRendered],
    /// What was not checked, sorted by kind.
    pub not_checked: &'a [NotChecked],
    /// Findings that are waived, sorted by place.
    pub waived: &'a [Waived],
    /// How many findings the baseline knows.
    pub known: usize,
}

/// So many things that were not rendered are listed one by one; more are only counted.
const MOST_LISTED: usize = 10;

/// How many findings have a severity.
pub(crate) fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    let same = findings.iter().filter(|one| one.severity == severity);
    same.count()
}

/// Writes the summary for people.
pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    summary: &Summary<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let clusters = match summary.clusters {
        0 => String::new(),
        n => format!("{}: ", number(n, "cluster")),
    };
    writeln!(
        out,
        "Checked {clusters}{} with {} from {} in {}",
        number(summary.kustomizations, "kustomization"),
        number(summary.objects, "object"),
        number(summary.files, "file"),
        duration(summary.elapsed)
    )?;
    if !summary.not_rendered.is_empty() {
        let mut reasons: BTreeMap<SkipReason, usize> = BTreeMap::new();
        for skipped in summary.not_rendered {
            *reasons.entry(skipped.reason).or_default() += 1;
        }
        let reasons = reasons.iter();
        let reasons = reasons.map(|(reason, n)| format!("{} ({n})", reason.as_str()));
        let reasons: Vec<String> = reasons.collect();
        writeln!(out, "Not rendered: {}", reasons.join(", "))?;
        if summary.not_rendered.len() <= MOST_LISTED {
            for skipped in summary.not_rendered {
                let place = views.place(&skipped.location).to_string();
                let (what, place) = (printable(&skipped.what), printable(&place));
                writeln!(out, "  {what} at {place}")?;
            }
        } else {
            writeln!(out, "  --format json lists them")?;
        }
        let is_chart = |one: &NotRendered| one.reason == SkipReason::Chart;
        if summary.not_rendered.iter().any(is_chart) {
            writeln!(
                out,
                "  `tidegate charts fetch` gets charts from their sources"
            )?;
        }
    }
    for reason in [
        NotCheckedReason::UnknownKind,
        NotCheckedReason::OtherCluster,
        NotCheckedReason::ValuesSchema,
    ] {
        let items = summary.not_checked.iter();
        let items: Vec<&NotChecked> = items.filter(|item| item.reason == reason).collect();
        if !items.is_empty() {
            writeln!(out, "Not checked: {}", not_checked(reason, &items))?;
        }
    }
    if !summary.waived.is_empty() {
        let waived = number(summary.waived.len(), "finding");
        writeln!(out, "Waived: {waived} (--show-waived lists them)")?;
    }
    if summary.known > 0 {
        writeln!(out, "In the baseline: {}", number(summary.known, "finding"))?;
    }
    let counts = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| {
        let name = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        (count(findings, severity), name)
    });
    let counts = counts.iter().filter(|(n, _)| *n > 0);
    let counts: Vec<String> = counts.map(|(n, name)| number(*n, name)).collect();
    let counts = counts.join(", ");
    // The first of the worst: what its page says helps most.
    let worst = findings.iter().map(|finding| finding.severity).max();
    match findings.iter().find(|one| Some(one.severity) == worst) {
        Some(first) => writeln!(
            out,
            "Found {counts}: `tidegate explain {}` says more",
            first.code
        ),
        None => writeln!(out, "No findings"),
    }
}

/// How much was not checked for a reason, and what.
fn not_checked(reason: NotCheckedReason, items: &[&NotChecked]) -> String {
    let objects = items.iter().map(|item| item.objects).sum();
    let what = match reason {
        NotCheckedReason::UnknownKind => {
            format!("{} of kinds without a schema", number(objects, "object"))
        }
        NotCheckedReason::OtherCluster => {
            format!("{} for other clusters", number(objects, "object"))
        }
        NotCheckedReason::ValuesSchema => "values whose schema needs the network".to_owned(),
    };
    let listed = items.iter().take(MOST_LISTED).map(|item| {
        let count = item.objects;
        match reason {
            NotCheckedReason::UnknownKind => format!("{} ({count})", printable(&item.kind)),
            NotCheckedReason::OtherCluster => {
                format!("{} {} ({count})", item.kind, printable(&item.name))
            }
            NotCheckedReason::ValuesSchema => format!("{} {}", item.kind, printable(&item.name)),
        }
    });
    let listed: Vec<String> = listed.collect();
    let more = match items.len() > MOST_LISTED {
        true => ", ...",
        false => "",
    };
    format!("{what}: {}{more}", listed.join(", "))
}

/// A count with its thousands apart, and the plural.
fn number(n: usize, name: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let plural = if n == 1 { "" } else { "s" };
    format!("{text} {name}{plural}")
}

fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        0 => "less than 1 ms".to_owned(),
        ms @ ..10_000 => format!("{ms} ms"),
        _ => format!("{:.1} s", elapsed.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0, "file"), "0 files");
        assert_eq!(number(1, "file"), "1 file");
        assert_eq!(number(1_234_567, "file"), "1,234,567 files");
        assert_eq!(duration(Duration::from_micros(90)), "less than 1 ms");
        assert_eq!(duration(Duration::from_millis(31)), "31 ms");
        assert_eq!(duration(Duration::from_millis(12_340)), "12.3 s");
    }
}
