//! Namespaces, definitions, and what bounds others.

use super::Status;
use crate::object::Observed;

pub(super) fn namespace(object: &Observed) -> Status {
    match object.text(&["status", "phase"]) {
        "Active" => Status::Current,
        "Terminating" => Status::Terminating,
        _ => Status::in_progress("it has no phase yet"),
    }
}

pub(super) fn disruption_budget(object: &Observed) -> Status {
    let count = |name| object.int(&["status", name]);
    let (healthy, wanted) = (count("currentHealthy"), count("desiredHealthy"));
    match (healthy.unwrap_or(0), wanted) {
        (_, None) => Status::in_progress("its controller has not seen it yet"),
        (healthy, Some(wanted)) if healthy < wanted => {
            Status::in_progress(format!("{healthy} of {wanted} Pods are healthy"))
        }
        _ => Status::Current,
    }
}

/// It works as long as it can ask for the scale of its target. Whether it has metrics is not asked:
/// new Pods have none.
pub(super) fn autoscaler(object: &Observed) -> Status {
    match object.condition("AbleToScale") {
        Some(able) if able.is_false() => Status::InProgress(able.words()),
        _ => Status::Current,
    }
}

pub(super) fn definition(object: &Observed) -> Status {
    if let Some(accepted) = object.condition("NamesAccepted")
        && accepted.is_false()
    {
        return Status::Failed(accepted.words());
    }
    match object.condition("Established") {
        Some(established) if established.is_true() => Status::Current,
        Some(established) if established.is_false() && established.reason() != "Installing" => {
            Status::Failed(established.words())
        }
        _ => Status::in_progress("it is not established yet"),
    }
}

pub(super) fn api_service(object: &Observed) -> Status {
    match object.condition("Available") {
        Some(available) if available.is_true() => Status::Current,
        Some(available) => Status::InProgress(available.words()),
        None => Status::in_progress("it is not said to be available"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{message, said_of};

    fn check(api_version: &str, kind: &str, status: Value, expected: &str) {
        let object = json!({"apiVersion": api_version, "kind": kind, "status": status});
        assert_eq!(message(&said_of(object)), expected, "{status}");
    }

    #[test]
    fn namespaces() {
        check("v1", "Namespace", json!({"phase": "Active"}), "current");
        check(
            "v1",
            "Namespace",
            json!({"phase": "Terminating"}),
            "terminating",
        );
        check("v1", "Namespace", json!({}), "it has no phase yet");
    }

    #[test]
    fn disruption_budgets() {
        let check = |status, expected| check("policy/v1", "PodDisruptionBudget", status, expected);
        check(json!({"currentHealthy": 2, "desiredHealthy": 2}), "current");
        check(
            json!({"currentHealthy": 1, "desiredHealthy": 2}),
            "1 of 2 Pods are healthy",
        );
        check(json!({}), "its controller has not seen it yet");
    }

    #[test]
    fn definitions() {
        let condition = |kind: &str, is: &str, reason: &str| json!({"conditions": [{"type": kind, "status": is, "reason": reason}]});
        let check = |status, expected| {
            let api = "apiextensions.k8s.io/v1";
            check(api, "CustomResourceDefinition", status, expected);
        };
        check(condition("Established", "True", ""), "current");
        check(
            condition("Established", "False", "Installing"),
            "it is not established yet",
        );
        check(condition("NamesAccepted", "False", "Taken"), "Taken");
        check(json!({}), "it is not established yet");
    }

    #[test]
    fn autoscalers_and_api_services() {
        let hpa = "HorizontalPodAutoscaler";
        let able = |is: &str| json!({"conditions": [{"type": "AbleToScale", "status": is}]});
        check("autoscaling/v2", hpa, able("True"), "current");
        check("autoscaling/v2", hpa, able("False"), "AbleToScale is False");
        let api = "apiregistration.k8s.io/v1";
        check(
            api,
            "APIService",
            json!({}),
            "it is not said to be available",
        );
    }
}
