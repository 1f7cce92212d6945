//! What Helm reads of an object that was printed: enough to sort it and to see whether it is a hook.

use std::collections::BTreeMap;

use tidegate_source::{FileId, Location, Severity};
use tidegate_yaml::{
    Dialect, Map, Node, ParseOptions, Scalar, ScalarKind, SmolStr, Value, float_value, is_yes,
    json_float, json_key, parse_text,
};

use crate::metadata::json_type;

/// The head of an object. What is not there is empty.
///
/// Source: `SimpleHead` of `helm.sh/helm/v4/pkg/release/v1/util`, and how `sigs.k8s.io/yaml` decodes it:
/// numbers and booleans are texts where a text is wanted, and capitals in keys do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`
    pub api_version: SmolStr,
    /// `kind`
    pub kind: SmolStr,
    /// `metadata.name`
    pub name: SmolStr,
    /// `metadata.annotations`
    pub annotations: BTreeMap<SmolStr, SmolStr>,
}

/// Why a document has no head.
pub(super) struct Unreadable {
    /// Where in the document, about.
    pub(super) at: usize,
    /// Helm's words, nearly.
    pub(super) reason: String,
}

/// Reads a document: its root, with places that are ranges of `text`, and its head.
pub(super) fn read(text: &str) -> Result<(Option<Node>, Head), Unreadable> {
    let parsed = parse_text(text, FileId::DETACHED, ParseOptions::new(Dialect::Yaml11));
    let first = parsed.documents.into_iter().next();
    // Helm reads the first document alone.
    let end = match parsed.findings.is_empty() {
        true => 0,
        false => first.as_ref().map_or(u32::MAX, |one| one.span.end),
    };
    for finding in &parsed.findings {
        let at = match finding.primary {
            Location::Span(span) => span.start,
            Location::Path(_) => 0,
        };
        if finding.severity == Severity::Error && at <= end {
            let line = text[..(at as usize).min(text.len())].matches('\n').count() + 1;
            let message = &finding.message;
            return Err(Unreadable {
                at: at as usize,
                reason: format!("error converting YAML to JSON: yaml: line {line}: {message}"),
            });
        }
    }
    let root = first.and_then(|document| document.root);
    let head = match &root {
        None => Head::default(),
        Some(root) => {
            let refused = |reason: String| Unreadable {
                at: root.place.span().start as usize,
                reason,
            };
            convertible(root)
                .map_err(|why| refused(format!("error converting YAML to JSON: {why}")))?;
            head(root).map_err(|why| {
                let during = "error unmarshaling JSON: while decoding JSON: json";
                refused(format!("{during}: {why}"))
            })?
        }
    };
    Ok((root, head))
}

/// Whether JSON can hold a node: it has no infinities, and its keys are scalars that are not null.
fn convertible(node: &Node) -> Result<(), String> {
    match &node.value {
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Float => {
            match float_value(&scalar.text, Dialect::Yaml11) {
                Some(value) if !value.is_finite() => {
                    Err(format!("json: unsupported value: {}", scalar.text))
                }
                _ => Ok(()),
            }
        }
        Value::Scalar(_) => Ok(()),
        Value::Seq(seq) => seq.iter().try_for_each(convertible),
        Value::Map(map) => {
            map.iter()
                .try_for_each(|entry| match entry.key.as_scalar().map(json_key) {
                    Some(Ok(_)) => convertible(&entry.value),
                    _ => Err("unsupported map key".to_owned()),
                })
        }
    }
}

fn head(root: &Node) -> Result<Head, String> {
    let mut head = Head::default();
    let Some(map) = object(root, || "value of type util.SimpleHead".to_owned())? else {
        return Ok(head);
    };
    for (key, value) in sorted(map) {
        match field(&key, &["apiVersion", "kind", "metadata"]) {
            Some("apiVersion") => text_into(&mut head.api_version, value, "apiVersion")?,
            Some("kind") => text_into(&mut head.kind, value, "kind")?,
            Some(_) => metadata(&mut head, value)?,
            None => {}
        }
    }
    Ok(head)
}

fn metadata(head: &mut Head, node: &Node) -> Result<(), String> {
    let refused = || "struct field SimpleHead.metadata".to_owned();
    let Some(map) = object(node, refused)? else {
        head.name = SmolStr::default();
        head.annotations.clear();
        return Ok(());
    };
    for (key, value) in sorted(map) {
        match field(&key, &["name", "annotations"]) {
            Some("name") => text_into(&mut head.name, value, "metadata.name")?,
            Some(_) => annotations(head, value)?,
            None => {}
        }
    }
    Ok(())
}

fn annotations(head: &mut Head, node: &Node) -> Result<(), String> {
    let refused =
        || "struct field SimpleHead.metadata.annotations of type map[string]string".to_owned();
    let Some(map) = object(node, refused)? else {
        head.annotations.clear();
        return Ok(());
    };
    for (key, value) in sorted(map) {
        let mut text = SmolStr::default();
        text_into(&mut text, value, "metadata.annotations")?;
        head.annotations.insert(key, text);
    }
    Ok(())
}

/// The field that a key means.
fn field(key: &str, fields: &[&'static str]) -> Option<&'static str> {
    let mut fields = fields.iter().copied();
    fields.find(|field| field.eq_ignore_ascii_case(key))
}

/// The entries in the order of their keys, in which JSON has them.
fn sorted(map: &Map) -> Vec<(SmolStr, &Node)> {
    let key = |key: &Node| key.as_scalar().and_then(|key| json_key(key).ok());
    let entries = map.iter();
    let mut entries: Vec<_> = entries
        .filter_map(|entry| Some((key(&entry.key)?, &entry.value)))
        .collect();
    entries.sort_by(|(a, _): &(SmolStr, _), (b, _)| a.cmp(b));
    entries
}

/// The map, none for null.
fn object(node: &Node, into: impl Fn() -> String) -> Result<Option<&Map>, String> {
    match &node.value {
        Value::Map(map) => Ok(Some(map)),
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Null => Ok(None),
        _ => Err(format!(
            "cannot unmarshal {} into Go {}",
            json_type(node),
            into()
        )),
    }
}

fn text_into(into: &mut SmolStr, node: &Node, name: &str) -> Result<(), String> {
    match node.as_scalar() {
        // Null leaves what is there.
        Some(scalar) if scalar.kind == ScalarKind::Null => {}
        Some(scalar) => *into = text(scalar),
        None => {
            let found = json_type(node);
            return Err(format!(
                "cannot unmarshal {found} into Go struct field SimpleHead.{name} of type string"
            ));
        }
    }
    Ok(())
}

fn text(scalar: &Scalar) -> SmolStr {
    match scalar.kind {
        ScalarKind::Bool => if is_yes(&scalar.text) {
            "true"
        } else {
            "false"
        }
        .into(),
        ScalarKind::Int | ScalarKind::Float => match json_key(scalar) {
            Ok(text) => text,
            Err(_) => match float_value(&scalar.text, Dialect::Yaml11) {
                Some(value) => json_float(value).into(),
                None => scalar.text.clone(),
            },
        },
        _ => scalar.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match read(text) {
            Ok((_, head)) => format!(
                "{} {} {} {:?}",
                head.api_version, head.kind, head.name, head.annotations
            ),
            Err(error) => error.reason,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn scalars_are_texts() {
        check(
            "Kind: 1\nAPIVERSION: yes\nmetadata:\n  name: 1.50\n  annotations: {a: null, 1: 2}\n",
            r#"true 1 1.5 {"1": "2", "a": ""}"#,
        );
        check("# nothing\n", "   {}");
        check("metadata:\nkind: A\n", " A  {}");
    }

    #[test]
    fn what_has_no_head() {
        let decoding = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        check(
            "text\n",
            &format!("{decoding} string into Go value of type util.SimpleHead"),
        );
        check(
            "- a\n",
            &format!("{decoding} array into Go value of type util.SimpleHead"),
        );
        check(
            "kind: [a]\n",
            &format!("{decoding} array into Go struct field SimpleHead.kind of type string"),
        );
        check(
            "a: .inf\n",
            "error converting YAML to JSON: json: unsupported value: .inf",
        );
    }
}
