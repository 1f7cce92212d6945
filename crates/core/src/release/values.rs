//! The values of a HelmRelease: `spec.values` over what `spec.valuesFrom` reads.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use tidegate_helm::strvals::{self, Reading};
use tidegate_helm::values::{Table, Value};
use tidegate_source::{Location, Severity, SourceFile, SourceMapBuilder, Sources, Span, TreePath};
use tidegate_yaml::{
    Dialect, Node, ParseOptions, Parsed, Place, ScalarKind, Style, Value as Yaml, binary_text,
    embed, parse,
};

use crate::config::ProvidedValue;
use crate::flux::DefinitionKind;
use crate::render::{Datum, Defined, Lookup, data};
use crate::tree::is_substituted;

/// The key that is read where an entry of `valuesFrom` names none.
const VALUES_KEY: &str = "values.yaml";

/// The values that a chart gets, before its own are merged in.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The values. All numbers are floating point ones, as Go decodes JSON, but for those that a
    /// `targetPath` sets.
    pub values: Node,
    /// The entries of `valuesFrom` whose values only the cluster knows.
    pub unknown: Vec<UnknownValues>,
}

/// An entry of `valuesFrom` whose values only the cluster knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValues {
    /// The entry.
    pub span: Span,
    /// The object that has them, such as `Secret apps/passwords`.
    pub object: String,
    /// Whether any value may be set by it. Else it is a single one, at the `targetPath`, and there is a
    /// scalar of the kind [`ScalarKind::Opaque`] for it.
    pub may_be_any: bool,
}

/// What stands for a value that only the cluster knows: some text that is not empty.
const UNKNOWN: &str = "unknown";

/// Values that cannot be composed: helm-controller fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesError {
    /// Where.
    pub span: Span,
    /// Why.
    pub problem: ValuesProblem,
}

/// Why values cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuesProblem {
    /// A field of `valuesFrom` has another type than it must have.
    WrongType {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Values are read from ConfigMaps and Secrets only.
    Kind(String),
    /// There is no such object.
    NoObject(String),
    /// The object has no such key.
    NoKey(String, String),
    /// The text is no YAML, for this reason.
    NotYaml(String),
    /// The text is YAML, but no mapping.
    NotMap,
    /// The value cannot be set at the `targetPath`.
    TargetPath(strvals::Problem),
}

impl fmt::Display for ValuesProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValuesProblem::WrongType { field, expected } => {
                write!(f, "`{field}` is not {expected}")
            }
            ValuesProblem::Kind(kind) => {
                write!(f, "`{kind}` is neither `ConfigMap` nor `Secret`")
            }
            ValuesProblem::NoObject(object) => write!(f, "there is no {object}"),
            ValuesProblem::NoKey(object, key) => write!(f, "{object} has no key `{key}`"),
            ValuesProblem::NotYaml(reason) => write!(f, "the values are not YAML: {reason}"),
            ValuesProblem::NotMap => f.write_str("the values are not a mapping"),
            ValuesProblem::TargetPath(problem) => {
                write!(f, "the value cannot be set at `targetPath`: {problem}")
            }
        }
    }
}

impl std::error::Error for ValuesError {}

impl fmt::Display for ValuesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// Composes the values of a HelmRelease.
///
/// Each entry of `valuesFrom` is merged over the ones before, and `spec.values` over all. One with a
/// `targetPath` sets a single value as `helm --set` would, in a map that it may share with
/// `spec.values`: then `spec.values` itself is changed, and so wins and does not win.
///
/// Source: `ChartValuesFromReferences` of `github.com/fluxcd/pkg/chartutil`.
pub fn compose_values(
    sources: &Sources,
    release: &Node,
    lookup: Lookup<'_, '_>,
) -> Result<Composed, ValuesError> {
    let namespace = release.at(&["metadata", "namespace"]).and_then(Node::text);
    let mut composer = Composer {
        sources,
        namespace: namespace.unwrap_or_default(),
        lookup,
        inline: Table::new(release.place.clone()),
        result: Table::new(release.place.clone()),
        unknown: Vec::new(),
    };
    // Values that are no mapping are passed over.
    if let Some(values) = release.at(&["spec", "values"])
        && let Ok(Value::Map(inline)) = Value::decode(values)
    {
        composer.inline = inline;
    }
    for reference in references(release)? {
        composer.add(&reference)?;
    }
    Ok(Composed {
        values: composer.result.merged(&composer.inline).to_node(),
        unknown: composer.unknown,
    })
}

/// An entry of `valuesFrom`.
struct Reference<'n> {
    place: &'n Place,
    kind: &'n str,
    kind_span: Span,
    name: &'n str,
    name_span: Span,
    key: &'n str,
    key_span: Span,
    path: &'n str,
    path_span: Span,
    literal: bool,
    optional: bool,
}

fn references(release: &Node) -> Result<Vec<Reference<'_>>, ValuesError> {
    let from = release.at(&["spec", "valuesFrom"]);
    let Some(from) = from.filter(|from| !from.is_null()) else {
        return Ok(Vec::new());
    };
    let entries = from.as_seq();
    let entries = entries.ok_or_else(|| wrong_type(from, "valuesFrom", "a list"))?;
    entries.iter().map(Reference::read).collect()
}

/// A text, also one that kustomize has put together.
fn as_text(node: &Node) -> Option<&str> {
    let scalar = node.as_scalar()?;
    let is_text = scalar.kind_in(Dialect::Yaml11) == ScalarKind::Str;
    is_text.then_some(scalar.text.as_str())
}

impl Reference<'_> {
    fn read(entry: &Node) -> Result<Reference<'_>, ValuesError> {
        if !entry.is_null() && entry.as_map().is_none() {
            return Err(wrong_type(entry, "valuesFrom", "a list of mappings"));
        }
        let field = |field| entry.get(field).filter(|node| !node.is_null());
        let span = |name| field(name).unwrap_or(entry).place.span();
        let text = |name| match field(name) {
            None => Ok(""),
            Some(node) => as_text(node).ok_or_else(|| wrong_type(node, name, "text")),
        };
        let flag = |name| match field(name) {
            None => Ok(false),
            Some(node) => match node.as_scalar() {
                Some(scalar) if scalar.kind == ScalarKind::Bool => Ok(scalar.text == "true"),
                _ => Err(wrong_type(node, name, "`true` or `false`")),
            },
        };
        Ok(Reference {
            place: &entry.place,
            kind: text("kind")?,
            kind_span: span("kind"),
            name: text("name")?,
            name_span: span("name"),
            key: match text("valuesKey")? {
                "" => VALUES_KEY,
                key => key,
            },
            key_span: span("valuesKey"),
            path: text("targetPath")?,
            path_span: span("targetPath"),
            literal: flag("literal")?,
            optional: flag("optional")?,
        })
    }
}

fn wrong_type(node: &Node, field: &'static str, expected: &'static str) -> ValuesError {
    let problem = ValuesProblem::WrongType { field, expected };
    let span = node.place.span();
    ValuesError { span, problem }
}

struct Composer<'a, 'n> {
    sources: &'a Sources,
    namespace: &'a str,
    lookup: Lookup<'a, 'n>,
    inline: Table,
    result: Table,
    unknown: Vec<UnknownValues>,
}

/// The value of a key.
struct Found<'n> {
    /// The bytes; none where only the cluster knows them.
    bytes: Option<Cow<'n, [u8]>>,
    place: Place,
    /// The scalar that holds the bytes as they are.
    node: Option<&'n Node>,
    is_secret: bool,
}

impl Found<'_> {
    /// Whether there are variables in the text that only the cluster knows.
    fn has_unknown_parts(&self) -> bool {
        let scalar = self.node.and_then(Node::as_scalar);
        scalar.is_some_and(|scalar| scalar.kind == ScalarKind::Opaque)
    }
}

/// Marks what has a variable in it that was not put in: such a value is not known.
fn with_unknown(mut node: Node, has_unknown_parts: bool) -> Node {
    if has_unknown_parts {
        mark_unknown(&mut node);
    }
    node
}

fn mark_unknown(node: &mut Node) {
    match &mut node.value {
        Yaml::Scalar(scalar) if is_substituted(&scalar.text) => scalar.kind = ScalarKind::Opaque,
        Yaml::Scalar(_) => {}
        Yaml::Map(map) => {
            let entries = map.entries_mut().iter_mut();
            entries.for_each(|entry| mark_unknown(&mut entry.value));
        }
        Yaml::Seq(seq) => seq.items_mut().iter_mut().for_each(mark_unknown),
    }
}

impl<'n> Composer<'_, 'n> {
    fn add(&mut self, reference: &Reference<'_>) -> Result<(), ValuesError> {
        let kind = match reference.kind {
            "ConfigMap" => DefinitionKind::ConfigMap,
            "Secret" => DefinitionKind::Secret,
            kind => {
                let problem = ValuesProblem::Kind(kind.to_owned());
                let span = reference.kind_span;
                return Err(ValuesError { span, problem });
            }
        };
        let Some(found) = self.find(kind, reference)? else {
            return Ok(());
        };
        // Of a text with variables that are not known, single values are not known.
        let in_part = found.has_unknown_parts();
        let bytes = found.bytes.as_ref();
        let bytes = bytes.filter(|_| !in_part || reference.path.is_empty());
        let Some(bytes) = bytes else {
            self.unknown.push(UnknownValues {
                span: reference.place.span(),
                object: format!("{} {}/{}", kind.as_str(), self.namespace, reference.name),
                may_be_any: reference.path.is_empty(),
            });
            if !reference.path.is_empty() {
                let place = found.place.clone();
                let unknown = Node::scalar(UNKNOWN, ScalarKind::Opaque, Style::Plain, place);
                self.set(reference, |table| {
                    strvals::set_at(reference.path, table, Value::Leaf(unknown))
                })?;
            }
            return Ok(());
        };
        if !reference.path.is_empty() {
            let text = binary_text(bytes);
            return self.set(reference, |table| {
                set_text(table, reference, &text, &found.place)
            });
        }
        match self.read(&found, bytes, reference) {
            Ok(read) => self.result = self.result.merged(&read),
            Err(_) if in_part => self.unknown.push(UnknownValues {
                span: reference.place.span(),
                object: format!("{} {}/{}", kind.as_str(), self.namespace, reference.name),
                may_be_any: true,
            }),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The value of the key that is referred to; none where there is nothing to take.
    fn find(
        &mut self,
        kind: DefinitionKind,
        reference: &Reference<'_>,
    ) -> Result<Option<Found<'n>>, ValuesError> {
        let Reference { name, key, .. } = *reference;
        let object = || format!("{} {}/{name}", kind.as_str(), self.namespace);
        let is_secret = kind == DefinitionKind::Secret;
        let unknown = |place: &Place| Found {
            bytes: None,
            place: place.clone(),
            node: None,
            is_secret,
        };
        let found = match (self.lookup)(kind, self.namespace, name) {
            Defined::Object(object) => {
                let data = data(object);
                let mut entries = data.entries.into_iter().rev();
                match entries.find(|datum| datum.name == key) {
                    Some(datum) => Some(Found {
                        node: verbatim(object, kind, &datum),
                        bytes: datum.value,
                        place: datum.place.clone(),
                        is_secret,
                    }),
                    None => data.may_be_more.then(|| unknown(reference.place)),
                }
            }
            Defined::Declared(provided) => match provided.keys.get(key) {
                Some(declared) => Some(Found {
                    bytes: match &declared.value {
                        ProvidedValue::Known(value) => Some(Cow::Borrowed(value.as_bytes())),
                        ProvidedValue::Unknown(_) => None,
                    },
                    ..unknown(&Place::at(declared.span))
                }),
                None => provided.more_keys.then(|| unknown(reference.place)),
            },
            Defined::Unknown => Some(unknown(reference.place)),
            Defined::Missing if reference.optional => return Ok(None),
            Defined::Missing => {
                let problem = ValuesProblem::NoObject(object());
                let span = reference.name_span;
                return Err(ValuesError { span, problem });
            }
        };
        match found {
            None if !reference.optional => {
                let problem = ValuesProblem::NoKey(object(), key.to_owned());
                let span = reference.key_span;
                Err(ValuesError { span, problem })
            }
            found => Ok(found),
        }
    }

    /// Sets the value at the `targetPath`.
    fn set(
        &mut self,
        reference: &Reference<'_>,
        set: impl FnOnce(&Table) -> Result<(), strvals::Error>,
    ) -> Result<(), ValuesError> {
        self.result = self.result.merged(&self.inline);
        set(&self.result).map_err(|error| ValuesError {
            span: reference.path_span,
            problem: ValuesProblem::TargetPath(error.problem),
        })
    }

    /// Reads the values of a key.
    fn read(
        &self,
        found: &Found<'_>,
        bytes: &[u8],
        reference: &Reference<'_>,
    ) -> Result<Table, ValuesError> {
        let at = |span: Span, problem| ValuesError {
            span: if span.is_some() {
                span
            } else {
                reference.place.span()
            },
            problem,
        };
        let file = self.file(found, bytes, reference.key).map_err(|reason| {
            let problem = ValuesProblem::NotYaml(reason);
            at(found.place.span(), problem)
        })?;
        let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
        if let Some((span, reason)) = error_in_first(&parsed) {
            let problem = ValuesProblem::NotYaml(reason);
            return Err(at(self.sources.real(span), problem));
        }
        let mut documents = parsed.documents.into_iter();
        let root = documents.next().and_then(|document| document.root);
        let root = root.filter(|root| !root.is_null());
        match root.map(|root| with_unknown(root, found.has_unknown_parts())) {
            None => Ok(Table::new(found.place.clone())),
            Some(root) => match Value::decode(&root) {
                Ok(Value::Map(table)) => Ok(table),
                Ok(_) => {
                    let span = self.sources.real(root.place.span());
                    Err(at(span, ValuesProblem::NotMap))
                }
                Err(error) => {
                    let span = self.sources.real(error.place.span());
                    let reason = format!("a value {}", error.reason);
                    Err(at(span, ValuesProblem::NotYaml(reason)))
                }
            },
        }
    }

    /// The text of a key as a file of its own.
    fn file(&self, found: &Found<'_>, bytes: &[u8], key: &str) -> Result<Arc<SourceFile>, String> {
        let name = TreePath::new(key).unwrap_or_else(|_| TreePath::root());
        let file = match found.node {
            Some(node) => embed(self.sources, node, name),
            None => {
                let text = str::from_utf8(bytes);
                let text = text.map_err(|_| "it is not UTF-8 text".to_owned())?;
                let map = SourceMapBuilder::new(found.place.span()).finish();
                self.sources.add_virtual(name, text.to_owned(), map)
            }
        };
        if found.is_secret {
            file.mark_secret();
        }
        Ok(file)
    }
}

/// The scalar whose text is the value of a key.
fn verbatim<'n>(object: &'n Node, kind: DefinitionKind, datum: &Datum<'_>) -> Option<&'n Node> {
    let field = match kind {
        DefinitionKind::ConfigMap => "data",
        DefinitionKind::Secret => "stringData",
    };
    let node = object.get(field)?.get(datum.name)?;
    (node.text().map(str::as_bytes) == datum.value.as_deref()).then_some(node)
}

/// The first error of the first document: nothing behind that is read.
fn error_in_first(parsed: &Parsed) -> Option<(Span, String)> {
    let first = parsed.documents.first();
    let mut findings = parsed.findings.iter();
    findings.find_map(|finding| {
        let Location::Span(span) = finding.primary else {
            return None;
        };
        let is_later = first.is_some_and(|first| span.start >= first.span.end);
        let counts = finding.severity == Severity::Error && !is_later;
        counts.then(|| (span, finding.message.clone()))
    })
}

/// Sets a text at the `targetPath`. A value in quotes is text: all quotes at both ends are taken
/// off, of either kind.
fn set_text(
    table: &Table,
    reference: &Reference<'_>,
    text: &str,
    place: &Place,
) -> Result<(), strvals::Error> {
    let path = reference.path;
    if reference.literal && !text.is_empty() {
        let value = Value::Leaf(Node::str(text, place.clone()));
        return strvals::set_at(path, table, value);
    }
    let is_quoted = |quote: char| text.starts_with(quote) && text.ends_with(quote);
    let (text, reading) = match is_quoted('\'') || is_quoted('"') {
        true => (text.trim_matches(['\'', '"']), Reading::Text),
        false => (text, Reading::Typed),
    };
    strvals::set(&format!("{path}={text}"), table, reading, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::MemorySystem;
    use tidegate_yaml::to_json;

    const OBJECTS: &str = "kind: ConfigMap
metadata: {name: base}
data:
  values.yaml: |
    replicas: 2
    image:
      tag: v1
  broken: |
    a: [1
  tag: v2
";

    fn compose(spec: &str) -> (Result<Composed, ValuesError>, Sources) {
        let release = format!("metadata: {{namespace: apps}}\nspec:\n{spec}");
        let system = MemorySystem::new()
            .with("release.yaml", release)
            .with("objects.yaml", OBJECTS);
        let sources = Sources::new(Arc::new(system));
        let read = |name| {
            let file = sources.load(&TreePath::new(name).unwrap()).unwrap();
            let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
            parsed.documents[0].root.clone().unwrap()
        };
        let (release, object) = (read("release.yaml"), read("objects.yaml"));
        let lookup = |_: DefinitionKind, _: &str, name: &str| match name {
            "base" => Defined::Object(&object),
            "later" => Defined::Unknown,
            _ => Defined::Missing,
        };
        let composed = compose_values(&sources, &release, &lookup);
        (composed, sources)
    }

    fn line(span: Span, sources: &Sources) -> String {
        let location = Location::Span(sources.real(span));
        let path = location.path(sources).unwrap();
        format!("{path}:{}", location.line_col(sources).unwrap().line)
    }

    fn check_error(spec: &str, place: &str, message: &str) {
        let (composed, sources) = compose(spec);
        let error = composed.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(line(error.span, &sources), place);
    }

    #[test]
    fn each_value_lies_where_it_is_written() {
        let (composed, sources) = compose(
            "  valuesFrom:\n  - {kind: ConfigMap, name: base}\n  \
             - {kind: ConfigMap, name: base, valuesKey: tag, targetPath: image.new}\n  \
             values:\n    image:\n      tag: v3\n",
        );
        let composed = composed.unwrap();
        assert_eq!(
            to_json(&composed.values).unwrap(),
            r#"{"image":{"new":"v2","tag":"v3"},"replicas":2}"#
        );
        let place = |path: &[&str]| line(composed.values.at(path).unwrap().place.span(), &sources);
        assert_eq!(place(&["replicas"]), "objects.yaml:5");
        assert_eq!(place(&["image", "tag"]), "release.yaml:8");
        assert_eq!(place(&["image", "new"]), "objects.yaml:10");
        assert_eq!(composed.unknown, []);
    }

    #[test]
    fn what_only_the_cluster_knows_is_told() {
        let (composed, sources) = compose(
            "  valuesFrom:\n  - {kind: ConfigMap, name: later}\n  \
             - {kind: Secret, name: later, valuesKey: k, targetPath: a.b}\n",
        );
        let composed = composed.unwrap();
        let places: Vec<_> = composed
            .unknown
            .iter()
            .map(|unknown| line(unknown.span, &sources))
            .collect();
        assert_eq!(places, ["release.yaml:4", "release.yaml:5"]);
        let value = composed.values.at(&["a", "b"]).and_then(Node::as_scalar);
        assert_eq!(value.unwrap().kind, ScalarKind::Opaque);
    }

    #[test]
    fn a_variable_in_a_text_makes_one_value_unknown() {
        let mut object = read_one(OBJECTS);
        let text = object
            .get_mut("data")
            .and_then(|data| data.get_mut("values.yaml"));
        let text = text.unwrap();
        *text = Node::scalar(
            "replicas: ${N}\nname: web\n",
            ScalarKind::Opaque,
            Style::Literal,
            text.place.clone(),
        );
        let release = read_one(
            "metadata: {namespace: apps}\nspec: {valuesFrom: [{kind: ConfigMap, name: base}]}\n",
        );
        let sources = Sources::new(Arc::new(MemorySystem::new()));
        let lookup = |_: DefinitionKind, _: &str, _: &str| Defined::Object(&object);
        let composed = compose_values(&sources, &release, &lookup).unwrap();
        let kind = |key| {
            composed
                .values
                .get(key)
                .and_then(Node::as_scalar)
                .unwrap()
                .kind
        };
        assert_eq!(kind("replicas"), ScalarKind::Opaque);
        assert_eq!(kind("name"), ScalarKind::Str);
        assert_eq!(composed.unknown, []);
    }

    fn read_one(text: &str) -> Node {
        crate::render::testing::nodes(text).remove(0)
    }

    #[test]
    fn errors_are_at_what_is_to_be_mended() {
        check_error(
            "  valuesFrom:\n  - kind: ConfigMap\n    name: gone\n",
            "release.yaml:5",
            "there is no ConfigMap apps/gone",
        );
        check_error(
            "  valuesFrom:\n  - {kind: ConfigMap, name: base,\n     valuesKey: gone}\n",
            "release.yaml:5",
            "ConfigMap apps/base has no key `gone`",
        );
        check_error(
            "  valuesFrom:\n  - {kind: ConfigMap, name: base, valuesKey: tag}\n",
            "objects.yaml:10",
            "the values are not a mapping",
        );
        check_error(
            "  valuesFrom:\n  - {kind: ConfigMap, name: base, valuesKey: tag,\n     \
             targetPath: 'a[-1]'}\n",
            "release.yaml:5",
            "the value cannot be set at `targetPath`: the index -1 is below 0",
        );
        check_error(
            "  valuesFrom:\n  - {kind: Configmap, name: base}\n",
            "release.yaml:4",
            "`Configmap` is neither `ConfigMap` nor `Secret`",
        );
        check_error(
            "  valuesFrom:\n  - {kind: ConfigMap, name: base, optional: 'true'}\n",
            "release.yaml:4",
            "`optional` is not `true` or `false`",
        );
        let (composed, sources) =
            compose("  valuesFrom:\n  - {kind: ConfigMap, name: base, valuesKey: broken}\n");
        let error = composed.unwrap_err();
        assert!(matches!(error.problem, ValuesProblem::NotYaml(_)));
        assert_eq!(line(error.span, &sources), "objects.yaml:9");
    }
}
