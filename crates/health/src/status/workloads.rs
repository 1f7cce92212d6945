//! What keeps Pods running.

use super::Status;
use crate::object::Observed;

/// A number of the status; a controller leaves out a zero.
fn count(object: &Observed, name: &str) -> i64 {
    object.int(&["status", name]).unwrap_or(0)
}

/// How many Pods are wanted; one, where nothing is said.
fn wanted(object: &Observed) -> i64 {
    object.int(&["spec", "replicas"]).unwrap_or(1)
}

/// The first of some counts that is too small.
fn first_below(object: &Observed, wanted: i64, counts: &[(&str, &str)]) -> Option<Status> {
    counts.iter().find_map(|(name, word)| {
        let have = count(object, name);
        (have < wanted).then(|| Status::in_progress(format!("{have} of {wanted} Pods are {word}")))
    })
}

/// A controller that has never looked at an object has said nothing of it.
fn unseen(object: &Observed) -> Option<Status> {
    let unseen = object.observed_generation().is_none();
    unseen.then(|| Status::in_progress("its controller has not seen it yet"))
}

pub(super) fn deployment(object: &Observed) -> Status {
    if let Some(unseen) = unseen(object) {
        return unseen;
    }
    let progressing = object.condition("Progressing");
    if let Some(progressing) = progressing
        && progressing.is_false()
        && progressing.reason() == "ProgressDeadlineExceeded"
    {
        return Status::Failed(progressing.words());
    }
    let wanted = wanted(object);
    if let Some(status) = first_below(
        object,
        wanted,
        &[("replicas", "there"), ("updatedReplicas", "updated")],
    ) {
        return status;
    }
    let all = count(object, "replicas");
    if all > wanted {
        let old = all - wanted;
        return Status::in_progress(format!("{old} old Pods are still there"));
    }
    if let Some(status) = first_below(
        object,
        wanted,
        &[
            ("availableReplicas", "available"),
            ("readyReplicas", "ready"),
        ],
    ) {
        return status;
    }
    // Without a deadline there is no such condition.
    if let Some(progressing) = progressing
        && !(progressing.is_true() && progressing.reason() == "NewReplicaSetAvailable")
        && !object.is_true(&["spec", "paused"])
    {
        return Status::in_progress(progressing.words());
    }
    match object.condition("Available") {
        Some(available) if available.is_true() => Status::Current,
        Some(available) => Status::in_progress(available.words()),
        None => Status::in_progress("it is not said to be available"),
    }
}

pub(super) fn replica_set(object: &Observed) -> Status {
    if let Some(unseen) = unseen(object) {
        return unseen;
    }
    if let Some(failure) = object.condition("ReplicaFailure")
        && failure.is_true()
    {
        return Status::in_progress(failure.words());
    }
    let wanted = wanted(object);
    let below = first_below(
        object,
        wanted,
        &[
            ("fullyLabeledReplicas", "labelled"),
            ("availableReplicas", "available"),
            ("readyReplicas", "ready"),
        ],
    );
    if let Some(below) = below {
        return below;
    }
    match count(object, "replicas") > wanted {
        true => Status::in_progress("Pods that are too many are still there"),
        false => Status::Current,
    }
}

pub(super) fn stateful_set(object: &Observed) -> Status {
    let strategy = object.text(&["spec", "updateStrategy", "type"]);
    if strategy == "OnDelete" {
        return Status::Current;
    }
    if let Some(unseen) = unseen(object) {
        return unseen;
    }
    let wanted = wanted(object);
    if let Some(status) = first_below(
        object,
        wanted,
        &[("replicas", "there"), ("readyReplicas", "ready")],
    ) {
        return status;
    }
    let all = count(object, "replicas");
    if all > wanted {
        let old = all - wanted;
        return Status::in_progress(format!("{old} Pods that are too many are still there"));
    }
    let partition = object.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]);
    if let Some(partition) = partition.filter(|partition| *partition > 0) {
        let updated = wanted.saturating_sub(partition).max(0);
        let below = first_below(object, updated, &[("updatedReplicas", "updated")]);
        return below.unwrap_or(Status::Current);
    }
    let revision = |name| object.text(&["status", name]);
    match revision("currentRevision") == revision("updateRevision") {
        true => Status::Current,
        false => {
            let updated = count(object, "updatedReplicas");
            Status::in_progress(format!("{updated} of {wanted} Pods are updated"))
        }
    }
}

pub(super) fn daemon_set(object: &Observed) -> Status {
    if object.text(&["spec", "updateStrategy", "type"]) == "OnDelete" {
        return Status::Current;
    }
    if let Some(unseen) = unseen(object) {
        return unseen;
    }
    let Some(wanted) = object.int(&["status", "desiredNumberScheduled"]) else {
        return Status::in_progress("it is not said on how many nodes it is to run");
    };
    let below = first_below(
        object,
        wanted,
        &[
            ("currentNumberScheduled", "there"),
            ("updatedNumberScheduled", "updated"),
            ("numberAvailable", "available"),
            ("numberReady", "ready"),
        ],
    );
    below.unwrap_or(Status::Current)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{message, said_of};
    use super::*;

    /// An object of a kind, healthy, with some fields of its status changed.
    fn check(kind: &str, spec: Value, change: Value, expected: &str) {
        let mut status = match kind {
            "Deployment" => json!({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3,
            "readyReplicas": 3, "conditions": [
                {"type": "Available", "status": "True"},
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            ]}),
            "StatefulSet" => json!({"replicas": 3, "readyReplicas": 3, "currentReplicas": 3,
                "updatedReplicas": 3, "currentRevision": "a", "updateRevision": "a"}),
            "ReplicaSet" => {
                json!({"replicas": 3, "fullyLabeledReplicas": 3, "availableReplicas": 3,
                "readyReplicas": 3})
            }
            _ => json!({"desiredNumberScheduled": 3, "currentNumberScheduled": 3,
                "updatedNumberScheduled": 3, "numberAvailable": 3, "numberReady": 3}),
        };
        status["observedGeneration"] = json!(1);
        for (key, value) in change.as_object().into_iter().flatten() {
            status[key] = value.clone();
        }
        let object = json!({"apiVersion": "apps/v1", "kind": kind,
            "metadata": {"name": "a", "generation": 1}, "spec": spec, "status": status});
        assert_eq!(message(&said_of(object)), expected, "{kind} {change}");
    }

    #[test]
    fn deployments() {
        let check =
            |change, expected| check("Deployment", json!({"replicas": 3}), change, expected);
        check(json!({}), "current");
        check(
            json!({"observedGeneration": null}),
            "its controller has not seen it yet",
        );
        check(json!({"replicas": null}), "0 of 3 Pods are there");
        check(json!({"updatedReplicas": 1}), "1 of 3 Pods are updated");
        check(json!({"replicas": 4}), "1 old Pods are still there");
        check(json!({"availableReplicas": 2}), "2 of 3 Pods are available");
        check(json!({"readyReplicas": 2}), "2 of 3 Pods are ready");
        let progressing = |status: &str, reason: &str| json!({"conditions": [{"type": "Progressing", "status": status, "reason": reason}]});
        let exceeded = "ProgressDeadlineExceeded";
        check(progressing("False", exceeded), exceeded);
        check(
            progressing("True", "ReplicaSetUpdated"),
            "ReplicaSetUpdated",
        );
        check(
            progressing("True", "NewReplicaSetAvailable"),
            "it is not said to be available",
        );
    }

    #[test]
    fn a_deployment_that_failed_is_told_from_one_on_its_way() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {},
            "status": {"observedGeneration": 1, "conditions": [
                {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}});
        assert_eq!(said_of(object), Status::failed("ProgressDeadlineExceeded"));
    }

    #[test]
    fn nothing_wanted_is_current() {
        let none = json!({"replicas": 0, "updatedReplicas": 0, "availableReplicas": 0,
            "readyReplicas": 0});
        check("Deployment", json!({"replicas": 0}), none, "current");
    }

    #[test]
    fn stateful_sets() {
        let spec = json!({"replicas": 3});
        let check_one = |change, expected| check("StatefulSet", spec.clone(), change, expected);
        check_one(json!({}), "current");
        check_one(json!({"readyReplicas": 2}), "2 of 3 Pods are ready");
        check_one(
            json!({"replicas": 4}),
            "1 Pods that are too many are still there",
        );
        let other = json!({"updateRevision": "b", "updatedReplicas": 1});
        check_one(other.clone(), "1 of 3 Pods are updated");
        let partition = json!({"replicas": 3,
            "updateStrategy": {"rollingUpdate": {"partition": 2}}});
        check("StatefulSet", partition, other.clone(), "current");
        let on_delete = json!({"replicas": 3, "updateStrategy": {"type": "OnDelete"}});
        check("StatefulSet", on_delete, other, "current");
    }

    #[test]
    fn daemon_sets() {
        let check = |change, expected| check("DaemonSet", json!({}), change, expected);
        check(json!({}), "current");
        check(json!({"numberReady": 2}), "2 of 3 Pods are ready");
        check(
            json!({"updatedNumberScheduled": 0}),
            "0 of 3 Pods are updated",
        );
        let unknown = "it is not said on how many nodes it is to run";
        check(json!({"desiredNumberScheduled": null}), unknown);
    }

    #[test]
    fn replica_sets() {
        let check =
            |change, expected| check("ReplicaSet", json!({"replicas": 3}), change, expected);
        check(json!({}), "current");
        check(json!({"availableReplicas": 2}), "2 of 3 Pods are available");
        check(
            json!({"replicas": 4}),
            "Pods that are too many are still there",
        );
    }
}
