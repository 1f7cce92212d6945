use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::SignedDuration;

use super::*;
use crate::evidence::tests::{ED25519, ED25519_PUBLIC, P256, P256_PUBLIC};
use crate::evidence::{Details, Evidence, Outcome, Role, Statement, TestResult, VerifyingKey};

/// A repository in memory. The gate signs with P256, whoever validates and approves with Ed25519.
struct World {
    tags: RefCell<BTreeMap<String, Digest>>,
    attached: RefCell<BTreeMap<Digest, Vec<Found>>>,
    policy: Policy,
    integration: Environment,
    live: Environment,
}

impl Tags for World {
    type Error = Infallible;

    fn tags(&self) -> Result<BTreeSet<String>, Infallible> {
        Ok(self.tags.borrow().keys().cloned().collect())
    }

    fn resolve(&self, tag: &str) -> Result<Option<Digest>, Infallible> {
        Ok(self.tags.borrow().get(tag).cloned())
    }

    fn set(&self, tag: &str, digest: &Digest) -> Result<(), Infallible> {
        self.tags
            .borrow_mut()
            .insert(tag.to_owned(), digest.clone());
        Ok(())
    }
}

impl Records for World {
    fn name(&self) -> String {
        "oci://registry.example/platform".to_owned()
    }

    fn evidence(&self, digest: &Digest) -> Result<Vec<Found>, Infallible> {
        let attached = self.attached.borrow();
        Ok(attached.get(digest).cloned().unwrap_or_default())
    }

    fn attach(&self, digest: &Digest, envelope: &Envelope) -> Result<Digest, Infallible> {
        let own = Digest::of(&envelope.to_bytes());
        let found = Found {
            digest: own.clone(),
            annotations: BTreeMap::new(),
            envelope: Ok(envelope.clone()),
        };
        let mut attached = self.attached.borrow_mut();
        attached.entry(digest.clone()).or_default().push(found);
        Ok(own)
    }
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem).unwrap()
}

/// Hours after noon.
fn at(hours: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_hours(hours)
}

fn artifact(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn result(kind: Evidence, environment: Option<&str>, content: &str, time: Timestamp) -> TestResult {
    TestResult {
        result: Outcome::Passed,
        configuration: Vec::new(),
        url: None,
        passed_tests: Vec::new(),
        warned_tests: Vec::new(),
        failed_tests: Vec::new(),
        details: Details {
            kind,
            environment: environment.map(str::to_owned),
            diff_id: Some(Digest::of(content.as_bytes()).to_string()),
            inconclusive: false,
            time: time.to_string(),
            tool: String::new(),
            reason: None,
            report: None,
        },
    }
}

impl World {
    fn new() -> World {
        let mut policy = Policy::new(false, SignedDuration::from_hours(7 * 24));
        let public = |pem: &str| vec![VerifyingKey::from_pem(pem).unwrap()];
        for environment in ["integration", "live"] {
            policy.trust(Role::Gate, environment, public(P256_PUBLIC));
            policy.trust(Role::Validate, environment, public(ED25519_PUBLIC));
            policy.trust(Role::Approve, environment, public(ED25519_PUBLIC));
        }
        World {
            tags: RefCell::default(),
            attached: RefCell::default(),
            policy,
            integration: Environment::new("integration").unwrap(),
            live: Environment::new("live").unwrap(),
        }
    }

    fn passage(&self, hours: i64) -> Passage<'_, World> {
        Passage {
            repository: self,
            policy: &self.policy,
            from: Some(&self.integration),
            to: &self.live,
            now: at(hours),
        }
    }

    fn attest(&self, name: &str, result: &TestResult, pem: Option<&str>) {
        let statement = Statement::new("platform", &artifact(name), result);
        let mut envelope = Envelope::new(&statement.to_bytes());
        if let Some(pem) = pem {
            envelope.sign(&key(pem));
        }
        let _ = self.attach(&artifact(name), &envelope);
    }

    fn gate(&self, name: &str, content: &str) {
        let passed = result(Evidence::Gate, None, content, at(-1));
        self.attest(name, &passed, Some(P256));
    }

    fn integrate(&self, name: &str, hours: i64) {
        let entry = Entry::new(&self.integration, at(hours), &artifact(name));
        let _ = self.set(&entry.tag, &artifact(name));
        let _ = self.set("integration", &artifact(name));
    }

    fn validate(&self, name: &str, hours: i64) {
        let passed = result(Evidence::Validation, Some("integration"), name, at(hours));
        self.attest(name, &passed, Some(ED25519));
    }

    /// An artifact that may go live.
    fn ready(&self, name: &str, hours: i64) {
        self.gate(name, name);
        self.integrate(name, hours);
        self.validate(name, hours);
    }

    fn promote(&self, name: &str, hours: i64) -> Result<Done, String> {
        let asked = Promotion {
            digest: Some(artifact(name)),
            ..Promotion::default()
        };
        self.promote_as(&asked, hours)
    }

    fn promote_as(&self, asked: &Promotion<'_>, hours: i64) -> Result<Done, String> {
        let passage = self.passage(hours);
        let plan = passage.plan_promotion(asked);
        let done = plan.and_then(|plan| passage.promote(&plan));
        done.map_err(|failure| failure.to_string())
    }

    fn back(&self, target: Target, hours: i64) -> Result<Done, String> {
        self.back_as(&asked_back(target), hours)
    }

    fn back_as(&self, asked: &Rollback<'_>, hours: i64) -> Result<Done, String> {
        let passage = self.passage(hours);
        let plan = passage.plan_rollback(asked);
        let done = plan.and_then(|plan| passage.rollback(&plan));
        done.map_err(|failure| failure.to_string())
    }

    fn live(&self) -> Option<Digest> {
        self.tags.borrow().get("live").cloned()
    }

    fn log(&self) -> usize {
        entries(&self.live, &self.tags().unwrap()).len()
    }

    /// A log tag that somebody has made for an artifact.
    fn by_hand(&self, name: &str, hours: i64) {
        let entry = Entry::new(&self.live, at(hours), &artifact(name));
        let _ = self.set(&entry.tag, &artifact(name));
    }
}

fn asked_back<'a>(target: Target) -> Rollback<'a> {
    Rollback {
        target,
        expect: None,
        follows: None,
        reason: None,
        force: false,
        key: None,
    }
}

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
