use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;

use super::key::{KeyId, VerifyingKey};
use super::statement::Evidence;

/// What a key is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Saying that an artifact passed the gate.
    Gate,
    /// Saying how it did in an environment.
    Validate,
    /// Deciding against the evidence.
    Approve,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Gate, Role::Validate, Role::Approve];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Gate => "gate",
            Role::Validate => "validate",
            Role::Approve => "approve",
        }
    }

    /// The roles that may give a kind of evidence: whoever says how an artifact does in an environment, or
    /// may decide against that, may reject it there.
    pub fn of(kind: Evidence) -> &'static [Role] {
        match kind {
            Evidence::Gate => &[Role::Gate],
            Evidence::Validation => &[Role::Validate],
            Evidence::Rejection => &[Role::Approve, Role::Validate],
            Evidence::Approval => &[Role::Approve],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose word counts, and for how long.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether evidence counts that no known key has signed.
    pub unsigned: bool,
    /// How old a validation may be when an artifact is promoted.
    pub max_age: SignedDuration,
    keys: BTreeMap<(Role, String), Vec<VerifyingKey>>,
    known: BTreeMap<KeyId, Vec<(Role, String)>>,
}

impl Policy {
    /// A policy that trusts no key yet.
    pub fn new(unsigned: bool, max_age: SignedDuration) -> Policy {
        Policy {
            unsigned,
            max_age,
            keys: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Trusts keys with a role in an environment.
    pub fn trust(&mut self, role: Role, environment: &str, keys: Vec<VerifyingKey>) {
        let of = (role, environment.to_owned());
        for key in &keys {
            let roles = self.known.entry(key.id()).or_default();
            if !roles.contains(&of) {
                roles.push(of.clone());
            }
        }
        self.keys.entry(of).or_default().extend(keys);
    }

    /// The keys that are trusted with a role in an environment.
    pub fn keys(&self, role: Role, environment: &str) -> &[VerifyingKey] {
        let keys = self.keys.get(&(role, environment.to_owned()));
        keys.map_or(&[], Vec::as_slice)
    }

    /// All keys that are trusted with anything.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.values().flatten()
    }

    /// What a key is trusted with, and where.
    pub fn roles(&self, key: &KeyId) -> &[(Role, String)] {
        self.known.get(key).map_or(&[], Vec::as_slice)
    }
}
