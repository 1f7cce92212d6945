use tidegate_yaml::Node;

use super::is_set;
use crate::catalog::Kind;
use crate::fault::Faults;
use crate::names::{
    dns1035_label, dns1123_label, dns1123_subdomain, label_value, path_segment, prefix,
    qualified_name,
};
use crate::opaque::is_opaque;
use crate::path::Path;

/// How large all annotations of an object may be together, in bytes.
const ANNOTATIONS: usize = 256 * 1024;

/// Checks names, labels, annotations, finalizers and owners.
pub(super) fn check(object: &Node, kind: &Kind, faults: &mut Faults) {
    let path = Path::Field(&Path::Root, "metadata");
    let null = Node::null(object.place.clone());
    let metadata = object.get("metadata").filter(|node| !node.is_null());
    let metadata = metadata.unwrap_or(&null);
    let at = if metadata.is_null() { object } else { metadata };
    let text = |key: &str| {
        metadata
            .get(key)
            .and_then(Node::as_str)
            .filter(|t| !t.is_empty())
    };
    let rule = name_rule(kind);
    for (key, is_prefix) in [("generateName", true), ("name", false)] {
        let Some(name) = text(key) else {
            continue;
        };
        let node = metadata.get(key).unwrap_or(at);
        let wrong = match is_prefix {
            true => rule(&prefix(name)),
            false => rule(name),
        };
        for fault in wrong {
            faults.invalid(&path.field(key), node, fault);
        }
    }
    let is_unknown = |key| metadata.get(key).is_some_and(is_opaque);
    let has = |key| text(key).is_some() || is_unknown(key);
    // A limit range without a name gets one.
    if !has("name") && !has("generateName") && kind.name != "LimitRange" {
        faults.required(&path.field("name"), at, "name or generateName is required");
    }
    if let (Some(namespace), true) = (text("namespace"), kind.namespaced) {
        let node = metadata.get("namespace").unwrap_or(at);
        for fault in dns1123_label(namespace) {
            faults.invalid(&path.field("namespace"), node, fault);
        }
    }
    if let Some(labels) = metadata.get("labels") {
        check_labels(labels, &path.field("labels"), faults);
    }
    if let Some(annotations) = metadata.get("annotations") {
        check_annotations(annotations, &path.field("annotations"), faults);
    }
    let finalizers = metadata.get("finalizers").and_then(Node::as_seq);
    for (index, finalizer) in finalizers.into_iter().flatten().enumerate() {
        let list = path.field("finalizers");
        check_finalizer(finalizer, &list.index(index), faults);
    }
    check_owners(metadata, &path, faults);
}

/// What a name of a kind must be.
fn name_rule(kind: &Kind) -> fn(&str) -> Vec<String> {
    match (kind.group.as_str(), kind.name.as_str()) {
        _ if !kind.is_builtin() => dns1123_subdomain,
        ("", "Namespace") => dns1123_label,
        ("", "Service") => dns1035_label,
        ("certificates.k8s.io", _) => |_| Vec::new(),
        ("rbac.authorization.k8s.io", _) | ("policy", "PodDisruptionBudget") => path_segment,
        _ => dns1123_subdomain,
    }
}

/// Checks keys and values of labels.
pub(crate) fn check_labels(labels: &Node, path: &Path<'_>, faults: &mut Faults) {
    for entry in labels.as_map().into_iter().flatten() {
        let key = entry.key.text().unwrap_or_default();
        for fault in qualified_name(key) {
            faults.invalid(path, &entry.key, fault);
        }
        for fault in label_value(entry.value.text().unwrap_or_default()) {
            faults.invalid(path, &entry.value, fault);
        }
    }
}

fn check_annotations(annotations: &Node, path: &Path<'_>, faults: &mut Faults) {
    let mut size = 0;
    for entry in annotations.as_map().into_iter().flatten() {
        let key = entry.key.text().unwrap_or_default();
        size += key.len() + entry.value.text().map_or(0, str::len);
        for fault in qualified_name(&key.to_lowercase()) {
            faults.invalid(path, &entry.key, fault);
        }
    }
    if size > ANNOTATIONS {
        let message = format!("may not be more than {ANNOTATIONS} bytes");
        faults.push(crate::fault::FaultKind::TooLong, path, annotations, message);
    }
}

/// A finalizer is one of the server's own, or has a domain in front.
pub(crate) fn check_finalizer(finalizer: &Node, path: &Path<'_>, faults: &mut Faults) {
    let name = finalizer.as_str().unwrap_or_default();
    for fault in qualified_name(name) {
        faults.invalid(path, finalizer, fault);
    }
    let standard = ["kubernetes", "foregroundDeletion", "orphan"];
    if !name.contains('/') && !standard.contains(&name) {
        let reason = "name is neither a standard finalizer name nor is it fully qualified";
        faults.invalid(path, finalizer, reason);
    }
}

fn check_owners(metadata: &Node, path: &Path<'_>, faults: &mut Faults) {
    let owners = metadata.get("ownerReferences").and_then(Node::as_seq);
    let list = path.field("ownerReferences");
    let mut controllers = 0;
    for owner in owners.into_iter().flatten() {
        for key in ["apiVersion", "kind", "name", "uid"] {
            let value = owner.get(key).filter(|value| is_set(Some(value)));
            if value.and_then(Node::as_str).unwrap_or_default().is_empty() {
                let at = value.unwrap_or(owner);
                faults.invalid(&list.field(key), at, "must not be empty");
            }
        }
        controllers += usize::from(owner.get("controller").and_then(Node::text) == Some("true"));
        if controllers > 1 {
            let reason = "Only one reference can have Controller set to true";
            faults.invalid(&list, owner, reason);
            return;
        }
    }
}
