use tidegate_schema::{Catalog, Lookup, Quantity, SchemaRef};
use tidegate_yaml::Node;

use super::{Danger, DangerKind};
use crate::diff::fields::{FieldChange, Segment, path_text};
use crate::diff::objects::{Change, ObjectChange};

/// What of a kind cannot change.
enum Fixed {
    /// These fields and all below them.
    Only(&'static [&'static [&'static str]]),
    /// All of `spec` but these.
    SpecBut(&'static [&'static str]),
}

/// Group, kind, and what the API server refuses to change.
///
/// Source: the update validation of each kind in Kubernetes 1.35.
const KINDS: &[(&str, &str, Fixed)] = &[
    ("apps", "DaemonSet", Fixed::Only(&[&["spec", "selector"]])),
    ("apps", "Deployment", Fixed::Only(&[&["spec", "selector"]])),
    ("apps", "ReplicaSet", Fixed::Only(&[&["spec", "selector"]])),
    (
        "apps",
        "StatefulSet",
        Fixed::SpecBut(&[
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ]),
    ),
    (
        "batch",
        "Job",
        Fixed::SpecBut(&[
            "parallelism",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "suspend",
        ]),
    ),
    (
        "",
        "PersistentVolumeClaim",
        Fixed::SpecBut(&["resources", "volumeAttributesClassName"]),
    ),
    (
        "",
        "PersistentVolume",
        Fixed::Only(&[
            &["spec", "csi"],
            &["spec", "nfs"],
            &["spec", "hostPath"],
            &["spec", "local"],
            &["spec", "volumeMode"],
            &["spec", "nodeAffinity"],
        ]),
    ),
    (
        "",
        "Service",
        Fixed::Only(&[
            &["spec", "clusterIP"],
            &["spec", "clusterIPs"],
            &["spec", "loadBalancerClass"],
        ]),
    ),
    (
        "discovery.k8s.io",
        "EndpointSlice",
        Fixed::Only(&[&["addressType"]]),
    ),
    ("resource.k8s.io", "ResourceClaim", Fixed::SpecBut(&[])),
    (
        "resource.k8s.io",
        "ResourceClaimTemplate",
        Fixed::SpecBut(&[]),
    ),
    ("", "Secret", Fixed::Only(&[&["type"]])),
    (
        "storage.k8s.io",
        "StorageClass",
        Fixed::Only(&[
            &["provisioner"],
            &["parameters"],
            &["reclaimPolicy"],
            &["volumeBindingMode"],
        ]),
    ),
    (
        "storage.k8s.io",
        "VolumeAttributesClass",
        Fixed::Only(&[&["driverName"], &["parameters"]]),
    ),
    (
        "rbac.authorization.k8s.io",
        "RoleBinding",
        Fixed::Only(&[&["roleRef"]]),
    ),
    (
        "rbac.authorization.k8s.io",
        "ClusterRoleBinding",
        Fixed::Only(&[&["roleRef"]]),
    ),
    (
        "scheduling.k8s.io",
        "PriorityClass",
        Fixed::Only(&[&["value"], &["preemptionPolicy"]]),
    ),
    (
        "networking.k8s.io",
        "IngressClass",
        Fixed::Only(&[&["spec", "controller"]]),
    ),
    ("node.k8s.io", "RuntimeClass", Fixed::Only(&[&["handler"]])),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        Fixed::Only(&[
            &["spec", "group"],
            &["spec", "scope"],
            &["spec", "names", "plural"],
            &["spec", "names", "kind"],
        ]),
    ),
];

/// What a field is that is not written: writing it down changes nothing.
const DEFAULTS: &[(&str, &[&str], &str)] = &[
    ("Job", &["spec", "completionMode"], "NonIndexed"),
    ("Job", &["spec", "completions"], "1"),
    ("Job", &["spec", "manualSelector"], "false"),
    ("PersistentVolume", &["spec", "volumeMode"], "Filesystem"),
    (
        "PersistentVolumeClaim",
        &["spec", "volumeMode"],
        "Filesystem",
    ),
    (
        "PriorityClass",
        &["preemptionPolicy"],
        "PreemptLowerPriority",
    ),
    ("Secret", &["type"], "Opaque"),
    (
        "StatefulSet",
        &["spec", "podManagementPolicy"],
        "OrderedReady",
    ),
    ("StatefulSet", &["spec", "serviceName"], ""),
    ("StorageClass", &["reclaimPolicy"], "Delete"),
    ("StorageClass", &["volumeBindingMode"], "Immediate"),
];

pub(super) fn find(change: &ObjectChange, catalog: &Catalog, dangers: &mut Vec<Danger>) {
    if change.change != Change::Changed {
        return;
    }
    let subject = change.subject();
    let group = subject
        .api_version
        .split_once('/')
        .map_or("", |(group, _)| group);
    let fixed = KINDS
        .iter()
        .find(|(of, kind, _)| *of == group && *kind == subject.kind);
    let schema = match catalog.find(&subject.api_version, &subject.kind) {
        Lookup::Served(kind) if !kind.is_builtin() => Some(kind.schema().root()),
        _ => None,
    };
    let was = change.before.as_ref().map(|(node, _)| node);
    let frozen = matches!(subject.kind.as_str(), "ConfigMap" | "Secret")
        && was.and_then(|node| node.get("immutable")?.text()) == Some("true");
    for field in change.fields.iter() {
        let refused = match fixed {
            Some((_, _, Fixed::Only(paths))) => paths.iter().any(|path| field.is_below(path)),
            Some((_, _, Fixed::SpecBut(free))) => {
                let mut keys = field.keys();
                keys.next() == Some("spec") && keys.next().is_some_and(|key| !free.contains(&key))
            }
            None => false,
        };
        let refused = refused && !is_allowed(&subject.kind, field, was)
            || subject.kind == "PersistentVolumeClaim" && group.is_empty() && is_smaller(field);
        let frozen = frozen
            && ["data", "stringData", "binaryData", "immutable"]
                .iter()
                .any(|key| field.is_below(&[key]));
        let by_rule = schema.is_some_and(|schema| is_fixed_by_rule(schema, field));
        if refused || frozen || by_rule {
            dangers.push(Danger {
                kind: DangerKind::Immutable,
                path: field.path.clone(),
                message: format!(
                    "`{}` cannot be changed: the API server will refuse the apply, and the object must be \
                     deleted first (or `kustomize.toolkit.fluxcd.io/force: enabled` set)",
                    path_text(&field.path)
                ),
            });
        }
    }
}

/// What the API server lets through although the field is fixed.
fn is_allowed(kind: &str, field: &FieldChange, before: Option<&Node>) -> bool {
    match kind {
        // An address that the cluster gave may be written down, and one that was not written stays.
        "Service" => {
            let was_named = before.is_some_and(|node| {
                node.at(&["spec", "type"]).and_then(Node::text) == Some("ExternalName")
            });
            was_named || field.before.is_none() || field.after.is_none()
        }
        // One that waits for a volume may be told which.
        "PersistentVolumeClaim" if field.is_below(&["spec", "volumeName"]) => {
            field.before.is_none() || field.after.is_none()
        }
        _ => DEFAULTS.iter().any(|(of, path, default)| {
            let said = |node: &Option<Node>| match node {
                Some(node) => node.text().unwrap_or_default().to_owned(),
                None => (*default).to_owned(),
            };
            *of == kind && field.is_below(path) && said(&field.before) == said(&field.after)
        }),
    }
}

/// Whether a claim asks for less than before: claims only grow.
fn is_smaller(field: &FieldChange) -> bool {
    let size = |node: &Option<Node>| Some(Quantity::parse(node.as_ref()?.text()?).ok()?.as_f64());
    let is_size = field.is_below(&["spec", "resources", "requests", "storage"]);
    is_size
        && size(&field.before)
            .zip(size(&field.after))
            .is_some_and(|(before, after)| after < before)
}

/// Whether a CRD says of a field, or of what it is in, that it stays as it is.
fn is_fixed_by_rule(root: SchemaRef<'_>, field: &FieldChange) -> bool {
    let mut schema = root;
    for segment in &field.path {
        let next = match segment {
            Segment::Key(key) => schema.property(key).or_else(|| schema.additional()),
            // Items come and go: no rule of theirs is checked against others.
            Segment::Item(_) | Segment::Index(_) => return false,
        };
        let Some(next) = next else {
            return false;
        };
        schema = next;
        let fixed = schema.node().rules.iter().any(|rule| {
            let rule: String = rule.rule.chars().filter(|c| !c.is_whitespace()).collect();
            rule == "self==oldSelf" || rule == "oldSelf==self"
        });
        // A transition rule is checked only where both sides have a value.
        if fixed
            && (field.before.is_some() && field.after.is_some()
                || schema
                    .node()
                    .value_type
                    .is_some_and(|of| of.as_str() == "object"))
        {
            return true;
        }
    }
    false
}
