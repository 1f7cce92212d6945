//! How an object stands, by what its status says.
//!
//! For the kinds of Kubernetes these are the rules of kstatus, by which kustomize-controller waits, with
//! one difference: a Job is current once it is complete, not once it has started. For other kinds it is the
//! conditions that controllers agree on.
//!
//! Source: <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md>

mod custom;
mod network;
mod pods;
mod policy;
mod storage;
mod workloads;

use tidegate_source::is_built_in_group;

use crate::object::Observed;

/// How an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is what it is to be.
    Current,
    /// It is on its way there; what is missing.
    InProgress(String),
    /// Its controller says that it will not get there; why.
    Failed(String),
    /// It is being deleted.
    Terminating,
    /// Nothing tells; why.
    NotJudged(String),
}

impl Status {
    fn in_progress(message: impl Into<String>) -> Status {
        Status::InProgress(message.into())
    }

    fn failed(message: impl Into<String>) -> Status {
        Status::Failed(message.into())
    }
}

/// How an object stands. `has_status` tells whether objects of its kind have a status that controllers write:
/// without one, an object is current by being there.
pub fn status_of(object: &Observed, has_status: bool) -> Status {
    if let Some(status) = common(object) {
        return status;
    }
    let api_version = object.text(&["apiVersion"]);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, object.text(&["kind"])) {
        ("apps", "Deployment") => workloads::deployment(object),
        ("apps", "StatefulSet") => workloads::stateful_set(object),
        ("apps", "DaemonSet") => workloads::daemon_set(object),
        ("apps", "ReplicaSet") => workloads::replica_set(object),
        ("batch", "Job") => pods::job(object),
        ("", "Pod") => pods::pod(object),
        ("", "PersistentVolumeClaim") => storage::claim(object),
        ("", "PersistentVolume") => storage::volume(object),
        ("", "Namespace") => policy::namespace(object),
        ("", "Service") => network::service(object),
        ("policy", "PodDisruptionBudget") => policy::disruption_budget(object),
        ("autoscaling", "HorizontalPodAutoscaler") => policy::autoscaler(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => policy::definition(object),
        ("apiregistration.k8s.io", "APIService") => policy::api_service(object),
        ("gateway.networking.k8s.io", kind) => network::gateway(kind, object),
        (group, _) if is_built_in_group(group) || !has_status => Status::Current,
        _ => custom::custom(object),
    }
}

/// What holds for every kind: `None` where that does not decide.
fn common(object: &Observed) -> Option<Status> {
    if object.is_terminating() {
        return Some(Status::Terminating);
    }
    if let (Some(wanted), Some(seen)) = (object.generation(), object.observed_generation())
        && wanted != seen
    {
        return Some(Status::in_progress(format!(
            "its controller has seen generation {seen} and not yet {wanted}"
        )));
    }
    // Words that kstatus has for its own use: whoever sets them means them.
    if let Some(stalled) = object.condition("Stalled")
        && stalled.is_true()
    {
        return Some(Status::Failed(stalled.words()));
    }
    let reconciling = object.condition("Reconciling")?;
    let is_true = reconciling.is_true();
    is_true.then(|| Status::InProgress(reconciling.words()))
}

#[cfg(test)]
pub(crate) mod testing {
    use serde_json::Value;

    use super::*;

    /// What is said of an object of a kind with a status.
    pub(crate) fn said_of(object: Value) -> Status {
        status_of(&Observed::new(object), true)
    }

    /// The message of what is not current.
    pub(crate) fn message(status: &Status) -> &str {
        match status {
            Status::Current => "current",
            Status::Terminating => "terminating",
            Status::InProgress(message) | Status::Failed(message) | Status::NotJudged(message) => {
                message
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::testing::said_of;
    use super::*;

    fn with_conditions(generation: i64, observed: i64, conditions: Value) -> Value {
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "a", "generation": generation},
            "status": {"observedGeneration": observed, "conditions": conditions},
        })
    }

    #[test]
    fn what_a_controller_has_not_seen_is_on_its_way() {
        let status = said_of(with_conditions(3, 2, json!([])));
        let message = "its controller has seen generation 2 and not yet 3";
        assert_eq!(status, Status::in_progress(message));
    }

    #[test]
    fn what_is_stalled_failed() {
        let conditions = json!([{"type": "Stalled", "status": "True", "message": "no\nway"}]);
        assert_eq!(
            said_of(with_conditions(1, 1, conditions)),
            Status::failed("no way")
        );
        let conditions =
            json!([{"type": "Reconciling", "status": "True", "reason": "Progressing"}]);
        let expected = Status::in_progress("Progressing");
        assert_eq!(said_of(with_conditions(1, 1, conditions)), expected);
    }

    #[test]
    fn what_is_deleted_is_not_current() {
        let object = json!({"kind": "ConfigMap", "apiVersion": "v1",
            "metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
        assert_eq!(said_of(object), Status::Terminating);
    }

    #[test]
    fn kinds_without_a_status_are_current_by_being_there() {
        let object = |api_version| json!({"apiVersion": api_version, "kind": "X", "metadata": {}});
        assert_eq!(said_of(object("v1")), Status::Current);
        let custom = Observed::new(object("example.org/v1"));
        assert_eq!(status_of(&custom, false), Status::Current);
        assert!(matches!(status_of(&custom, true), Status::NotJudged(_)));
    }
}
