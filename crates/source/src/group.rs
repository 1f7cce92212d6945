//! Groups of the API server.

/// Whether the API server itself serves a group. Some of its groups end in `.k8s.io`, as those of
/// many definitions do.
pub fn is_built_in_group(group: &str) -> bool {
    const WITH_DOT: [&str; 17] = [
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    ];
    !group.contains('.') || WITH_DOT.contains(&group)
}
