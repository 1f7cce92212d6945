//! The keys and values that a ConfigMap or Secret has in the cluster.

use std::borrow::Cow;

use tidegate_yaml::{Entry, Map, Node, Place, binary_value};

use crate::flux::DefinitionKind;

/// A key of a ConfigMap or Secret.
pub(super) struct Datum<'n> {
    /// The key.
    pub(super) name: &'n str,
    /// Where the key is written.
    pub(super) name_place: &'n Place,
    /// The bytes of the value; none where only the cluster knows them.
    pub(super) value: Option<Cow<'n, [u8]>>,
    /// Where the value is written.
    pub(super) place: &'n Place,
}

/// What an object holds once it is applied: `data`, and of a Secret also `stringData`, which the
/// API server puts into `data` and which wins over it. `binaryData` gives no variables.
///
/// A value that SOPS has encrypted is not known. Nor is one that the API server would refuse.
pub(super) fn data(object: &Node, kind: DefinitionKind) -> Vec<Datum<'_>> {
    let is_encrypted = object.get("sops").is_some_and(|sops| !sops.is_null());
    let entries = |field| object.get(field).and_then(Node::as_map).map(Map::entries);
    let read = |entry, decode| datum(entry, is_encrypted, decode);
    let mut out: Vec<Datum<'_>> = match kind {
        DefinitionKind::ConfigMap => {
            let data = entries("data").into_iter().flatten();
            data.filter_map(|entry| read(entry, false)).collect()
        }
        DefinitionKind::Secret => {
            let data = entries("data").into_iter().flatten();
            data.filter_map(|entry| read(entry, true)).collect()
        }
    };
    if kind == DefinitionKind::Secret {
        let plain = entries("stringData").into_iter().flatten();
        out.extend(plain.filter_map(|entry| read(entry, false)));
    }
    out
}

fn datum(entry: &Entry, is_encrypted: bool, in_base64: bool) -> Option<Datum<'_>> {
    let name = entry.key.text()?;
    let value = match entry.value.text() {
        None => None,
        Some(_) if entry.value.is_null() => Some(Cow::Borrowed(&b""[..])),
        Some(text) if is_encrypted && text.starts_with("ENC[") => None,
        Some(text) if in_base64 => binary_value(text).map(Cow::Owned),
        Some(text) => Some(Cow::Borrowed(text.as_bytes())),
    };
    Some(Datum {
        name,
        name_place: &entry.key.place,
        value,
        place: &entry.value.place,
    })
}
