//! Which ConfigMaps, Secrets and other objects are found by those that read them.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_yaml::Node;

use crate::config::Provided;
use crate::flux::{DefinitionKind, FluxKustomization};
use crate::render::Defined;
use crate::render::reads::Read;
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
    pub(crate) fn read_by(kustomization: &FluxKustomization) -> Vec<DefinitionId> {
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
    /// The index of what applies it.
    pub applied: usize,
    /// The index among its objects.
    pub object: usize,
}

/// What is found of something that is read.
#[derive(Clone)]
pub(super) enum Found<'a> {
    /// An object of this cluster: the index among those that were scanned.
    Object(Arc<Scan>, usize),
    /// Several of them.
    Objects(Vec<(Arc<Scan>, usize)>),
    /// It is declared.
    Provided(&'a Provided),
    /// Something that was not rendered may provide it.
    Unknown,
    /// Nothing that is known of provides it.
    Missing,
}

/// What tells one [`Found`] from another, as long as both are alive.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum FoundKey {
    Object(usize),
    Objects(Vec<usize>),
    Provided(usize),
    Unknown,
    Missing,
}

impl Found<'_> {
    /// Whether something is known of it.
    pub(super) fn is_known(&self) -> bool {
        !matches!(self, Found::Unknown | Found::Missing)
    }

    /// The same for those who read variables.
    pub(super) fn defined(&self) -> Defined<'_> {
        match self {
            Found::Object(scan, object) => Defined::Object(&scan.objects[*object].node),
            Found::Provided(provided) => Defined::Declared(provided),
            Found::Objects(_) | Found::Unknown => Defined::Unknown,
            Found::Missing => Defined::Missing,
        }
    }

    /// The objects.
    pub(super) fn nodes(&self) -> Vec<&Node> {
        match self {
            Found::Object(scan, object) => vec![&scan.objects[*object].node],
            Found::Objects(all) => {
                let all = all.iter();
                all.map(|(scan, object)| &scan.objects[*object].node)
                    .collect()
            }
            Found::Provided(_) | Found::Unknown | Found::Missing => Vec::new(),
        }
    }

    pub(super) fn key(&self) -> FoundKey {
        match self {
            Found::Object(scan, object) => FoundKey::Object(address(&scan.objects[*object].node)),
            Found::Objects(_) => FoundKey::Objects(self.nodes().into_iter().map(address).collect()),
            Found::Provided(provided) => FoundKey::Provided(std::ptr::from_ref(*provided).addr()),
            Found::Unknown => FoundKey::Unknown,
            Found::Missing => FoundKey::Missing,
        }
    }

    /// Whether what is read from both is the same. Where it is written does not count.
    pub(super) fn same_value(&self, other: &Found<'_>) -> bool {
        let (own, others) = (self.nodes(), other.nodes());
        if own.is_empty() || others.is_empty() {
            return self.key() == other.key();
        }
        let is_same = |(one, other): (&&Node, &&Node)| {
            address(one) == address(other) || one.same_value(other)
        };
        own.len() == others.len() && own.iter().zip(&others).all(is_same)
    }
}

/// What tells the content of one object from that of another without looking at it: objects that
/// share their content have one address, as long as one of them is alive.
pub(super) fn address(object: &Node) -> usize {
    object.as_map().map_or(0, tidegate_yaml::Map::address)
}

/// What is rendered in a cluster and read by others.
#[derive(Default)]
pub(super) struct Definitions {
    by_read: HashMap<Read, Vec<DefinedBy>, FxBuildHasher>,
}

impl Definitions {
    /// Adds what something renders.
    pub(super) fn insert(&mut self, read: &Read, by: DefinedBy) {
        let all = self.by_read.entry(read.clone()).or_default();
        let place = all.partition_point(|other| other.applied <= by.applied);
        all.insert(place, by);
    }

    /// Takes out what something rendered.
    pub(super) fn remove(&mut self, read: &Read, applied: usize) {
        if let Some(all) = self.by_read.get_mut(read) {
            all.retain(|by| by.applied != applied);
        }
    }

    /// All that are there, in the order in which they count: where an object is rendered twice, the
    /// first one does.
    pub(super) fn get(&self, read: &Read) -> &[DefinedBy] {
        self.by_read.get(read).map_or(&[], Vec::as_slice)
    }

    /// All ConfigMaps and Secrets that count.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&DefinitionId, DefinedBy)> {
        let all = self.by_read.iter();
        all.filter_map(|(read, by)| match read {
            Read::Definition(id) => Some((id, *by.first()?)),
            Read::Source(_) | Read::Providers(_) => None,
        })
    }
}

/// What could provide definitions that are not known of.
#[derive(Default)]
pub(super) struct Unknowns {
    /// How many things could provide anything: what is not rendered.
    anything: usize,
    /// How many HelmReleases install into a namespace what is called after a name.
    releases: HashMap<String, HashMap<String, usize, FxBuildHasher>, FxBuildHasher>,
}

impl Unknowns {
    /// How many things could provide something although nothing that was rendered has it.
    pub(super) fn providers(&self, read: &Read) -> usize {
        let Read::Definition(id) = read else {
            return self.anything;
        };
        let releases = self.releases.get(&id.namespace).map_or(0, |names| {
            let ends = id.name.char_indices().map(|(at, c)| at + c.len_utf8());
            ends.filter_map(|end| names.get(&id.name[..end])).sum()
        });
        self.anything + releases
    }

    /// Counts something that is not rendered.
    pub(super) fn add(&mut self, provides: &Provides) {
        self.change(provides, |count| count + 1);
    }

    /// No longer counts it.
    pub(super) fn remove(&mut self, provides: &Provides) {
        self.change(provides, |count| count - 1);
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
#[derive(Clone)]
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
