//! Reads typed values out of nodes as Go's JSON decoder does for kustomize, and says what is wrong
//! with them at their place.

use std::fmt;
use std::str::FromStr;

use tidegate_source::{Diagnostic, Edit, Fix, Severity, Span, nearest};
use tidegate_yaml::{
    Dialect, Entry, Node, Place, Scalar, ScalarKind, SmolStr, Style, float_value, go_float,
    int_value,
};

use crate::codes;

/// Text of a configuration, with its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: SmolStr,
    /// How it is written.
    pub(crate) style: Style,
    /// Where it is written.
    pub(crate) place: Place,
}

impl Text {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        self.place.span()
    }

    /// A node of this text.
    pub(crate) fn node(&self) -> Node {
        let place = self.place.clone();
        Node::scalar(self.text.clone(), ScalarKind::Str, self.style, place)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// A mapping from text to text, in the order of the file.
pub(crate) type Pairs = Vec<(Text, Text)>;

/// How strictly a configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As kustomization.yaml: unknown fields are errors, and a number is no text.
    Strict,
    /// As kustomization.yaml where it is written back before the build: scalars become text where
    /// text is wanted, and unknown fields are gone by then, both of which are warnings.
    WrittenBack,
    /// As a transformer configuration: unknown fields are errors, but scalars become text where
    /// text is wanted.
    KnownFields,
    /// As the configuration of a plugin: unknown fields are ignored, and scalars become text where
    /// text is wanted.
    Lenient,
}

/// Reads values and collects what is wrong with them.
#[derive(Debug)]
pub(crate) struct Decoder {
    strictness: Strictness,
    /// Whether what is read is embedded in the Go type of what holds it.
    embedded: bool,
    /// What is wrong so far.
    pub(crate) findings: Vec<Diagnostic>,
}

/// The fields of a mapping that is being read.
pub(crate) struct Fields<'n> {
    entries: Vec<(&'static str, &'n Entry)>,
    /// The place of the mapping.
    pub(crate) span: Span,
}

impl<'n> Fields<'n> {
    /// The entry of a field. Null counts as absent, as it does in Go.
    pub(crate) fn entry(&self, field: &str) -> Option<&'n Entry> {
        // Where a field is spelt in two ways, the one wins that JSON has last: its keys are sorted.
        let found = self.entries.iter().filter(|(name, _)| *name == field);
        let (_, entry) = found.max_by_key(|(_, entry)| entry.key.text())?;
        (!entry.value.is_null()).then_some(entry)
    }

    /// The value of a field. Null counts as absent, as it does in Go.
    pub(crate) fn get(&self, field: &str) -> Option<&'n Node> {
        self.entry(field).map(|entry| &entry.value)
    }
}

impl Decoder {
    /// A decoder that has found nothing yet.
    pub(crate) fn new(strictness: Strictness) -> Decoder {
        Decoder {
            strictness,
            embedded: false,
            findings: Vec::new(),
        }
    }

    /// Reads what is embedded in the Go type of what holds it: where the file is written back, no
    /// scalar becomes text there.
    pub(crate) fn embedded<T>(&mut self, read: impl FnOnce(&mut Decoder) -> T) -> T {
        let outer = std::mem::replace(&mut self.embedded, true);
        let value = read(self);
        self.embedded = outer;
        value
    }

    /// The fields of a mapping. Go compares their names without regard to case. `what` names the
    /// mapping in messages.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Option<Fields<'n>> {
        if node.is_null() {
            let span = node.place.span();
            return Some(Fields {
                entries: Vec::new(),
                span,
            });
        }
        let Some(map) = node.as_map() else {
            self.wrong_type(node, format_args!("{what}"), "a mapping");
            return None;
        };
        let mut entries = Vec::with_capacity(map.len());
        for entry in map {
            let Some(key) = self.key(entry, format_args!("{what}")) else {
                continue;
            };
            let key = key.as_str();
            let exact = known.iter().find(|name| **name == key);
            let found = exact.or_else(|| known.iter().find(|name| folds_to(key, name)));
            match found {
                Some(name) => entries.push((*name, entry)),
                None if self.strictness != Strictness::Lenient => {
                    self.unknown_field(entry, key, what, known);
                }
                None => {}
            }
        }
        Some(Fields {
            entries,
            span: node.place.span(),
        })
    }

    /// The text of a key as Go converts it.
    fn key(&mut self, entry: &Entry, what: fmt::Arguments<'_>) -> Option<SmolStr> {
        let key = entry.key.as_scalar()?;
        match key.kind {
            ScalarKind::Null => {
                let span = entry.key.place.span();
                let message = format!("a key of {what} is null");
                let finding = Diagnostic::error(codes::WRONG_TYPE, span, message);
                let text = &key.text;
                self.findings
                    .push(finding.with_help(format!("put it in quotes: \"{text}\"")));
                None
            }
            _ => Some(json_key(key)),
        }
    }

    fn unknown_field(&mut self, entry: &Entry, key: &str, what: &str, known: &[&'static str]) {
        let span = entry.key.place.span();
        let mut message = format!("`{key}` is not a field of {what}");
        if self.strictness == Strictness::WrittenBack {
            message.push_str(", so Flux drops it");
        }
        let mut finding = Diagnostic::error(codes::UNKNOWN_FIELD, span, message);
        if self.strictness == Strictness::WrittenBack {
            finding.severity = Severity::Warning;
        }
        match nearest(key, known.iter().copied()) {
            Some(name) => {
                finding = finding.with_help(format!("did you mean `{name}`?"));
                finding.fix = Some(Fix {
                    title: format!("rename `{key}` to `{name}`"),
                    edits: vec![Edit {
                        span,
                        text: name.to_owned(),
                    }],
                });
            }
            None => finding = finding.with_help(format!("take it out; {}", list_of(what, known))),
        }
        self.findings.push(finding);
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, what: fmt::Arguments<'_>, wanted: &str) {
        let found = type_of(node);
        let message = format!("{what} must be {wanted}, not {found}");
        let mut finding = Diagnostic::error(codes::WRONG_TYPE, node.place.span(), message);
        if wanted == "text" && node.text().is_some() {
            // The text is not repeated: it can be the literal of a Secret.
            finding = finding.with_help("put it in quotes");
        } else if wanted.starts_with("a list") && node.as_scalar().is_some() {
            finding = finding.with_help("write it as a list item: `- ...`");
        } else if wanted.starts_with("a list") {
            finding = finding.with_help("write a dash before each entry");
        } else if node
            .as_scalar()
            .is_some_and(|scalar| is_quoted(scalar.style))
        {
            finding = finding.with_help("write it without quotes");
        }
        self.findings.push(finding);
    }

    /// Warns of a value that becomes text.
    fn becomes_text(&mut self, node: &Node, what: fmt::Arguments<'_>, text: &str) {
        let found = type_of(node);
        let message = match node.text() == Some(text) {
            true => format!("{what} is {found}, which Flux writes as text"),
            false => format!("{what} is {found}, which Flux writes as the text `{text}`"),
        };
        let finding = Diagnostic::warning(codes::WRONG_TYPE, node.place.span(), message);
        self.findings.push(finding.with_help("put it in quotes"));
    }

    /// Text; an empty one counts as absent, as it does in Go.
    pub(crate) fn text(&mut self, fields: &Fields<'_>, field: &'static str) -> Option<Text> {
        let text = self.text_of(fields.get(field)?, format_args!("`{field}`"))?;
        (!text.is_empty()).then_some(text)
    }

    /// Text, that `what` names in messages. Null is empty text.
    pub(crate) fn text_of(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<Text> {
        let text = match node.as_scalar() {
            Some(scalar) => match scalar.kind {
                ScalarKind::Null => SmolStr::default(),
                ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool
                    if self.strictness == Strictness::Strict
                        || self.strictness == Strictness::WrittenBack && self.embedded =>
                {
                    self.wrong_type(node, what, "text");
                    return None;
                }
                ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool
                    if self.strictness == Strictness::WrittenBack =>
                {
                    let text = json_key(scalar);
                    self.becomes_text(node, what, &text);
                    text
                }
                _ => scalar.text.clone(),
            },
            None => {
                self.wrong_type(node, what, "text");
                return None;
            }
        };
        Some(Text {
            text,
            style: node.as_scalar().map_or(Style::Plain, |scalar| scalar.style),
            place: node.place.clone(),
        })
    }

    /// True or false; false where it is absent.
    pub(crate) fn bool(&mut self, fields: &Fields<'_>, field: &'static str) -> bool {
        let Some(node) = fields.get(field) else {
            return false;
        };
        match node.as_scalar() {
            Some(scalar) if scalar.kind == ScalarKind::Bool => is_true(&scalar.text),
            _ => {
                self.wrong_type(node, format_args!("`{field}`"), "true or false");
                false
            }
        }
    }

    /// A whole number.
    pub(crate) fn int(&mut self, fields: &Fields<'_>, field: &'static str) -> Option<(i64, Place)> {
        let node = fields.get(field)?;
        let number = node.as_scalar().and_then(|scalar| match scalar.kind {
            ScalarKind::Int => int_value(&scalar.text, Dialect::Yaml11)
                .and_then(|number| i64::try_from(number).ok()),
            // Go writes a float without a fraction as a whole number.
            ScalarKind::Float => scalar
                .text
                .parse::<f64>()
                .ok()
                .filter(|float| float.fract() == 0.0 && float.abs() < 1e15)
                .map(|float| float as i64),
            _ => None,
        });
        if number.is_none() {
            self.wrong_type(node, format_args!("`{field}`"), "a whole number");
        }
        number.map(|number| (number, node.place.clone()))
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&mut self, fields: &Fields<'n>, field: &'static str) -> &'n [Node] {
        let Some(node) = fields.get(field) else {
            return &[];
        };
        match node.as_seq() {
            Some(seq) => seq.iter().as_slice(),
            None => {
                self.wrong_type(node, format_args!("`{field}`"), "a list");
                &[]
            }
        }
    }

    /// A list of text.
    pub(crate) fn texts(&mut self, fields: &Fields<'_>, field: &'static str) -> Vec<Text> {
        let items = self.list(fields, field);
        items
            .iter()
            .filter_map(|item| self.text_of(item, format_args!("an entry of `{field}`")))
            .collect()
    }

    /// A mapping from text to text.
    pub(crate) fn pairs(&mut self, fields: &Fields<'_>, field: &'static str) -> Pairs {
        let Some(node) = fields.get(field) else {
            return Vec::new();
        };
        let Some(map) = node.as_map() else {
            self.wrong_type(node, format_args!("`{field}`"), "a mapping");
            return Vec::new();
        };
        let mut pairs = Vec::with_capacity(map.len());
        for entry in map {
            let Some(key) = self.key(entry, format_args!("`{field}`")) else {
                continue;
            };
            if let Some(value) = self.text_of(&entry.value, format_args!("`{key}`")) {
                // The last one of a name counts.
                pairs.retain(|(known, _): &(Text, Text)| known.text != key);
                let key = Text {
                    text: key,
                    style: Style::Plain,
                    place: entry.key.place.clone(),
                };
                pairs.push((key, value));
            }
        }
        pairs
    }
}

/// Whether Go takes `key` for the field `name`: equal but for the case of ASCII letters, and of the
/// two other characters that fold to ASCII.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

fn list_of(what: &str, known: &[&str]) -> String {
    if known.len() > 12 {
        return format!("{what} has no such field");
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("the fields of {what} are {}", names.join(", "))
}

/// What a node is, in words.
pub(crate) fn type_of(node: &Node) -> &'static str {
    if node.as_map().is_some() {
        return "a mapping";
    }
    match node.as_scalar().map(|scalar| scalar.kind) {
        None => "a list",
        Some(ScalarKind::Int | ScalarKind::Float) => "a number",
        Some(ScalarKind::Bool) => "a boolean",
        Some(ScalarKind::Null) => "null",
        Some(_) => "text",
    }
}

fn is_quoted(style: Style) -> bool {
    matches!(style, Style::SingleQuoted | Style::DoubleQuoted)
}

/// The text of a key in JSON, as `sigs.k8s.io/yaml` converts it.
pub(crate) fn json_key(key: &Scalar) -> SmolStr {
    match key.kind {
        ScalarKind::Bool if is_true(&key.text) => SmolStr::new_static("true"),
        ScalarKind::Bool => SmolStr::new_static("false"),
        ScalarKind::Int => match int_value(&key.text, Dialect::Yaml11) {
            Some(number) => SmolStr::from(number.to_string()),
            None => key.text.clone(),
        },
        ScalarKind::Float => match float_value(&key.text, Dialect::Yaml11) {
            // Written with the precision of 32 bits.
            Some(number) => {
                let short = f64::from_str(&(number as f32).to_string());
                SmolStr::from(go_float(short.unwrap_or(number)))
            }
            None => key.text.clone(),
        },
        _ => key.text.clone(),
    }
}

/// Whether a scalar of the kind boolean says true, in either dialect.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(
        text,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y"
    )
}
