//! Keeps secret values out of what is printed of a cluster.

use std::collections::HashSet;

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::Object;
use tidegate_source::Span;
use tidegate_yaml::{Node, ScalarKind, StepKind, Style, Value};

use crate::render::ClusterRender;

/// What stands in place of a secret value.
const REDACTED: &str = "<redacted>";

/// The start of a value that SOPS has encrypted, which gives nothing away.
const ENCRYPTED: &str = "ENC[";

/// The fields of a Secret that hold its values.
const SECRET_FIELDS: [&str; 2] = ["data", "stringData"];

/// The annotation in which `kubectl apply` keeps an object whole, values of a Secret included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Takes secret values out of objects: those of Secrets, and what variables brought from there to
/// other objects.
pub struct Redactor {
    /// Where the values of Secrets are written.
    secret: HashSet<Span, FxBuildHasher>,
}

impl Redactor {
    /// For the objects of a cluster.
    pub fn new(render: &ClusterRender) -> Redactor {
        let mut secret = HashSet::default();
        let objects = render.objects().map(|(_, object)| object);
        for object in objects.filter(|object| is_secret(object)) {
            let fields = SECRET_FIELDS.iter();
            for field in fields.filter_map(|field| object.node.get(field)?.as_map()) {
                let values = field.iter().map(|entry| &entry.value);
                secret.extend(values.map(|value| value.place.span()));
            }
        }
        secret.remove(&Span::NONE);
        Redactor { secret }
    }

    /// The object without secret values.
    pub fn redacted(&self, object: &Object) -> Node {
        let mut node = object.node.clone();
        if !self.secret.is_empty() {
            self.redact_fed(&mut node);
        }
        if is_secret(object) {
            for field in SECRET_FIELDS {
                let values = node.get_mut(field).and_then(Node::as_map_mut);
                for entry in values.into_iter().flat_map(|map| map.entries_mut()) {
                    redact(&mut entry.value);
                }
            }
            let metadata = node.get_mut("metadata");
            let annotations = metadata.and_then(|metadata| metadata.get_mut("annotations"));
            if let Some(whole) = annotations.and_then(|all| all.get_mut(LAST_APPLIED)) {
                redact(whole);
            }
        }
        node
    }

    /// Takes out the keys and values that a secret value was put into. What has none is not copied.
    fn redact_fed(&self, node: &mut Node) {
        if node.as_scalar().is_some() && self.is_fed(node) {
            redact(node);
        }
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::Map(map) => {
                let mut secret_keys = 0;
                for at in 0..map.len() {
                    if self.is_fed(&map.entries()[at].key) {
                        let key = &mut map.entries_mut()[at].key;
                        secret_keys += 1;
                        // Keys stay apart.
                        let name = match secret_keys {
                            1 => REDACTED.to_owned(),
                            count => format!("<redacted {count}>"),
                        };
                        *key = Node::scalar(name, ScalarKind::Str, Style::Plain, key.place.clone());
                    }
                    if self.holds_fed(&map.entries()[at].value) {
                        self.redact_fed(&mut map.entries_mut()[at].value);
                    }
                }
            }
            Value::Seq(seq) => {
                for at in 0..seq.len() {
                    if self.holds_fed(&seq.items()[at]) {
                        self.redact_fed(&mut seq.items_mut()[at]);
                    }
                }
            }
        }
    }

    fn holds_fed(&self, node: &Node) -> bool {
        match &node.value {
            Value::Scalar(_) => self.is_fed(node),
            Value::Map(map) => map
                .iter()
                .any(|entry| self.is_fed(&entry.key) || self.holds_fed(&entry.value)),
            Value::Seq(seq) => seq.iter().any(|item| self.holds_fed(item)),
        }
    }

    fn is_fed(&self, node: &Node) -> bool {
        let place = &node.place;
        self.secret.contains(&place.span())
            || place
                .steps()
                .iter()
                // A hash of secret values gives none of them away.
                .any(|step| step.kind != StepKind::Hash && self.secret.contains(&step.span))
    }
}

fn is_secret(object: &Object) -> bool {
    object.kind() == "Secret" && object.api_version() == "v1"
}

fn redact(node: &mut Node) {
    if node.text().is_some_and(|text| text.starts_with(ENCRYPTED)) {
        return;
    }
    *node = Node::scalar(REDACTED, ScalarKind::Str, Style::Plain, node.place.clone());
}
