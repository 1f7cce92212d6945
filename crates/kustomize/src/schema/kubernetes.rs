// Written by `cargo xtask merge-keys`; do not edit.
//
// Facts taken from the OpenAPI documents of Kubernetes 1.21.2 and kustomize, Copyright The
// Kubernetes Authors, under the Apache License 2.0. See NOTICE.

use std::borrow::Cow::{self, Borrowed};

use super::{Field, Kind, ListShape, Shape, Table, Type};

const fn plain(name: &'static str, id: u16) -> Field {
    Field {
        name: Borrowed(name),
        shape: Shape::Plain(id),
    }
}

const fn list(name: &'static str, keys: &'static [Cow<'static, str>], items: Option<u16>) -> Field {
    Field {
        name: Borrowed(name),
        shape: Shape::List(ListShape {
            keys: Borrowed(keys),
            items,
        }),
    }
}

const fn kind(
    api_version: &'static str,
    kind: &'static str,
    root: Option<u16>,
    namespaced: Option<bool>,
) -> Kind {
    Kind {
        api_version: Borrowed(api_version),
        kind: Borrowed(kind),
        root,
        namespaced,
    }
}

pub(super) static TABLE: Table = Table {
    types: Borrowed(TYPES),
    kinds: Borrowed(KINDS),
};

#[rustfmt::skip]
static TYPES: &[Type] = &[
    // 0
    Type { fields: Borrowed(&[]), other: None },
    // 1
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        list("webhooks", &[Borrowed("name")], Some(0)),
    ]), other: None },
    // 2
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
        plain("status", 0),
    ]), other: None },
    // 3
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
        plain("status", 39),
    ]), other: None },
    // 4
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("data", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("revision", 0),
    ]), other: None },
    // 5
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 40),
        plain("status", 41),
    ]), other: None },
    // 6
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 42),
        plain("status", 43),
    ]), other: None },
    // 7
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 44),
        plain("status", 45),
    ]), other: None },
    // 8
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 46),
        plain("status", 47),
    ]), other: None },
    // 9
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 48),
        plain("status", 0),
    ]), other: None },
    // 10
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 49),
        plain("status", 50),
    ]), other: None },
    // 11
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
    ]), other: None },
    // 12
    Type { fields: Borrowed(&[
        plain("addressType", 0),
        plain("apiVersion", 0),
        plain("endpoints", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("ports", 0),
    ]), other: None },
    // 13
    Type { fields: Borrowed(&[
        plain("action", 0),
        plain("apiVersion", 0),
        plain("deprecatedCount", 0),
        plain("deprecatedFirstTimestamp", 0),
        plain("deprecatedLastTimestamp", 0),
        plain("deprecatedSource", 0),
        plain("eventTime", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("note", 0),
        plain("reason", 0),
        plain("regarding", 0),
        plain("related", 0),
        plain("reportingController", 0),
        plain("reportingInstance", 0),
        plain("series", 0),
        plain("type", 0),
    ]), other: None },
    // 14
    Type { fields: Borrowed(&[
        list("configMapGenerator", &[Borrowed("name")], Some(0)),
        list("secretGenerator", &[Borrowed("name")], Some(0)),
    ]), other: None },
    // 15
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("handler", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("overhead", 0),
        plain("scheduling", 0),
    ]), other: None },
    // 16
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
        plain("status", 51),
    ]), other: None },
    // 17
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("deleteOptions", 0),
        plain("kind", 0),
        plain("metadata", 38),
    ]), other: None },
    // 18
    Type { fields: Borrowed(&[
        plain("aggregationRule", 0),
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("rules", 0),
    ]), other: None },
    // 19
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("roleRef", 0),
        plain("subjects", 0),
    ]), other: None },
    // 20
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("rules", 0),
    ]), other: None },
    // 21
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("description", 0),
        plain("globalDefault", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("preemptionPolicy", 0),
        plain("value", 0),
    ]), other: None },
    // 22
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 52),
    ]), other: None },
    // 23
    Type { fields: Borrowed(&[
        plain("allowVolumeExpansion", 0),
        plain("allowedTopologies", 0),
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("mountOptions", 0),
        plain("parameters", 0),
        plain("provisioner", 0),
        plain("reclaimPolicy", 0),
        plain("volumeBindingMode", 0),
    ]), other: None },
    // 24
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("capacity", 0),
        plain("kind", 0),
        plain("maximumVolumeSize", 0),
        plain("metadata", 38),
        plain("nodeTopology", 0),
        plain("storageClassName", 0),
    ]), other: None },
    // 25
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("target", 0),
    ]), other: None },
    // 26
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("kind", 0),
        plain("metadata", 38),
    ]), other: None },
    // 27
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("binaryData", 0),
        plain("data", 0),
        plain("immutable", 0),
        plain("kind", 0),
        plain("metadata", 38),
    ]), other: None },
    // 28
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("subsets", 0),
    ]), other: None },
    // 29
    Type { fields: Borrowed(&[
        plain("action", 0),
        plain("apiVersion", 0),
        plain("count", 0),
        plain("eventTime", 0),
        plain("firstTimestamp", 0),
        plain("involvedObject", 0),
        plain("kind", 0),
        plain("lastTimestamp", 0),
        plain("message", 0),
        plain("metadata", 38),
        plain("reason", 0),
        plain("related", 0),
        plain("reportingComponent", 0),
        plain("reportingInstance", 0),
        plain("series", 0),
        plain("source", 0),
        plain("type", 0),
    ]), other: None },
    // 30
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
        plain("status", 53),
    ]), other: None },
    // 31
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 54),
        plain("status", 55),
    ]), other: None },
    // 32
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 0),
        plain("status", 56),
    ]), other: None },
    // 33
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 57),
        plain("status", 58),
    ]), other: None },
    // 34
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("template", 59),
    ]), other: None },
    // 35
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("data", 0),
        plain("immutable", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("stringData", 0),
        plain("type", 0),
    ]), other: None },
    // 36
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("kind", 0),
        plain("metadata", 38),
        plain("spec", 60),
        plain("status", 61),
    ]), other: None },
    // 37
    Type { fields: Borrowed(&[
        plain("apiVersion", 0),
        plain("automountServiceAccountToken", 0),
        plain("imagePullSecrets", 0),
        plain("kind", 0),
        plain("metadata", 38),
        list("secrets", &[Borrowed("name")], Some(0)),
    ]), other: None },
    // 38
    Type { fields: Borrowed(&[
        plain("annotations", 0),
        plain("clusterName", 0),
        plain("creationTimestamp", 0),
        plain("deletionGracePeriodSeconds", 0),
        plain("deletionTimestamp", 0),
        list("finalizers", &[], Some(0)),
        plain("generateName", 0),
        plain("generation", 0),
        plain("labels", 0),
        plain("managedFields", 0),
        plain("name", 0),
        plain("namespace", 0),
        list("ownerReferences", &[Borrowed("uid")], Some(0)),
        plain("resourceVersion", 0),
        plain("selfLink", 0),
        plain("uid", 0),
    ]), other: None },
    // 39
    Type { fields: Borrowed(&[
        list("conditions", &[Borrowed("type")], Some(0)),
    ]), other: None },
    // 40
    Type { fields: Borrowed(&[
        plain("minReadySeconds", 0),
        plain("revisionHistoryLimit", 0),
        plain("selector", 0),
        plain("template", 59),
        plain("updateStrategy", 0),
    ]), other: None },
    // 41
    Type { fields: Borrowed(&[
        plain("collisionCount", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("currentNumberScheduled", 0),
        plain("desiredNumberScheduled", 0),
        plain("numberAvailable", 0),
        plain("numberMisscheduled", 0),
        plain("numberReady", 0),
        plain("numberUnavailable", 0),
        plain("observedGeneration", 0),
        plain("updatedNumberScheduled", 0),
    ]), other: None },
    // 42
    Type { fields: Borrowed(&[
        plain("minReadySeconds", 0),
        plain("paused", 0),
        plain("progressDeadlineSeconds", 0),
        plain("replicas", 0),
        plain("revisionHistoryLimit", 0),
        plain("selector", 0),
        plain("strategy", 0),
        plain("template", 59),
    ]), other: None },
    // 43
    Type { fields: Borrowed(&[
        plain("availableReplicas", 0),
        plain("collisionCount", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("observedGeneration", 0),
        plain("readyReplicas", 0),
        plain("replicas", 0),
        plain("unavailableReplicas", 0),
        plain("updatedReplicas", 0),
    ]), other: None },
    // 44
    Type { fields: Borrowed(&[
        plain("minReadySeconds", 0),
        plain("replicas", 0),
        plain("selector", 0),
        plain("template", 59),
    ]), other: None },
    // 45
    Type { fields: Borrowed(&[
        plain("availableReplicas", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("fullyLabeledReplicas", 0),
        plain("observedGeneration", 0),
        plain("readyReplicas", 0),
        plain("replicas", 0),
    ]), other: None },
    // 46
    Type { fields: Borrowed(&[
        plain("podManagementPolicy", 0),
        plain("replicas", 0),
        plain("revisionHistoryLimit", 0),
        plain("selector", 0),
        plain("serviceName", 0),
        plain("template", 59),
        plain("updateStrategy", 0),
        plain("volumeClaimTemplates", 0),
    ]), other: None },
    // 47
    Type { fields: Borrowed(&[
        plain("collisionCount", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("currentReplicas", 0),
        plain("currentRevision", 0),
        plain("observedGeneration", 0),
        plain("readyReplicas", 0),
        plain("replicas", 0),
        plain("updateRevision", 0),
        plain("updatedReplicas", 0),
    ]), other: None },
    // 48
    Type { fields: Borrowed(&[
        plain("concurrencyPolicy", 0),
        plain("failedJobsHistoryLimit", 0),
        plain("jobTemplate", 62),
        plain("schedule", 0),
        plain("startingDeadlineSeconds", 0),
        plain("successfulJobsHistoryLimit", 0),
        plain("suspend", 0),
    ]), other: None },
    // 49
    Type { fields: Borrowed(&[
        plain("activeDeadlineSeconds", 0),
        plain("backoffLimit", 0),
        plain("completionMode", 0),
        plain("completions", 0),
        plain("manualSelector", 0),
        plain("parallelism", 0),
        plain("selector", 0),
        plain("suspend", 0),
        plain("template", 59),
        plain("ttlSecondsAfterFinished", 0),
    ]), other: None },
    // 50
    Type { fields: Borrowed(&[
        plain("active", 0),
        plain("completedIndexes", 0),
        plain("completionTime", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("failed", 0),
        plain("startTime", 0),
        plain("succeeded", 0),
    ]), other: None },
    // 51
    Type { fields: Borrowed(&[
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("currentHealthy", 0),
        plain("desiredHealthy", 0),
        plain("disruptedPods", 0),
        plain("disruptionsAllowed", 0),
        plain("expectedPods", 0),
        plain("observedGeneration", 0),
    ]), other: None },
    // 52
    Type { fields: Borrowed(&[
        list("drivers", &[Borrowed("name")], Some(0)),
    ]), other: None },
    // 53
    Type { fields: Borrowed(&[
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("phase", 0),
    ]), other: None },
    // 54
    Type { fields: Borrowed(&[
        plain("configSource", 0),
        plain("externalID", 0),
        plain("podCIDR", 0),
        list("podCIDRs", &[], Some(0)),
        plain("providerID", 0),
        plain("taints", 0),
        plain("unschedulable", 0),
    ]), other: None },
    // 55
    Type { fields: Borrowed(&[
        list("addresses", &[Borrowed("type")], Some(0)),
        plain("allocatable", 0),
        plain("capacity", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("config", 0),
        plain("daemonEndpoints", 0),
        plain("images", 0),
        plain("nodeInfo", 0),
        plain("phase", 0),
        plain("volumesAttached", 0),
        plain("volumesInUse", 0),
    ]), other: None },
    // 56
    Type { fields: Borrowed(&[
        plain("accessModes", 0),
        plain("capacity", 0),
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("phase", 0),
    ]), other: None },
    // 57
    Type { fields: Borrowed(&[
        plain("activeDeadlineSeconds", 0),
        plain("affinity", 0),
        plain("automountServiceAccountToken", 0),
        list("containers", &[Borrowed("name")], Some(63)),
        plain("dnsConfig", 0),
        plain("dnsPolicy", 0),
        plain("enableServiceLinks", 0),
        list("ephemeralContainers", &[Borrowed("name")], Some(64)),
        list("hostAliases", &[Borrowed("ip")], Some(0)),
        plain("hostIPC", 0),
        plain("hostNetwork", 0),
        plain("hostPID", 0),
        plain("hostname", 0),
        list("imagePullSecrets", &[Borrowed("name")], Some(0)),
        list("initContainers", &[Borrowed("name")], Some(63)),
        plain("nodeName", 0),
        plain("nodeSelector", 0),
        plain("overhead", 0),
        plain("preemptionPolicy", 0),
        plain("priority", 0),
        plain("priorityClassName", 0),
        plain("readinessGates", 0),
        plain("restartPolicy", 0),
        plain("runtimeClassName", 0),
        plain("schedulerName", 0),
        plain("securityContext", 0),
        plain("serviceAccount", 0),
        plain("serviceAccountName", 0),
        plain("setHostnameAsFQDN", 0),
        plain("shareProcessNamespace", 0),
        plain("subdomain", 0),
        plain("terminationGracePeriodSeconds", 0),
        plain("tolerations", 0),
        list("topologySpreadConstraints", &[Borrowed("topologyKey"), Borrowed("whenUnsatisfiable")], Some(0)),
        list("volumes", &[Borrowed("name")], Some(65)),
    ]), other: None },
    // 58
    Type { fields: Borrowed(&[
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("containerStatuses", 0),
        plain("ephemeralContainerStatuses", 0),
        plain("hostIP", 0),
        plain("initContainerStatuses", 0),
        plain("message", 0),
        plain("nominatedNodeName", 0),
        plain("phase", 0),
        plain("podIP", 0),
        list("podIPs", &[Borrowed("ip")], Some(0)),
        plain("qosClass", 0),
        plain("reason", 0),
        plain("startTime", 0),
    ]), other: None },
    // 59
    Type { fields: Borrowed(&[
        plain("metadata", 38),
        plain("spec", 57),
    ]), other: None },
    // 60
    Type { fields: Borrowed(&[
        plain("allocateLoadBalancerNodePorts", 0),
        plain("clusterIP", 0),
        plain("clusterIPs", 0),
        plain("externalIPs", 0),
        plain("externalName", 0),
        plain("externalTrafficPolicy", 0),
        plain("healthCheckNodePort", 0),
        plain("internalTrafficPolicy", 0),
        plain("ipFamilies", 0),
        plain("ipFamilyPolicy", 0),
        plain("loadBalancerClass", 0),
        plain("loadBalancerIP", 0),
        plain("loadBalancerSourceRanges", 0),
        list("ports", &[Borrowed("port"), Borrowed("protocol")], Some(0)),
        plain("publishNotReadyAddresses", 0),
        plain("selector", 0),
        plain("sessionAffinity", 0),
        plain("sessionAffinityConfig", 0),
        plain("topologyKeys", 0),
        plain("type", 0),
    ]), other: None },
    // 61
    Type { fields: Borrowed(&[
        list("conditions", &[Borrowed("type")], Some(0)),
        plain("loadBalancer", 0),
    ]), other: None },
    // 62
    Type { fields: Borrowed(&[
        plain("metadata", 38),
        plain("spec", 49),
    ]), other: None },
    // 63
    Type { fields: Borrowed(&[
        plain("args", 0),
        plain("command", 0),
        list("env", &[Borrowed("name")], Some(0)),
        plain("envFrom", 0),
        plain("image", 0),
        plain("imagePullPolicy", 0),
        plain("lifecycle", 0),
        plain("livenessProbe", 0),
        plain("name", 0),
        list("ports", &[Borrowed("containerPort"), Borrowed("protocol")], Some(0)),
        plain("readinessProbe", 0),
        plain("resources", 0),
        plain("securityContext", 0),
        plain("startupProbe", 0),
        plain("stdin", 0),
        plain("stdinOnce", 0),
        plain("terminationMessagePath", 0),
        plain("terminationMessagePolicy", 0),
        plain("tty", 0),
        list("volumeDevices", &[Borrowed("devicePath")], Some(0)),
        list("volumeMounts", &[Borrowed("mountPath")], Some(0)),
        plain("workingDir", 0),
    ]), other: None },
    // 64
    Type { fields: Borrowed(&[
        plain("args", 0),
        plain("command", 0),
        list("env", &[Borrowed("name")], Some(0)),
        plain("envFrom", 0),
        plain("image", 0),
        plain("imagePullPolicy", 0),
        plain("lifecycle", 0),
        plain("livenessProbe", 0),
        plain("name", 0),
        plain("ports", 0),
        plain("readinessProbe", 0),
        plain("resources", 0),
        plain("securityContext", 0),
        plain("startupProbe", 0),
        plain("stdin", 0),
        plain("stdinOnce", 0),
        plain("targetContainerName", 0),
        plain("terminationMessagePath", 0),
        plain("terminationMessagePolicy", 0),
        plain("tty", 0),
        list("volumeDevices", &[Borrowed("devicePath")], Some(0)),
        list("volumeMounts", &[Borrowed("mountPath")], Some(0)),
        plain("workingDir", 0),
    ]), other: None },
    // 65
    Type { fields: Borrowed(&[
        plain("awsElasticBlockStore", 0),
        plain("azureDisk", 0),
        plain("azureFile", 0),
        plain("cephfs", 0),
        plain("cinder", 0),
        plain("configMap", 0),
        plain("csi", 0),
        plain("downwardAPI", 0),
        plain("emptyDir", 0),
        plain("ephemeral", 66),
        plain("fc", 0),
        plain("flexVolume", 0),
        plain("flocker", 0),
        plain("gcePersistentDisk", 0),
        plain("gitRepo", 0),
        plain("glusterfs", 0),
        plain("hostPath", 0),
        plain("iscsi", 0),
        plain("name", 0),
        plain("nfs", 0),
        plain("persistentVolumeClaim", 0),
        plain("photonPersistentDisk", 0),
        plain("portworxVolume", 0),
        plain("projected", 0),
        plain("quobyte", 0),
        plain("rbd", 0),
        plain("scaleIO", 0),
        plain("secret", 0),
        plain("storageos", 0),
        plain("vsphereVolume", 0),
    ]), other: None },
    // 66
    Type { fields: Borrowed(&[
        plain("volumeClaimTemplate", 67),
    ]), other: None },
    // 67
    Type { fields: Borrowed(&[
        plain("metadata", 38),
        plain("spec", 0),
    ]), other: None },
];

#[rustfmt::skip]
static KINDS: &[Kind] = &[
    kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", Some(1), Some(false)),
    kind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Some(1), Some(false)),
    kind("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", Some(1), Some(false)),
    kind("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", Some(1), Some(false)),
    kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", Some(2), Some(false)),
    kind("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", Some(2), Some(false)),
    kind("apiregistration.k8s.io/v1", "APIService", Some(3), Some(false)),
    kind("apiregistration.k8s.io/v1beta1", "APIService", Some(3), Some(false)),
    kind("apps/v1", "ControllerRevision", Some(4), Some(true)),
    kind("apps/v1", "DaemonSet", Some(5), Some(true)),
    kind("apps/v1", "Deployment", Some(6), Some(true)),
    kind("apps/v1", "ReplicaSet", Some(7), Some(true)),
    kind("apps/v1", "StatefulSet", Some(8), Some(true)),
    kind("authentication.k8s.io/v1", "TokenRequest", Some(2), None),
    kind("authentication.k8s.io/v1", "TokenReview", Some(2), None),
    kind("authentication.k8s.io/v1beta1", "TokenReview", Some(2), None),
    kind("authorization.k8s.io/v1", "LocalSubjectAccessReview", Some(2), None),
    kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", Some(2), None),
    kind("authorization.k8s.io/v1", "SelfSubjectRulesReview", Some(2), None),
    kind("authorization.k8s.io/v1", "SubjectAccessReview", Some(2), None),
    kind("authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", Some(2), None),
    kind("authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", Some(2), None),
    kind("authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", Some(2), None),
    kind("authorization.k8s.io/v1beta1", "SubjectAccessReview", Some(2), None),
    kind("autoscaling/v1", "HorizontalPodAutoscaler", Some(2), Some(true)),
    kind("autoscaling/v1", "Scale", Some(2), Some(true)),
    kind("autoscaling/v2beta1", "HorizontalPodAutoscaler", Some(2), Some(true)),
    kind("autoscaling/v2beta2", "HorizontalPodAutoscaler", Some(2), Some(true)),
    kind("batch/v1", "CronJob", Some(9), Some(true)),
    kind("batch/v1", "Job", Some(10), Some(true)),
    kind("batch/v1beta1", "CronJob", Some(9), Some(true)),
    kind("certificates.k8s.io/v1", "CertificateSigningRequest", Some(2), Some(false)),
    kind("certificates.k8s.io/v1beta1", "CertificateSigningRequest", Some(2), Some(false)),
    kind("coordination.k8s.io/v1", "Lease", Some(11), Some(true)),
    kind("coordination.k8s.io/v1beta1", "Lease", Some(11), Some(true)),
    kind("discovery.k8s.io/v1", "EndpointSlice", Some(12), Some(true)),
    kind("discovery.k8s.io/v1beta1", "EndpointSlice", Some(12), Some(true)),
    kind("events.k8s.io/v1", "Event", Some(13), Some(true)),
    kind("events.k8s.io/v1beta1", "Event", Some(13), Some(true)),
    kind("extensions/v1beta1", "Ingress", Some(2), Some(true)),
    kind("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", Some(2), Some(false)),
    kind("flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", Some(2), Some(false)),
    kind("kustomize.config.k8s.io/v1beta1", "Kustomization", Some(14), None),
    kind("networking.k8s.io/v1", "Ingress", Some(2), Some(true)),
    kind("networking.k8s.io/v1", "IngressClass", Some(11), Some(false)),
    kind("networking.k8s.io/v1", "NetworkPolicy", Some(11), Some(true)),
    kind("networking.k8s.io/v1beta1", "Ingress", Some(2), Some(true)),
    kind("networking.k8s.io/v1beta1", "IngressClass", Some(11), Some(false)),
    kind("node.k8s.io/v1", "RuntimeClass", Some(15), Some(false)),
    kind("node.k8s.io/v1beta1", "RuntimeClass", Some(15), Some(false)),
    kind("policy/v1", "PodDisruptionBudget", Some(16), Some(true)),
    kind("policy/v1beta1", "Eviction", Some(17), None),
    kind("policy/v1beta1", "PodDisruptionBudget", Some(16), Some(true)),
    kind("policy/v1beta1", "PodSecurityPolicy", Some(11), Some(false)),
    kind("rbac.authorization.k8s.io/v1", "ClusterRole", Some(18), Some(false)),
    kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", Some(19), Some(false)),
    kind("rbac.authorization.k8s.io/v1", "Role", Some(20), Some(true)),
    kind("rbac.authorization.k8s.io/v1", "RoleBinding", Some(19), Some(true)),
    kind("rbac.authorization.k8s.io/v1beta1", "ClusterRole", Some(18), Some(false)),
    kind("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", Some(19), Some(false)),
    kind("rbac.authorization.k8s.io/v1beta1", "Role", Some(20), Some(true)),
    kind("rbac.authorization.k8s.io/v1beta1", "RoleBinding", Some(19), Some(true)),
    kind("scheduling.k8s.io/v1", "PriorityClass", Some(21), Some(false)),
    kind("scheduling.k8s.io/v1beta1", "PriorityClass", Some(21), Some(false)),
    kind("storage.k8s.io/v1", "CSIDriver", Some(11), Some(false)),
    kind("storage.k8s.io/v1", "CSINode", Some(22), Some(false)),
    kind("storage.k8s.io/v1", "StorageClass", Some(23), Some(false)),
    kind("storage.k8s.io/v1", "VolumeAttachment", Some(2), Some(false)),
    kind("storage.k8s.io/v1beta1", "CSIDriver", Some(11), Some(false)),
    kind("storage.k8s.io/v1beta1", "CSINode", Some(22), Some(false)),
    kind("storage.k8s.io/v1beta1", "CSIStorageCapacity", Some(24), Some(true)),
    kind("storage.k8s.io/v1beta1", "StorageClass", Some(23), Some(false)),
    kind("storage.k8s.io/v1beta1", "VolumeAttachment", Some(2), Some(false)),
    kind("v1", "Binding", Some(25), None),
    kind("v1", "ComponentStatus", Some(26), Some(false)),
    kind("v1", "ConfigMap", Some(27), Some(true)),
    kind("v1", "Endpoints", Some(28), Some(true)),
    kind("v1", "Event", Some(29), Some(true)),
    kind("v1", "LimitRange", Some(11), Some(true)),
    kind("v1", "Namespace", Some(30), Some(false)),
    kind("v1", "Node", Some(31), Some(false)),
    kind("v1", "NodeProxyOptions", None, Some(false)),
    kind("v1", "PersistentVolume", Some(2), Some(false)),
    kind("v1", "PersistentVolumeClaim", Some(32), Some(true)),
    kind("v1", "Pod", Some(33), Some(true)),
    kind("v1", "PodAttachOptions", None, Some(true)),
    kind("v1", "PodExecOptions", None, Some(true)),
    kind("v1", "PodPortForwardOptions", None, Some(true)),
    kind("v1", "PodProxyOptions", None, Some(true)),
    kind("v1", "PodTemplate", Some(34), Some(true)),
    kind("v1", "ReplicationController", Some(7), Some(true)),
    kind("v1", "ResourceQuota", Some(2), Some(true)),
    kind("v1", "Secret", Some(35), Some(true)),
    kind("v1", "Service", Some(36), Some(true)),
    kind("v1", "ServiceAccount", Some(37), Some(true)),
    kind("v1", "ServiceProxyOptions", None, Some(true)),
];
