use std::fmt;

use jiff::Timestamp;
use tidegate_registry::Digest;

use super::envelope::{Envelope, Signed};
use super::key::{KeyId, VerifyingKey};
use super::policy::{Policy, Role};
use super::statement::{Evidence, NotEvidence, Outcome, Statement, TestResult};
use crate::{Found, Unreadable};

/// Something that is attached to an artifact, judged by a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// What it is called by.
    pub digest: Digest,
    /// What it says, whoever wrote it; none where it says nothing about the artifact.
    pub says: Option<TestResult>,
    /// Whether that counts.
    pub standing: Standing,
}

/// Whether a piece of evidence counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A key has signed it that the policy trusts with it.
    Signed(KeyId),
    /// No such key has, and the policy asks for none.
    Unsigned,
    /// It does not count.
    Not(WhyNot),
}

/// Why a piece of evidence does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It cannot be read.
    Unreadable(Unreadable),
    /// It says nothing about the artifact.
    NotEvidence(NotEvidence),
    /// Nobody has signed it.
    Unsigned,
    /// None of the keys that the policy knows has signed it; these names stand beside its signatures.
    UnknownKey(Vec<String>),
    /// A key has signed it that is trusted with something else.
    OtherRole(KeyId, Vec<(Role, String)>),
    /// It bears the name of a key that has not signed what it says now.
    Tampered(KeyId),
    /// It does not say which environment it is about.
    NoEnvironment,
    /// What stands for its time is none.
    NoTime(String),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhyNot::Unreadable(why) => why.fmt(f),
            WhyNot::NotEvidence(why) => why.fmt(f),
            WhyNot::Unsigned => f.write_str("it is not signed"),
            WhyNot::UnknownKey(names) => {
                f.write_str("it is signed by a key that the config does not list")?;
                match names.first().filter(|name| !name.is_empty()) {
                    Some(name) => write!(f, ": {}", name.escape_debug()),
                    None => Ok(()),
                }
            }
            WhyNot::OtherRole(key, roles) => {
                write!(f, "it is signed by {key:#}, which is trusted ")?;
                for (i, (role, environment)) in roles.iter().enumerate() {
                    match i.checked_sub(1).map(|before| &roles[before]) {
                        Some((before, _)) if before == role => write!(f, " and {environment}")?,
                        Some(_) => write!(f, ", as `{role}` of {environment}")?,
                        None => write!(f, "as `{role}` of {environment}")?,
                    }
                }
                f.write_str(" alone")
            }
            WhyNot::Tampered(key) => write!(
                f,
                "it was changed after it was signed: the signature of {key:#} does not hold"
            ),
            WhyNot::NoEnvironment => f.write_str("it does not say which environment it is about"),
            WhyNot::NoTime(text) => {
                write!(f, "its time `{}` is none", text.escape_debug())
            }
        }
    }
}

impl Piece {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        !matches!(self.standing, Standing::Not(_))
    }

    /// The kind of evidence that it says it is.
    pub fn kind(&self) -> Option<Evidence> {
        self.says.as_ref().map(|says| says.details.kind)
    }

    /// When what it says was found out, by its own word.
    pub fn time(&self) -> Option<Timestamp> {
        self.says.as_ref()?.details.time.parse().ok()
    }

    /// Whether it says that an artifact passed.
    pub fn passed(&self) -> bool {
        let says = self.says.as_ref();
        says.is_some_and(|says| match says.details.kind {
            Evidence::Gate => says.result != Outcome::Failed,
            _ => says.result == Outcome::Passed && !says.details.inconclusive,
        })
    }
}

/// Judges what was found at an artifact. Evidence of the gate counts as what comes into `environment`; other
/// kinds name theirs.
pub fn judge(found: &Found, artifact: &Digest, environment: &str, policy: &Policy) -> Piece {
    let piece = |says, standing| Piece {
        digest: found.digest.clone(),
        says,
        standing,
    };
    let envelope = match &found.envelope {
        Ok(envelope) => envelope,
        Err(why) => return piece(None, Standing::Not(WhyNot::Unreadable(why.clone()))),
    };
    match Statement::result(&envelope.payload(), artifact) {
        Ok(says) => {
            let standing = standing(&says, envelope, environment, policy);
            piece(Some(says), standing)
        }
        Err(why) => piece(None, Standing::Not(WhyNot::NotEvidence(why))),
    }
}

fn standing(
    says: &TestResult,
    envelope: &Envelope,
    environment: &str,
    policy: &Policy,
) -> Standing {
    let kind = says.details.kind;
    let environment = match (&says.details.environment, kind) {
        (_, Evidence::Gate) => environment,
        (Some(environment), _) => environment,
        (None, _) => return Standing::Not(WhyNot::NoEnvironment),
    };
    if says.details.time.parse::<Timestamp>().is_err() {
        return Standing::Not(WhyNot::NoTime(says.details.time.clone()));
    }
    let roles = Role::of(kind).iter();
    let keys = roles.flat_map(|role| policy.keys(*role, environment));
    let keys: Vec<VerifyingKey> = keys.cloned().collect();
    let others = match envelope.signed(&keys) {
        Signed::By(_, key) => return Standing::Signed(key),
        Signed::Unsigned if policy.unsigned => return Standing::Unsigned,
        Signed::Unsigned => return Standing::Not(WhyNot::Unsigned),
        Signed::ByOthers(names) => names,
    };
    let known: Vec<VerifyingKey> = policy.all_keys().cloned().collect();
    let other_role = match envelope.signed(&known) {
        Signed::By(_, key) => Some(key),
        _ => None,
    };
    // A name is nothing to trust in, but nobody else has a reason to use that of a known key.
    let bears_name = |key: &VerifyingKey| others.iter().any(|name| name == key.id().as_str());
    match (other_role, known.iter().find(|key| bears_name(key))) {
        (None, Some(key)) => Standing::Not(WhyNot::Tampered(key.id())),
        _ if policy.unsigned => Standing::Unsigned,
        (Some(key), _) => {
            let roles = policy.roles(&key).to_vec();
            Standing::Not(WhyNot::OtherRole(key, roles))
        }
        (None, None) => Standing::Not(WhyNot::UnknownKey(others)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;

    use super::*;
    use crate::evidence::key::tests::{ED25519, ED25519_PUBLIC, P256, P256_PUBLIC};
    use crate::evidence::{Details, SignatureError, SigningKey};

    fn validation() -> TestResult {
        TestResult::new(
            Outcome::Passed,
            Details {
                kind: Evidence::Validation,
                environment: Some("integration".to_owned()),
                diff_id: None,
                inconclusive: false,
                time: "2026-11-24T12:00:00Z".to_owned(),
                tool: "0.1.0".to_owned(),
                reason: None,
                report: None,
            },
        )
    }

    fn artifact() -> Digest {
        Digest::of(b"artifact")
    }

    fn envelope(result: &TestResult, key: Option<&str>) -> Envelope {
        let statement = Statement::new("platform", &artifact(), result);
        let key = key.map(|key| SigningKey::from_pem(key).unwrap());
        Envelope::of(&statement, key.as_ref())
    }

    fn key(pem: &str) -> VerifyingKey {
        VerifyingKey::from_pem(pem).unwrap()
    }

    /// P256 validates in integration, Ed25519 is the gate's.
    fn policy() -> Policy {
        let mut policy = Policy::new(false, SignedDuration::from_hours(24));
        policy.trust(Role::Validate, "integration", vec![key(P256_PUBLIC)]);
        policy.trust(Role::Gate, "live", vec![key(ED25519_PUBLIC)]);
        policy
    }

    fn check_with(policy: &Policy, envelope: Result<Envelope, Unreadable>, expected: &Standing) {
        let found = Found {
            digest: Digest::of(b"evidence"),
            annotations: BTreeMap::new(),
            envelope,
        };
        let piece = judge(&found, &artifact(), "live", policy);
        assert_eq!(piece.standing, *expected);
    }

    fn check(envelope: Envelope, expected: &Standing) {
        check_with(&policy(), Ok(envelope), expected);
    }

    #[test]
    fn evidence_counts_by_the_key_of_its_role_and_environment() {
        let (p256, ed25519) = (key(P256_PUBLIC).id(), key(ED25519_PUBLIC).id());
        let mut result = validation();
        check(
            envelope(&result, Some(P256)),
            &Standing::Signed(p256.clone()),
        );
        let gate_of_live = vec![(Role::Gate, "live".to_owned())];
        check(
            envelope(&result, Some(ED25519)),
            &Standing::Not(WhyNot::OtherRole(ed25519.clone(), gate_of_live)),
        );
        result.details.kind = Evidence::Gate;
        check(envelope(&result, Some(ED25519)), &Standing::Signed(ed25519));
        result.details.kind = Evidence::Validation;
        result.details.environment = Some("live".to_owned());
        let of_integration = vec![(Role::Validate, "integration".to_owned())];
        check(
            envelope(&result, Some(P256)),
            &Standing::Not(WhyNot::OtherRole(p256, of_integration)),
        );
    }

    #[test]
    fn what_does_not_count_says_why() {
        let mut result = validation();
        let not = |why| Standing::Not(why);
        check(envelope(&result, None), &not(WhyNot::Unsigned));
        let other = Statement::new("platform", &Digest::of(b"other"), &result);
        let mut of_other = Envelope::new(&other.to_bytes());
        of_other.sign(&SigningKey::from_pem(P256).unwrap());
        let why = WhyNot::NotEvidence(NotEvidence::OtherSubject);
        check(of_other, &not(why));
        let mut failed = validation();
        failed.result = Outcome::Failed;
        let mut changed = envelope(&result, None);
        changed.signatures = envelope(&failed, Some(P256)).signatures;
        check(changed, &not(WhyNot::Tampered(key(P256_PUBLIC).id())));
        let why = Unreadable::Envelope(SignatureError::NotEnvelope);
        check_with(&policy(), Err(why.clone()), &not(WhyNot::Unreadable(why)));
        result.details.time = "yesterday".to_owned();
        let why = WhyNot::NoTime("yesterday".to_owned());
        check(envelope(&result, Some(P256)), &not(why));
        result.details.environment = None;
        check(envelope(&result, Some(P256)), &not(WhyNot::NoEnvironment));
        let mut keyless = Policy::new(false, SignedDuration::from_hours(24));
        keyless.trust(Role::Gate, "live", Vec::new());
        let names = vec![key(P256_PUBLIC).id().to_string()];
        check_with(
            &keyless,
            Ok(envelope(&validation(), Some(P256))),
            &not(WhyNot::UnknownKey(names)),
        );
    }

    #[test]
    fn a_policy_that_asks_for_no_signature_still_sees_what_was_changed() {
        let mut lax = policy();
        lax.unsigned = true;
        let result = validation();
        check_with(&lax, Ok(envelope(&result, None)), &Standing::Unsigned);
        check_with(
            &lax,
            Ok(envelope(&result, Some(ED25519))),
            &Standing::Unsigned,
        );
        let signed = Standing::Signed(key(P256_PUBLIC).id());
        check_with(&lax, Ok(envelope(&result, Some(P256))), &signed);
        let mut changed = envelope(&result, None);
        changed.signatures = envelope(&validation_of("live"), Some(P256)).signatures;
        let tampered = Standing::Not(WhyNot::Tampered(key(P256_PUBLIC).id()));
        check_with(&lax, Ok(changed), &tampered);
    }

    fn validation_of(environment: &str) -> TestResult {
        let mut result = validation();
        result.details.environment = Some(environment.to_owned());
        result
    }
}
