//! Everything that is known about each finding, as one JSON document.
//!
//! Lines and columns start at 1 and columns count characters; offsets count bytes of the file's
//! text as UTF-8; ends are exclusive. A location without `start` is a file or folder as a whole.
//! Fields are added without a new version, and taken away or changed only with one.

use std::io;

use serde::Serialize;
use tidegate_source::{Diagnostic, LineCol, NotChecked, NotRendered, Severity};

use crate::summary::{Summary, count};
use crate::view::{Place, Views};

/// The version of the schema.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Totals,
    findings: Vec<Finding<'a>>,
    waived: Vec<Accepted<'a>>,
    not_rendered: Vec<Skipped<'a>>,
    not_checked: Vec<Unchecked<'a>>,
}

#[derive(Serialize)]
struct Totals {
    errors: usize,
    warnings: usize,
    infos: usize,
    clusters: usize,
    kustomizations: usize,
    objects: usize,
    files: usize,
    bytes: u64,
    not_rendered: usize,
    not_checked: usize,
    waived: usize,
    in_baseline: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    location: At,
    note: &'a str,
    labels: Vec<Noted<'a>>,
    trail: Vec<Noted<'a>>,
    subject: Option<Object<'a>>,
    clusters: &'a [String],
    help: Option<&'a str>,
    fix: Option<Change<'a>>,
}

#[derive(Serialize)]
struct Accepted<'a> {
    reason: &'a str,
    location: At,
    finding: Finding<'a>,
}

#[derive(Serialize)]
struct At {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Point>,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Noted<'a> {
    text: &'a str,
    location: At,
}

#[derive(Serialize)]
struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    location: At,
    text: &'a str,
}

#[derive(Serialize)]
struct Skipped<'a> {
    reason: &'static str,
    what: &'a str,
    location: At,
}

#[derive(Serialize)]
struct Unchecked<'a> {
    reason: &'a str,
    api_version: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    objects: usize,
    location: At,
}

pub(crate) fn write(
    findings: &[Diagnostic],
    views: &Views<'_>,
    summary: &Summary<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        summary: Totals {
            errors: count(findings, Severity::Error),
            warnings: count(findings, Severity::Warning),
            infos: count(findings, Severity::Info),
            clusters: summary.clusters,
            kustomizations: summary.kustomizations,
            objects: summary.objects,
            files: summary.files,
            bytes: summary.bytes,
            not_rendered: summary.not_rendered.len(),
            not_checked: summary.not_checked.iter().map(|one| one.objects).sum(),
            waived: summary.waived.len(),
            in_baseline: summary.known,
        },
        findings: findings.iter().map(|one| finding(one, views)).collect(),
        waived: summary
            .waived
            .iter()
            .map(|one| Accepted {
                reason: &one.reason,
                location: at(views.place(&one.location)),
                finding: finding(&one.finding, views),
            })
            .collect(),
        not_rendered: summary
            .not_rendered
            .iter()
            .map(|one| skipped(one, views))
            .collect(),
        not_checked: summary
            .not_checked
            .iter()
            .map(|one| unchecked(one, views))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn finding<'a>(finding: &'a Diagnostic, views: &Views<'_>) -> Finding<'a> {
    let labels = finding.labels.iter().map(|label| Noted {
        text: &label.text,
        location: at(views.span(label.span)),
    });
    let trail = finding.trail.iter().map(|step| Noted {
        text: &step.text,
        location: at(views.place(&step.location)),
    });
    Finding {
        code: finding.code.as_str(),
        severity: finding.severity.as_str(),
        message: &finding.message,
        location: at(views.place(&finding.primary)),
        note: &finding.note,
        labels: labels.collect(),
        trail: trail.collect(),
        subject: finding.subject.as_ref().map(|subject| Object {
            api_version: &subject.api_version,
            kind: &subject.kind,
            namespace: &subject.namespace,
            name: &subject.name,
        }),
        clusters: &finding.clusters,
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| Change {
            title: &fix.title,
            edits: fix
                .edits
                .iter()
                .map(|edit| Edit {
                    location: at(views.span(edit.span)),
                    text: &edit.text,
                })
                .collect(),
        }),
    }
}

fn unchecked<'a>(item: &'a NotChecked, views: &Views<'_>) -> Unchecked<'a> {
    Unchecked {
        reason: item.reason.as_str(),
        name: Some(item.name.as_str()).filter(|name| !name.is_empty()),
        api_version: &item.api_version,
        kind: &item.kind,
        objects: item.objects,
        location: at(views.place(&item.location)),
    }
}

fn skipped<'a>(skipped: &'a NotRendered, views: &Views<'_>) -> Skipped<'a> {
    Skipped {
        reason: skipped.reason.as_str(),
        what: &skipped.what,
        location: at(views.place(&skipped.location)),
    }
}

fn at(place: Place) -> At {
    let point = |(LineCol { line, column }, offset)| Point {
        line,
        column,
        offset,
    };
    let (start, end) = match place.range {
        Some([start, end]) => (Some(point(start)), Some(point(end))),
        None => (None, None),
    };
    At {
        path: place.path,
        start,
        end,
    }
}
