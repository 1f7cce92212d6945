use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tidegate_kustomize::Object;
use tidegate_schema::{Catalog, Lookup};
use tidegate_source::Subject;
use tidegate_yaml::{Map, Node, SmolStr, StepKind, to_json};

use super::danger::{self, Danger};
use super::fields::{Comparison, FieldChange, Segment};
use crate::render::ClusterRender;

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Side<'r> {
    /// What is applied to the cluster.
    pub render: &'r ClusterRender,
    /// The kinds that it has, those of CRDs which it renders included.
    pub catalog: &'r Catalog,
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Added,
    /// It is no longer applied. Whether Flux deletes it depends on `prune`.
    Removed,
    /// Fields of it change.
    Changed,
    /// It gets another name or namespace: Flux deletes the one and makes the other.
    Renamed,
    /// Another Kustomization applies it, unchanged.
    Moved,
}

/// An object that changes.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// What becomes of it.
    pub change: Change,
    /// The object before, and the index of what applies it; none where it is new.
    pub before: Option<(Node, usize)>,
    /// The object after, and the index of what applies it; none where it is gone.
    pub after: Option<(Node, usize)>,
    /// The fields that differ; none for one that is new or gone.
    pub fields: Arc<Vec<FieldChange>>,
    /// What could do harm.
    pub dangers: Vec<Danger>,
}

impl ObjectChange {
    /// The object, as it is after the change if it still is.
    pub fn node(&self) -> Option<&Node> {
        let (node, _) = self.after.as_ref().or(self.before.as_ref())?;
        Some(node)
    }

    /// What the object is.
    pub fn subject(&self) -> Subject {
        self.node().map(subject).unwrap_or_default()
    }
}

fn subject(node: &Node) -> Subject {
    let text = |path: &[&str]| {
        node.at(path)
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned()
    };
    Subject {
        api_version: text(&["apiVersion"]),
        kind: text(&["kind"]),
        namespace: text(&["metadata", "namespace"]),
        name: text(&["metadata", "name"]),
    }
}

/// What tells an object from all others of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Identity {
    group: SmolStr,
    kind: SmolStr,
    namespace: SmolStr,
    name: SmolStr,
}

impl Identity {
    fn of(object: &Object) -> Identity {
        let (group, _) = object.api_version().split_once('/').unwrap_or_default();
        Identity {
            group: group.into(),
            kind: object.kind().into(),
            namespace: object.namespace().into(),
            name: without_hash(&object.node, object.name()).into(),
        }
    }
}

/// A name without the hash of the content that kustomize has put behind it.
fn without_hash<'n>(object: &Node, name: &'n str) -> &'n str {
    let place = object.at(&["metadata", "name"]).map(|name| &name.place);
    let steps = place.map(|place| place.steps()).unwrap_or_default();
    let is_hashed = steps.iter().any(|step| step.kind == StepKind::Hash);
    match name.rsplit_once('-') {
        Some((before, _)) if is_hashed => before,
        _ => name,
    }
}

/// An object of a side.
#[derive(Clone, Copy)]
struct Found<'r> {
    object: &'r Object,
    applied: usize,
}

/// Compares clusters. What several of them share is compared once.
#[derive(Default)]
pub struct Differ {
    /// The fields that differ between two objects, by where their maps are. The objects are kept, so
    /// that no other takes their place.
    known: FxHashMap<(usize, usize), Compared>,
}

struct Compared {
    fields: Arc<Vec<FieldChange>>,
    _objects: (Node, Node),
}

impl Differ {
    /// What changes, sorted by kind, namespace and name.
    pub fn diff(&mut self, before: Side<'_>, after: Side<'_>) -> Vec<ObjectChange> {
        let (old, mut new) = (objects(before.render), objects(after.render));
        let mut changes = Vec::new();
        let mut gone = Vec::new();
        for (identity, found) in old {
            match new.remove(&identity) {
                Some(twin) => changes.extend(self.changed(&identity, found, twin, before, after)),
                None => gone.push((identity, found)),
            }
        }
        renamed(&mut gone, &mut new, &mut changes);
        for (_, found) in gone {
            changes.push(ObjectChange {
                change: Change::Removed,
                before: Some((found.object.node.clone(), found.applied)),
                after: None,
                fields: Arc::default(),
                dangers: Vec::new(),
            });
        }
        for (_, found) in new {
            changes.push(ObjectChange {
                change: Change::Added,
                before: None,
                after: Some((found.object.node.clone(), found.applied)),
                fields: Arc::default(),
                dangers: Vec::new(),
            });
        }
        danger::find(before, after, &mut changes);
        changes.sort_by_cached_key(|change| {
            let subject = change.subject();
            (subject.kind, subject.namespace, subject.name, change.change)
        });
        changes
    }

    fn changed(
        &mut self,
        identity: &Identity,
        old: Found<'_>,
        new: Found<'_>,
        before: Side<'_>,
        after: Side<'_>,
    ) -> Option<ObjectChange> {
        let fields = self.fields(identity, &old.object.node, &new.object.node, after.catalog);
        let owner = |side: Side<'_>, found: Found<'_>| {
            let by = side.render.applied[found.applied].kustomization.as_ref();
            by.map(|one| one.subject.clone())
        };
        let change = match fields.is_empty() {
            false => Change::Changed,
            true if owner(before, old) != owner(after, new) => Change::Moved,
            true => return None,
        };
        Some(ObjectChange {
            change,
            before: Some((old.object.node.clone(), old.applied)),
            after: Some((new.object.node.clone(), new.applied)),
            fields,
            dangers: Vec::new(),
        })
    }

    fn fields(
        &mut self,
        identity: &Identity,
        before: &Node,
        after: &Node,
        catalog: &Catalog,
    ) -> Arc<Vec<FieldChange>> {
        let address = |node: &Node| node.as_map().map(Map::address);
        let key = address(before).zip(address(after));
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return Arc::clone(&known.fields);
        }
        let api_version = after
            .get("apiVersion")
            .and_then(Node::text)
            .unwrap_or_default();
        let schema = match catalog.find(api_version, &identity.kind) {
            Lookup::Served(kind) => Some(kind.schema().root()),
            Lookup::OtherVersion | Lookup::Unknown => None,
        };
        let is_secret = match identity.kind == "Secret" && identity.group.is_empty() {
            true => is_data,
            false => |_: &[Segment]| false,
        };
        let mut fields = Vec::new();
        Comparison::new(is_secret, &mut fields).compare(before, after, schema);
        let fields = Arc::new(fields);
        if let Some(key) = key {
            let compared = Compared {
                fields: Arc::clone(&fields),
                _objects: (before.clone(), after.clone()),
            };
            self.known.insert(key, compared);
        }
        fields
    }
}

/// The objects of a cluster; the last one where several are the same.
fn objects(render: &ClusterRender) -> BTreeMap<Identity, Found<'_>> {
    let objects = render.objects();
    objects
        .map(|(applied, object)| (Identity::of(object), Found { object, applied }))
        .collect()
}

/// Whether a path of a Secret leads to its values.
fn is_data(path: &[Segment]) -> bool {
    matches!(path.first(), Some(Segment::Key(key)) if key == "data" || key == "stringData")
}

/// Takes out what is gone and new with the same content.
fn renamed(
    gone: &mut Vec<(Identity, Found<'_>)>,
    new: &mut BTreeMap<Identity, Found<'_>>,
    changes: &mut Vec<ObjectChange>,
) {
    let mut by_content: FxHashMap<String, Vec<Identity>> = FxHashMap::default();
    if gone.is_empty() {
        return;
    }
    for (identity, found) in new.iter().rev().filter(|(_, found)| says_much(found)) {
        let content = content(&found.object.node);
        by_content
            .entry(content)
            .or_default()
            .push(identity.clone());
    }
    gone.retain(|(_, old)| {
        let twins = by_content.get_mut(&content(&old.object.node));
        let twin = twins
            .and_then(Vec::pop)
            .and_then(|identity| new.remove(&identity));
        let Some(twin) = twin else {
            return true;
        };
        let mut fields = Vec::new();
        Comparison::new(|_| false, &mut fields).compare(&old.object.node, &twin.object.node, None);
        changes.push(ObjectChange {
            change: Change::Renamed,
            before: Some((old.object.node.clone(), old.applied)),
            after: Some((twin.object.node.clone(), twin.applied)),
            fields: Arc::new(fields),
            dangers: Vec::new(),
        });
        false
    });
}

/// Whether an object has more than a name, so that another one with the same content is the same.
fn says_much(found: &Found<'_>) -> bool {
    let keys = found.object.node.as_map().into_iter().flat_map(Map::iter);
    let mut keys = keys.filter_map(|entry| entry.key.text());
    keys.any(|key| !matches!(key, "apiVersion" | "kind" | "metadata"))
}

/// An object without its name and namespace, as text that is equal where the content is.
fn content(object: &Node) -> String {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata.remove("name");
        metadata.remove("namespace");
    }
    to_json(&object).unwrap_or_default()
}
