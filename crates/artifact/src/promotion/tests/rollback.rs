use super::*;

#[test]
fn what_was_rolled_back_does_not_come_back_by_itself() {
    let world = World::new();
    for (name, hours) in [("a", 0), ("b", 2)] {
        world.ready(name, hours);
        world.promote(name, hours + 1).unwrap();
    }
    let approver = key(ED25519);
    let mut asked = asked_back(Target::Back(1));
    asked.key = Some(&approver);
    asked.reason = Some("errors".to_owned());
    // Long after its validation.
    let done = world.back_as(&asked, 24 * 20).unwrap();
    assert!(done.changed && done.after.is(&artifact("a")));
    let refused = world.promote("b", 24 * 20).unwrap_err();
    world.validate("b", 24 * 20);
    let expected = "was validated in integration at 2026-11-24T14:00:00Z, which is longer ago than the 7 days of \
                    `max_age`";
    assert!(refused.ends_with(expected), "{refused}");
    let refused = world.promote("b", 24 * 20).unwrap_err();
    assert!(
        refused.ends_with("was rejected in live at 2026-12-14T12:00:00Z: errors"),
        "{refused}"
    );
    // The same content in another manifest.
    world.gate("twin", "b");
    world.integrate("twin", 24 * 20);
    world.validate("twin", 24 * 20);
    let refused = world.promote("twin", 24 * 20).unwrap_err();
    let expected = format!("has the content of {}, which was rejected", artifact("b"));
    assert!(refused.contains(&expected), "{refused}");
    // Nor by hand.
    world.by_hand("b", 24 * 20 + 1);
    world.by_hand("twin", 24 * 20 + 1);
    let settled = world.passage(24 * 21).settle().unwrap();
    assert_eq!((settled.writes, settled.selection.ignored.len()), (0, 2));
    // Unless somebody says so who may.
    let gatekeeper = key(P256);
    let mut again = Promotion {
        digest: Some(artifact("b")),
        again: Some(Decision {
            reason: "mended",
            key: Some(&gatekeeper),
        }),
        ..Promotion::default()
    };
    let refused = world.promote_as(&again, 24 * 21).unwrap_err();
    assert!(
        refused.starts_with("the config does not list the key"),
        "{refused}"
    );
    again.again = Some(Decision {
        reason: "mended",
        key: Some(&approver),
    });
    assert!(world.promote_as(&again, 24 * 21).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("b")));
    // And what was rolled back to twice is still where it was.
    assert!(world.back_as(&asked, 24 * 22).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("a")));
    let refused = world.promote("b", 24 * 22).unwrap_err();
    assert!(refused.contains("was rejected in live"), "{refused}");
}

#[test]
fn a_rejection_that_nobody_signed_stops_and_does_not_move() {
    let world = World::new();
    for (name, hours) in [("a", 0), ("b", 2)] {
        world.ready(name, hours);
        world.promote(name, hours + 1).unwrap();
    }
    let mut rejection = result(Evidence::Rejection, Some("live"), "b", at(1));
    rejection.result = Outcome::Failed;
    world.attest("b", &rejection, None);
    let settled = world.passage(4).settle().unwrap();
    assert!(settled.writes == 0 && settled.selection.is(&artifact("b")));
    let mut forged = result(Evidence::Rejection, Some("live"), "c", at(1));
    forged.result = Outcome::Failed;
    world.ready("c", 3);
    world.attest("c", &forged, None);
    let refused = world.promote("c", 4).unwrap_err();
    assert!(refused.contains("was rejected in live"), "{refused}");
    world.by_hand("c", 5);
    let settled = world.passage(6).settle().unwrap();
    assert!(settled.writes == 0 && settled.selection.is(&artifact("b")));
}

#[test]
fn a_rollback_goes_where_it_was() {
    let world = World::new();
    let back = |digest: &str, hours| world.back(Target::Artifact(artifact(digest)), hours);
    assert_eq!(back("a", 0).unwrap_err(), "live has selected nothing yet");
    for (name, hours) in [("a", 0), ("b", 2), ("c", 4)] {
        world.ready(name, hours);
        world.promote(name, hours + 1).unwrap();
    }
    assert!(!back("c", 6).unwrap().changed);
    world.ready("d", 6);
    let refused = back("d", 7).unwrap_err();
    assert!(
        refused.ends_with("was never selected in live: its log has no entry of it"),
        "{refused}"
    );
    let refused = world.back(Target::Back(3), 7).unwrap_err();
    let expected = "live has selected only 2 other artifacts before, rejected ones aside";
    assert_eq!(refused, expected);
    assert!(world.back(Target::Back(1), 7).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("b")));
    // `c` was rejected, so one step further is `a`.
    assert!(world.back(Target::Back(1), 8).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("a")));
    let refused = back("c", 9).unwrap_err();
    let expected = format!(
        "was rejected in live at 2026-11-24T19:00:00Z: rolled back to {}",
        artifact("b")
    );
    assert!(refused.ends_with(&expected), "{refused}");
}

#[test]
fn force_takes_a_person_with_a_key() {
    let world = World::new();
    for (name, hours) in [("a", 0), ("b", 2)] {
        world.ready(name, hours);
        world.promote(name, hours + 1).unwrap();
    }
    world.attached.borrow_mut().remove(&artifact("a"));
    let approver = key(ED25519);
    let mut asked = asked_back(Target::Artifact(artifact("a")));
    let refused = world.back_as(&asked, 4).unwrap_err();
    assert!(
        refused.ends_with("has no evidence that it passed the gate"),
        "{refused}"
    );
    asked.force = true;
    asked.reason = Some("the only one that ran".to_owned());
    let refused = world.back_as(&asked, 4).unwrap_err();
    assert!(
        refused.starts_with("deciding against the evidence takes a key"),
        "{refused}"
    );
    asked.key = Some(&approver);
    let done = world.back_as(&asked, 4).unwrap();
    assert!(done.changed && done.after.is(&artifact("a")));
    assert_eq!(done.attached.len(), 2);
    // Whoever comes next takes it for good.
    assert_eq!(world.passage(5).settle().unwrap().writes, 0);
}

#[test]
fn a_rollback_that_was_killed_is_finished_and_no_more() {
    let prepare = || {
        let world = World::new();
        for (name, hours) in [("a", 0), ("b", 2), ("c", 4)] {
            world.ready(name, hours);
            world.promote(name, hours + 1).unwrap();
        }
        world
    };
    // After the rejection.
    let world = prepare();
    let before = world.tags.borrow().clone();
    world.back(Target::Back(1), 6).unwrap();
    *world.tags.borrow_mut() = before;
    assert_eq!(world.live(), Some(artifact("c")));
    let done = world.back(Target::Back(1), 7).unwrap();
    assert!(done.changed && done.attached.is_empty());
    assert_eq!(world.live(), Some(artifact("b")));
    // After the entry.
    let world = prepare();
    world.back(Target::Back(1), 6).unwrap();
    let _ = world.set("live", &artifact("c"));
    let done = world.back(Target::Back(1), 7).unwrap();
    assert!(done.changed && done.entry.is_none() && done.attached.is_empty());
    assert_eq!((world.live(), world.log()), (Some(artifact("b")), 4));
}
