//! Kinds of CustomResourceDefinitions, by the conditions that their controllers agree on.

use super::Status;
use crate::object::Observed;

/// What the conditions of most controllers are called. Crossplane has Synced beside Ready.
const CONDITIONS: &[&str] = &["Ready", "Available", "Synced"];

pub(super) fn custom(object: &Observed) -> Status {
    by_conditions(object, CONDITIONS)
}

/// Judges by conditions of these types: each of them that is there has to be true, and one has to be.
pub(super) fn by_conditions(object: &Observed, types: &[&str]) -> Status {
    let mut found = false;
    for kind in types {
        let Some(condition) = object.condition(kind) else {
            continue;
        };
        found = true;
        if let (Some(seen), Some(generation)) =
            (condition.observed_generation(), object.generation())
            && seen < generation
        {
            return Status::in_progress(format!(
                "{kind} was said of generation {seen} and not yet of {generation}"
            ));
        }
        if !condition.is_true() {
            return Status::InProgress(condition.words());
        }
    }
    match found {
        true => Status::Current,
        false if object.conditions().next().is_none() => {
            Status::NotJudged("it has no conditions".to_owned())
        }
        false => Status::NotJudged(format!("it has no condition {}", types.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{message, said_of};

    fn check(conditions: Value, expected: &str) {
        let object = json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": {"name": "a", "generation": 2}, "status": {"conditions": conditions}});
        assert_eq!(message(&said_of(object)), expected, "{conditions}");
    }

    #[test]
    fn all_known_conditions_have_to_be_true() {
        let is =
            |kind: &str, status: &str| json!({"type": kind, "status": status, "message": kind});
        check(json!([is("Ready", "True")]), "current");
        check(json!([is("Ready", "False")]), "Ready");
        check(json!([is("Ready", "Unknown")]), "Ready");
        check(
            json!([is("Ready", "True"), is("Synced", "False")]),
            "Synced",
        );
        check(
            json!([is("Issuing", "False"), is("Ready", "True")]),
            "current",
        );
        check(
            json!([is("Scheduled", "True")]),
            "it has no condition Ready, Available, Synced",
        );
        check(json!([]), "it has no conditions");
        let old = json!([{"type": "Ready", "status": "True", "observedGeneration": 1}]);
        check(old, "Ready was said of generation 1 and not yet of 2");
    }
}
