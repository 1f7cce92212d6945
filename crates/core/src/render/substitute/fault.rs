//! What is wrong with the expressions of an object.

use std::collections::BTreeSet;

use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Edit, Fix, Severity, Sources, Span, Subject};
use tidegate_yaml::Emitted;

use super::compose::NotYaml;
use super::locate;
use super::references::References;
use crate::codes;
use crate::envsubst::{self, Mode, Problem, Substituted};
use crate::flux::subject;
use crate::render::variables::Variables;

/// The object that findings are about, and all that they need to say so.
pub(super) struct Case<'a> {
    pub(super) sources: &'a Sources,
    pub(super) variables: &'a Variables,
    pub(super) mode: Mode,
    /// The Kustomization.
    pub(super) kustomization: &'a Subject,
    /// The object.
    pub(super) object: &'a Object,
    pub(super) template: &'a Emitted,
}

/// Whether a variable is not set and has no default.
pub(super) fn is_undefined(reference: &envsubst::Reference<'_>) -> bool {
    !reference.is_set && !reference.has_default
}

/// So many uses of undefined variables are shown of an object.
const MOST_PLACES: usize = 100;

/// How an object is kept out of substitution.
const KEEP_OUT: &str =
    "annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`";

impl Case<'_> {
    /// A finding about the object.
    pub(super) fn finding(
        &self,
        code: tidegate_source::Code,
        severity: Severity,
        span: Span,
        message: String,
    ) -> Diagnostic {
        let location = tidegate_source::Location::Span(span);
        Diagnostic::new(code, severity, location, message)
            .with_subject(subject(&self.object.node))
            .with_trail(self.object.trail())
    }

    /// An expression that Flux cannot read.
    pub(super) fn refused(&self, error: &envsubst::Error) -> Diagnostic {
        let span = locate::expression(self.sources, self.template, error.offset);
        let message = format!("Flux cannot read this expression: {error}");
        let mut finding = self.finding(codes::EXPRESSION, Severity::Error, span, message);
        finding.help = error.help().or_else(|| {
            let is_limit = matches!(error.problem, Problem::TooLarge | Problem::TooSlow);
            (!is_limit)
                .then(|| format!("write `$${{` for text that is not meant for Flux, or {KEEP_OUT}"))
        });
        finding.fix = self.escape(span);
        finding
    }

    /// Finds the variables that are not set and have no default.
    pub(super) fn undefined<'t>(
        &self,
        substituted: &Substituted<'t>,
        out: &mut Vec<Diagnostic>,
    ) -> BTreeSet<&'t str> {
        let mut undefined = BTreeSet::new();
        let all = substituted.references.iter();
        let mut more = 0;
        for (count, reference) in all.filter(|one| is_undefined(one)).enumerate() {
            undefined.insert(reference.name);
            // Each is looked for in the sources, which takes its time.
            if count >= MOST_PLACES {
                more += 1;
                continue;
            }
            let start = reference.input.start;
            let span = locate::expression(self.sources, self.template, start);
            let entry = locate::entry_at(self.template, start);
            let in_script = entry.is_some_and(|entry| self.is_script(entry));
            out.push(self.undefined_one(reference.name, span, in_script));
        }
        if let Some(help) = out.last_mut().and_then(|last| last.help.as_mut())
            && more > 0
        {
            help.push_str(&format!("; {more} more uses in this object are not shown"));
        }
        undefined
    }

    fn undefined_one(&self, name: &str, span: Span, in_script: bool) -> Diagnostic {
        let Case {
            kustomization,
            variables,
            ..
        } = self;
        let nearest = variables.nearest(name);
        let eaten = in_script && nearest.is_none();
        let (code, severity, message) = match (self.mode, eaten) {
            (Mode::Strict, _) => (
                codes::UNDEFINED_VARIABLE,
                Severity::Error,
                format!("the variable `{name}` is not defined for {kustomization}"),
            ),
            (Mode::Lenient, false) => (
                codes::UNDEFINED_VARIABLE,
                Severity::Warning,
                format!(
                    "the variable `{name}` is not defined for {kustomization} and becomes empty"
                ),
            ),
            (Mode::Lenient, true) => (
                codes::SCRIPT_SUBSTITUTED,
                Severity::Warning,
                format!(
                    "`${{{name}}}` of this script becomes empty before the script runs: it is no \
                     variable of {kustomization}"
                ),
            ),
        };
        let mut finding = self.finding(code, severity, span, message);
        let mut help = match (nearest, in_script) {
            (Some(near), _) => format!("did you mean `{near}`? {variables}"),
            (None, true) => format!(
                "write `$${{{name}}}` if the script is to see it, or {KEEP_OUT}; {variables}"
            ),
            (None, false) => format!(
                "define it, or give it a default (`${{{name}:=value}}`); where Flux is not to see it, \
                 write `$${{{name}}}` or {KEEP_OUT}; {variables}"
            ),
        };
        if self.mode == Mode::Lenient {
            help.push_str("; since Flux 2.9 (gate StrictPostBuildSubstitutions) this is an error");
        }
        finding.help = Some(help);
        finding.fix = match nearest {
            Some(near) => self.rename(span, name, near),
            None => self.escape(span),
        };
        finding
    }

    /// Text that is no YAML any more, or that the API machinery cannot hold.
    pub(super) fn not_yaml(&self, references: &References<'_>, fault: &NotYaml) -> Diagnostic {
        let Some(reference) = references.closest(fault.input) else {
            let entry = locate::entry_at(self.template, fault.input);
            let place = entry.map(|entry| &self.template.table[entry].1);
            let span = place.map(locate::written).unwrap_or_default();
            let message = format!(
                "this object is no YAML any more when Flux writes and reads it: {}",
                fault.reason
            );
            return self.finding(codes::NOT_YAML, Severity::Error, span, message);
        };
        let span = locate::expression(self.sources, self.template, reference.input.start);
        let name = reference.name;
        let variable = self.variables.get(name);
        // What the reader says can repeat a part of the text.
        let mut references = references.iter();
        let message = match references.any(|reference| self.is_secret(reference.name)) {
            true => format!("with the value of `{name}` this is no YAML any more"),
            false => {
                let reason = &fault.reason;
                format!("with the value of `{name}` this is no YAML any more: {reason}")
            }
        };
        let mut finding = self
            .finding(codes::NOT_YAML, Severity::Error, span, message)
            .with_help(
                "quotes do not survive the build: put them into the value of the variable, as in \
                 `'\"...\"'`, or put more text beside the variable",
            );
        if let Some(variable) = variable {
            let definition = variable.place.span();
            if definition.is_some() {
                finding = finding.with_label(definition, format!("the value of `{name}`"));
            }
        }
        finding
    }

    /// Whether a Secret holds the value of a variable.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        let variable = self.variables.get(name);
        variable.is_some_and(|variable| variable.is_secret)
    }

    /// `$$` in a script, of which one is left.
    pub(super) fn halved_dollars(&self, out: &mut Vec<Diagnostic>) {
        let text = &self.template.text;
        let mut no_script = None;
        for (at, _) in text.match_indices("$$") {
            let behind = text[at + 2..].chars().next();
            let is_meant =
                behind.is_some_and(|c| matches!(c, '{' | '$' | '(' | '_') || c.is_alphanumeric());
            if is_meant || text[..at].ends_with('$') {
                continue;
            }
            let entry = locate::entry_at(self.template, at);
            let Some(entry) = entry.filter(|_| entry != no_script) else {
                continue;
            };
            if !self.is_script(entry) {
                no_script = Some(entry);
                continue;
            }
            let span = locate::written(&self.template.table[entry].1);
            let message = format!(
                "`$$` in this script becomes `$`, as Flux puts the variables of {} in",
                self.kustomization
            );
            let finding = self.finding(codes::SCRIPT_SUBSTITUTED, Severity::Warning, span, message);
            out.push(finding.with_help(format!("write `$$$$`, or {KEEP_OUT}")));
            // One for each object says it.
            return;
        }
    }

    /// Whether a value is a script: it says so in its first line, or its key does.
    fn is_script(&self, entry: usize) -> bool {
        let text_of = |entry: usize| {
            let (range, _) = &self.template.table[entry];
            &self.template.text[range.start as usize..range.end as usize]
        };
        let text = text_of(entry);
        // As a block, or in quotes where a line ends with a blank.
        let start = match text.strip_prefix('"') {
            Some(quoted) => quoted,
            None => match text.strip_prefix('|').and_then(|text| text.lines().nth(1)) {
                Some(line) => line.trim_start(),
                None => return false,
            },
        };
        let key = entry.checked_sub(1).map(text_of).unwrap_or_default();
        start.starts_with("#!") || [".sh", ".bash", ".py"].iter().any(|end| key.ends_with(end))
    }

    fn escape(&self, span: Span) -> Option<Fix> {
        let title = "Write `$${`, which Flux turns into `${`";
        self.replace(span, 2, "${", "$${", title.to_owned())
    }

    fn rename(&self, span: Span, old: &str, new: &str) -> Option<Fix> {
        let (old_text, new_text) = (format!("${{{old}"), format!("${{{new}"));
        let title = format!("Write `{new}`");
        self.replace(span, old_text.len(), &old_text, &new_text, title)
    }

    /// A fix that replaces the first bytes of a span, where they are what they should be.
    fn replace(
        &self,
        span: Span,
        length: usize,
        old: &str,
        new: &str,
        title: String,
    ) -> Option<Fix> {
        let file = self.sources.get(span.file)?;
        let start = span.start as usize;
        let text = file.text().ok()?.get(start..start + length)?;
        (text == old).then(|| Fix {
            title,
            edits: vec![Edit {
                span: Span::new(span.file, start, start + length),
                text: new.to_owned(),
            }],
        })
    }
}
