use std::cmp::Reverse;

use tidegate_kustomize::Object;

/// Kinds that go before all others of their stage.
const FIRST: [&str; 23] = [
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterClass",
    "RuntimeClass",
    "PriorityClass",
    "StorageClass",
    "VolumeSnapshotClass",
    "IngressClass",
    "GatewayClass",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "LimitRange",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that go behind all others.
const LAST: [&str; 2] = [
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Part of the objects, which is ready before the next one is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Definitions,
    Classes,
    Others,
}

/// The objects in the order of an apply in stages, as `ApplyAllStaged` of fluxcd/pkg/ssa does it.
pub(super) fn in_order(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by_cached_key(|object| {
        let (api_version, kind) = (object.api_version(), object.kind());
        let text = |path: &[&str]| {
            let node = object.node.at(path);
            node.and_then(tidegate_yaml::Node::text)
                .unwrap_or_default()
                .to_owned()
        };
        (
            stage(api_version, kind),
            rank(kind),
            group(api_version).to_owned(),
            kind.to_owned(),
            text(&["metadata", "namespace"]),
            text(&["metadata", "name"]),
        )
    });
    objects
}

fn stage(api_version: &str, kind: &str) -> Stage {
    let is_in = |group: &str| api_version.split('/').next() == Some(group);
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    if is("CustomResourceDefinition") && is_in("apiextensions.k8s.io")
        || is("Namespace") && api_version == "v1"
        || is("ClusterRole") && is_in("rbac.authorization.k8s.io")
    {
        Stage::Definitions
    } else if kind.ends_with("Class") {
        Stage::Classes
    } else {
        Stage::Others
    }
}

/// The place of a kind within its stage.
fn rank(kind: &str) -> (Reverse<usize>, usize) {
    let at = |kinds: &[&str]| kinds.iter().position(|known| *known == kind);
    let before = at(&FIRST).map_or(0, |index| FIRST.len() - index);
    (Reverse(before), at(&LAST).map_or(0, |index| index + 1))
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_kinds() {
        let mut kinds = [
            "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration",
            "v1 Service",
            "example.com/v1 Namespace",
            "apps/v1 Deployment",
            "batch/v1 Job",
            "storage.k8s.io/v1 StorageClass",
            "v1 Namespace",
            "example.com/v1 AClass",
            "apiextensions.k8s.io/v1 CustomResourceDefinition",
            "rbac.authorization.k8s.io/v1 Role",
            "rbac.authorization.k8s.io/v1 ClusterRole",
        ];
        kinds.sort_by_key(|kind| {
            let (api_version, kind) = kind.split_once(' ').unwrap();
            (
                stage(api_version, kind),
                rank(kind),
                group(api_version).to_owned(),
            )
        });
        let names = kinds.map(|kind| kind.split_once(' ').unwrap().1);
        let expected = "CustomResourceDefinition Namespace ClusterRole StorageClass AClass Namespace \
                        Role Service Deployment Job MutatingWebhookConfiguration";
        assert_eq!(names.join(" "), expected);
    }
}
