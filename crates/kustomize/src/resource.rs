//! Objects on their way through a build: what kustomize keeps in internal annotations is kept in
//! plain fields here, identities are computed once, and lookups do not scan.

use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHasher;
use tidegate_source::{Diagnostic, Location, Span, Subject, TrailStep, nearest};
use tidegate_yaml::{Entry, Node, Place, SmolStr, StepKind};

use crate::filters::entries::{self, Shared};
use crate::schema::Schema;
use crate::{Result, codes};

/// What kustomize calls the namespace of a cluster-scoped object.
pub(crate) const NOT_A_NAMESPACE: &str = "_non_namespaceable_";
/// The namespace of an object that names none.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// Group, version and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Gvk {
    /// The API group; empty for the core group.
    pub(crate) group: SmolStr,
    /// The API version.
    pub(crate) version: SmolStr,
    /// The kind.
    pub(crate) kind: SmolStr,
}

impl Gvk {
    /// From `apiVersion` and `kind` of an object.
    pub(crate) fn new(api_version: &str, kind: &str) -> Gvk {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Gvk {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        }
    }

    /// `group/version`, or the version alone in the core group.
    pub(crate) fn api_version(&self) -> SmolStr {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            SmolStr::from(format!("{}/{}", self.group, self.version))
        }
    }

    /// Whether it fits a selector, whose empty parts fit anything.
    pub(crate) fn is_selected_by(&self, selector: &Gvk) -> bool {
        (selector.kind.is_empty() || selector.kind == self.kind)
            && (selector.group.is_empty() || selector.group == self.group)
            && (selector.version.is_empty() || selector.version == self.version)
    }
}

impl fmt::Display for Gvk {
    /// `Deployment.v1.apps`, as kustomize prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |text: &SmolStr, none| {
            if text.is_empty() {
                none
            } else {
                text.to_string()
            }
        };
        let kind = part(&self.kind, "[noKind]".to_owned());
        let version = part(&self.version, "[noVer]".to_owned());
        let group = part(&self.group, "[noGrp]".to_owned());
        write!(f, "{kind}.{version}.{group}")
    }
}

/// The identity of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ResId {
    /// Group, version and kind.
    pub(crate) gvk: Gvk,
    /// The name.
    pub(crate) name: SmolStr,
    /// The namespace as written; empty where none is.
    pub(crate) namespace: SmolStr,
    /// Whether the schema in force says that the kind has no namespace.
    pub(crate) cluster_scoped: bool,
}

impl ResId {
    /// The namespace that counts: a constant for what has none, `default` where none is written.
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.cluster_scoped {
            NOT_A_NAMESPACE
        } else if self.namespace.is_empty() {
            DEFAULT_NAMESPACE
        } else {
            &self.namespace
        }
    }

    /// Whether the namespaces that count are equal.
    pub(crate) fn same_namespace(&self, other: &ResId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether kind and name are equal, in whatever namespace.
    pub(crate) fn same_gvkn(&self, other: &ResId) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }

    /// Whether both name the same object (what kustomize calls `Equals`).
    pub(crate) fn matches(&self, other: &ResId) -> bool {
        self.same_gvkn(other) && self.same_namespace(other)
    }
}

impl fmt::Display for ResId {
    /// `Deployment.v1.apps/web.[noNs]`, as kustomize prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() {
            "[noName]"
        } else {
            &self.name
        };
        let namespace = if self.namespace.is_empty() {
            "[noNs]"
        } else {
            &self.namespace
        };
        write!(f, "{}/{name}.{namespace}", self.gvk)
    }
}

/// What a generated object does to one of the same identity that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Nothing is said: it must be new.
    #[default]
    Unspecified,
    /// It must be new.
    Create,
    /// It takes the other's place.
    Replace,
    /// Its data is merged into the other's.
    Merge,
}

impl Behavior {
    /// The behaviour of a generator's field; anything unknown says nothing.
    pub(crate) fn parse(text: &str) -> Behavior {
        match text {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        }
    }
}

/// The entries of kustomizations that led to something, the outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    step: ChainStep,
    inner: Chain,
}

/// One entry of a kustomization that names a file, a folder or a generator.
#[derive(Clone, Debug)]
pub(crate) struct ChainStep {
    /// Where the entry is written.
    pub(crate) span: Span,
    /// The path that the entry names, as written; empty for a generator.
    pub(crate) path: SmolStr,
    /// The field that holds the entry, such as `resources`.
    pub(crate) field: &'static str,
}

impl Chain {
    /// The same chain as seen from the kustomization that holds `step`.
    #[must_use]
    pub(crate) fn within(&self, step: ChainStep) -> Chain {
        Chain(Some(Arc::new(Link {
            step,
            inner: self.clone(),
        })))
    }

    /// Whether both are one and the same, not only alike.
    pub(crate) fn is(&self, other: &Chain) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        }
    }

    /// The steps, the outermost first.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &ChainStep> {
        let mut next = self.0.as_deref();
        std::iter::from_fn(move || {
            let link = next?;
            next = link.inner.0.as_deref();
            Some(&link.step)
        })
    }

    /// The steps as a finding shows them.
    pub(crate) fn trail(&self) -> Vec<TrailStep> {
        self.steps().map(ChainStep::trail_step).collect()
    }
}

impl ChainStep {
    /// The step as a finding shows it.
    pub(crate) fn trail_step(&self) -> TrailStep {
        let text = if self.path.is_empty() {
            self.field.to_owned()
        } else {
            format!("{}: {}", self.field, self.path)
        };
        TrailStep {
            location: Location::Span(self.span),
            text,
        }
    }
}

/// The names that an object had before it was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PreviousId {
    namespace: SmolStr,
    name: SmolStr,
    kind: SmolStr,
}

#[derive(Clone, Debug)]
struct Ids {
    current: ResId,
    /// The oldest first.
    previous: Vec<ResId>,
}

/// Where an object comes from, or what changed it, for `buildMetadata`. Paths are relative to the
/// kustomization that has the object at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The file of the object; empty for a generated one.
    pub(crate) path: SmolStr,
    /// The file with the configuration of what made it; empty for an object that was read.
    pub(crate) configured_in: SmolStr,
    /// `apiVersion`, `kind`, `name` and `namespace` of that configuration.
    pub(crate) configured_by: [SmolStr; 4],
    /// Where that configuration is written, if it has a document of its own.
    pub(crate) configuration: Span,
}

impl Origin {
    /// The origin of an object that is read from a file.
    pub(crate) fn file(path: SmolStr) -> Origin {
        Origin {
            path,
            configured_in: SmolStr::default(),
            configured_by: Default::default(),
            configuration: Span::NONE,
        }
    }

    /// The origin of what a built-in generator or transformer of a kustomization file does.
    pub(crate) fn builtin(file: SmolStr, kind: &str) -> Origin {
        Origin {
            path: SmolStr::default(),
            configured_in: file,
            configured_by: [
                "builtin".into(),
                kind.into(),
                SmolStr::default(),
                SmolStr::default(),
            ],
            configuration: Span::NONE,
        }
    }

    /// The same origin as seen from a kustomization that names this one's folder as `folder`.
    pub(crate) fn rebase(&mut self, folder: &str) {
        for path in [&mut self.path, &mut self.configured_in] {
            if !path.is_empty() {
                *path = joined(folder, path);
            }
        }
    }
}

/// Joins two paths as text and takes out `.` and what `..` undoes.
pub(crate) fn joined(folder: &str, path: &str) -> SmolStr {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    SmolStr::from(parts.join("/"))
}

/// An object with what a build has to remember about it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    node: Node,
    schema: Schema,
    ids: OnceLock<Arc<Ids>>,
    previous: Vec<PreviousId>,
    /// Whether the output can hold it as it is.
    writable: bool,
    /// The prefixes that were put before its name, the innermost first.
    pub(crate) prefixes: Vec<SmolStr>,
    /// The suffixes that were put behind its name, the innermost first.
    pub(crate) suffixes: Vec<SmolStr>,
    /// The objects that refer to it.
    pub(crate) referred_by: Vec<ResId>,
    /// The variables that take their value from it.
    pub(crate) variables: Vec<SmolStr>,
    /// The values that kustomize added to several of its mappings as one.
    pub(crate) shared: Vec<Shared>,
    /// What it does to an object of the same identity.
    pub(crate) behavior: Behavior,
    /// Whether its name gets a hash of its content.
    pub(crate) needs_hash: bool,
    /// For a patch: whether it may rename its target.
    pub(crate) allow_name_change: bool,
    /// For a patch: whether it may change the kind of its target.
    pub(crate) allow_kind_change: bool,
    /// The entries of kustomizations that led to it.
    pub(crate) chain: Chain,
    /// Where it comes from; kept only where `buildMetadata` asks for it.
    pub(crate) origin: Option<Box<Origin>>,
    /// The transformers it went through; kept only where `buildMetadata` asks for them.
    pub(crate) transformations: Vec<Origin>,
}

impl Resource {
    /// An object. The schema says which kinds have no namespace.
    pub(crate) fn new(node: Node, schema: &Schema) -> Resource {
        Resource {
            node,
            schema: schema.clone(),
            ids: OnceLock::new(),
            previous: Vec::new(),
            writable: false,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            referred_by: Vec::new(),
            variables: Vec::new(),
            shared: Vec::new(),
            behavior: Behavior::Unspecified,
            needs_hash: false,
            allow_name_change: false,
            allow_kind_change: false,
            chain: Chain::default(),
            origin: None,
            transformations: Vec::new(),
        }
    }

    /// The object itself.
    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// The object itself, to change it. Its identity is computed anew afterwards.
    pub(crate) fn node_mut(&mut self) -> &mut Node {
        self.ids.take();
        self.writable = false;
        &mut self.node
    }

    /// The object itself, to change what is not `apiVersion`, `kind`, name or namespace.
    pub(crate) fn body_mut(&mut self) -> &mut Node {
        self.writable = false;
        &mut self.node
    }

    /// Whether the output is known to hold it as it is.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }

    /// Remembers that the output can hold it as it is.
    pub(crate) fn set_writable(&mut self) {
        self.writable = true;
    }

    /// The object as a build gives it away.
    pub(crate) fn into_object(self) -> crate::Object {
        crate::Object {
            node: self.node,
            chain: self.chain,
        }
    }

    /// Whether a patch has deleted it.
    pub(crate) fn is_empty(&self) -> bool {
        self.node.is_null() || self.node.as_map().is_some_and(|map| map.is_empty())
    }

    fn ids(&self) -> &Ids {
        self.ids.get_or_init(|| {
            let gvk = Gvk::new(
                text_of(self.node.get("apiVersion")),
                text_of(self.node.get("kind")),
            );
            let metadata = self.node.get("metadata");
            let field = |name| text_of(metadata.and_then(|metadata| metadata.get(name)));
            let previous = self.previous.iter().map(|id| ResId {
                gvk: Gvk {
                    kind: id.kind.clone(),
                    ..gvk.clone()
                },
                name: id.name.clone(),
                namespace: id.namespace.clone(),
                // The namespace that counted was stored.
                cluster_scoped: false,
            });
            let previous = previous.collect();
            let current = ResId {
                cluster_scoped: self.schema.is_cluster_scoped(&gvk),
                name: field("name").into(),
                namespace: field("namespace").into(),
                gvk,
            };
            Arc::new(Ids { current, previous })
        })
    }

    /// Its identity now: unique in a [`ResMap`].
    pub(crate) fn id(&self) -> &ResId {
        &self.ids().current
    }

    /// The identity that it was read with.
    pub(crate) fn original_id(&self) -> &ResId {
        let ids = self.ids();
        ids.previous.first().unwrap_or(&ids.current)
    }

    /// The identities it had before this one, the oldest first.
    pub(crate) fn previous_ids(&self) -> &[ResId] {
        &self.ids().previous
    }

    /// All identities it has or had, the current one last.
    pub(crate) fn all_ids(&self) -> impl Iterator<Item = &ResId> {
        let ids = self.ids();
        ids.previous.iter().chain(std::iter::once(&ids.current))
    }

    /// Group, version and kind.
    pub(crate) fn gvk(&self) -> &Gvk {
        &self.id().gvk
    }

    /// `kind`; empty where there is none.
    pub(crate) fn kind(&self) -> &str {
        &self.id().gvk.kind
    }

    /// `metadata.name`; empty where there is none.
    pub(crate) fn name(&self) -> &str {
        &self.id().name
    }

    /// `metadata.namespace`; empty where there is none.
    pub(crate) fn namespace(&self) -> &str {
        &self.id().namespace
    }

    /// Remembers the identity of now, which is about to change.
    pub(crate) fn store_previous_id(&mut self) {
        let id = self.id();
        let previous = PreviousId {
            namespace: id.effective_namespace().into(),
            name: id.name.clone(),
            kind: id.gvk.kind.clone(),
        };
        self.previous.push(previous);
        self.ids.take();
    }

    /// Remembers a prefix; an empty one is none.
    pub(crate) fn add_prefix(&mut self, prefix: &str) {
        if !prefix.is_empty() {
            self.prefixes.push(prefix.into());
        }
    }

    /// Remembers a suffix; an empty one is none.
    pub(crate) fn add_suffix(&mut self, suffix: &str) {
        if !suffix.is_empty() {
            self.suffixes.push(suffix.into());
        }
    }

    /// Sets `metadata.name`, made where it is missing.
    pub(crate) fn set_name(&mut self, name: Node) {
        self.set_metadata("name", Some(name));
    }

    /// Sets `metadata.namespace`; none takes it out.
    pub(crate) fn set_namespace(&mut self, namespace: Option<Node>) {
        self.set_metadata("namespace", namespace);
    }

    /// Sets `kind`.
    pub(crate) fn set_kind(&mut self, kind: Node) {
        let place = self.node.place.clone();
        if let Some(map) = self.node_mut().as_map_mut() {
            map.insert(Node::str("kind", place), kind);
        }
    }

    fn set_metadata(&mut self, field: &str, value: Option<Node>) {
        let place = match &value {
            Some(value) => value.place.clone(),
            None => Place::default(),
        };
        let Some(map) = self.node_mut().as_map_mut() else {
            return;
        };
        match value {
            Some(value) => {
                if map
                    .get("metadata")
                    .is_none_or(|node| node.as_map().is_none())
                {
                    let key = Node::str("metadata", place.clone());
                    map.insert(key, Node::map(Vec::new(), place.clone()));
                }
                if let Some(metadata) = map.get_mut("metadata").and_then(Node::as_map_mut) {
                    metadata.insert(Node::str(field, place), value);
                }
            }
            None => {
                let there = |node: &Node| node.get(field).is_some();
                if map.get("metadata").is_some_and(there)
                    && let Some(metadata) = map.get_mut("metadata").and_then(Node::as_map_mut)
                {
                    metadata.remove(field);
                }
            }
        }
    }

    /// The entries of `metadata.labels`.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata_map("labels")
    }

    /// The entries of `metadata.annotations`.
    pub(crate) fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata_map("annotations")
    }

    fn metadata_map(&self, field: &str) -> impl Iterator<Item = (&str, &str)> {
        let map = self.node.at(&["metadata", field]).and_then(Node::as_map);
        map.into_iter()
            .flatten()
            .map(|Entry { key, value }| (text_of(Some(key)), text_of(Some(value))))
    }

    /// Whether two objects were renamed in the same surroundings: their prefixes and suffixes end
    /// alike. With `allow_empty`, none fits any.
    pub(crate) fn same_affixes(&self, other: &Resource, allow_empty: bool) -> bool {
        let same = |a: &[SmolStr], b: &[SmolStr]| {
            (allow_empty && (a.is_empty() || b.is_empty())) || same_ending(a, b)
        };
        same(&self.prefixes, &other.prefixes) && same(&self.suffixes, &other.suffixes)
    }

    /// The place of the name, or of the object where it has none: where to point at it.
    pub(crate) fn span(&self) -> Span {
        let name = self.node.at(&["metadata", "name"]);
        let span = name.map_or(Span::NONE, |name| name.place.span());
        if span.is_some() {
            span
        } else {
            self.node.place.span()
        }
    }

    /// The object as a finding names it.
    pub(crate) fn subject(&self) -> Subject {
        let id = self.id();
        Subject {
            api_version: id.gvk.api_version().to_string(),
            kind: id.gvk.kind.to_string(),
            namespace: id.namespace.to_string(),
            name: id.name.to_string(),
        }
    }

    /// Takes the place of `old`: its name, namespace, labels, annotations and history, where this
    /// one has nothing of its own.
    fn inherit(&mut self, old: &Resource) {
        for field in ["labels", "annotations"] {
            let Some(theirs) = old.node.at(&["metadata", field]) else {
                continue;
            };
            let own = self.node.at(&["metadata", field]);
            let text = |value: &Node| SmolStr::from(value.text().unwrap_or_default());
            self.set_metadata(field, Some(overlaid(theirs, own, text)));
        }
        if let Some(name) = old.node.at(&["metadata", "name"]) {
            self.set_name(name.clone());
        }
        self.set_namespace(old.node.at(&["metadata", "namespace"]).cloned());
        self.previous.clone_from(&old.previous);
        self.prefixes.clone_from(&old.prefixes);
        self.suffixes.clone_from(&old.suffixes);
        self.referred_by.clone_from(&old.referred_by);
        self.variables.clone_from(&old.variables);
        self.behavior = old.behavior;
        self.needs_hash = self.needs_hash && old.needs_hash;
        self.ids.take();
    }

    fn merge_data(&mut self, old: &Resource) {
        for field in ["data", "binaryData"] {
            let Some(theirs) = old.node.get(field) else {
                continue;
            };
            let text = |value: &Node| SmolStr::from(text_of(Some(value)));
            let merged = overlaid(theirs, self.node.get(field), text);
            if let Some(map) = self.body_mut().as_map_mut() {
                let key = Node::str(field, theirs.place.clone());
                map.insert(key, merged);
            }
        }
    }
}

/// The text of a scalar that is not null, else nothing.
fn text_of(node: Option<&Node>) -> &str {
    node.filter(|node| !node.is_null())
        .and_then(Node::text)
        .unwrap_or("")
}

fn same_ending(a: &[SmolStr], b: &[SmolStr]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return long.is_empty();
    }
    long.ends_with(short)
}

/// The entries of `below`, with those of `above` laid over them. Kustomize goes through mappings
/// of text here, so that all values become text. It takes a null for empty text in data, and for
/// its own text in metadata.
fn overlaid(below: &Node, above: Option<&Node>, text: fn(&Node) -> SmolStr) -> Node {
    let mut merged = below.clone();
    let Some(map) = merged.as_map_mut() else {
        return above.unwrap_or(below).clone();
    };
    for entry in above.and_then(Node::as_map).into_iter().flatten() {
        let mut value = entry.value.clone();
        if let Some(old) = entry.key.text().and_then(|key| map.get(key)) {
            value.place = value.place.mixed(StepKind::Generator, &old.place);
        }
        map.insert(entry.key.clone(), value);
    }
    let is_text = |entry: &Entry| entry.value.as_str().is_some();
    if !map.iter().all(is_text) {
        for entry in map.entries_mut() {
            entry.value = Node::str(text(&entry.value), entry.value.place.clone());
        }
    }
    merged
}

type NameIndex = std::collections::HashMap<SmolStr, Vec<u32>, BuildHasherDefault<FxHasher>>;

/// The objects of a build in order, each identity once.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResMap {
    resources: Vec<Resource>,
    /// Where each name occurs as a current or previous one. A resource may be listed below names
    /// that it no longer has; lookups compare identities anyway.
    index: OnceLock<NameIndex>,
}

impl ResMap {
    /// How many objects it has.
    pub(crate) fn len(&self) -> usize {
        self.resources.len()
    }

    /// The objects in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.resources.iter()
    }

    /// One object.
    pub(crate) fn get(&self, index: usize) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// All objects, to change many of them. For a single one [`ResMap::update`] is cheaper.
    pub(crate) fn resources_mut(&mut self) -> &mut Vec<Resource> {
        self.index.take();
        &mut self.resources
    }

    /// All objects, to change what does not touch `apiVersion`, `kind`, name, namespace or history.
    pub(crate) fn bodies_mut(&mut self) -> std::slice::IterMut<'_, Resource> {
        self.resources.iter_mut()
    }

    /// Changes one object.
    ///
    /// # Panics
    /// When there is no object at `index`, as slices do.
    pub(crate) fn update<T>(&mut self, index: usize, change: impl FnOnce(&mut Resource) -> T) -> T {
        let resource = &mut self.resources[index];
        let result = change(resource);
        if let Some(names) = self.index.get_mut() {
            list(names, index, resource);
        }
        result
    }

    /// The objects, given away.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// What follows each transformer: shared values are made equal, and what patches have deleted is
    /// taken out.
    pub(crate) fn settle(&mut self) {
        for resource in &mut self.resources {
            entries::settle(resource);
        }
        if self.resources.iter().any(Resource::is_empty) {
            self.resources_mut().retain(|resource| !resource.is_empty());
        }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        let index = self.index.get_or_init(|| {
            let mut names = NameIndex::default();
            for (index, resource) in self.resources.iter().enumerate() {
                list(&mut names, index, resource);
            }
            names
        });
        let found = index.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().map(|index| *index as usize)
    }

    /// The objects that may have or have had a name; to be compared with what is sought.
    pub(crate) fn candidates(&self, name: &str) -> impl Iterator<Item = (usize, &Resource)> {
        self.named(name)
            .map(|index| (index, &self.resources[index]))
    }

    /// The objects whose identity now is `id`.
    pub(crate) fn by_current_id(&self, id: &ResId) -> Vec<usize> {
        self.named(&id.name)
            .filter(|index| self.resources[*index].id().matches(id))
            .collect()
    }

    /// The objects whose identity is or was one that `matches` accepts; it accepts only the name
    /// of `id`.
    pub(crate) fn by_any_id(&self, id: &ResId, matches: fn(&ResId, &ResId) -> bool) -> Vec<usize> {
        self.named(&id.name)
            .filter(|index| {
                let resource = &self.resources[*index];
                !resource.is_empty() && resource.all_ids().any(|own| matches(id, own))
            })
            .collect()
    }

    /// Adds an object; it is an error when its identity is there already.
    pub(crate) fn append(&mut self, resource: Resource) -> Result<()> {
        if let Some(first) = self.same(resource.id()) {
            return Err(duplicate(first, &resource));
        }
        self.push(resource);
        Ok(())
    }

    /// The first object whose identity now is `id`.
    pub(crate) fn same(&self, id: &ResId) -> Option<&Resource> {
        let index = self.by_current_id(id).first().copied()?;
        Some(&self.resources[index])
    }

    /// Adds an object whose identity is known to be new.
    pub(crate) fn push(&mut self, resource: Resource) {
        if let Some(names) = self.index.get_mut() {
            list(names, self.resources.len(), &resource);
        }
        self.resources.push(resource);
    }

    /// Adds what a generator made, as its behaviour says: as a new object, in the place of an old
    /// one, or merged into it.
    pub(crate) fn absorb(&mut self, mut resource: Resource) -> Result<()> {
        let matches = self.by_any_id(resource.id(), ResId::matches);
        match (matches.as_slice(), resource.behavior) {
            ([], Behavior::Create | Behavior::Unspecified) => self.append(resource),
            ([], behavior) => Err(self.nothing_to_change(&resource, behavior)),
            ([index], Behavior::Replace | Behavior::Merge) => {
                let old = &self.resources[*index];
                let merge = resource.behavior == Behavior::Merge;
                resource.inherit(old);
                if merge {
                    resource.merge_data(old);
                    // A merged object still comes from where the first one came from.
                    resource.origin.clone_from(&old.origin);
                    resource.chain = old.chain.clone();
                    resource.transformations.clone_from(&old.transformations);
                }
                self.update(*index, |old| *old = resource);
                Ok(())
            }
            ([index], _) => Err(duplicate(&self.resources[*index], &resource)),
            (several, behavior) => {
                let mut finding = Diagnostic::error(
                    codes::AMBIGUOUS_REFERENCE,
                    resource.span(),
                    format!(
                        "{} objects are or once were {}: it is not clear which one to {}",
                        several.len(),
                        resource.subject(),
                        behavior.verb()
                    ),
                );
                for index in several {
                    let other = &self.resources[*index];
                    finding = finding.with_label(other.span(), other.subject().to_string());
                }
                Err(Box::new(finding.with_subject(resource.subject())))
            }
        }
    }
}

impl ResMap {
    fn nothing_to_change(&self, made: &Resource, behavior: Behavior) -> Box<Diagnostic> {
        let subject = made.subject();
        let others = self.resources.iter().map(Resource::subject);
        let names: Vec<String> = others
            .filter(|other| other.kind == subject.kind)
            .map(|other| other.name)
            .collect();
        let help = match nearest(&subject.name, names.iter().map(String::as_str)) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "use `behavior: create`, or name an object that a base generates".to_owned(),
        };
        let message = format!("there is no {subject} to {}", behavior.verb());
        Box::new(
            Diagnostic::error(codes::INVALID_GENERATOR, made.span(), message)
                .with_subject(subject)
                .with_help(help),
        )
    }
}

impl Behavior {
    fn verb(self) -> &'static str {
        match self {
            Behavior::Unspecified | Behavior::Create => "create",
            Behavior::Replace => "replace",
            Behavior::Merge => "merge with",
        }
    }
}

fn list(names: &mut NameIndex, index: usize, resource: &Resource) {
    let index = index as u32;
    for id in resource.all_ids() {
        match names.get_mut(&id.name) {
            Some(known) => {
                if let Err(at) = known.binary_search(&index) {
                    known.insert(at, index);
                }
            }
            None => {
                names.insert(id.name.clone(), vec![index]);
            }
        }
    }
}

fn duplicate(first: &Resource, second: &Resource) -> Box<Diagnostic> {
    let subject = second.subject();
    let entry = |resource: &Resource| resource.chain.steps().last().cloned();
    if first.span() == second.span()
        && let (Some(one), Some(two)) = (entry(first), entry(second))
        && !two.path.is_empty()
    {
        let message = format!("`{}` is there twice, so {subject} is too", two.path);
        let mut trail = second.chain.trail();
        trail.pop();
        return Box::new(
            Diagnostic::error(codes::DUPLICATE_OBJECT, two.span, message)
                .with_label(one.span, "the first entry that names it")
                .with_label(second.span(), "the object")
                .with_subject(subject)
                .with_trail(trail)
                .with_help("take one of the entries out"),
        );
    }
    let message = format!("{subject} is there already");
    let mut finding = Diagnostic::error(codes::DUPLICATE_OBJECT, second.span(), message)
        .with_label(first.span(), "the first one is here")
        .with_subject(subject)
        .with_trail(second.chain.trail());
    if second.behavior != Behavior::Unspecified {
        finding = finding.with_help("use `behavior: merge` or `behavior: replace` to change it");
    } else {
        finding = finding.with_help("rename one of them, or take one out of `resources`");
    }
    Box::new(finding)
}
