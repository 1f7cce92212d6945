//! What an object loses by substitution without a word from Flux.

use tidegate_source::{Diagnostic, Severity, Span};
use tidegate_yaml::{Node, ScalarKind, SmolStr};

use super::compose::{Became, Composed, Retyped};
use super::fault::{Case, is_undefined};
use super::locate;
use super::references::References;
use crate::codes;

/// What must be text where a value stands, as far as that is known without a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Without it, Flux leaves the object out.
    Identity,
    /// One that is no text makes all labels of the object vanish.
    Label,
    /// The API server refuses anything but text.
    Text,
    /// As for [`Role::Text`], but null counts as empty text.
    TextOrNull,
    /// Any type may be right.
    Open,
}

impl Case<'_> {
    /// Adds what an object loses.
    pub(super) fn losses(
        &self,
        composed: &Composed,
        references: &References<'_>,
        out: &mut Vec<Diagnostic>,
    ) {
        for retyped in &composed.retyped {
            out.extend(self.retyped(retyped, &composed.node, references));
        }
        for (entry, before, after) in &composed.rounded {
            out.push(self.rounded(*entry, before, after, references));
        }
        for entry in &composed.repeated {
            out.push(self.repeated(*entry));
        }
    }

    fn retyped(
        &self,
        retyped: &Retyped,
        object: &Node,
        references: &References<'_>,
    ) -> Option<Diagnostic> {
        let role = role(&retyped.path, object);
        let (range, place) = &self.template.table[retyped.entry];
        let references = references.within(range);
        let first = references.first()?;
        let span = locate::expression(self.sources, self.template, first.input.start);
        let in_quotes = self.in_quotes(place.span());
        // Where a variable is not defined, that is said.
        let is_cause = in_quotes && !references.iter().any(|one| is_undefined(one));
        if role == Role::Open && !is_cause
            || role == Role::TextOrNull && retyped.became == Became::Null
        {
            return None;
        }
        let variable = self.variables.get(first.name);
        let is_secret = references.iter().any(|one| self.is_secret(one.name));
        let became = retyped.became.describe(is_secret);
        let field = retyped.path.join(".");
        let kind = self.object.kind();
        let severity = match role {
            Role::Open => Severity::Warning,
            _ => Severity::Error,
        };
        let (code, message) = match role {
            Role::Identity => (
                codes::OBJECT_LOST,
                format!(
                    "`{field}` becomes {became}, and Flux leaves the {kind} out without a word"
                ),
            ),
            Role::Label => (
                codes::LABELS_LOST,
                format!("`{field}` becomes {became}, and Flux drops all labels of the {kind}"),
            ),
            Role::Text | Role::TextOrNull => (
                codes::QUOTES_LOST,
                format!(
                    "`{field}` must be text and becomes {became}: quotes do not survive the build"
                ),
            ),
            Role::Open => (
                codes::QUOTES_LOST,
                format!(
                    "`{field}` is in quotes and still becomes {became}: quotes do not survive the build"
                ),
            ),
        };
        let mut finding = self.finding(code, severity, span, message);
        let name = first.name;
        finding.help = Some(match (&retyped.became, variable) {
            (Became::Null, _) => format!("give it a value, or a default: `${{{name}:=value}}`"),
            (_, Some(_)) => format!("put the quotes into the value of `{name}`: `'\"...\"'`"),
            (_, None) => format!("put quotes into the default, as in `${{{name}:='...'}}`"),
        });
        if let Some(variable) = variable {
            let definition = variable.place.span();
            if definition.is_some() {
                finding = finding.with_label(definition, format!("the value of `{name}`"));
            }
        }
        Some(finding)
    }

    fn rounded(
        &self,
        entry: usize,
        before: &SmolStr,
        after: &SmolStr,
        references: &References<'_>,
    ) -> Diagnostic {
        let (range, place) = &self.template.table[entry];
        let span = locate::written(place);
        let mut references = references.within(range).iter();
        let is_secret = references.any(|one| self.is_secret(one.name));
        let number = match is_secret {
            true => "a number beyond 2^53 loses digits".to_owned(),
            false => format!("the number {before} becomes {after}"),
        };
        let message = format!(
            "{number} when Flux puts the variables of {} in",
            self.kustomization
        );
        self.finding(codes::DIGITS_LOST, Severity::Error, span, message)
            .with_help(
                "write it in quotes where the field takes text, or keep the object out: annotate \
                 it with `kustomize.toolkit.fluxcd.io/substitute: disabled`",
            )
    }

    fn repeated(&self, entry: usize) -> Diagnostic {
        let (range, place) = &self.template.table[entry];
        let key = &self.template.text[range.start as usize..range.end as usize];
        let message = format!(
            "with its variables the key `{key}` is there twice in one mapping, and the other one \
             is lost"
        );
        let span = locate::written(place);
        self.finding(codes::KEYS_COLLIDE, Severity::Error, span, message)
            .with_help("give the two keys different values")
    }

    /// Whether what is written at a span is in quotes.
    fn in_quotes(&self, span: Span) -> bool {
        let file = self.sources.get(span.file);
        file.is_some_and(|file| {
            let text = file.text().ok();
            let written = text.and_then(|text| text.get(span.start as usize..));
            written.is_some_and(|written| written.starts_with(['"', '\'']))
        })
    }
}

impl Became {
    /// The words of a message; without the value where it is a secret.
    fn describe(&self, is_secret: bool) -> String {
        match self {
            Became::Null => "null".to_owned(),
            Became::Bool(_) if is_secret => "a boolean".to_owned(),
            Became::Bool(text) => format!("the boolean {text}"),
            Became::Number(_) if is_secret => "a number".to_owned(),
            Became::Number(text) => format!("the number {text}"),
            Became::Map => "a mapping".to_owned(),
            Became::List => "a list".to_owned(),
        }
    }
}

/// What stands at a path of an object.
fn role(path: &[SmolStr], object: &Node) -> Role {
    let path: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
    let text = |field| object.get(field).and_then(Node::text).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    match path[..] {
        ["apiVersion" | "kind"] | ["metadata", "name"] => Role::Identity,
        ["metadata", "labels", _] => Role::Label,
        ["metadata", "namespace" | "generateName"] => Role::Text,
        ["metadata", "annotations", _] => Role::TextOrNull,
        ["data", _] if api_version == "v1" && kind == "ConfigMap" => Role::TextOrNull,
        ["data" | "stringData", _] if api_version == "v1" && kind == "Secret" => Role::TextOrNull,
        ["spec", "postBuild", "substitute", _]
            if kind == "Kustomization"
                && api_version.starts_with("kustomize.toolkit.fluxcd.io/") =>
        {
            Role::TextOrNull
        }
        [.., "containers" | "initContainers", _, "env", _, "value"]
        | [
            ..,
            "containers" | "initContainers",
            _,
            "args" | "command",
            _,
        ] if is_workload(api_version, kind) => Role::TextOrNull,
        _ => Role::Open,
    }
}

/// Whether objects of a kind have a pod of the Kubernetes API in them.
fn is_workload(api_version: &str, kind: &str) -> bool {
    match api_version {
        "v1" => kind == "Pod",
        "apps/v1" => matches!(
            kind,
            "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet"
        ),
        "batch/v1" => matches!(kind, "CronJob" | "Job"),
        _ => false,
    }
}

/// The finding that an object has no name, though none of its values was retyped.
pub(super) fn lost_name(case: &Case<'_>, object: &Node) -> Option<Diagnostic> {
    let name = object.at(&["metadata", "name"])?;
    let scalar = name.as_scalar()?;
    let is_empty = scalar.kind == ScalarKind::Str && scalar.text.is_empty();
    is_empty.then(|| {
        let span = locate::written(&name.place);
        let kind = case.object.kind();
        let message =
            format!("`metadata.name` becomes empty, and Flux leaves the {kind} out without a word");
        case.finding(codes::OBJECT_LOST, Severity::Error, span, message)
            .with_help("give the variable a value or a default")
    })
}
