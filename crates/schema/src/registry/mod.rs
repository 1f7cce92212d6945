//! What the API server's own code asks of Kubernetes' own kinds, which no schema says: a table of
//! small rules, one module for each group of kinds.

mod addresses;
mod admission;
mod at;
mod batch;
mod container;
mod control;
mod core;
mod csi;
mod definition;
mod environment;
mod flow;
mod host;
mod job_policies;
mod networking;
mod nodes;
mod persistent;
mod pod;
mod pod_fields;
mod policy;
mod primitives;
mod projected;
mod rbac;
mod resources;
mod service;
mod service_addresses;
mod storage;
mod structure;
mod volume;
mod workloads;

use tidegate_yaml::Node;

use self::at::At;
use crate::catalog::{Kind, KubernetesVersion};
use crate::fault::{Fault, Faults};

/// Checks an object of a kind.
type Check = fn(&At<'_, '_>, &mut Faults);

/// The kinds that have rules of their own: group, kind, and what checks it.
const CHECKS: [(&str, &str, Check); 51] = [
    ("", "ConfigMap", core::config_map),
    ("", "Endpoints", addresses::endpoints),
    ("", "LimitRange", core::limit_range),
    ("", "Namespace", core::namespace),
    ("", "Node", nodes::node),
    ("", "PersistentVolume", storage::volume),
    ("", "PersistentVolumeClaim", storage::volume_claim),
    ("", "Pod", pod::pod),
    ("", "PodTemplate", nodes::pod_template),
    (
        "",
        "ReplicationController",
        workloads::replication_controller,
    ),
    ("", "ResourceQuota", core::resource_quota),
    ("", "Secret", core::secret),
    ("", "Service", service::service),
    (
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
        admission::webhooks,
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingAdmissionPolicy",
        admission::policy,
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingAdmissionPolicyBinding",
        admission::policy_binding,
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
        admission::webhooks,
    ),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        definition::definition,
    ),
    ("apiregistration.k8s.io", "APIService", control::api_service),
    ("apps", "ControllerRevision", control::revision),
    ("apps", "DaemonSet", workloads::daemon_set),
    ("apps", "Deployment", workloads::deployment),
    ("apps", "ReplicaSet", workloads::replica_set),
    ("apps", "StatefulSet", workloads::stateful_set),
    ("autoscaling", "HorizontalPodAutoscaler", policy::autoscaler),
    ("batch", "CronJob", batch::cron_job),
    ("batch", "Job", batch::job),
    (
        "certificates.k8s.io",
        "CertificateSigningRequest",
        control::certificate_request,
    ),
    ("coordination.k8s.io", "Lease", policy::lease),
    (
        "discovery.k8s.io",
        "EndpointSlice",
        networking::endpoint_slice,
    ),
    ("events.k8s.io", "Event", control::event),
    (
        "flowcontrol.apiserver.k8s.io",
        "FlowSchema",
        flow::flow_schema,
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        "PriorityLevelConfiguration",
        flow::priority_level,
    ),
    ("networking.k8s.io", "Ingress", networking::ingress),
    (
        "networking.k8s.io",
        "IngressClass",
        networking::ingress_class,
    ),
    (
        "networking.k8s.io",
        "NetworkPolicy",
        networking::network_policy,
    ),
    ("networking.k8s.io", "IPAddress", addresses::ip_address),
    ("networking.k8s.io", "ServiceCIDR", addresses::service_range),
    ("node.k8s.io", "RuntimeClass", nodes::runtime_class),
    ("policy", "PodDisruptionBudget", policy::disruption_budget),
    (
        "rbac.authorization.k8s.io",
        "ClusterRole",
        rbac::cluster_role,
    ),
    (
        "rbac.authorization.k8s.io",
        "ClusterRoleBinding",
        rbac::cluster_role_binding,
    ),
    ("rbac.authorization.k8s.io", "Role", rbac::role),
    (
        "rbac.authorization.k8s.io",
        "RoleBinding",
        rbac::role_binding,
    ),
    ("scheduling.k8s.io", "PriorityClass", policy::priority_class),
    ("storage.k8s.io", "CSIDriver", csi::csi_driver),
    ("storage.k8s.io", "CSINode", csi::csi_node),
    (
        "storage.k8s.io",
        "CSIStorageCapacity",
        csi::storage_capacity,
    ),
    ("storage.k8s.io", "StorageClass", storage::class),
    ("storage.k8s.io", "VolumeAttachment", csi::attachment),
    (
        "storage.k8s.io",
        "VolumeAttributesClass",
        csi::attributes_class,
    ),
];

/// The first version whose autoscalers go down to no replicas without being told so.
const SCALES_TO_ZERO: KubernetesVersion = KubernetesVersion::new(1, 37);

/// Checks an object that was decoded without a fault.
pub(crate) fn check(kind: &Kind, object: &Node, version: KubernetesVersion, faults: &mut Faults) {
    let of_kind = |(group, name, _): &&(&str, &str, Check)| {
        *group == kind.group.as_str() && *name == kind.name.as_str()
    };
    if let Some((_, _, check)) = CHECKS.iter().find(of_kind) {
        check(&At::root(object), faults);
    }
    if version >= SCALES_TO_ZERO && kind.name == "HorizontalPodAutoscaler" {
        let is_zero = |fault: &Fault| fault.path == "spec.minReplicas" && fault.value == "0";
        faults.list.retain(|fault| !is_zero(fault));
    }
}
