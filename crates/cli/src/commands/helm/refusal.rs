//! Errors as people read them: at the line of the template or value.

use std::io::{self, Write};

use tidegate_core::codes;
use tidegate_helm::checks::WhyBad;
use tidegate_helm::{RenderError, RenderErrorKind};
use tidegate_report::{Format, Renderer, Summary};
use tidegate_source::{Code, Diagnostic, Location, Sink, Span};

use super::files::Files;
use crate::args::Global;
use crate::commands::{Failure, written};
use crate::terminal::{Stream, drawing};

/// How many templates on the way to the one that fails are shown.
const MOST_FRAMES: usize = 4;

/// Says on standard error why there is no output.
pub(super) fn show(error: &RenderError, files: &Files, global: &Global) -> Result<(), Failure> {
    let mut sink = Sink::new();
    sink.extend(findings(error));
    let findings = sink.finish(files.sources());
    let mut text = Vec::new();
    let drawn = match findings.as_slice() {
        // Nothing can be drawn.
        [only] if only.primary == Location::Span(Span::NONE) => {
            writeln!(text, "error: {}", only.message)
        }
        findings => {
            let show_path = |path: &_| files.shown(path);
            let drawing = drawing(Stream::Stderr, global.color);
            let renderer = Renderer::new(Format::Human, drawing, &show_path);
            renderer.write(findings, files.sources(), &Summary::default(), &mut text)
        }
    };
    written(drawn.and_then(|()| io::stderr().lock().write_all(&text)))
}

fn findings(error: &RenderError) -> Vec<Diagnostic> {
    if !error.bad_values.is_empty() {
        return bad_values(error);
    }
    let (code, help) = code_and_help(error.kind);
    let mut message = error.message.clone();
    let mut frames = error.frames.iter().rev().filter(|one| one.span.is_some());
    let location = error.location.clone().or_else(|| {
        let frame = frames.next()?;
        message = match error.kind {
            RenderErrorKind::Fail => format!("the chart refuses the values: {}", error.said()),
            _ => format!("the template `{}` fails: {}", frame.template, error.reason),
        };
        Some(Location::Span(frame.span))
    });
    let mut finding = Diagnostic::error(code, Span::NONE, message);
    if let Some(help) = help {
        finding = finding.with_help(help);
    }
    if let Some(location) = location {
        finding.primary = location;
    }
    for frame in frames.take(MOST_FRAMES) {
        finding = finding.with_label(frame.span, "called here");
    }
    for place in &error.values {
        if place.span().is_some() {
            finding = finding.with_label(place.span(), "for this value");
        }
    }
    vec![finding]
}

fn bad_values(error: &RenderError) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let code = codes::VALUES_AGAINST_SCHEMA;
    for bad in &error.bad_values {
        let chart = &bad.chart;
        match &bad.why {
            WhyBad::Invalid(invalid) => {
                for violation in invalid.violations() {
                    let path = bad.path.iter().chain(&violation.path);
                    let path: Vec<&str> = path.map(|key| key.as_str()).collect();
                    let name = match path.is_empty() {
                        true => "the values as a whole".to_owned(),
                        false => format!("`{}`", path.join(".")),
                    };
                    let message = format!(
                        "{name} {}, as the chart {chart} wants it",
                        violation.problem
                    );
                    let finding = Diagnostic::error(code, violation.place.span(), message);
                    findings.push(match violation.nearest {
                        Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                        None => finding,
                    });
                }
            }
            WhyBad::Schema(_) | WhyBad::NotAMap(..) => {
                let why = bad.to_string().replace('\n', " ");
                let message = format!("the values cannot be checked: {}", why.trim());
                let whole = bad
                    .schema
                    .as_ref()
                    .map_or(Span::NONE, |file| Span::new(file.id(), 0, 0));
                findings.push(Diagnostic::error(code, whole, message));
            }
        }
    }
    findings
}

fn code_and_help(kind: RenderErrorKind) -> (Code, Option<&'static str>) {
    match kind {
        RenderErrorKind::Chart | RenderErrorKind::Dependency => (codes::INVALID_CHART, None),
        RenderErrorKind::Values => (codes::INVALID_VALUES, None),
        RenderErrorKind::Schema => (codes::VALUES_AGAINST_SCHEMA, None),
        RenderErrorKind::KubeVersion => (
            codes::KUBERNETES_REFUSED,
            Some("take another version of the chart, or set --kube-version"),
        ),
        RenderErrorKind::Release | RenderErrorKind::Usage => (codes::INVALID_RELEASE, None),
        RenderErrorKind::Fail => (
            codes::CHART_REFUSES,
            Some("change the values as the chart asks for"),
        ),
        RenderErrorKind::Parse | RenderErrorKind::Execute => (codes::CHART_TEMPLATE_FAILS, None),
        RenderErrorKind::Output => (codes::CHART_OUTPUT_NOT_YAML, None),
    }
}
