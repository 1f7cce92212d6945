//! What leads traffic.

use serde_json::Value;

use super::{Status, custom};
use crate::object::{Observed, conditions};

pub(super) fn service(object: &Observed) -> Status {
    let is_balanced = object.text(&["spec", "type"]) == "LoadBalancer";
    match is_balanced && object.text(&["spec", "clusterIP"]).is_empty() {
        true => Status::in_progress("it has no address in the cluster"),
        false => Status::Current,
    }
}

/// Kinds of the Gateway API. A route is judged by each parent that speaks of it.
pub(super) fn gateway(kind: &str, object: &Observed) -> Status {
    match kind {
        "Gateway" => custom::by_conditions(object, &["Programmed", "Accepted"]),
        "GatewayClass" => custom::by_conditions(object, &["Accepted"]),
        kind if kind.ends_with("Route") => route(object),
        _ => Status::Current,
    }
}

fn route(object: &Observed) -> Status {
    let parents = object.list(&["status", "parents"]);
    if parents.is_empty() {
        return Status::in_progress("no Gateway speaks of it");
    }
    let generation = object.generation();
    for parent in parents {
        let list = parent.get("conditions").and_then(Value::as_array);
        for condition in conditions(list.map_or(&[], Vec::as_slice)) {
            let seen = condition.observed_generation();
            if seen.is_some() && generation.is_some() && seen != generation {
                return Status::in_progress("a Gateway has not seen its generation yet");
            }
            let matters = ["Accepted", "ResolvedRefs"].contains(&condition.kind());
            if matters && !condition.is_true() {
                return Status::InProgress(condition.words());
            }
        }
    }
    Status::Current
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{message, said_of};
    use super::*;

    #[test]
    fn services_have_addresses() {
        let service = |spec: Value| json!({"apiVersion": "v1", "kind": "Service", "spec": spec});
        assert_eq!(
            said_of(service(json!({"type": "ClusterIP"}))),
            Status::Current
        );
        let balanced = said_of(service(json!({"type": "LoadBalancer"})));
        assert_eq!(message(&balanced), "it has no address in the cluster");
    }

    #[test]
    fn routes_are_judged_by_their_parents() {
        let route = |parents: Value| {
            said_of(
                json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
                "metadata": {"generation": 2}, "status": {"parents": parents}}),
            )
        };
        let parent = |is: &str, seen: i64| {
            json!([{"conditions": [{"type": "Accepted", "status": is,
                "message": "no listener", "observedGeneration": seen}]}])
        };
        assert_eq!(route(parent("True", 2)), Status::Current);
        assert_eq!(message(&route(parent("False", 2))), "no listener");
        let unseen = "a Gateway has not seen its generation yet";
        assert_eq!(message(&route(parent("True", 1))), unseen);
        assert_eq!(message(&route(json!([]))), "no Gateway speaks of it");
    }
}
