//! What is wrong with an object, in words and at its place.

use tidegate_kustomize::Object;
use tidegate_schema::{Fault, FaultKind};
use tidegate_source::{Code, Diagnostic, Edit, Fix, Location, Sources, Span, Subject, TrailStep};
use tidegate_yaml::{Node, Place};

use super::unique::One;
use crate::codes;
use crate::flux::subject;
use crate::render::ClusterRender;

/// How it is said that text belongs where a number or a truth value is.
const TEXT_WANTED: &str = "must be of type string, not";

/// A longer value is left out of a message.
const LONGEST_VALUE: usize = 60;

/// An object of which something is to be said.
pub(super) struct Explained<'a> {
    node: &'a Node,
    /// Whether Flux applies it.
    by_flux: bool,
    subject: Subject,
    sources: &'a Sources,
    /// How the object came about.
    trail: Vec<TrailStep>,
    clusters: Vec<String>,
}

impl<'a> Explained<'a> {
    /// An object of a file, as it is written there.
    pub(super) fn written(node: &'a Node, sources: &'a Sources) -> Explained<'a> {
        Explained {
            node,
            by_flux: false,
            subject: subject(node),
            sources,
            trail: Vec::new(),
            clusters: Vec::new(),
        }
    }

    /// An object that clusters render.
    pub(super) fn rendered(
        renders: &[ClusterRender],
        one: &One<'a>,
        sources: &'a Sources,
    ) -> Explained<'a> {
        Explained::of_owners(renders, one.object, &one.owners, sources)
    }

    /// The same for those that apply it in some clusters: indexes of clusters, and of what applies it there.
    pub(super) fn of_owners(
        renders: &[ClusterRender],
        object: &'a Object,
        owners: &[(usize, usize)],
        sources: &'a Sources,
    ) -> Explained<'a> {
        let chains = owners
            .iter()
            .map(|(render, applied)| renders[*render].chain(*applied));
        let mut trail = chains.min_by_key(Vec::len).unwrap_or_default();
        trail.extend(object.trail());
        let owners = owners.iter();
        let clusters = owners.filter_map(|(render, _)| renders[*render].cluster.clone());
        Explained {
            node: &object.node,
            by_flux: true,
            subject: subject(&object.node),
            sources,
            trail,
            clusters: clusters.collect(),
        }
    }

    /// The object.
    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// A finding about the version that the object names.
    pub(super) fn of_version(&self, code: Code, message: String) -> Diagnostic {
        let version = self.node.get("apiVersion");
        let place = version.map_or_else(Place::default, |version| version.place.clone());
        let mut finding = Diagnostic::error(code, self.span(&place), message)
            .with_subject(self.subject.clone())
            .with_trail(self.trail(&place));
        finding.clusters.clone_from(&self.clusters);
        finding
    }

    /// The findings of all faults.
    pub(super) fn all(&self, faults: Vec<Fault>) -> impl Iterator<Item = (Fault, Diagnostic)> {
        // What keeps Flux from reading an object keeps it from dropping fields of it.
        let is_read = !faults.iter().any(|fault| fault.kind == FaultKind::Decode);
        let drops_fields = self.by_flux && is_read && self.is_read_by_flux();
        let meant: Vec<String> = faults.iter().filter_map(meant_path).collect();
        let is_said = move |fault: &Fault| {
            // What is there under a misspelt name is not missing.
            fault.kind == FaultKind::Required && meant.contains(&fault.path)
        };
        faults
            .into_iter()
            .filter(move |fault| !is_said(fault))
            .map(move |fault| {
                let finding = self.finding(&fault, drops_fields);
                (fault, finding)
            })
    }

    /// Whether Flux reads the object into the types of Kubernetes before it applies it.
    fn is_read_by_flux(&self) -> bool {
        let (group, kind) = (
            self.subject
                .api_version
                .split_once('/')
                .map_or("", |(group, _)| group),
            self.subject.kind.as_str(),
        );
        let of_kubernetes = !group.contains('.') || group.ends_with(".k8s.io");
        let others = [
            "apiextensions.k8s.io",
            "apiregistration.k8s.io",
            "gateway.networking.k8s.io",
        ];
        let is_role =
            group == "rbac.authorization.k8s.io" && matches!(kind, "Role" | "ClusterRole");
        of_kubernetes && !others.contains(&group) && !is_role
    }

    fn finding(&self, fault: &Fault, drops_fields: bool) -> Diagnostic {
        let code = code(fault, drops_fields);
        let span = self.span(&fault.place);
        let mut finding = Diagnostic::error(code, span, self.message(fault, code))
            .with_trail(self.trail(&fault.place));
        finding.subject = Some(self.subject.clone()).filter(|of| !of.kind.is_empty());
        finding.help = help(fault, code, &self.subject);
        finding.fix = self.fix(fault, span);
        finding.clusters.clone_from(&self.clusters);
        finding
    }

    fn message(&self, fault: &Fault, code: Code) -> String {
        let Fault { detail, .. } = fault;
        let kind = &self.subject.kind;
        let of = match kind.is_empty() {
            true => "the document".to_owned(),
            false => self.subject.to_string(),
        };
        let field = match fault.path.as_str() {
            "" => of.clone(),
            path => format!("`{path}` of {of}"),
        };
        let value = self.value(fault);
        match fault.kind {
            FaultKind::UnknownField if code == codes::LOST_FIELD => {
                format!("{field} is lost: {} has no such field", with_article(kind))
            }
            FaultKind::UnknownField => {
                format!(
                    "{field} is unknown: {} has no such field",
                    with_article(kind)
                )
            }
            FaultKind::Required if detail.is_empty() => format!("{field} is missing"),
            FaultKind::Required => format!("{field} is missing: {detail}"),
            FaultKind::Unsupported => match value {
                Some(value) => format!("{field} cannot be {value}"),
                None => format!("{field} has a value that is not allowed"),
            },
            FaultKind::Duplicate => match value {
                Some(value) => format!("{field} is there twice: {value}"),
                None => format!("{field} is there twice"),
            },
            FaultKind::Forbidden => format!("{field} may not be set: {detail}"),
            FaultKind::Rule => format!("{field} breaks a rule of its kind: {detail}"),
            FaultKind::Type | FaultKind::Decode => format!("{field} {detail}"),
            FaultKind::Kind => {
                format!(
                    "{of} is of {}, which the cluster does not serve",
                    self.subject.api_version
                )
            }
            FaultKind::Invalid | FaultKind::TooLong | FaultKind::TooMany => match value {
                Some(value) => format!("{field} is {value}: {detail}"),
                None => format!("{field}: {detail}"),
            },
        }
    }

    /// The value, where it may be shown and is short enough.
    fn value<'f>(&self, fault: &'f Fault) -> Option<&'f str> {
        let is_secret = self.subject.kind == "Secret"
            && ["data", "stringData", "metadata.annotations"]
                .iter()
                .any(|field| fault.path.starts_with(field));
        let value = fault.value.as_str();
        let is_short = !value.is_empty() && value.chars().count() <= LONGEST_VALUE;
        let is_scalar = !value.starts_with(['{', '[']);
        (is_short && is_scalar && !is_secret).then_some(value)
    }

    /// Where the value is written: that of the object, where it was made of nothing that was written.
    fn span(&self, place: &Place) -> Span {
        let name = self.node.at(&["metadata", "name"]);
        let others = [name, Some(self.node)];
        let others = others.into_iter().flatten().map(|node| &node.place);
        std::iter::once(place)
            .chain(others)
            .map(written)
            .find(|span| span.is_some())
            .unwrap_or_default()
    }

    /// How the value came about: how the object did, and what was done to it.
    fn trail(&self, place: &Place) -> Vec<TrailStep> {
        let mut trail = self.trail.clone();
        let span = self.span(place);
        for step in place.steps() {
            if step.span.is_some() && step.span != span {
                trail.push(TrailStep {
                    location: Location::Span(step.span),
                    text: step.kind.as_str().to_owned(),
                });
            }
        }
        trail
    }

    /// Offers to write what was meant, where what is wrong is written in one piece.
    fn fix(&self, fault: &Fault, span: Span) -> Option<Fix> {
        let meant = fault.meant.as_ref()?;
        let wrong = match fault.kind {
            FaultKind::UnknownField => &fault.value,
            _ => fault.value.trim_matches('"'),
        };
        let span = self.sources.real(span);
        let file = self.sources.get(span.file)?;
        let text = file.text().ok()?;
        let written = text.get(span.start as usize..span.end as usize)?;
        (written == wrong).then(|| Fix {
            title: format!("Write `{meant}`"),
            edits: vec![Edit {
                span,
                text: meant.to_string(),
            }],
        })
    }
}

/// The place of the kind of an object.
pub(super) fn place_of_kind(object: &Node) -> Location {
    let kind = object.get("kind").unwrap_or(object);
    let places = [&kind.place, &object.place];
    let spans = places.into_iter().map(written);
    Location::Span(
        spans
            .into_iter()
            .find(|span| span.is_some())
            .unwrap_or_default(),
    )
}

/// Where a value is written; that of the first step that is, where it is not.
fn written(place: &Place) -> Span {
    let own = place.span();
    if own.is_some() {
        return own;
    }
    let steps = place.steps();
    let mut spans = steps.iter().map(|step| step.span);
    spans.find(|span| span.is_some()).unwrap_or_default()
}

fn code(fault: &Fault, drops_fields: bool) -> Code {
    match fault.kind {
        FaultKind::UnknownField if drops_fields => codes::LOST_FIELD,
        FaultKind::UnknownField => codes::UNKNOWN_OBJECT_FIELD,
        FaultKind::Decode | FaultKind::Type => codes::MISTYPED_VALUE,
        FaultKind::Required => codes::MISSING_VALUE,
        FaultKind::Unsupported => codes::VALUE_NOT_ALLOWED,
        FaultKind::Rule => codes::RULE_NOT_MET,
        FaultKind::Duplicate => codes::DUPLICATE_ITEM,
        FaultKind::Forbidden => codes::FORBIDDEN_VALUE,
        FaultKind::Kind => codes::VERSION_NOT_SERVED,
        FaultKind::Invalid | FaultKind::TooLong | FaultKind::TooMany => {
            match fault.path.starts_with("metadata.") {
                true => codes::INVALID_METADATA,
                false => codes::INVALID_VALUE,
            }
        }
    }
}

fn help(fault: &Fault, code: Code, of: &Subject) -> Option<String> {
    let meant = fault.meant.as_ref();
    let did_you_mean = meant.map(|meant| format!("did you mean `{meant}`?"));
    match fault.kind {
        FaultKind::UnknownField => {
            let otherwise = match code == codes::LOST_FIELD {
                true => "Flux drops it without a word: take it out, or look for its place with",
                false => "the API server refuses it: take it out, or look for its place with",
            };
            let parent = without_positions(parent(fault));
            let shown = match parent.as_str() {
                "" => of.kind.clone(),
                parent => format!("{}.{parent}", of.kind),
            };
            did_you_mean.or_else(|| Some(format!("{otherwise} `tidegate schema show {shown}`")))
        }
        FaultKind::Unsupported => Some(match did_you_mean {
            Some(text) => format!("{text} {}", fault.detail),
            None => fault.detail.clone(),
        }),
        FaultKind::Decode | FaultKind::Type => {
            let found = fault.detail.strip_prefix(TEXT_WANTED)?;
            let is_scalar = ["boolean", "integer", "number"].contains(&found.trim());
            is_scalar.then(|| "put it in quotes".to_owned())
        }
        _ => did_you_mean,
    }
}

fn with_article(kind: &str) -> String {
    match kind.starts_with(['A', 'E', 'I', 'O', 'U']) {
        true => format!("an {kind}"),
        false => format!("a {kind}"),
    }
}

/// The path of a field of which a misspelt one was meant.
fn meant_path(fault: &Fault) -> Option<String> {
    let meant = fault.meant.as_ref()?;
    (fault.kind == FaultKind::UnknownField).then(|| match parent(fault) {
        "" => meant.to_string(),
        parent => format!("{parent}.{meant}"),
    })
}

/// The path of what has a field that is not known.
fn parent(fault: &Fault) -> &str {
    let parent = fault.path.strip_suffix(&fault.value);
    parent.unwrap_or_default().trim_end_matches('.')
}

/// A path of fields, as a schema has it.
fn without_positions(path: &str) -> String {
    let mut parts = path.split('[');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    out
}
