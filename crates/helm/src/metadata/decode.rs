//! Nodes to structs, as `sigs.k8s.io/yaml` decodes them: by way of JSON, the case of keys does not
//! matter, and a number or boolean where text must be is text.

use tidegate_source::Span;
use tidegate_yaml::{
    Dialect, Map, Node, Scalar, ScalarKind, SmolStr, Value, int_value, is_yes, json_key,
};

use super::{Dependency, Lock, Maintainer, Metadata};
use crate::ChartError;

type Decoded<T> = Result<T, ChartError>;

impl Metadata {
    /// Decodes a document over what is there: what it does not name stays.
    pub(crate) fn decode(&mut self, document: &Node) -> Decoded<()> {
        let Some(fields) = Fields::of(document, "Metadata")? else {
            return Ok(());
        };
        fields.text("name", &mut self.name)?;
        fields.text("home", &mut self.home)?;
        fields.texts("sources", &mut self.sources)?;
        fields.text("version", &mut self.version)?;
        fields.text("description", &mut self.description)?;
        fields.texts("keywords", &mut self.keywords)?;
        if let Some(node) = fields.get("maintainers") {
            let mut maintainers = Some(std::mem::take(&mut self.maintainers));
            fields.items("maintainers", node, &mut maintainers, Maintainer::decode)?;
            self.maintainers = maintainers.unwrap_or_default();
        }
        fields.text("icon", &mut self.icon)?;
        fields.text("apiVersion", &mut self.api_version)?;
        fields.text("condition", &mut self.condition)?;
        fields.text("tags", &mut self.tags)?;
        fields.text("appVersion", &mut self.app_version)?;
        fields.flag("deprecated", &mut self.deprecated)?;
        if let Some(node) = fields.get("annotations") {
            fields.annotations(node, &mut self.annotations)?;
        }
        fields.text("kubeVersion", &mut self.kube_version)?;
        if let Some(node) = fields.get("dependencies") {
            fields.items(
                "dependencies",
                node,
                &mut self.dependencies,
                Dependency::decode,
            )?;
        }
        fields.text("type", &mut self.chart_type)
    }
}

impl Maintainer {
    fn decode(&mut self, node: &Node) -> Decoded<()> {
        self.is_null = node.is_null();
        let Some(fields) = Fields::of(node, "Maintainer")? else {
            return Ok(());
        };
        fields.text("name", &mut self.name)?;
        fields.text("email", &mut self.email)?;
        fields.text("url", &mut self.url)
    }
}

impl Dependency {
    fn decode(&mut self, node: &Node) -> Decoded<()> {
        self.is_null = node.is_null();
        self.place = node.place.clone();
        let Some(fields) = Fields::of(node, "Dependency")? else {
            return Ok(());
        };
        fields.text("name", &mut self.name)?;
        fields.text("version", &mut self.version)?;
        fields.text("repository", &mut self.repository)?;
        fields.text("condition", &mut self.condition)?;
        fields.texts("tags", &mut self.tags)?;
        fields.flag("enabled", &mut self.enabled)?;
        if let Some(node) = fields.get("import-values") {
            let items = node.as_seq();
            let items = match items {
                None if node.is_null() => &[],
                None => return Err(fields.mismatch(node, "import-values", "[]interface {}")),
                Some(items) => items.items(),
            };
            self.import_values = items.to_vec();
        }
        fields.text("alias", &mut self.alias)
    }
}

impl Lock {
    pub(crate) fn decode(document: &Node) -> Decoded<Lock> {
        let mut lock = Lock::default();
        let Some(fields) = Fields::of(document, "Lock")? else {
            return Ok(lock);
        };
        if let Some(node) = fields.get_set("generated")
            && !node.as_scalar().is_some_and(is_time)
        {
            let message = "`generated` is not a time such as 2006-01-02T15:04:05Z";
            return Err(refused(message.to_owned(), node.place.span()));
        }
        fields.text("digest", &mut lock.digest)?;
        if let Some(node) = fields.get("dependencies") {
            let mut dependencies = None;
            fields.items("dependencies", node, &mut dependencies, Dependency::decode)?;
            lock.dependencies = dependencies.unwrap_or_default();
        }
        Ok(lock)
    }
}

/// The fields of a struct.
struct Fields<'n> {
    owner: &'static str,
    /// Keys as JSON has them, sorted: of several that mean the same field the last counts.
    entries: Vec<(SmolStr, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// None where the node is null.
    fn of(node: &'n Node, owner: &'static str) -> Decoded<Option<Fields<'n>>> {
        if node.is_null() {
            return Ok(None);
        }
        let Some(map) = node.as_map() else {
            let what = format!("value of type v2.{owner}");
            return Err(mismatch(node, &what));
        };
        let entries = entries(map)?;
        Ok(Some(Fields { owner, entries }))
    }

    /// The values of a field, the one that counts first.
    fn all(&self, name: &str) -> impl Iterator<Item = &'n Node> {
        let entries = self.entries.iter().rev();
        let entries = entries.filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        entries.map(|(_, node)| *node)
    }

    fn get(&self, name: &str) -> Option<&'n Node> {
        self.all(name).next()
    }

    /// A null leaves what is there, where the field is no list or map.
    fn get_set(&self, name: &str) -> Option<&'n Node> {
        self.all(name).find(|node| !node.is_null())
    }

    fn mismatch(&self, node: &Node, name: &str, expected: &str) -> ChartError {
        let what = format!("Go struct field {}.{name} of type {expected}", self.owner);
        mismatch(node, &what)
    }

    fn text(&self, name: &str, into: &mut SmolStr) -> Decoded<()> {
        let Some(node) = self.get_set(name) else {
            return Ok(());
        };
        *into = text_of(node).ok_or_else(|| self.mismatch(node, name, "string"))?;
        Ok(())
    }

    fn texts(&self, name: &str, into: &mut Vec<SmolStr>) -> Decoded<()> {
        let Some(node) = self.get(name) else {
            return Ok(());
        };
        let mut texts = Some(std::mem::take(into));
        self.items(name, node, &mut texts, |text, node| {
            if !node.is_null() {
                *text = text_of(node).ok_or_else(|| self.mismatch(node, name, "string"))?;
            }
            Ok(())
        })?;
        *into = texts.unwrap_or_default();
        Ok(())
    }

    fn flag(&self, name: &str, into: &mut bool) -> Decoded<()> {
        let Some(node) = self.get_set(name) else {
            return Ok(());
        };
        match node.as_scalar() {
            Some(scalar) if scalar.kind == ScalarKind::Bool => *into = is_yes(&scalar.text),
            _ => return Err(self.mismatch(node, name, "bool")),
        }
        Ok(())
    }

    /// A list, over the items that are there: each is decoded into the one at its place.
    fn items<T: Default>(
        &self,
        name: &str,
        node: &Node,
        into: &mut Option<Vec<T>>,
        decode: impl Fn(&mut T, &Node) -> Decoded<()>,
    ) -> Decoded<()> {
        if node.is_null() {
            *into = None;
            return Ok(());
        }
        let items = node
            .as_seq()
            .ok_or_else(|| self.mismatch(node, name, "[]interface {}"))?;
        let into = into.get_or_insert_default();
        into.resize_with(items.len(), T::default);
        for (item, node) in into.iter_mut().zip(items) {
            decode(item, node)?;
        }
        Ok(())
    }

    fn annotations(&self, node: &Node, into: &mut Option<Vec<(SmolStr, SmolStr)>>) -> Decoded<()> {
        if node.is_null() {
            *into = None;
            return Ok(());
        }
        let name = "annotations";
        let map = node
            .as_map()
            .ok_or_else(|| self.mismatch(node, name, "map[string]string"))?;
        let into = into.get_or_insert_default();
        for (key, value) in entries(map)? {
            let text = match value.is_null() {
                true => SmolStr::default(),
                false => text_of(value).ok_or_else(|| self.mismatch(value, name, "string"))?,
            };
            match into.binary_search_by(|(known, _)| known.cmp(&key)) {
                Ok(at) => into[at].1 = text,
                Err(at) => into.insert(at, (key, text)),
            }
        }
        Ok(())
    }
}

/// The entries of a mapping, keys as JSON has them and sorted.
fn entries(map: &Map) -> Decoded<Vec<(SmolStr, &Node)>> {
    let mut entries = Vec::with_capacity(map.len());
    for entry in map {
        let key = entry.key.as_scalar();
        let key = key
            .ok_or("is a collection where a key must be")
            .and_then(json_key);
        let key = key.map_err(|reason| refused(format!("a key {reason}"), entry.key.place.span()));
        entries.push((key?, &entry.value));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(entries)
}

/// What becomes of a value where text must be.
fn text_of(node: &Node) -> Option<SmolStr> {
    let scalar = node.as_scalar()?;
    match scalar.kind {
        ScalarKind::Int => int_text(scalar),
        ScalarKind::Null => None,
        _ => json_key(scalar).ok(),
    }
}

fn int_text(scalar: &Scalar) -> Option<SmolStr> {
    let value = int_value(&scalar.text, Dialect::Yaml11)?;
    Some(value.to_string().into())
}

/// Whether it is the text of a time of RFC 3339, as far as its form goes.
fn is_time(scalar: &Scalar) -> bool {
    if !matches!(scalar.kind, ScalarKind::Str | ScalarKind::Timestamp) {
        return false;
    }
    let text = scalar.text.as_str();
    let like = |text: &str, form: &str| {
        text.len() == form.len()
            && text
                .bytes()
                .zip(form.bytes())
                .all(|(byte, like)| match like {
                    b'0' => byte.is_ascii_digit(),
                    like => byte == like,
                })
    };
    let Some((time, zone)) = text.split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let zone = match zone.strip_prefix('.') {
        None => zone,
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit());
            let (fraction, zone) = rest.split_at(end.unwrap_or(rest.len()));
            if fraction.is_empty() {
                return false;
            }
            zone
        }
    };
    let zone_fits = zone == "Z" || like(zone, "+00:00") || like(zone, "-00:00");
    like(time, "0000-00-00T00:00:00") && zone_fits
}

/// What Go's errors call a value of JSON.
pub(crate) fn json_type(node: &Node) -> &'static str {
    match &node.value {
        Value::Map(_) => "object",
        Value::Seq(_) => "array",
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Bool => "bool",
            ScalarKind::Int | ScalarKind::Float => "number",
            _ => "string",
        },
    }
}

fn mismatch(node: &Node, expected: &str) -> ChartError {
    let found = json_type(node);
    let message = format!("json: cannot unmarshal {found} into {expected}");
    refused(message, node.place.span())
}

fn refused(message: String, span: Span) -> ChartError {
    ChartError::chart(format!(
        "error unmarshaling JSON: while decoding JSON: {message}"
    ))
    .at(span)
}

#[cfg(test)]
mod tests {
    use tidegate_source::FileId;
    use tidegate_yaml::{ParseOptions, parse_text};

    use super::*;

    fn node(text: &str) -> Node {
        let parsed = parse_text(text, FileId::NONE, ParseOptions::new(Dialect::Yaml11));
        parsed.documents[0].root.clone().unwrap()
    }

    fn check(text: &str, expected: Result<(&str, &str, bool), &str>) {
        let mut metadata = Metadata::default();
        let found = metadata.decode(&node(text));
        let found = found.map(|()| {
            (
                metadata.version.as_str(),
                metadata.app_version.as_str(),
                metadata.deprecated,
            )
        });
        let expected = expected.map_err(str::to_owned);
        assert_eq!(found.map_err(|error| error.message), expected);
    }

    #[test]
    fn numbers_and_booleans_are_text_where_text_must_be() {
        check("version: 1.10\nappVersion: 010", Ok(("1.1", "8", false)));
        check("version: 1e3\nappVersion: yes", Ok(("1000", "true", false)));
        check("VERSION: '1'\nversion: null", Ok(("1", "", false)));
        check("deprecated: on", Ok(("", "", true)));
    }

    #[test]
    fn what_has_another_type_is_refused() {
        let of = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        check(
            "version: [1]",
            Err(&format!(
                "{of} array into Go struct field Metadata.version of type string"
            )),
        );
        check(
            "deprecated: 'true'",
            Err(&format!(
                "{of} string into Go struct field Metadata.deprecated of type bool"
            )),
        );
    }

    #[test]
    fn a_second_document_is_decoded_over_the_first() {
        let mut metadata = Metadata::default();
        let first = "{name: a, dependencies: [{name: x, version: '1'}, {name: y}]}";
        metadata.decode(&node(first)).unwrap();
        metadata
            .decode(&node("dependencies: [{version: '2'}]"))
            .unwrap();
        let dependencies = metadata.dependencies.unwrap();
        assert_eq!(metadata.name, "a");
        assert_eq!(dependencies.len(), 1);
        assert_eq!(dependencies[0].name, "x");
        assert_eq!(dependencies[0].version, "2");
    }
}
