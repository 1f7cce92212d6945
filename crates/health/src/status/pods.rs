//! Pods and Jobs, which may end.

use serde_json::Value;

use super::Status;
use crate::object::Observed;

pub(super) fn pod(object: &Observed) -> Status {
    let phase = object.text(&["status", "phase"]);
    match phase {
        "Succeeded" => Status::Current,
        "Failed" => Status::failed(match object.text(&["status", "message"]) {
            "" => "the Pod failed",
            message => message,
        }),
        "Running" | "Pending" => match object.condition("Ready") {
            Some(ready) if ready.is_true() && phase == "Running" => Status::Current,
            ready => match (waiting(object), ready) {
                (Some(why), _) if is_crash(&why) => Status::Failed(why),
                (Some(why), _) => Status::InProgress(why),
                (None, Some(ready)) => Status::InProgress(ready.words()),
                (None, None) => Status::in_progress(format!("its phase is {phase}")),
            },
        },
        "" => Status::in_progress("it has no phase yet"),
        phase => Status::in_progress(format!("its phase is {phase}")),
    }
}

/// What the first container that does not run waits for.
fn waiting(object: &Observed) -> Option<String> {
    let lists = ["initContainerStatuses", "containerStatuses"];
    let mut all = lists.iter().flat_map(|list| object.list(&["status", list]));
    all.find_map(|container| {
        let name = container.get("name").and_then(Value::as_str)?;
        let reason = container.pointer("/state/waiting/reason")?.as_str()?;
        Some(format!("container {name} is in {reason}"))
    })
}

fn is_crash(waiting: &str) -> bool {
    waiting.ends_with("CrashLoopBackOff")
}

pub(super) fn job(object: &Observed) -> Status {
    let has = |kind| {
        object
            .condition(kind)
            .filter(|condition| condition.is_true())
    };
    if let Some(failed) = has("Failed") {
        return Status::Failed(failed.words());
    }
    if has("Complete").is_some() {
        return Status::Current;
    }
    if has("Suspended").is_some() || object.is_true(&["spec", "suspend"]) {
        return Status::in_progress("the Job is suspended");
    }
    let count = |name| object.int(&["status", name]).unwrap_or(0);
    let wanted = object.int(&["spec", "completions"]).unwrap_or(1);
    let [active, succeeded, failed] = ["active", "succeeded", "failed"].map(count);
    Status::in_progress(format!(
        "{succeeded} of {wanted} completions, {active} active, {failed} failed"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{message, said_of};
    use super::*;

    fn check(api_version: &str, kind: &str, status: Value, expected: &str) {
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"},
            "status": status});
        assert_eq!(message(&said_of(object)), expected, "{status}");
    }

    #[test]
    fn pods() {
        let check = |status, expected| check("v1", "Pod", status, expected);
        let ready = |is| json!([{"type": "Ready", "status": is, "reason": "ContainersNotReady"}]);
        check(
            json!({"phase": "Running", "conditions": ready("True")}),
            "current",
        );
        check(
            json!({"phase": "Running", "conditions": ready("False")}),
            "ContainersNotReady",
        );
        check(json!({"phase": "Succeeded"}), "current");
        check(json!({"phase": "Failed", "message": "evicted"}), "evicted");
        check(json!({"phase": "Pending"}), "its phase is Pending");
        check(json!({}), "it has no phase yet");
        let waiting = |reason| {
            json!({"phase": "Running", "conditions": ready("False"), "containerStatuses": [
                {"name": "ok", "state": {"running": {}}},
                {"name": "web", "state": {"waiting": {"reason": reason}}}]})
        };
        check(
            waiting("ImagePullBackOff"),
            "container web is in ImagePullBackOff",
        );
        let crashing = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {},
            "status": waiting("CrashLoopBackOff")});
        let expected = Status::failed("container web is in CrashLoopBackOff");
        assert_eq!(said_of(crashing), expected);
    }

    #[test]
    fn jobs() {
        let check = |status, expected| check("batch/v1", "Job", status, expected);
        let condition = |kind| json!({"conditions": [{"type": kind, "status": "True"}]});
        check(condition("Complete"), "current");
        check(condition("Failed"), "Failed is True");
        check(condition("Suspended"), "the Job is suspended");
        let started = json!({"startTime": "2026-01-01T00:00:00Z", "active": 1});
        check(started, "0 of 1 completions, 1 active, 0 failed");
    }
}
