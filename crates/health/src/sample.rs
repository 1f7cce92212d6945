use std::collections::BTreeMap;

use serde_json::Value;
use tidegate_source::Subject;

use crate::flux::{SOURCES, group_of};
use crate::object::Observed;
use crate::verdict::Reason;

/// What was seen of a cluster at one time.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The kinds that the API server has, by `apiVersion` and `kind`.
    pub kinds: BTreeMap<(String, String), Kind>,
    /// The objects that were looked for and are there.
    pub objects: BTreeMap<Subject, Observed>,
    /// What could not be seen: each is about a permission, or about an API server that does not answer.
    pub problems: Vec<Reason>,
}

/// A kind of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called in URLs, such as `deployments`.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
    /// Whether its objects have a status that controllers write.
    pub has_status: bool,
    /// Whether objects of it can be listed.
    pub can_be_listed: bool,
}

impl Sample {
    /// A kind by its `apiVersion` and name.
    pub fn kind(&self, subject: &Subject) -> Option<&Kind> {
        let key = (subject.api_version.clone(), subject.kind.clone());
        self.kinds.get(&key)
    }

    /// Where an object is looked for: those of a cluster have no namespace, whatever is written in them,
    /// and others are in `default` if they name none.
    pub fn place_of(&self, subject: &Subject) -> Subject {
        let mut place = subject.clone();
        match self.kind(subject) {
            Some(kind) if !kind.is_namespaced => place.namespace.clear(),
            Some(_) if place.namespace.is_empty() => "default".clone_into(&mut place.namespace),
            _ => {}
        }
        place
    }

    /// An object by what it is called.
    pub fn get(&self, subject: &Subject) -> Option<&Observed> {
        self.objects.get(&self.place_of(subject))
    }

    /// All objects of a kind, whatever the version.
    pub(crate) fn all<'a>(
        &'a self,
        (group, kind): (&'a str, &'a str),
    ) -> impl Iterator<Item = (&'a Subject, &'a Observed)> {
        let all = self.objects.iter();
        all.filter(move |(subject, _)| subject.kind == kind && group_of(subject) == group)
    }

    /// The sources whose revisions can be digests.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Observed> {
        self.all(SOURCES).map(|(_, source)| source)
    }

    /// Puts an object in by what it says of itself.
    pub fn insert(&mut self, object: Value) {
        let observed = Observed::new(object);
        self.objects.insert(observed.subject(), observed);
    }
}
