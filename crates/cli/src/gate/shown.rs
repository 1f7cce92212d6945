use std::fmt::Write as _;
use std::io::{self, Write as _};

use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{Sink, TreePath};

use super::{Answer, Gated};
use crate::args::Global;
use crate::checking::Checked;
use crate::commands::{Failure, written};
use crate::place::WorkingFolder;
use crate::terminal::{Stream, drawing};
use crate::tree::Tree;

/// So many files that are not those of the commit are named.
const MOST_NAMED: usize = 3;

impl Answer {
    /// Shows the findings on a stream.
    pub(crate) fn show_findings(
        &self,
        format: Format,
        stream: Stream,
        global: &Global,
        working: &WorkingFolder,
    ) -> Result<(), Failure> {
        let (tree, checked) = match self {
            Answer::Gated(gated) => (&gated.tree, &gated.checked),
            Answer::Misconfigured(parts) => (&parts.0, &parts.1),
        };
        let text = findings(tree, checked, format, stream, global, working);
        let text = text.map_err(|error| Failure::new(error.to_string()))?;
        written(match stream {
            Stream::Stdout => io::stdout().lock().write_all(&text),
            Stream::Stderr => io::stderr().lock().write_all(&text),
        })
    }
}

fn findings(
    tree: &Tree,
    checked: &Checked,
    format: Format,
    stream: Stream,
    global: &Global,
    working: &WorkingFolder,
) -> io::Result<Vec<u8>> {
    let Checked {
        sources,
        configured,
        report,
        waived,
        known,
        ..
    } = checked;
    let show_path = |path: &TreePath| configured.shown(working, tree.root(), path);
    let renderer = Renderer::new(format, drawing(stream, global.color), &show_path);
    let mut text = Vec::new();
    let Some(report) = report else {
        let mut sink = Sink::new();
        sink.extend(configured.findings.iter().cloned());
        let findings = sink.finish(sources);
        renderer.write(&findings, sources, &Summary::default(), &mut text)?;
        return Ok(text);
    };
    let summary = Summary {
        clusters: report.counts.clusters,
        kustomizations: report.counts.kustomizations,
        objects: report.counts.objects,
        files: report.counts.files,
        bytes: report.counts.bytes,
        elapsed: std::time::Duration::ZERO,
        // Each of them is a finding here, or was accepted.
        not_rendered: &[],
        not_checked: &[],
        waived,
        known: *known,
    };
    renderer.write(&report.findings, sources, &summary, &mut text)?;
    Ok(text)
}

impl Gated {
    /// The report for people.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let Some(report) = self.report() else {
            return out;
        };
        let findings = report.findings.len();
        let verdict = match (self.passed, findings) {
            (true, 0) => "The gate is passed\n".to_owned(),
            (true, _) => format!(
                "The gate is passed, with {}\n",
                counted(findings, "finding")
            ),
            (false, _) => format!("The gate refuses: {}\n", counted(findings, "finding")),
        };
        out.push_str(&verdict);
        let mut row = |name: &str, text: &str| {
            if !text.is_empty() {
                let _ = writeln!(out, "  {name:<9} {text}");
            }
        };
        let names: Vec<&str> = report
            .clusters
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let mut rendered = format!(
            "{}, {}",
            counted(report.counts.kustomizations, "kustomization"),
            counted(report.counts.objects, "object")
        );
        let charts = self.checked.charts.taken().len();
        if charts > 0 {
            let _ = write!(rendered, ", {}", counted(charts, "chart"));
        }
        row("clusters", &names.join(", "));
        row("rendered", &rendered);
        row("waived", &self.waived_text());
        let unaccepted = report.not_rendered.len() + report.not_checked.len();
        if self.passed && unaccepted > 0 {
            row(
                "unchecked",
                &format!("{}, as the config accepts", counted(unaccepted, "part")),
            );
        }
        row("commit", &self.commit_text());
        let layer = &self.packaged.layer;
        let files = layer
            .entries
            .iter()
            .filter(|one| one.size.is_some())
            .count();
        let below = match self.packaged.root.is_root() {
            true => String::new(),
            false => format!(" of {}", self.packaged.root),
        };
        row(
            "packed",
            &format!(
                "{}{below}, {}; {} compressed",
                counted(files, "file"),
                size(layer.tar_size),
                size(layer.bytes.len() as u64)
            ),
        );
        row("content", &layer.diff_id.to_string());
        out
    }

    fn waived_text(&self) -> String {
        let waived = self.checked.waived.len();
        let known = self.checked.known;
        match (waived, known) {
            (0, 0) => String::new(),
            (_, 0) => counted(waived, "finding"),
            (0, _) => format!("{} in the baseline", counted(known, "finding")),
            _ => format!(
                "{}, and {known} in the baseline",
                counted(waived, "finding")
            ),
        }
    }

    fn commit_text(&self) -> String {
        let Some(commit) = &self.origin.commit else {
            return String::new();
        };
        let short = commit.id.get(..12).unwrap_or(&commit.id);
        let mut text = short.to_owned();
        if let Some(name) = &commit.name {
            let _ = write!(text, " ({name})");
        }
        let unlike = self.unlike_commit();
        if !unlike.is_empty() {
            let verb = if unlike.len() == 1 {
                "differs"
            } else {
                "differ"
            };
            let _ = write!(text, ", from which {} {verb}", named(&unlike));
        }
        text
    }
}

/// A few files by name, the others by number.
pub(crate) fn named(files: &[TreePath]) -> String {
    let shown: Vec<&str> = files
        .iter()
        .take(MOST_NAMED)
        .map(TreePath::as_str)
        .collect();
    match files.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A number with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// A number of bytes, for people.
pub(crate) fn size(bytes: u64) -> String {
    const STEP: u64 = 1000;
    match bytes {
        0..STEP => format!("{bytes} B"),
        STEP..1_000_000 => format!("{} kB", bytes / STEP),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
