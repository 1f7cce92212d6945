//! What is said of values that a release is rendered with, or refused for, at the lines where they are written.

use std::sync::Arc;

use tidegate_helm::checks::{
    BadValues, Clash, NamedValues, Schemas, Unread, WhyBad, clashes, unread,
};
use tidegate_helm::{Chart, Rendered, Templates};
use tidegate_schema::SchemaError;
use tidegate_source::{Code, Diagnostic, Location, Severity, Span};
use tidegate_yaml::{Node, SmolStr};

use super::locate::Located;
use super::values::Composed;
use crate::codes;
use crate::flux::HelmRelease;
use crate::parallel::Once;

/// What is known of the values of charts, for all releases.
#[derive(Default)]
pub(super) struct Checks {
    /// The schemas that were read.
    pub(super) schemas: Schemas,
    /// What templates name, by the address of the chart.
    named: Once<usize, Named>,
}

struct Named {
    values: NamedValues,
    /// Keeps the address taken.
    _chart: Arc<Chart>,
}

/// A release and its chart.
#[derive(Clone, Copy)]
pub(super) struct Checked<'a> {
    pub(super) release: &'a HelmRelease,
    pub(super) located: &'a Located,
    pub(super) chart: &'a Arc<Chart>,
    pub(super) values: &'a Composed,
}

impl Checks {
    /// What is to be said of the values although the release is rendered.
    pub(super) fn findings(
        &self,
        of: Checked<'_>,
        rendered: &Rendered,
        templates: &Templates,
    ) -> Vec<Diagnostic> {
        let has_values = of.values.values.as_map().is_some_and(|map| !map.is_empty());
        if !has_values {
            return Vec::new();
        }
        let named = self.named.get(Arc::as_ptr(of.chart).addr(), || {
            Arc::new(Named {
                values: NamedValues::of(of.chart, templates),
                _chart: Arc::clone(of.chart),
            })
        });
        let values = &of.values.values;
        let found = unread(of.chart, &named.values, values, rendered, &self.schemas);
        let found = found.iter().filter(|one| !one.is_in_chart);
        let found = found.map(|one| match &one.switch {
            Some(switch) => of.without_effect(one, switch),
            None => of.unread(one),
        });
        found.chain(of.clashes()).collect()
    }
}

impl Checked<'_> {
    /// Values of another kind than the chart's own.
    pub(super) fn clashes(self) -> Vec<Diagnostic> {
        let found = clashes(self.chart, &self.values.values);
        found.iter().map(|clash| self.clash(clash)).collect()
    }

    fn clash(self, clash: &Clash) -> Diagnostic {
        let (given, own) = match clash.is_map {
            true => ("a map", "none"),
            false => ("no map", "one"),
        };
        let message = format!(
            "`{}` in the values of {} is {given}, and in the chart {} it is {own}",
            shown(&clash.path),
            self.release.subject,
            self.chart.name()
        );
        let finding = self.about(codes::CLASHING_VALUE, clash.place.span(), message);
        finding
            .with_label(clash.default.span(), "the chart's own value")
            .with_help(
                "give it the form that the chart has; templates that read it are likely to fail",
            )
    }

    /// A value is named by templates that do not come to it.
    fn without_effect(self, unread: &Unread, switch: &[SmolStr]) -> Diagnostic {
        let (path, switch) = (shown(&unread.path), shown(switch));
        let subject = &self.release.subject;
        let message =
            format!("`{path}` in the values of {subject} has no effect while `{switch}` is false");
        let mut finding = self.about(codes::VALUE_WITHOUT_EFFECT, unread.place.span(), message);
        finding.severity = Severity::Info;
        finding.with_help(format!("set `{switch}`, or remove the value"))
    }

    /// A warning at a value, or at the release where it is written nowhere.
    fn about(self, code: Code, span: Span, message: String) -> Diagnostic {
        let span = match span.is_some() {
            true => span,
            false => self.release.name_span,
        };
        Diagnostic::warning(code, span, message).with_subject(self.release.subject.clone())
    }

    /// No template reads a value.
    fn unread(self, unread: &Unread) -> Diagnostic {
        let chart = self.chart.name();
        let message = format!(
            "`{}` in the values of {} is read by no template of the chart {chart}",
            shown(&unread.path),
            self.release.subject
        );
        let help = match &unread.nearest {
            Some(path) => format!("did you mean `{}`?", shown(path)),
            None => format!(
                "remove it, or look in the `values.yaml` of {chart} {} for what has taken its place",
                self.chart.metadata.version
            ),
        };
        let span = unread.place.span();
        let finding = self.about(codes::UNREAD_VALUE, span, message);
        finding.with_help(help)
    }

    /// The values are not as the schemas of the charts want them.
    pub(super) fn against_schema(self, bad: &[BadValues]) -> Vec<Diagnostic> {
        bad.iter().flat_map(|one| self.bad_values(one)).collect()
    }

    fn bad_values(self, bad: &BadValues) -> Vec<Diagnostic> {
        let chart = &bad.chart;
        match &bad.why {
            WhyBad::Invalid(invalid) => {
                let violations = invalid.violations().into_iter();
                violations
                    .map(|one| {
                        let path = [bad.path.as_slice(), &one.path].concat();
                        let help = match &one.nearest {
                            Some(name) => format!("did you mean `{name}`?"),
                            None => format!(
                                "change it as the `values.schema.json` of {chart} asks for; Helm refuses \
                                 the release as it is"
                            ),
                        };
                        self.bad_value(&path, one.place.span(), &one.problem, help)
                    })
                    .collect()
            }
            WhyBad::NotAMap(node, _) => {
                let problem = format!("must be a map: it has the values of the chart {chart}");
                let help = "indent what belongs to the chart below its name".to_owned();
                vec![self.bad_value(&bad.path, node.place.span(), &problem, help)]
            }
            WhyBad::Schema(error) => vec![self.bad_schema(bad, error)],
        }
    }

    /// A value that does not fit; `default` is where it is written in the chart if it is not given.
    fn bad_value(self, path: &[SmolStr], default: Span, problem: &str, help: String) -> Diagnostic {
        let subject = &self.release.subject;
        let message = match path {
            [] => format!("the values of {subject} {}", without_is(problem)),
            path => format!("`{}` in the values of {subject} {problem}", shown(path)),
        };
        let given = given_place(&self.values.values, path);
        let span = given.unwrap_or(self.located.version_span);
        let finding = Diagnostic::error(codes::VALUES_AGAINST_SCHEMA, span, message)
            .with_subject(subject.clone())
            .with_help(help);
        match given.is_none() && default.is_some() {
            true => finding.with_label(default, "the chart's own value"),
            false => finding,
        }
    }

    /// The schema itself cannot be used.
    fn bad_schema(self, bad: &BadValues, error: &SchemaError) -> Diagnostic {
        let error = error.to_string();
        let reason: Vec<&str> = error.lines().map(str::trim).collect();
        let message = format!(
            "the `values.schema.json` of the chart {} cannot be used: {}",
            bad.chart,
            reason.join(" ")
        );
        let place = Location::Span(self.located.version_span);
        Diagnostic::new(codes::INVALID_CHART, Severity::Error, place, message)
            .with_subject(self.release.subject.clone())
            .with_help("take another version of the chart; Helm refuses every release of this one")
    }
}

/// Values are many, and a problem speaks of one.
fn without_is(problem: &str) -> String {
    match problem.split_once(' ') {
        Some(("lacks", rest)) => format!("lack {rest}"),
        Some(("has", rest)) => format!("have {rest}"),
        Some(("is", rest)) => format!("are {rest}"),
        Some(("does", rest)) => format!("do {rest}"),
        _ => problem.to_owned(),
    }
}

/// A path as people write it: `a.b[0].c`.
fn shown(path: &[SmolStr]) -> String {
    let mut out = String::new();
    for key in path {
        match key.bytes().all(|byte| byte.is_ascii_digit()) && !out.is_empty() {
            true => out.push_str(&format!("[{key}]")),
            false if out.is_empty() => out.push_str(key),
            false => out.push_str(&format!(".{key}")),
        }
    }
    out
}

/// Where a path is written among the values that are given: a scalar, or the key of a collection; else what it
/// would be in. None where nothing of it is given.
fn given_place(values: &Node, path: &[SmolStr]) -> Option<Span> {
    let mut node = values;
    let mut place = None;
    for key in path {
        let (next, at) = match node.as_seq() {
            Some(items) => {
                let item = items.get(key.parse().ok()?)?;
                (item, item.place.span())
            }
            None => match node.as_map().and_then(|map| map.entry(key)) {
                Some(entry) => (&entry.value, entry.key.place.span()),
                None => break,
            },
        };
        let at = match next.as_scalar() {
            Some(_) => next.place.span(),
            None => at,
        };
        place = Some(at).filter(|at| at.is_some()).or(place);
        node = next;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let path = ["a", "0", "b"].map(SmolStr::from);
        assert_eq!(shown(&path), "a[0].b");
        assert_eq!(shown(&[]), "");
        assert_eq!(without_is("lacks `a`"), "lack `a`");
    }
}
