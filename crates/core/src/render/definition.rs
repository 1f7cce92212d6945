//! Which ConfigMaps and Secrets `substituteFrom` finds.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_yaml::Node;

use crate::config::Provided;
use crate::flux::{DefinitionKind, FluxKustomization};
use crate::render::Defined;
use crate::render::scan::Scan;

/// The identity of a ConfigMap or Secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId {
    /// Which of the two it is.
    pub kind: DefinitionKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl DefinitionId {
    /// Whether it is what is declared.
    pub(super) fn is(&self, provided: &Provided) -> bool {
        self.kind == provided.kind
            && self.namespace == provided.namespace
            && self.name == provided.name
    }

    /// Those that a Kustomization reads, in the order in which it names them.
    pub(super) fn read_by(kustomization: &FluxKustomization) -> Vec<DefinitionId> {
        let from = kustomization.post_build().map(|one| one.substitute_from());
        let named = from.into_iter().flatten().filter_map(|from| {
            Some(DefinitionId {
                kind: from.kind?,
                namespace: kustomization.subject.namespace.clone(),
                name: from.name.to_owned(),
            })
        });
        named.collect()
    }
}

/// Which object a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinedBy {
    /// The index of the Kustomization that renders it.
    pub applied: usize,
    /// The index among its objects.
    pub object: usize,
}

/// What `substituteFrom` finds.
#[derive(Clone)]
pub(super) enum Found<'a> {
    /// An object of this cluster: the index among those that were scanned.
    Object(Arc<Scan>, usize),
    /// It is declared.
    Provided(&'a Provided),
    /// Something that was not rendered may provide it.
    Unknown,
    /// Nothing that is known of provides it.
    Missing,
}

/// What tells one [`Found`] from another, as long as both are alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FoundKey {
    Object(usize),
    Provided(usize),
    Unknown,
    Missing,
}

impl Found<'_> {
    /// Whether something is known of it.
    pub(super) fn is_known(&self) -> bool {
        matches!(self, Found::Object(..) | Found::Provided(_))
    }

    /// The same for those who read variables.
    pub(super) fn defined(&self) -> Defined<'_> {
        match self {
            Found::Object(scan, object) => Defined::Object(&scan.objects[*object].node),
            Found::Provided(provided) => Defined::Declared(provided),
            Found::Unknown => Defined::Unknown,
            Found::Missing => Defined::Missing,
        }
    }

    /// The object.
    fn node(&self) -> Option<&Node> {
        match self {
            Found::Object(scan, object) => Some(&scan.objects[*object].node),
            Found::Provided(_) | Found::Unknown | Found::Missing => None,
        }
    }

    pub(super) fn key(&self) -> FoundKey {
        match self {
            Found::Object(scan, object) => FoundKey::Object(address(&scan.objects[*object].node)),
            Found::Provided(provided) => FoundKey::Provided(std::ptr::from_ref(*provided).addr()),
            Found::Unknown => FoundKey::Unknown,
            Found::Missing => FoundKey::Missing,
        }
    }

    /// Whether variables read from both are the same. Where they are written does not count.
    pub(super) fn same_value(&self, other: &Found<'_>) -> bool {
        match (self.node(), other.node()) {
            (Some(one), Some(other)) => address(one) == address(other) || one.same_value(other),
            _ => self.key() == other.key(),
        }
    }
}

/// What tells the content of one object from that of another without looking at it: objects that
/// share their content have one address, as long as one of them is alive.
pub(super) fn address(object: &Node) -> usize {
    object.as_map().map_or(0, tidegate_yaml::Map::address)
}

/// The ConfigMaps and Secrets that the Kustomizations of a cluster render.
#[derive(Default)]
pub(super) struct Definitions {
    by_id: HashMap<DefinitionId, Vec<DefinedBy>, FxBuildHasher>,
}

impl Definitions {
    /// Adds what a Kustomization renders.
    pub(super) fn insert(&mut self, id: &DefinitionId, by: DefinedBy) {
        let all = self.by_id.entry(id.clone()).or_default();
        let place = all.partition_point(|other| other.applied < by.applied);
        all.insert(place, by);
    }

    /// Takes out what a Kustomization rendered.
    pub(super) fn remove(&mut self, id: &DefinitionId, applied: usize) {
        if let Some(all) = self.by_id.get_mut(id) {
            all.retain(|by| by.applied != applied);
        }
    }

    /// The one that counts: where two Kustomizations render it, that of the first.
    pub(super) fn get(&self, id: &DefinitionId) -> Option<DefinedBy> {
        self.by_id.get(id)?.first().copied()
    }

    /// All that count.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&DefinitionId, DefinedBy)> {
        let all = self.by_id.iter();
        all.filter_map(|(id, by)| Some((id, *by.first()?)))
    }
}

/// What could provide definitions that are not known of.
#[derive(Default)]
pub(super) struct Unknowns {
    /// How many things could provide anything: Kustomizations that are not rendered, ResourceSets.
    anything: usize,
    /// How many HelmReleases install into a namespace what is called after a name.
    releases: HashMap<String, HashMap<String, usize, FxBuildHasher>, FxBuildHasher>,
}

impl Unknowns {
    /// How many things could provide a definition although nothing that was rendered has it.
    pub(super) fn providers(&self, id: &DefinitionId) -> usize {
        let releases = self.releases.get(&id.namespace).map_or(0, |names| {
            let ends = id.name.char_indices().map(|(at, c)| at + c.len_utf8());
            ends.filter_map(|end| names.get(&id.name[..end])).sum()
        });
        self.anything + releases
    }

    /// Counts what objects make others, in place of those that were there before.
    pub(super) fn replace(&mut self, before: Option<&Scan>, now: Option<&Scan>) {
        for one in before.iter().flat_map(|scan| &scan.unexpanded) {
            self.change(&one.provides, |count| count - 1);
        }
        for one in now.iter().flat_map(|scan| &scan.unexpanded) {
            self.change(&one.provides, |count| count + 1);
        }
    }

    /// Counts a Kustomization that is, or is no longer, unknown as a whole.
    pub(super) fn count(&mut self, before: bool, now: bool) {
        self.anything = self.anything + usize::from(now) - usize::from(before);
    }

    fn change(&mut self, provides: &Provides, change: impl Fn(usize) -> usize) {
        match provides {
            Provides::Anything => self.anything = change(self.anything),
            Provides::Named { namespace, names } => {
                let releases = self.releases.entry(namespace.clone()).or_default();
                for name in names {
                    let count = releases.entry(name.clone()).or_default();
                    *count = change(*count);
                }
            }
            Provides::Nothing => {}
        }
    }
}

/// Which ConfigMaps and Secrets something could make.
pub(super) enum Provides {
    Anything,
    /// Those of a namespace whose names start with one of these: a chart installs into the namespace
    /// of its release, and calls things after it.
    Named {
        namespace: String,
        names: Vec<String>,
    },
    Nothing,
}
