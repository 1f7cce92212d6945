//! What kustomize-controller makes of the printed build: it reads it back as objects, and gives them
//! the common metadata.

use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_source::Diagnostic;
use tidegate_yaml::{
    Dialect, Entry, Map, Node, ScalarKind, Style, Value, binary_value, int_value, json_float,
    timestamp_value,
};

use super::variables::name_of_key;
use crate::codes;
use crate::flux::{FluxKustomization, subject};

/// How a Kustomization reads its build back.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// `spec.commonMetadata.labels`.
    pub(super) labels: Option<Map>,
    /// `spec.commonMetadata.annotations`.
    pub(super) annotations: Option<Map>,
    /// Whether `spec.decryption` is there.
    pub(super) decrypts: bool,
}

/// The objects as they go into the server-side apply.
#[derive(Clone, Debug, Default)]
pub struct ReadObjects {
    /// The objects, in the order of the build. They are those of the build where nothing changed.
    pub objects: Arc<Vec<Object>>,
    /// Why the controller would refuse to apply any of them: findings that are errors.
    pub refused: Vec<Diagnostic>,
}

impl Reading {
    pub(super) fn of(kustomization: &FluxKustomization) -> Reading {
        let metadata = |field| {
            let metadata = kustomization.spec("commonMetadata")?;
            metadata.get(field)?.as_map().cloned()
        };
        Reading {
            labels: metadata("labels"),
            annotations: metadata("annotations"),
            decrypts: kustomization.spec("decryption").is_some(),
        }
    }

    /// Reads objects back: lists are replaced by their items, and what is no object and what is
    /// kustomize's own is left out.
    pub(super) fn read(&self, built: &Arc<Vec<Object>>) -> ReadObjects {
        let mut refused = Vec::new();
        let mut read: Option<Vec<Object>> = None;
        for (index, object) in built.iter().enumerate() {
            let as_it_is = read.is_none();
            match self.read_one(object, &mut refused) {
                One::Same if as_it_is => {}
                One::Same => read.get_or_insert_default().push(object.clone()),
                One::Instead(objects) => read
                    .get_or_insert_with(|| built[..index].to_vec())
                    .extend(objects),
            }
        }
        ReadObjects {
            objects: read.map_or_else(|| Arc::clone(built), Arc::new),
            refused,
        }
    }

    fn read_one(&self, object: &Object, refused: &mut Vec<Diagnostic>) -> One {
        let node = &object.node;
        if !node.get("kind").is_some_and(is_name) {
            refused.push(without_kind(object));
            return One::Instead(Vec::new());
        }
        let of_node = |node| {
            let mut object = object.clone();
            object.node = node;
            object
        };
        if let Some(items) = items(node) {
            let mut finished = Vec::with_capacity(items.len());
            for item in items {
                if item.as_map().is_none() {
                    refused.push(no_object(object, item));
                    continue;
                }
                refused.extend(self.encrypted(object, item));
                finished.push(of_node(self.finished(item).unwrap_or_else(|| item.clone())));
            }
            return One::Instead(finished);
        }
        if !is_object(node) || is_kustomization(node) {
            return One::Instead(Vec::new());
        }
        refused.extend(self.encrypted(object, node));
        match self.finished(node) {
            Some(node) => One::Instead(vec![of_node(node)]),
            None => One::Same,
        }
    }

    /// An object with the common metadata, its numbers and dates as JSON holds them; none where
    /// that changes nothing.
    fn finished(&self, node: &Node) -> Option<Node> {
        let settled = settled(node);
        let metadata = [("labels", &self.labels), ("annotations", &self.annotations)];
        let mut wanted = metadata
            .iter()
            .filter_map(|(field, add)| Some((*field, add.as_ref().filter(|add| !add.is_empty())?)))
            .peekable();
        if wanted.peek().is_none() {
            return settled;
        }
        let mut node = settled.unwrap_or_else(|| node.clone());
        for (field, add) in wanted {
            set_metadata(&mut node, field, add);
        }
        Some(node)
    }

    /// Why a Secret cannot be applied: it is encrypted, and nothing decrypts it.
    fn encrypted(&self, object: &Object, node: &Node) -> Option<Diagnostic> {
        const DISABLED: &str = "kustomize.toolkit.fluxcd.io/decrypt";
        let text = |path: &[&str]| node.at(path).and_then(Node::text);
        let is_secret = text(&["kind"]) == Some("Secret") && text(&["apiVersion"]) == Some("v1");
        if !is_secret || self.decrypts {
            return None;
        }
        let sops = node.as_map()?.entry("sops")?;
        // What can be read as a Secret loses all fields that are none of a Secret's.
        let annotations = string_map(node, "annotations");
        let is_disabled = annotations.and_then(|map| map.get(DISABLED)?.text());
        if is_disabled.is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
            || reads_as_secret(node)
        {
            return None;
        }
        let subject = subject(node);
        let message = format!("{subject} is encrypted, and nothing decrypts it");
        let finding = Diagnostic::error(codes::ENCRYPTED_SECRET, sops.key.place.span(), message)
            .with_subject(subject)
            .with_trail(object.trail())
            .with_help(
                "set `spec.decryption` of the Kustomization: Flux applies nothing of it now",
            );
        Some(finding)
    }
}

/// Why nothing is applied where an object has a kind that is no text.
fn without_kind(object: &Object) -> Diagnostic {
    let of = subject(&object.node);
    let kind = object.node.get("kind").unwrap_or(&object.node);
    let message = format!("`kind` of the object {} is no text", of.name);
    let code = tidegate_kustomize::codes::NOT_A_RESOURCE;
    Diagnostic::error(code, kind.place.span(), message)
        .with_help("name the kind of the object")
        .with_trail(object.trail())
}

/// Why nothing is applied where an item of a list is no object.
fn no_object(object: &Object, item: &Node) -> Diagnostic {
    let of = subject(&object.node);
    let message = format!("an entry of `items` of {of} is no object");
    let code = tidegate_kustomize::codes::NOT_A_RESOURCE;
    Diagnostic::error(code, item.place.span(), message)
        .with_help("take it out, or write the object it stands for")
        .with_subject(of)
        .with_trail(object.trail())
}

/// What becomes of an object.
enum One {
    Same,
    Instead(Vec<Object>),
}

/// What JSON in Go makes of a whole number that is larger than 2^63: a number with a fraction.
pub(super) fn rounded(kind: ScalarKind, text: &str) -> Option<String> {
    const DIGITS: usize = 16;
    let is_long = kind == ScalarKind::Int && text.len() >= DIGITS;
    let value = is_long
        .then(|| int_value(text, Dialect::GoYaml3))
        .flatten()?;
    i64::try_from(value)
        .is_err()
        .then(|| json_float(value as f64))
}

/// A node with the numbers and dates that JSON holds otherwise; none where there are none.
fn settled(node: &Node) -> Option<Node> {
    match &node.value {
        Value::Scalar(scalar) => {
            let place = || node.place.clone();
            if scalar.kind == ScalarKind::Timestamp {
                let text = timestamp_value(&scalar.text)?;
                return Some(Node::str(text, place()));
            }
            let text = rounded(scalar.kind, &scalar.text)?;
            let kind = match text.parse::<u64>() {
                Ok(_) => ScalarKind::Int,
                Err(_) => ScalarKind::Float,
            };
            Some(Node::scalar(text, kind, Style::Plain, place()))
        }
        Value::Map(map) => {
            let mut changed: Option<Map> = None;
            for (index, entry) in map.iter().enumerate() {
                if let Some(value) = settled(&entry.value) {
                    let map = changed.get_or_insert_with(|| map.clone());
                    map.entries_mut()[index].value = value;
                }
            }
            changed.map(|map| Node {
                value: Value::Map(map),
                place: node.place.clone(),
            })
        }
        Value::Seq(seq) => {
            let mut changed = None;
            for (index, item) in seq.iter().enumerate() {
                if let Some(value) = settled(item) {
                    let seq = changed.get_or_insert_with(|| seq.clone());
                    seq.items_mut()[index] = value;
                }
            }
            changed.map(|seq| Node {
                value: Value::Seq(seq),
                place: node.place.clone(),
            })
        }
    }
}

/// The items of what Go takes for a list of objects.
pub(crate) fn items(node: &Node) -> Option<&[Node]> {
    Some(node.get("items")?.as_seq()?.items())
}

pub(crate) fn is_object(node: &Node) -> bool {
    node.at(&["metadata", "name"]).is_some_and(is_name)
        && node.get("apiVersion").is_some_and(is_name)
}

fn is_name(node: &Node) -> bool {
    is_text(node) && node.text() != Some("")
}

/// Whether it is a configuration of kustomize itself.
pub(crate) fn is_kustomization(node: &Node) -> bool {
    let text = |field| node.get(field).and_then(Node::text).unwrap_or_default();
    text("kind").eq_ignore_ascii_case("kustomization")
        && text("apiVersion").starts_with("kustomize.config.k8s.io/")
}

/// Whether JSON has text for it.
pub(super) fn is_text(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| {
        let kind = scalar.kind_in(Dialect::GoYaml3);
        !matches!(
            kind,
            ScalarKind::Int | ScalarKind::Float | ScalarKind::Bool | ScalarKind::Null
        )
    })
}

/// Labels or annotations as the API machinery sees them: none at all where one is no text.
fn string_map<'n>(node: &'n Node, field: &str) -> Option<&'n Map> {
    let map = node.at(&["metadata", field])?.as_map()?;
    map.iter().all(|entry| is_text(&entry.value)).then_some(map)
}

pub(crate) fn set_metadata(node: &mut Node, field: &str, add: &Map) {
    let mut map = string_map(node, field).cloned().unwrap_or_default();
    for entry in add {
        let value = match entry.value.is_null() {
            true => Node::str("", entry.value.place.clone()),
            false => {
                let text = entry.value.text().unwrap_or_default();
                Node::str(text, entry.value.place.clone())
            }
        };
        let name = name_of_key(&entry.key);
        let key = Node::str(name, entry.key.place.clone());
        match map.position(name) {
            Some(index) => map.entries_mut()[index] = Entry { key, value },
            None => map.insert(key, value),
        }
    }
    let place = node.place.clone();
    let Some(object) = node.as_map_mut() else {
        return;
    };
    if object.get("metadata").is_none() {
        let key = Node::str("metadata", place.clone());
        object.insert(key, Node::map(Vec::new(), place.clone()));
    }
    let metadata = object.get_mut("metadata").and_then(Node::as_map_mut);
    if let Some(metadata) = metadata {
        let place = metadata.get(field).map_or(place, |node| node.place.clone());
        let value = Node {
            value: Value::Map(map),
            place: place.clone(),
        };
        metadata.insert(Node::str(field, place), value);
    }
}

/// Whether Go can read it as a Secret: all that it knows of the type must have the right type.
fn reads_as_secret(node: &Node) -> bool {
    let map_of = |path: &[&str], of: &dyn Fn(&Node) -> bool| match node.at(path) {
        None => true,
        Some(node) if node.is_null() => true,
        Some(node) => node.as_map().is_some_and(|map| {
            map.iter()
                .all(|entry| entry.value.is_null() || of(&entry.value))
        }),
    };
    let is_base64 = |value: &Node| is_text(value) && value.text().and_then(binary_value).is_some();
    let is_kind = |field, kinds: &dyn Fn(&Node) -> bool| {
        node.get(field)
            .is_none_or(|node| node.is_null() || kinds(node))
    };
    let is_flag = |value: &Node| {
        value
            .as_scalar()
            .is_some_and(|scalar| scalar.kind == ScalarKind::Bool)
    };
    map_of(&["data"], &is_base64)
        && map_of(&["stringData"], &is_text)
        && map_of(&["metadata", "labels"], &is_text)
        && map_of(&["metadata", "annotations"], &is_text)
        && node
            .at(&["metadata", "creationTimestamp"])
            .is_none_or(|node| node.is_null() || is_text(node))
        && is_kind("type", &is_text)
        && is_kind("immutable", &is_flag)
}

#[cfg(test)]
mod tests {
    use super::super::losses::losses;
    use super::*;
    use tidegate_kustomize::{Kustomizer, Options, to_yaml};
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{ParseOptions, parse};

    /// Reads the objects of a build back: what is left, and what is said.
    #[track_caller]
    fn check(objects: &str, metadata: &str, expected: &str, said: &[&str]) {
        let system = MemorySystem::new()
            .with("kustomization.yaml", "resources: [a.yaml]\n")
            .with("a.yaml", objects)
            .with("k.yaml", format!("spec: {{commonMetadata: {metadata}}}\n"));
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let file = sources.load(&TreePath::new("k.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let object = parsed.documents[0].root.clone().unwrap();
        let kustomizer = Kustomizer::new(sources, Options::default());
        let built = kustomizer.build(&TreePath::root()).objects.unwrap();
        let read = Reading::of(&FluxKustomization::read(&object)).read(&built);
        assert_eq!(to_yaml(&read.objects).unwrap(), expected);
        let findings = losses(&built).into_iter().chain(read.refused);
        let messages: Vec<String> = findings
            .map(|one| format!("{} {}", one.code, one.message))
            .collect();
        assert_eq!(messages, said);
        if expected == to_yaml(&built).unwrap() {
            assert!(Arc::ptr_eq(&built, &read.objects), "nothing is copied");
        }
    }

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    #[test]
    fn an_object_without_a_loss_stays_as_it_is() {
        check(OBJECT, "{}", OBJECT, &[]);
    }

    #[test]
    fn items_replace_the_object_that_has_them() {
        check(
            "apiVersion: x/v1\nkind: Menu\nmetadata: {name: m}\nitems: [{kind: T, data: 1}]\n",
            "{labels: {a: b}}",
            "data: 1\nkind: T\nmetadata:\n  labels:\n    a: b\n",
            &["FLX034 Flux applies the `items` of Menu m instead of the object itself"],
        );
        check(
            "apiVersion: x/v1\nkind: Menu\nmetadata: {name: m}\nitems: [text]\n",
            "{}",
            "",
            &[
                "FLX034 Flux applies the `items` of Menu m instead of the object itself",
                "KUS010 an entry of `items` of Menu m is no object",
            ],
        );
    }

    #[test]
    fn what_flux_does_not_take_for_an_object_is_left_out() {
        check(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 123}\n",
            "{}",
            "",
            &["FLX040 Flux leaves ConfigMap 123 out without a word, as `metadata.name` is no text"],
        );
        check(
            "apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\nmetadata: {name: k}\n",
            "{}",
            "",
            &["FLX035 Kustomization k is a kustomization for kustomize, which Flux does not apply"],
        );
    }

    #[test]
    fn labels_vanish_with_one_that_is_no_text() {
        let object = "apiVersion: x/v1\nkind: T\nmetadata:\n  labels:\n    a: 1\n    b: c\n  \
                      name: t\n";
        let said = &["FLX036 all labels of T t vanish, as `a` is no text"];
        check(object, "{}", object, said);
        check(
            object,
            "{labels: {d: null}}",
            "apiVersion: x/v1\nkind: T\nmetadata:\n  labels:\n    d: \"\"\n  name: t\n",
            said,
        );
    }

    #[test]
    fn numbers_above_what_json_in_go_holds_are_rounded() {
        check(
            "apiVersion: x/v1\nkind: T\nmetadata: {name: t}\n\
             spec: [9223372036854775807, 9223372036854775809, 9223372036854775808]\n",
            "{}",
            "apiVersion: x/v1\nkind: T\nmetadata:\n  name: t\nspec:\n- 9223372036854775807\n\
             - 9223372036854776000\n- 9223372036854776000\n",
            &[
                "FLX037 9223372036854775809 in T t becomes 9223372036854776000: it is too large \
                 for JSON",
                "FLX037 9223372036854775808 in T t becomes 9223372036854776000: it is too large \
                 for JSON",
            ],
        );
    }

    #[test]
    fn encrypted_secrets_are_refused_unless_they_read_as_plain_ones() {
        let secret = |data: &str| {
            format!("apiVersion: v1\n{data}\nkind: Secret\nmetadata:\n  name: s\nsops:\n  mac: x\n")
        };
        let encrypted = secret("data:\n  p: ENC[AES256]");
        let said = &["FLX038 Secret s is encrypted, and nothing decrypts it"];
        check(&encrypted, "{}", &encrypted, said);
        let plain = secret("data:\n  p: cA==");
        check(&plain, "{}", &plain, &[]);
        let disabled = encrypted.replace(
            "metadata:\n",
            "metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/decrypt: Disabled\n",
        );
        check(&disabled, "{}", &disabled, &[]);
    }
}
