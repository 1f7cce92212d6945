//! Whether an object can be read as a Kustomization: each field must have the type that the API
//! gives it.

use tidegate_source::{Diagnostic, Edit, Fix, nearest};
use tidegate_yaml::{Entry, Node, ScalarKind, Style};

use super::FluxKustomization;
use super::duration::is_duration;
use crate::codes;
use crate::tree::is_substituted;

/// The type of a field.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Flag,
    Duration,
    /// A list of text.
    Texts,
    /// A mapping from text to text.
    TextMap,
    /// A mapping with these fields.
    Fields(&'static [Field]),
    /// A list of such mappings.
    List(&'static [Field]),
    /// Not looked at.
    Any,
}

/// A field of the API and its type.
type Field = (&'static str, Type);

const OBJECT: &[Field] = &[
    ("apiVersion", Type::Text),
    ("kind", Type::Text),
    ("metadata", Type::Fields(METADATA)),
    ("spec", Type::Fields(SPEC)),
    ("status", Type::Any),
];

const METADATA: &[Field] = &[
    ("name", Type::Text),
    ("generateName", Type::Text),
    ("namespace", Type::Text),
    ("labels", Type::TextMap),
    ("annotations", Type::TextMap),
    ("finalizers", Type::Texts),
    ("creationTimestamp", Type::Any),
    ("deletionGracePeriodSeconds", Type::Any),
    ("deletionTimestamp", Type::Any),
    ("generation", Type::Any),
    ("managedFields", Type::Any),
    ("ownerReferences", Type::Any),
    ("resourceVersion", Type::Text),
    ("selfLink", Type::Text),
    ("uid", Type::Text),
];

const SPEC: &[Field] = &[
    ("buildMetadata", Type::Texts),
    (
        "commonMetadata",
        Type::Fields(&[("annotations", Type::TextMap), ("labels", Type::TextMap)]),
    ),
    ("components", Type::Texts),
    (
        "decryption",
        Type::Fields(&[
            ("provider", Type::Text),
            ("secretRef", Type::Fields(&[("name", Type::Text)])),
            ("serviceAccountName", Type::Text),
        ]),
    ),
    ("deletionPolicy", Type::Text),
    (
        "dependsOn",
        Type::List(&[
            ("name", Type::Text),
            ("namespace", Type::Text),
            ("readyExpr", Type::Text),
        ]),
    ),
    ("force", Type::Flag),
    (
        "healthCheckExprs",
        Type::List(&[
            ("apiVersion", Type::Text),
            ("current", Type::Text),
            ("failed", Type::Text),
            ("inProgress", Type::Text),
            ("kind", Type::Text),
        ]),
    ),
    ("healthChecks", Type::List(REFERENCE)),
    (
        "ignore",
        Type::List(&[("paths", Type::Texts), ("target", Type::Fields(SELECTOR))]),
    ),
    ("ignoreMissingComponents", Type::Flag),
    (
        "images",
        Type::List(&[
            ("digest", Type::Text),
            ("name", Type::Text),
            ("newName", Type::Text),
            ("newTag", Type::Text),
        ]),
    ),
    ("interval", Type::Duration),
    (
        "kubeConfig",
        Type::Fields(&[
            ("configMapRef", Type::Fields(&[("name", Type::Text)])),
            (
                "secretRef",
                Type::Fields(&[("key", Type::Text), ("name", Type::Text)]),
            ),
        ]),
    ),
    ("namePrefix", Type::Text),
    ("nameSuffix", Type::Text),
    (
        "patches",
        Type::List(&[("patch", Type::Text), ("target", Type::Fields(SELECTOR))]),
    ),
    ("path", Type::Text),
    (
        "postBuild",
        Type::Fields(&[
            ("substitute", Type::TextMap),
            (
                "substituteFrom",
                Type::List(&[
                    ("kind", Type::Text),
                    ("name", Type::Text),
                    ("optional", Type::Flag),
                ]),
            ),
            ("substituteStrategy", Type::Text),
        ]),
    ),
    ("prune", Type::Flag),
    ("retryInterval", Type::Duration),
    ("serviceAccountName", Type::Text),
    ("sourceRef", Type::Fields(REFERENCE)),
    ("suspend", Type::Flag),
    ("targetNamespace", Type::Text),
    ("timeout", Type::Duration),
    ("wait", Type::Flag),
];

const REFERENCE: &[Field] = &[
    ("apiVersion", Type::Text),
    ("kind", Type::Text),
    ("name", Type::Text),
    ("namespace", Type::Text),
];

const SELECTOR: &[Field] = &[
    ("annotationSelector", Type::Text),
    ("group", Type::Text),
    ("kind", Type::Text),
    ("labelSelector", Type::Text),
    ("name", Type::Text),
    ("namespace", Type::Text),
    ("version", Type::Text),
];

/// Fields of earlier API versions, and what takes their place.
const RETIRED: [(&str, &str); 3] = [
    ("patchesJson6902", "`patches`"),
    ("patchesStrategicMerge", "`patches`"),
    (
        "validation",
        "nothing: objects are validated when they are applied",
    ),
];

impl FluxKustomization {
    /// Reads the object as the controller does, and tells what is wrong with it. With an error, Flux
    /// applies nothing of the Kustomization; a warning is a field that it drops.
    pub fn decode(&self) -> Vec<Diagnostic> {
        let mut decoder = Decoder {
            kustomization: self,
            path: String::new(),
            findings: Vec::new(),
        };
        decoder.fields(&self.node, OBJECT);
        decoder.findings
    }
}

struct Decoder<'k> {
    kustomization: &'k FluxKustomization,
    /// The path of the field that is looked at.
    path: String,
    findings: Vec<Diagnostic>,
}

impl Decoder<'_> {
    fn fields(&mut self, node: &Node, fields: &'static [Field]) {
        let Some(map) = node.as_map() else {
            self.wrong(node, "a mapping");
            return;
        };
        for entry in map {
            let Some(key) = entry.key.text() else {
                continue;
            };
            match fields.iter().find(|(name, _)| *name == key) {
                Some((_, of)) => self.within(key, |decoder| decoder.value(&entry.value, *of)),
                None => self.unknown(entry, key, fields),
            }
        }
    }

    fn value(&mut self, node: &Node, of: Type) {
        // As absent, in any place.
        if node.is_null() {
            return;
        }
        match of {
            Type::Any => {}
            Type::Text => self.text(node),
            Type::Flag => self.flag(node),
            Type::Duration => self.duration(node),
            Type::Fields(fields) => self.fields(node, fields),
            Type::Texts => self.items(node, |decoder, item| decoder.value(item, Type::Text)),
            Type::List(fields) => self.items(node, |decoder, item| {
                decoder.value(item, Type::Fields(fields));
            }),
            Type::TextMap => match node.as_map() {
                Some(map) => {
                    for entry in map {
                        let key = entry.key.text().unwrap_or_default();
                        self.within(key, |decoder| decoder.value(&entry.value, Type::Text));
                    }
                }
                None => self.wrong(node, "a mapping"),
            },
        }
    }

    fn items(&mut self, node: &Node, read: impl Fn(&mut Self, &Node)) {
        let Some(items) = node.as_seq() else {
            self.wrong(node, "a list");
            return;
        };
        for (index, item) in items.iter().enumerate() {
            self.within(&index.to_string(), |decoder| read(decoder, item));
        }
    }

    fn text(&mut self, node: &Node) {
        let kind = node.as_scalar().map(|scalar| scalar.kind);
        if matches!(
            kind,
            None | Some(ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool)
        ) {
            self.wrong(node, "text");
        }
    }

    fn flag(&mut self, node: &Node) {
        let kind = node.as_scalar().map(|scalar| scalar.kind);
        if kind != Some(ScalarKind::Bool) && !is_unknown(node) {
            self.wrong(node, "true or false");
        }
    }

    fn duration(&mut self, node: &Node) {
        let kind = node.as_scalar().map(|scalar| scalar.kind);
        if (kind != Some(ScalarKind::Str) || !node.text().is_some_and(is_duration))
            && !is_unknown(node)
        {
            self.wrong(node, "a duration such as 10m or 1h30m");
        }
    }

    fn within(&mut self, key: &str, read: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        read(self);
        self.path.truncate(length);
    }

    fn wrong(&mut self, node: &Node, wanted: &str) {
        let found = match node.as_scalar().map(|scalar| scalar.kind) {
            _ if node.as_map().is_some() => "a mapping",
            None => "a list",
            Some(ScalarKind::Int | ScalarKind::Float) => "a number",
            Some(ScalarKind::Bool) => "a boolean",
            Some(_) => "text",
        };
        let Decoder {
            kustomization,
            path,
            ..
        } = self;
        let subject = &kustomization.subject;
        let message = match path.as_str() {
            "" => format!("{subject} must be {wanted}, not {found}"),
            // The text is no duration, and which text it is can be seen.
            path if wanted.starts_with("a duration") => {
                format!("`{path}` of {subject} must be {wanted}")
            }
            path => format!("`{path}` of {subject} must be {wanted}, not {found}"),
        };
        let mut finding =
            Diagnostic::error(codes::INVALID_KUSTOMIZATION, node.place.span(), message)
                .with_subject(subject.clone());
        let style = node.as_scalar().map(|scalar| scalar.style);
        finding.help = match (wanted, style) {
            ("text", Some(_)) => Some("put it in quotes".to_owned()),
            ("true or false", Some(Style::SingleQuoted | Style::DoubleQuoted)) => {
                Some("write it without quotes".to_owned())
            }
            ("a list", _) => Some("write a dash before each entry".to_owned()),
            _ => None,
        };
        self.findings.push(finding);
    }

    fn unknown(&mut self, entry: &Entry, key: &str, fields: &'static [Field]) {
        let subject = &self.kustomization.subject;
        let of = match self.path.as_str() {
            "" => subject.to_string(),
            path => format!("`{path}` of {subject}"),
        };
        let span = entry.key.place.span();
        let message = format!("`{key}` is not a field of {of}, so the API server refuses it");
        let mut finding = Diagnostic::error(codes::UNKNOWN_KUSTOMIZATION_FIELD, span, message)
            .with_subject(subject.clone());
        let retired = RETIRED.iter().find(|(name, _)| *name == key);
        if let Some((_, instead)) = retired.filter(|_| self.path == "spec") {
            finding.help = Some(format!(
                "earlier versions of the API had it; it is replaced by {instead}"
            ));
        } else if let Some(near) = nearest(key, fields.iter().map(|(name, _)| *name)) {
            finding.help = Some(format!("did you mean `{near}`?"));
            finding.fix = Some(Fix {
                title: format!("Rename `{key}` to `{near}`"),
                edits: vec![Edit {
                    span,
                    text: near.to_owned(),
                }],
            });
        } else {
            finding.help = Some("take it out".to_owned());
        }
        self.findings.push(finding);
    }
}

/// Whether a value is only known once variables are put in: those of an object that was not
/// rendered, or those that only the cluster knows.
fn is_unknown(node: &Node) -> bool {
    node.text().is_some_and(is_substituted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    /// What is said of a Kustomization with this `spec`, by line of it.
    #[track_caller]
    fn check(spec: &str, expected: &[&str]) {
        let text = format!("kind: Kustomization\nmetadata: {{name: k}}\nspec:\n{spec}");
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let object = parsed.documents[0].root.as_ref().unwrap();
        let findings = FluxKustomization::read(object).decode();
        let said: Vec<String> = findings
            .iter()
            .map(|finding| {
                let line = finding.primary.line_col(&sources).unwrap().line - 3;
                let sign = match finding.severity {
                    Severity::Error => "!",
                    _ => "?",
                };
                let help = finding.help.as_deref().unwrap_or("-");
                format!("{line}{sign} {}; {help}", finding.message)
            })
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn what_go_would_refuse_is_an_error_at_its_place() {
        check(
            "  prune: 'true'\n  path: 7\n  interval: 10\n  timeout: soon\n  images: {}\n  \
             patches: [text]\n  postBuild:\n    substitute:\n      a: 1\n      b: null\n",
            &[
                "1! `spec.prune` of Kustomization k must be true or false, not text; write it \
                 without quotes",
                "2! `spec.path` of Kustomization k must be text, not a number; put it in quotes",
                "3! `spec.interval` of Kustomization k must be a duration such as 10m or 1h30m; -",
                "4! `spec.timeout` of Kustomization k must be a duration such as 10m or 1h30m; -",
                "5! `spec.images` of Kustomization k must be a list, not a mapping; write a dash \
                 before each entry",
                "6! `spec.patches.0` of Kustomization k must be a mapping, not text; -",
                "9! `spec.postBuild.substitute.a` of Kustomization k must be text, not a number; \
                 put it in quotes",
            ],
        );
    }

    #[test]
    fn fields_that_the_api_does_not_have() {
        check(
            "  patchs: []\n  patchesStrategicMerge: []\n  postBuild:\n    substitue: {}\n",
            &[
                "1! `patchs` is not a field of `spec` of Kustomization k, so the API server refuses it; did \
                 you mean `patches`?",
                "2! `patchesStrategicMerge` is not a field of `spec` of Kustomization k, so the API \
                 server refuses it; earlier versions of the API had it; it is replaced by `patches`",
                "4! `substitue` is not a field of `spec.postBuild` of Kustomization k, so the API \
                 server refuses it; did you mean `substitute`?",
            ],
        );
    }
}
