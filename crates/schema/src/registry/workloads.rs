//! Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController.

use super::at::At;
use super::pod::{Given, subdomain, template};
use super::primitives::{
    at_most_all, count_or_percent, is_zero, label_selector, selects, selects_all,
};
use crate::fault::Faults;
use crate::names::dns1123_label;

/// Selector and template, which must fit each other, and what all of them count.
fn workload(object: &At<'_, '_>, kind: &str, faults: &mut Faults) {
    let spec = object.field("spec");
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        if (field, kind) != ("revisionHistoryLimit", "statefulset") {
            faults.not_negative(&spec.field(field));
        }
    }
    let selector = spec.field("selector");
    if !selector.is_set() {
        faults.missing(&selector, "");
    } else {
        label_selector(&selector, faults);
        if selects_all(&selector) {
            let reason = format!("empty selector is invalid for {kind}");
            faults.wrong(&selector, reason);
        }
    }
    let pod = spec.field("template");
    let metadata = pod.field("metadata");
    let labels = metadata.field("labels");
    let fits = selector.is_set() && selects(&selector, &labels);
    if !fits || (selects_all(&selector) && !labels.is_set()) {
        faults.wrong(&labels, "`selector` does not match template `labels`");
    }
    let mut given = Given::default();
    if kind == "statefulset" {
        let claims = spec.field("volumeClaimTemplates");
        let names = claims.items().map(|claim| claim.at(&["metadata", "name"]));
        given.volumes = names.collect();
        given.hostname = true;
    }
    template(&pod, &given, faults);
    let pod_spec = pod.field("spec");
    if kind != "statefulset" {
        subdomain(&pod_spec, faults);
    }
    runs_for_ever(&pod_spec, kind, faults);
}

pub(super) fn deployment(object: &At<'_, '_>, faults: &mut Faults) {
    workload(object, "deployment", faults);
    let spec = object.field("spec");
    let strategy = spec.field("strategy");
    let rolling = strategy.field("rollingUpdate");
    if strategy.field("type").text() == "Recreate" {
        if rolling.is_set() {
            let reason = "may not be specified when strategy `type` is 'Recreate'";
            faults.not_allowed(&rolling, reason);
        }
    } else {
        let (surge, unavailable) = (rolling.field("maxSurge"), rolling.field("maxUnavailable"));
        count_or_percent(&surge, faults);
        count_or_percent(&unavailable, faults);
        at_most_all(&unavailable, faults);
        if is_zero(&surge) && is_zero(&unavailable) {
            faults.wrong(&unavailable, "may not be 0 when `maxSurge` is 0");
        }
    }
    progress(&spec, faults);
}

fn progress(spec: &At<'_, '_>, faults: &mut Faults) {
    let deadline = spec.field("progressDeadlineSeconds");
    faults.not_negative(&deadline);
    let ready = spec.field("minReadySeconds").int().unwrap_or(0);
    // What the server takes where nothing is said.
    let seconds = match deadline.is_set() {
        true => deadline.int(),
        false => Some(600),
    };
    if seconds.is_some_and(|seconds| seconds <= ready) {
        faults.wrong(&deadline, "must be greater than minReadySeconds");
    }
}

pub(super) fn stateful_set(object: &At<'_, '_>, faults: &mut Faults) {
    workload(object, "statefulset", faults);
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let name = metadata.field("name");
    if !name.text().is_empty() {
        faults.all_wrong(&name, dns1123_label(name.text()));
    }
    let service = spec.field("serviceName");
    if !service.text().is_empty() {
        faults.all_wrong(&service, dns1123_label(service.text()));
    }
    let policy = spec.field("podManagementPolicy");
    if !matches!(policy.text(), "" | "OrderedReady" | "Parallel") {
        faults.wrong(&policy, "must be 'OrderedReady' or 'Parallel'");
    }
    let strategy = spec.field("updateStrategy");
    match strategy.field("type").text() {
        "" | "RollingUpdate" | "OnDelete" => {}
        _ => faults.wrong(&strategy, "must be 'RollingUpdate' or 'OnDelete'"),
    }
    let rolling = strategy.field("rollingUpdate");
    faults.not_negative(&rolling.field("partition"));
    let ordinals = spec.field("ordinals");
    faults.not_negative(&ordinals.field("start"));
    let retention = spec.field("persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        faults.one_of(&retention.field(field), &["Retain", "Delete"]);
    }
    // A claim becomes a volume of the pod, which must have a name.
    for claim in spec.field("volumeClaimTemplates").items() {
        let metadata = claim.field("metadata");
        let name = metadata.field("name");
        if name.text().is_empty() {
            let pod = spec.field("template");
            let pod = pod.field("spec");
            let volumes = pod.field("volumes");
            let first = volumes.path.index(0);
            faults.required(&first.field("name"), claim.node(), "");
        }
        let claim_spec = claim.field("spec");
        super::storage::claim(&claim_spec, faults);
    }
}

pub(super) fn daemon_set(object: &At<'_, '_>, faults: &mut Faults) {
    workload(object, "daemonset", faults);
    let spec = object.field("spec");
    let strategy = spec.field("updateStrategy");
    match strategy.field("type").text() {
        "" | "RollingUpdate" | "OnDelete" => {}
        _ => faults.unsupported(
            &strategy.path,
            strategy.node(),
            ["RollingUpdate", "OnDelete"].into_iter(),
        ),
    }
    let rolling = strategy.field("rollingUpdate");
    let (surge, unavailable) = (rolling.field("maxSurge"), rolling.field("maxUnavailable"));
    for field in [&surge, &unavailable] {
        count_or_percent(field, faults);
        at_most_all(field, faults);
    }
    let surges = surge.is_set() && !is_zero(&surge);
    // Without a number one pod may be missing.
    let misses = rolling.is_set() && !is_zero(&unavailable);
    match (surges, misses) {
        (true, true) => faults.wrong(&surge, "may not be set when maxUnavailable is non-zero"),
        (false, false) if rolling.is_set() => {
            faults.missing(&unavailable, "cannot be 0 when maxSurge is 0");
        }
        _ => {}
    }
}

pub(super) fn replica_set(object: &At<'_, '_>, faults: &mut Faults) {
    workload(object, "replicaset", faults);
}

/// Refuses pods that end, where `kind` is to keep them running.
fn runs_for_ever(pod_spec: &At<'_, '_>, kind: &str, faults: &mut Faults) {
    let policy = pod_spec.field("restartPolicy");
    if matches!(policy.text(), "OnFailure" | "Never") {
        faults.one_of(&policy, &["Always"]);
    }
    let deadline = pod_spec.field("activeDeadlineSeconds");
    if deadline.is_set() {
        let reason = format!("activeDeadlineSeconds in {kind} is not Supported");
        faults.not_allowed(&deadline, &reason);
    }
}

pub(super) fn replication_controller(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    for field in ["replicas", "minReadySeconds"] {
        faults.not_negative(&spec.field(field));
    }
    let (selector, pod) = (spec.field("selector"), spec.field("template"));
    if !pod.is_set() {
        return faults.missing(&pod, "");
    }
    let metadata = pod.field("metadata");
    let labels = metadata.field("labels");
    // Where it is not said, it is what the pods have.
    if selector.len() == 0 && labels.len() == 0 {
        faults.missing(&selector, "");
    }
    let known = labels.by_key();
    let fits = selector.entries().all(|(key, wanted)| {
        known.get(key).is_some_and(|found| {
            found.is_unknown() || wanted.is_unknown() || found.text() == wanted.text()
        })
    });
    if !fits {
        faults.wrong(&labels, "`selector` does not match template `labels`");
    }
    template(&pod, &Given::default(), faults);
    let pod_spec = pod.field("spec");
    subdomain(&pod_spec, faults);
    runs_for_ever(&pod_spec, "ReplicationController", faults);
}
