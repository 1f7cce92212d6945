//! What is said where a HelmRelease cannot be rendered.

use tidegate_gotemplate::Frame;
use tidegate_helm::{Chart, RenderError, RenderErrorKind, Rendered};
use tidegate_source::{Code, Diagnostic, Location, Severity, Sources, Span, nearest};
use tidegate_yaml::Node;

use super::charts::{ChartRequest, RefusedChart};
use super::locate::{ChartAt, Located, NotLocated};
use super::values::{Composed, ValuesError, ValuesProblem};
use crate::codes;
use crate::flux::HelmRelease;
use crate::printed::NotYaml;

/// Why a HelmRelease gives no objects.
#[derive(Debug)]
pub(crate) enum NoObjects {
    /// Flux fails, too.
    Failed(Vec<Diagnostic>),
    /// It is not known what it gives.
    NotAtHand(NotAtHand),
}

/// Why it is not known what a HelmRelease gives.
#[derive(Debug)]
pub(crate) struct NotAtHand {
    /// What is not there, in words that go behind the name of the HelmRelease.
    pub(crate) what: String,
    /// Where it is named.
    pub(crate) span: Span,
}

impl NoObjects {
    pub(super) fn failed(finding: Diagnostic) -> NoObjects {
        NoObjects::Failed(vec![finding])
    }

    /// The same, with more that is to be said of it.
    pub(super) fn with(mut self, more: Vec<Diagnostic>) -> NoObjects {
        if let NoObjects::Failed(findings) = &mut self {
            findings.extend(more);
        }
        self
    }

    pub(super) fn not_at_hand(what: impl Into<String>, span: Span) -> NoObjects {
        let what = what.into();
        NoObjects::NotAtHand(NotAtHand { what, span })
    }
}

/// The chart of a release is not found.
pub(super) fn not_located(release: &HelmRelease, why: &NotLocated) -> NoObjects {
    let subject = &release.subject;
    let (code, span, message, help) = match why {
        // What the API server refuses is said where objects are held against their schemas.
        NotLocated::NoChart => {
            let what = "it has neither `chart` nor `chartRef`, or both";
            return NoObjects::not_at_hand(what, release.name_span);
        }
        NotLocated::Shapeless { span, message } => {
            return NoObjects::not_at_hand(message.as_str(), *span);
        }
        NotLocated::Invalid { span, message } => (
            codes::INVALID_RELEASE,
            *span,
            format!("{subject} has no chart: {message}"),
            "Flux installs nothing until that is mended",
        ),
        NotLocated::Missing(of) => (
            codes::CHART_SOURCE_MISSING,
            of.span,
            format!(
                "{subject} takes its chart from {} {}/{}, which the cluster does not have",
                of.kind, of.namespace, of.name
            ),
            "add it to the tree, or name another one; without a `namespace`, it is looked for in that \
             of the HelmRelease",
        ),
        NotLocated::Unknown(of) => {
            let what = format!(
                "{} {}/{}, which something that is not rendered may provide",
                of.kind, of.namespace, of.name
            );
            return NoObjects::not_at_hand(what, of.span);
        }
        NotLocated::OutsideTree(source, span) => {
            return NoObjects::not_at_hand(format!("chart from {source}, another tree"), *span);
        }
        NotLocated::Substituted { text, span } => {
            let what = format!("chart of `{text}`, which only the cluster knows");
            return NoObjects::not_at_hand(what, *span);
        }
        NotLocated::External(of) => {
            let what = format!("chart from ExternalArtifact {}/{}", of.namespace, of.name);
            return NoObjects::not_at_hand(what, of.span);
        }
    };
    let finding = Diagnostic::error(code, span, message);
    NoObjects::failed(finding.with_subject(subject.clone()).with_help(help))
}

/// The source has no such chart.
pub(super) fn no_such_chart(
    release: &HelmRelease,
    located: &Located,
    request: &ChartRequest,
    offered: &[String],
) -> NoObjects {
    let name = request.source.chart();
    let message = format!(
        "{} asks for the chart `{name}`, which {} does not have",
        release.subject,
        request.source.url()
    );
    let mut finding = Diagnostic::error(codes::CHART_NOT_OFFERED, located.chart_span, message)
        .with_subject(release.subject.clone());
    finding.help = Some(match nearest(name, offered.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if offered.is_empty() => "name a chart that it has, or another source".to_owned(),
        None => format!("it has {}", listed(offered)),
    });
    NoObjects::failed(finding)
}

/// The source has the chart, and no version that fits.
pub(super) fn no_such_version(
    release: &HelmRelease,
    located: &Located,
    request: &ChartRequest,
    offered: &[String],
) -> NoObjects {
    let message = format!(
        "{} asks for version `{}` of the chart {}, which {} does not have",
        release.subject,
        request.source.version(),
        request.source.chart(),
        request.source.url()
    );
    let mut finding = Diagnostic::error(
        codes::CHART_VERSION_NOT_OFFERED,
        located.version_span,
        message,
    )
    .with_subject(release.subject.clone());
    finding.help = Some(match offered.is_empty() {
        true => "name a version that it has".to_owned(),
        false => format!("the nearest that it has: {}", listed(offered)),
    });
    NoObjects::failed(finding)
}

/// The chart cannot be loaded.
pub(super) fn refused(
    release: &HelmRelease,
    located: &Located,
    what: &str,
    why: &RefusedChart,
) -> NoObjects {
    let message = format!(
        "the {what} of {} cannot be loaded: {}",
        release.subject, why.message
    );
    let finding = Diagnostic::error(codes::INVALID_CHART, located.version_span, message)
        .with_subject(release.subject.clone())
        .with_help("mend the chart, or name another one");
    NoObjects::failed(in_chart(
        finding,
        located,
        why.location.as_ref(),
        "in the chart",
    ))
}

/// Adds the place in a chart that something is wrong at: as the place of the finding where it can be
/// mended there, else as another place.
fn in_chart(
    mut finding: Diagnostic,
    located: &Located,
    location: Option<&Location>,
    text: &str,
) -> Diagnostic {
    match (location, &located.at) {
        (Some(location), ChartAt::InTree { .. }) => {
            let before = std::mem::replace(&mut finding.primary, location.clone());
            match before {
                Location::Span(span) if span == located.version_span => {
                    finding.with_label(span, "the chart is named here")
                }
                Location::Span(span) => finding.with_label(span, "for this value"),
                Location::Path(_) => finding,
            }
        }
        (Some(Location::Span(span)), ChartAt::Remote(_)) => finding.with_label(*span, text),
        _ => finding,
    }
}

/// Values cannot be put together.
pub(super) fn values(release: &HelmRelease, error: &ValuesError) -> NoObjects {
    let subject = &release.subject;
    let (code, message, help) = match &error.problem {
        ValuesProblem::NoObject(object) => (
            codes::VALUES_MISSING,
            format!("{subject} takes values from {object}, which nothing provides"),
            "add it to the tree, declare it in tidegate.toml if something else makes it, or write \
             `optional: true` if it may be absent",
        ),
        ValuesProblem::NoKey(object, key) => (
            codes::VALUES_MISSING,
            format!(
                "{subject} takes values from the key `{key}` of {object}, which has no such key"
            ),
            "name a key that it has as `valuesKey`, or write `optional: true` if it may be absent",
        ),
        problem => (
            codes::INVALID_VALUES,
            format!("{subject} cannot take values from here: {problem}"),
            "Flux installs nothing until that is mended",
        ),
    };
    let finding = Diagnostic::error(code, error.span, message);
    NoObjects::failed(finding.with_subject(subject.clone()).with_help(help))
}

/// The chart gives nothing for these values.
pub(super) fn render(
    release: &HelmRelease,
    located: &Located,
    chart: &Chart,
    values: &Composed,
    error: &RenderError,
    sources: &Sources,
) -> NoObjects {
    let subject = &release.subject;
    let name = chart.name();
    let reason = one_line(&error.reason);
    let called = ["fail", "required"].map(|name| format!("error calling {name}: "));
    let without = called
        .iter()
        .find_map(|called| reason.strip_prefix(called.as_str()));
    let reason = without.unwrap_or(&reason);
    let (code, message, help) = match error.kind {
        RenderErrorKind::Fail => (
            codes::CHART_REFUSES,
            format!("the chart {name} refuses the values of {subject}: {reason}"),
            "change the values as the chart asks for",
        ),
        RenderErrorKind::Schema => (
            codes::VALUES_AGAINST_SCHEMA,
            format!("the values of {subject} are not as the chart {name} wants them: {reason}"),
            "change the values as the chart's `values.schema.json` asks for",
        ),
        RenderErrorKind::Values => (
            codes::INVALID_VALUES,
            format!("the values of {subject} do not fit the chart {name}: {reason}"),
            "change the values",
        ),
        RenderErrorKind::KubeVersion => (
            codes::KUBERNETES_REFUSED,
            format!("the chart {name} of {subject} is not for this Kubernetes: {reason}"),
            "take another version of the chart, or set `kubernetes` in tidegate.toml to the version \
             that the cluster has",
        ),
        RenderErrorKind::Release | RenderErrorKind::Usage => (
            codes::INVALID_RELEASE,
            format!("Helm refuses {subject}: {reason}"),
            "set `spec.releaseName` to a name that Helm takes",
        ),
        RenderErrorKind::Chart | RenderErrorKind::Dependency => (
            codes::INVALID_CHART,
            format!("the chart {name} of {subject} cannot be used: {reason}"),
            "mend the chart, or name another one",
        ),
        RenderErrorKind::Parse | RenderErrorKind::Execute | RenderErrorKind::Output => (
            template_code(error.kind),
            format!("the chart {name} fails with the values of {subject}: {reason}"),
            "change the values that lead there, or the version of the chart",
        ),
    };
    let span = match value_behind(error, values, sources) {
        Some(span) => span,
        None => located.version_span,
    };
    let mut finding = Diagnostic::error(code, span, message)
        .with_subject(subject.clone())
        .with_help(help);
    let frames = error
        .frames
        .iter()
        .rev()
        .filter(|frame| frame.span.is_some());
    let mut texts = ["the template fails here"]
        .into_iter()
        .chain(std::iter::repeat("called here"));
    let mut places = frames.take(MOST_FRAMES).map(|frame| frame.span);
    let first = match &error.location {
        Some(location) => Some(location.clone()),
        None => places.next().map(Location::Span),
    };
    finding = in_chart(
        finding,
        located,
        first.as_ref(),
        texts.next().unwrap_or_default(),
    );
    for (span, text) in places.zip(texts) {
        finding = finding.with_label(span, text);
    }
    NoObjects::failed(finding)
}

/// How many templates on the way to the one that fails are shown.
const MOST_FRAMES: usize = 4;

fn template_code(kind: RenderErrorKind) -> Code {
    match kind {
        RenderErrorKind::Output => codes::CHART_OUTPUT_NOT_YAML,
        _ => codes::CHART_TEMPLATE_FAILS,
    }
}

/// The value that the failing template names, or what is there of the way to it: the innermost template
/// that names one counts.
fn value_behind(error: &RenderError, values: &Composed, sources: &Sources) -> Option<Span> {
    let frames = error.frames.iter().rev();
    let mut found = frames.filter_map(|frame| value_of_frame(frame, &values.values, sources));
    found.next()
}

fn value_of_frame(frame: &Frame, values: &Node, sources: &Sources) -> Option<Span> {
    let file = sources.get(frame.span.file)?;
    let action = file.text().ok()?;
    let action = action.get(frame.span.start as usize..frame.span.end as usize)?;
    // `.Values` of a sub-chart are those below its name.
    let mut folders = frame.source.split("/charts/").skip(1);
    let within = folders.clone().count();
    let mut node = values;
    for folder in folders.by_ref() {
        let name = folder.split('/').next().unwrap_or(folder);
        node = node.get(name)?;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut paths = action.split(".Values.").skip(1);
    paths.find_map(|path| {
        let mut at = node;
        let mut depth = within;
        let end = path.find(|c| !is_name(c) && c != '.').unwrap_or(path.len());
        for key in path[..end].split('.') {
            match at.get(key) {
                Some(next) => at = next,
                None => break,
            }
            depth += 1;
        }
        let span = at.place.span();
        (depth > 0 && span.is_some()).then_some(span)
    })
}

/// A template of the chart prints what is not YAML.
pub(super) fn not_yaml(
    release: &HelmRelease,
    located: &Located,
    template: &str,
    error: &NotYaml,
) -> NoObjects {
    let subject = &release.subject;
    let message = format!(
        "{template} prints what is not YAML for {subject}: {}",
        error.reason
    );
    let finding = Diagnostic::error(codes::CHART_OUTPUT_NOT_YAML, located.version_span, message)
        .with_subject(subject.clone())
        .with_help("change the values that lead there, or the version of the chart");
    let span = error.place.span();
    let location = span.is_some().then_some(Location::Span(span));
    NoObjects::failed(in_chart(
        finding,
        located,
        location.as_ref(),
        "printed here",
    ))
}

/// What the chart renders cannot be post-rendered.
pub(super) fn post_rendered(
    release: &HelmRelease,
    located: &Located,
    findings: Vec<Diagnostic>,
    sources: &Sources,
) -> NoObjects {
    let renderers = release.spec(&["postRenderers"]).unwrap_or(&release.node);
    let own_file = sources.real(renderers.place.span()).file;
    let of_release = findings.into_iter().map(|mut finding| {
        finding.message = format!("{}: in the release of {}", finding.message, release.subject);
        finding
            .subject
            .get_or_insert_with(|| release.subject.clone());
        // Patches are written in the HelmRelease, and objects in the chart.
        let written = match &finding.primary {
            Location::Span(span) => span.is_some() && sources.real(*span).file == own_file,
            Location::Path(_) => false,
        };
        if written || matches!(located.at, ChartAt::InTree { .. }) {
            return finding;
        }
        let place = Location::Span(located.version_span);
        match std::mem::replace(&mut finding.primary, place) {
            Location::Span(span) if span.is_some() => finding.with_label(span, "in the chart"),
            _ => finding,
        }
    });
    NoObjects::Failed(of_release.collect())
}

/// The chart gives something else each time.
pub(super) fn not_deterministic(
    release: &HelmRelease,
    located: &Located,
    chart: &Chart,
    rendered: &Rendered,
) -> Option<Diagnostic> {
    let functions = rendered.not_deterministic.iter();
    let functions: Vec<String> = functions.map(|name| format!("`{name}`")).collect();
    if functions.is_empty() {
        return None;
    }
    let message = format!(
        "the chart {} of {} calls {}, so that it may give something else each time",
        chart.name(),
        release.subject,
        functions.join(", ")
    );
    let place = Location::Span(located.version_span);
    let finding = Diagnostic::new(codes::NOT_REPRODUCIBLE, Severity::Info, place, message);
    Some(finding.with_subject(release.subject.clone()).with_help(
        "set the values that the chart makes up, such as passwords and certificates, or the Secret \
         that has them",
    ))
}

/// A text of several lines in one.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    lines.join(" ").trim_end_matches('.').to_owned()
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let names: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}
