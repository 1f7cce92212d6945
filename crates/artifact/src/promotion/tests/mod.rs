//! Promotions in a repository in memory.

mod killed;
mod promote;
mod rollback;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;

use super::*;
use crate::evidence::tests::{ED25519, ED25519_PUBLIC, P256, P256_PUBLIC};
use crate::evidence::{Details, Evidence, Outcome, Role, Statement, TestResult, VerifyingKey};

/// A process was killed before a write.
#[derive(Debug)]
struct Killed;

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("killed")
    }
}

/// A repository in memory. The gate signs with P256, whoever validates and approves with Ed25519.
struct World {
    tags: RefCell<BTreeMap<String, Digest>>,
    attached: RefCell<BTreeMap<Digest, Vec<Found>>>,
    /// So many writes succeed; all, where none is said.
    writes_left: Cell<Option<usize>>,
    policy: Policy,
    integration: Environment,
    live: Environment,
}

impl Tags for World {
    type Error = Killed;

    fn tags(&self) -> Result<BTreeSet<String>, Killed> {
        Ok(self.tags.borrow().keys().cloned().collect())
    }

    fn resolve(&self, tag: &str) -> Result<Option<Digest>, Killed> {
        Ok(self.tags.borrow().get(tag).cloned())
    }

    fn set(&self, tag: &str, digest: &Digest) -> Result<(), Killed> {
        self.is_alive()?;
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

    fn evidence(&self, digest: &Digest) -> Result<Vec<Found>, Killed> {
        let attached = self.attached.borrow();
        Ok(attached.get(digest).cloned().unwrap_or_default())
    }

    fn attach(&self, digest: &Digest, envelope: &Envelope) -> Result<Digest, Killed> {
        self.is_alive()?;
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
    TestResult::new(
        Outcome::Passed,
        Details {
            kind,
            environment: environment.map(str::to_owned),
            diff_id: Some(Digest::of(content.as_bytes()).to_string()),
            inconclusive: false,
            time: time.to_string(),
            tool: String::new(),
            reason: None,
            report: None,
        },
    )
}

impl World {
    fn is_alive(&self) -> Result<(), Killed> {
        match self.writes_left.get() {
            Some(0) => Err(Killed),
            left => {
                self.writes_left.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

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
            writes_left: Cell::new(None),
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
        let envelope = Envelope::of(&statement, pem.map(key).as_ref());
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
