//! Volumes and the claims on them.

use super::Status;
use crate::object::Observed;

pub(super) fn claim(object: &Observed) -> Status {
    match object.text(&["status", "phase"]) {
        "Bound" => Status::Current,
        "Lost" => Status::failed("its volume is lost"),
        "" => Status::in_progress("it has no phase yet"),
        phase => Status::in_progress(format!("it is {phase}, not Bound")),
    }
}

pub(super) fn volume(object: &Observed) -> Status {
    match object.text(&["status", "phase"]) {
        "Failed" => Status::failed(match object.text(&["status", "message"]) {
            "" => "it could not be reclaimed",
            message => message,
        }),
        "Pending" => Status::in_progress("it is Pending"),
        _ => Status::Current,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{message, said_of};

    fn check(kind: &str, phase: &str, expected: &str) {
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"},
            "status": {"phase": phase}});
        assert_eq!(message(&said_of(object)), expected);
    }

    #[test]
    fn claims_are_to_be_bound() {
        check("PersistentVolumeClaim", "Bound", "current");
        check(
            "PersistentVolumeClaim",
            "Pending",
            "it is Pending, not Bound",
        );
        check("PersistentVolumeClaim", "Lost", "its volume is lost");
        check("PersistentVolume", "Available", "current");
        check("PersistentVolume", "Failed", "it could not be reclaimed");
    }
}
