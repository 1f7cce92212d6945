//! The keys and values that a ConfigMap or Secret has in the cluster: of the object itself, or of
//! one from which an operator makes it.

use std::borrow::Cow;

use tidegate_yaml::{Entry, Map, Node, Place, binary_value};

use crate::flux::DefinitionKind;

/// What is known of the content of a ConfigMap or Secret.
#[derive(Default)]
pub(crate) struct Data<'n> {
    pub(crate) entries: Vec<Datum<'n>>,
    /// Whether it may have other keys.
    pub(crate) may_be_more: bool,
}

/// A key of a ConfigMap or Secret.
pub(crate) struct Datum<'n> {
    /// The key.
    pub(crate) name: &'n str,
    /// Where the key is written.
    pub(crate) name_place: &'n Place,
    /// The bytes of the value; none where only the cluster knows them.
    pub(crate) value: Option<Cow<'n, [u8]>>,
    /// Where the value is written; the key where it is not known.
    pub(crate) place: &'n Place,
}

/// Which ConfigMap or Secret an object is, or has an operator make: its kind and name. It has the
/// namespace of the object.
pub(super) fn defined_by(object: &Node) -> Option<(DefinitionKind, &str)> {
    let text = |path: &[&str]| object.at(path).and_then(Node::text);
    let api_version = text(&["apiVersion"])?;
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let name = text(&["metadata", "name"])?;
    match (group, text(&["kind"])?) {
        ("", "ConfigMap") => Some((DefinitionKind::ConfigMap, name)),
        ("", "Secret") | ("bitnami.com", "SealedSecret") => Some((DefinitionKind::Secret, name)),
        ("external-secrets.io", "ExternalSecret") => {
            let target = text(&["spec", "target", "name"]).filter(|name| !name.is_empty());
            Some((DefinitionKind::Secret, target.unwrap_or(name)))
        }
        _ => None,
    }
}

/// What the ConfigMap or Secret that an object defines holds once it is applied. `stringData`, which
/// the API server puts into `data`, wins over it; `binaryData` gives no variables.
///
/// A value that SOPS has encrypted is not known, nor is one that an operator puts in, or that the
/// API server would refuse.
pub(crate) fn data(object: &Node) -> Data<'_> {
    let kind = object.get("kind").and_then(Node::text).unwrap_or_default();
    match kind {
        "ExternalSecret" => of_external_secret(object),
        "SealedSecret" => Data {
            entries: promised(object, &["spec", "encryptedData"]),
            may_be_more: false,
        },
        _ => {
            let is_encrypted = object.get("sops").is_some_and(|sops| !sops.is_null());
            let is_secret = kind == "Secret";
            let read = |field, in_base64| {
                let entries = entries(object, &[field]).iter();
                entries.filter_map(move |entry| datum(entry, is_encrypted, in_base64))
            };
            let mut all: Vec<Datum<'_>> = read("data", is_secret).collect();
            if is_secret {
                all.extend(read("stringData", false));
            }
            Data {
                entries: all,
                may_be_more: is_filled_in_the_cluster(object),
            }
        }
    }
}

/// Whether the Flux Operator adds keys from another object of the cluster when it applies this one.
fn is_filled_in_the_cluster(object: &Node) -> bool {
    const FROM: [&str; 2] = [
        "fluxcd.controlplane.io/copyFrom",
        "fluxcd.controlplane.io/convertKubeConfigFrom",
    ];
    let annotations = object.at(&["metadata", "annotations"]);
    annotations.is_some_and(|map| FROM.iter().any(|key| map.get(key).is_some()))
}

fn of_external_secret(object: &Node) -> Data<'_> {
    let list = |path: &[&str]| {
        let node = object.at(path).and_then(Node::as_seq);
        node.map(|seq| seq.items()).unwrap_or_default()
    };
    let template = promised(object, &["spec", "target", "template", "data"]);
    let more_templates = !list(&["spec", "target", "template", "templateFrom"]).is_empty();
    if !template.is_empty() {
        return Data {
            entries: template,
            may_be_more: more_templates,
        };
    }
    let named = list(&["spec", "data"]).iter().filter_map(|one| {
        let key = one.get("secretKey")?;
        promised_key(key)
    });
    Data {
        entries: named.collect(),
        may_be_more: more_templates || !list(&["spec", "dataFrom"]).is_empty(),
    }
}

/// The keys of a mapping whose values are not those of the Secret.
fn promised<'n>(object: &'n Node, path: &[&str]) -> Vec<Datum<'n>> {
    let entries = entries(object, path).iter();
    entries
        .filter_map(|entry| promised_key(&entry.key))
        .collect()
}

fn promised_key(key: &Node) -> Option<Datum<'_>> {
    Some(Datum {
        name: key.text()?,
        name_place: &key.place,
        value: None,
        place: &key.place,
    })
}

fn entries<'n>(object: &'n Node, path: &[&str]) -> &'n [Entry] {
    let map = object.at(path).and_then(Node::as_map);
    map.map(Map::entries).unwrap_or_default()
}

fn datum(entry: &Entry, is_encrypted: bool, in_base64: bool) -> Option<Datum<'_>> {
    let value = match entry.value.text() {
        None => None,
        Some(_) if entry.value.is_null() => Some(Cow::Borrowed(&b""[..])),
        Some(text) if is_encrypted && text.starts_with("ENC[") => None,
        Some(text) if in_base64 => binary_value(text).map(Cow::Owned),
        Some(text) => Some(Cow::Borrowed(text.as_bytes())),
    };
    Some(Datum {
        name: entry.key.text()?,
        name_place: &entry.key.place,
        value,
        place: &entry.value.place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::nodes;

    /// The definition of the first object of a text, and its keys and values; `?` for a value that
    /// is not known, `...` where there may be more.
    fn check(text: &str, expected_id: &str, expected: &[&str]) {
        let objects = nodes(text);
        let (kind, name) = defined_by(&objects[0]).unwrap();
        assert_eq!(format!("{}/{name}", kind.as_str()), expected_id);
        let data = data(&objects[0]);
        let mut found: Vec<String> = data
            .entries
            .iter()
            .map(|datum| match &datum.value {
                Some(value) => format!("{}={}", datum.name, String::from_utf8_lossy(value)),
                None => format!("{}=?", datum.name),
            })
            .collect();
        if data.may_be_more {
            found.push("...".to_owned());
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn config_maps_and_secrets_hold_what_the_api_server_makes_of_them() {
        check(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
             data: {a: x, b: , c: 1}\nbinaryData: {d: aGk=}\n",
            "ConfigMap/a",
            &["a=x", "b=", "c=1"],
        );
        check(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n\
             data: {a: aGk=, b: '%'}\nstringData: {a: plain}\n",
            "Secret/a",
            &["a=hi", "b=?", "a=plain"],
        );
    }

    #[test]
    fn what_is_encrypted_is_not_known() {
        check(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n\
             stringData: {a: 'ENC[AES256_GCM,data:x]', b: plain}\nsops: {mac: m}\n",
            "Secret/a",
            &["a=?", "b=plain"],
        );
        check(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 'ENC[no'}\n",
            "ConfigMap/a",
            &["a=ENC[no"],
        );
    }

    #[test]
    fn operators_make_keys_that_are_known_and_values_that_are_not() {
        check(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\n\
             spec: {encryptedData: {a: x}}\n",
            "Secret/a",
            &["a=?"],
        );
        check(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n\
             spec: {data: [{secretKey: k}, {}], target: {name: t}}\n",
            "Secret/t",
            &["k=?"],
        );
        check(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n\
             spec: {dataFrom: [{extract: {key: x}}]}\n",
            "Secret/a",
            &["..."],
        );
        check(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n\
             spec: {dataFrom: [{}], target: {template: {data: {u: '{{ .a }}'}}}}\n",
            "Secret/a",
            &["u=?"],
        );
    }
}
