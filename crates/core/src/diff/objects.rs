use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tidegate_kustomize::Object;
use tidegate_schema::{Catalog, Lookup};
use tidegate_source::Subject;
use tidegate_yaml::{Map, Node, SmolStr, StepKind, to_json};

use super::danger::{self, Danger};
use super::fields::{Comparison, FieldChange, Segment};
use crate::flux::subject;
use crate::render::{ClusterRender, Outcome};

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
    /// What applies it, before and after; none for an entry.
    pub by: (Option<String>, Option<String>),
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

    /// What the object was; none where it is new.
    pub fn was(&self) -> Option<Subject> {
        self.before.as_ref().map(|(node, _)| subject(node))
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

/// What differs between two sides.
#[derive(Debug, Default)]
pub struct Diff {
    /// What changes, sorted by kind, namespace and name.
    pub changes: Vec<ObjectChange>,
    /// What fails on either side or was not rendered on one side alone, with how many objects of the
    /// other side have nothing to be compared with for that reason.
    pub not_compared: BTreeMap<String, usize>,
    /// How many charts and the like were not rendered on both sides.
    pub not_rendered: usize,
}

impl Differ {
    /// What changes for a cluster.
    pub fn diff(&mut self, before: Side<'_>, after: Side<'_>) -> Diff {
        let (old, mut new) = (objects(before.render), objects(after.render));
        let mut changes = Vec::new();
        let mut gone = Vec::new();
        for (identity, found) in old {
            match new.remove(&identity) {
                Some(twin) => changes.extend(self.changed(&identity, found, twin, before, after)),
                None => gone.push((identity, found)),
            }
        }
        let mut not_compared = failed(before.render);
        not_compared.extend(failed(after.render));
        let (lost_before, lost_after) = (lost(before.render), lost(after.render));
        let not_rendered = lost_before.intersection(&lost_after).count();
        let not_rendered = not_rendered.saturating_sub(not_compared.len());
        let mut is_compared = |render: &ClusterRender, found: &Found<'_>, lost: &Lost<'_>| {
            let reason = lost_owner(render, found.applied, lost);
            if let Some(reason) = &reason {
                *not_compared.entry(reason.clone()).or_insert(0) += 1;
            }
            reason.is_none()
        };
        gone.retain(|(_, found)| is_compared(before.render, found, &lost_after));
        new.retain(|_, found| is_compared(after.render, found, &lost_before));
        renamed(&mut gone, &mut new, &mut changes);
        for (_, found) in gone {
            changes.push(ObjectChange {
                change: Change::Removed,
                before: Some((found.object.node.clone(), found.applied)),
                after: None,
                by: (None, None),
                fields: Arc::default(),
                dangers: Vec::new(),
            });
        }
        for (_, found) in new {
            changes.push(ObjectChange {
                change: Change::Added,
                before: None,
                after: Some((found.object.node.clone(), found.applied)),
                by: (None, None),
                fields: Arc::default(),
                dangers: Vec::new(),
            });
        }
        let name = |render: &ClusterRender, side: &Option<(Node, usize)>| {
            let (_, applied) = side.as_ref()?;
            owner(render, *applied).map(Subject::to_string)
        };
        for change in &mut changes {
            change.by = (
                name(before.render, &change.before),
                name(after.render, &change.after),
            );
        }
        danger::find(before, after, &mut changes);
        changes.sort_by_cached_key(|change| {
            let subject = change.subject();
            (subject.kind, subject.namespace, subject.name, change.change)
        });
        Diff {
            changes,
            not_compared,
            not_rendered,
        }
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
        let (by, then) = (
            owner_key(before.render, old.applied),
            owner_key(after.render, new.applied),
        );
        let change = match fields.is_empty() {
            false => Change::Changed,
            true if by != then => Change::Moved,
            true => return None,
        };
        Some(ObjectChange {
            change,
            before: Some((old.object.node.clone(), old.applied)),
            after: Some((new.object.node.clone(), new.applied)),
            by: (None, None),
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

/// What tells an object that applies others from the rest; its version does not. None for an entry.
type Owner<'r> = Option<(&'r str, &'r str, &'r str)>;

/// The objects that apply others, by what they are.
type Lost<'r> = FxHashSet<Owner<'r>>;

/// What applies objects but has none that are known.
fn lost(render: &ClusterRender) -> Lost<'_> {
    let all = render.applied.iter().enumerate();
    let lost = all.filter(|(_, one)| !matches!(one.outcome, Outcome::Objects(_)));
    lost.map(|(index, _)| owner_key(render, index)).collect()
}

/// What fails to render. Nothing is known of its objects yet.
fn failed(render: &ClusterRender) -> BTreeMap<String, usize> {
    let all = render.applied.iter().enumerate();
    let failed = all.filter(|(_, one)| matches!(one.outcome, Outcome::Failed(_)));
    failed
        .map(|(index, _)| (owner_name(render, index), 0))
        .collect()
}

fn owner_name(render: &ClusterRender, applied: usize) -> String {
    owner(render, applied).map_or("the entry".to_owned(), Subject::to_string)
}

/// The first of what leads to an object that is lost on the other side.
fn lost_owner(render: &ClusterRender, applied: usize, lost: &Lost<'_>) -> Option<String> {
    if lost.is_empty() {
        return None;
    }
    let mut next = Some(applied);
    while let Some(index) = next {
        if lost.contains(&owner_key(render, index)) {
            return Some(owner_name(render, index));
        }
        next = render.applied[index].parent;
    }
    None
}

fn owner_key(render: &ClusterRender, applied: usize) -> Owner<'_> {
    let owner = owner(render, applied)?;
    Some((&owner.kind, &owner.namespace, &owner.name))
}

fn owner(render: &ClusterRender, applied: usize) -> Option<&Subject> {
    render.applied[applied].by.subject()
}

/// Whether a path of a Secret leads to its values. `kubectl apply` keeps them in an annotation too.
fn is_data(path: &[Segment]) -> bool {
    match path {
        [Segment::Key(key), ..] if key == "data" || key == "stringData" => true,
        [Segment::Key(first), Segment::Key(second), ..] => {
            let of_flux = matches!(path.get(2), Some(Segment::Key(key)) if key.contains("fluxcd."));
            first == "metadata" && second == "annotations" && !of_flux
        }
        _ => false,
    }
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
            by: (None, None),
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
