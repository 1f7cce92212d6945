use super::*;

/// Checks why an artifact that may go live may not after a change to the world.
fn check_refusal(change: impl Fn(&mut World), expected: &str) {
    let mut world = World::new();
    world.ready("a", 0);
    change(&mut world);
    let tags = world.tags.borrow().clone();
    let refused = world.promote("a", 1).unwrap_err();
    let refused = refused.replace(&artifact("a").to_string(), "A");
    assert_eq!(refused, expected);
    assert_eq!(*world.tags.borrow(), tags, "nothing is written");
}

#[test]
fn what_has_passed_goes_live_and_is_then_there() {
    let world = World::new();
    world.ready("a", 0);
    let done = world.promote_as(&Promotion::default(), 1).unwrap();
    assert!(done.changed && done.after.is(&artifact("a")));
    assert_eq!(world.live(), Some(artifact("a")));
    let again = world.promote("a", 24 * 30).unwrap();
    assert!(!again.changed);
    assert_eq!(world.log(), 1);
    // Not the newest of integration, and younger than its own entry there.
    world.ready("b", 2);
    world.ready("c", 3);
    assert!(world.promote("b", 4).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("b")));
}

#[test]
fn what_has_no_evidence_does_not_go_live() {
    let wipe = |world: &mut World| world.attached.borrow_mut().clear();
    check_refusal(wipe, "A has no evidence that it passed the gate");
    let gate_only = |world: &mut World| {
        wipe(world);
        world.gate("a", "a");
    };
    check_refusal(
        gate_only,
        "A has no evidence that it was validated in integration",
    );
    let unsigned = |world: &mut World| {
        gate_only(world);
        let passed = result(Evidence::Validation, Some("integration"), "a", at(0));
        world.attest("a", &passed, None);
    };
    let mut world = World::new();
    world.ready("a", 0);
    unsigned(&mut world);
    let refused = world.promote("a", 1).unwrap_err();
    assert!(
        refused.ends_with("does not count, as it is not signed"),
        "{refused}"
    );
    world.policy.unsigned = true;
    assert!(world.promote("a", 1).unwrap().changed);
}

#[test]
fn the_newest_validation_decides() {
    let failed = |world: &mut World| {
        let mut failed = result(Evidence::Validation, Some("integration"), "a", at(1));
        failed.result = Outcome::Failed;
        failed.failed_tests = vec!["readiness".to_owned(), "errors".to_owned()];
        world.attest("a", &failed, Some(ED25519));
    };
    check_refusal(
        failed,
        "A failed its newest validation in integration, of 2026-11-24T13:00:00Z: `readiness` and 1 more failed",
    );
    let inconclusive = |world: &mut World| {
        let mut open = result(Evidence::Validation, Some("integration"), "a", at(0));
        open.result = Outcome::Failed;
        open.details.inconclusive = true;
        world.attest("a", &open, Some(ED25519));
    };
    check_refusal(
        inconclusive,
        "A has a newest validation in integration, of 2026-11-24T12:00:00Z, that was inconclusive",
    );
    let mut world = World::new();
    world.ready("a", 0);
    failed(&mut world);
    world.validate("a", 2);
    assert!(world.promote("a", 3).unwrap().changed);
    // An old failure of another environment is none of its.
    let mut elsewhere = result(Evidence::Validation, Some("dev"), "a", at(9));
    elsewhere.result = Outcome::Failed;
    world.attest("a", &elsewhere, Some(ED25519));
    assert!(!world.promote("a", 3).unwrap().changed);
}

#[test]
fn a_validation_is_of_its_time() {
    check_refusal(
        |world| world.integrate("a", 1),
        "A was validated at 2026-11-24T12:00:00Z, before integration selected it at 2026-11-24T13:00:00Z",
    );
    check_refusal(
        |world| world.policy.max_age = SignedDuration::from_mins(30),
        "A was validated in integration at 2026-11-24T12:00:00Z, which is longer ago than the 30 minutes of \
         `max_age`",
    );
    let mut world = World::new();
    world.ready("a", 0);
    world.validate("a", 2);
    let refused = world.promote("a", 1).unwrap_err();
    assert!(
        refused.ends_with("of 2026-11-24T14:00:00Z, which is yet to come"),
        "{refused}"
    );
    world.policy.max_age = SignedDuration::from_hours(1);
    assert!(world.promote("a", 3).unwrap().changed);
}

#[test]
fn what_was_never_in_integration_does_not_go_live() {
    let forget = |world: &mut World| {
        let tags = world.tags.get_mut();
        tags.retain(|tag, _| !tag.starts_with("0.0.0-integration"));
    };
    check_refusal(
        forget,
        "A was never selected in integration: its log has no entry of it",
    );
    // A tag that is called like an entry for it, and leads elsewhere.
    let moved = |world: &mut World| {
        for (tag, digest) in world.tags.get_mut() {
            if tag.starts_with("0.0.0-integration") {
                *digest = artifact("b");
            }
        }
    };
    check_refusal(
        moved,
        "A was never selected in integration: its log has no entry of it",
    );
    let nothing = World::new().promote_as(&Promotion::default(), 1);
    let expected = "integration has selected nothing yet: there is no tag `integration`";
    assert_eq!(nothing.unwrap_err(), expected);
}

#[test]
fn without_keys_nothing_can_be_told() {
    let max_age = SignedDuration::from_hours(1);
    check_refusal(
        |world| world.policy = Policy::new(false, max_age),
        "the config lists no `gate` key for live",
    );
    let gate_alone = |world: &mut World| {
        world.policy = Policy::new(false, max_age);
        let key = VerifyingKey::from_pem(P256_PUBLIC).unwrap();
        world.policy.trust(Role::Gate, "live", vec![key]);
    };
    check_refusal(
        gate_alone,
        "the config lists no `validate` key for integration",
    );
}

#[test]
fn the_pointer_is_where_it_is_expected() {
    let world = World::new();
    world.ready("a", 0);
    world.ready("b", 0);
    let expecting = |expect| Promotion {
        digest: Some(artifact("a")),
        expect: Some(expect),
        ..Promotion::default()
    };
    let other = Expected::Artifact(artifact("b"));
    let refused = world.promote_as(&expecting(other.clone()), 1).unwrap_err();
    assert!(
        refused.starts_with("live selects nothing, and not sha256:"),
        "{refused}"
    );
    assert!(
        world
            .promote_as(&expecting(Expected::Nothing), 1)
            .unwrap()
            .changed
    );
    // What is there already is not expected to be elsewhere.
    assert!(
        !world
            .promote_as(&expecting(Expected::Nothing), 1)
            .unwrap()
            .changed
    );
    world.promote("b", 2).unwrap();
    let refused = world
        .promote_as(&expecting(Expected::Nothing), 3)
        .unwrap_err();
    assert!(refused.ends_with("and not none as expected"), "{refused}");
    assert!(world.promote_as(&expecting(other), 3).unwrap().changed);
    // Someone else may come between the plan and the write.
    let passage = world.passage(4);
    let mut asked = expecting(Expected::Artifact(artifact("a")));
    asked.digest = Some(artifact("b"));
    let plan = passage.plan_promotion(&asked).unwrap();
    let _ = world.set("live", &artifact("c"));
    let failed = passage.promote(&plan).unwrap_err();
    assert!(failed.to_string().starts_with("live selects sha256:"));
}

#[test]
fn what_the_source_does_not_follow_is_not_written() {
    let world = World::new();
    world.ready("a", 0);
    let follows = |tag: &str| Promotion {
        follows: Some(Follows {
            tag: Some(tag.to_owned()),
            ..Follows::default()
        }),
        ..Promotion::default()
    };
    assert_eq!(
        world.promote_as(&follows("stable"), 1).unwrap_err(),
        "the source of live would not select it: it follows the tag `stable`, and what is set is `live`"
    );
    assert!(world.promote_as(&follows("live"), 1).unwrap().changed);
}

#[test]
fn a_tag_made_by_hand_moves_nothing() {
    let world = World::new();
    world.ready("a", 0);
    world.promote("a", 1).unwrap();
    // Nothing known, not validated, validated long before, and rejected.
    world.by_hand("x", 2);
    world.gate("y", "y");
    world.integrate("y", 0);
    world.by_hand("y", 3);
    world.ready("z", 0);
    world.by_hand("z", 24 * 9);
    let settled = world.passage(24 * 10).settle().unwrap();
    assert!(settled.selection.is(&artifact("a")) && settled.writes == 0);
    assert_eq!(settled.selection.ignored.len(), 3);
    assert!(!world.promote("a", 5).unwrap().changed);
    // Nor does it hold up what comes in as it should.
    world.ready("b", 4);
    assert!(world.promote("b", 5).unwrap().changed);
    assert_eq!(world.live(), Some(artifact("b")));
}

#[test]
fn a_run_that_was_killed_is_finished() {
    let world = World::new();
    world.ready("a", 0);
    world.promote("a", 1).unwrap();
    world.ready("b", 2);
    world.promote("b", 3).unwrap();
    let _ = world.set("live", &artifact("a"));
    let done = world.promote("b", 4).unwrap();
    assert!(done.changed && done.entry.is_none());
    assert_eq!((world.live(), world.log()), (Some(artifact("b")), 2));
}
