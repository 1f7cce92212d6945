//! Which kinds there are, and their schemas: those of Kubernetes itself, and those of CRDs.

mod builtin;
mod crd;
mod version;

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;
use tidegate_yaml::Node;
pub use version::KubernetesVersion;

pub(crate) use self::builtin::field;
use crate::structural::Schema;

/// The kinds that an API server knows.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// By their names, which few have in common: nothing has to be put together to look one up.
    kinds: FxHashMap<SmolStr, Vec<Arc<Kind>>>,
    /// Kubernetes' own kinds that only later versions serve, by their names: group and version, and
    /// the first version of Kubernetes that does.
    later: FxHashMap<&'static str, Vec<Later>>,
    /// Those of definitions that were added.
    added: FxHashSet<(SmolStr, SmolStr)>,
    metadata: Arc<OnceLock<Schema>>,
    version: KubernetesVersion,
}

/// A kind in one of its versions.
#[derive(Debug)]
pub struct Kind {
    /// The group; empty for the core.
    pub group: SmolStr,
    /// The version.
    pub version: SmolStr,
    /// The name of the kind.
    pub name: SmolStr,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether the server takes objects of this version.
    pub served: bool,
    /// Whether its definition says that the version is deprecated.
    pub deprecated: Option<Deprecated>,
    source: Source,
    schema: OnceLock<Schema>,
}

/// That a CustomResourceDefinition deprecates one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// What it has the API server say of it.
    pub warning: Option<SmolStr>,
}

/// Where the schema of a kind is.
#[derive(Debug)]
enum Source {
    /// A definition of the catalog that is compiled in, in the version that it is of.
    Builtin(&'static str, KubernetesVersion),
    /// `openAPIV3Schema` of a CRD; none where it has none.
    Crd(Option<Node>),
    /// The same as a JSON text of the catalog that is compiled in.
    KnownCrd(&'static str),
}

/// Group and version of a kind, and the first version of Kubernetes that serves it.
type Later = ([&'static str; 2], KubernetesVersion);

/// What a catalog says of a kind.
#[derive(Clone, Debug)]
pub enum Lookup<'c> {
    /// The server takes it.
    Served(&'c Arc<Kind>),
    /// It is known, but not in this version, or no longer.
    OtherVersion,
    /// Nothing is known of it.
    Unknown,
}

impl Catalog {
    /// The kinds of Kubernetes itself in a version, or in the nearest one that is known.
    pub fn kubernetes(version: KubernetesVersion) -> Catalog {
        let mut catalog = Catalog {
            kinds: FxHashMap::default(),
            later: FxHashMap::default(),
            added: FxHashSet::default(),
            metadata: Arc::default(),
            version,
        };
        for kind in builtin::kinds(version) {
            catalog.add(kind);
        }
        for (group, version, name, first) in builtin::later(version) {
            let later = catalog.later.entry(name).or_default();
            later.push(([group, version], first));
        }
        catalog
    }

    fn add(&mut self, kind: Kind) {
        let kinds = self.kinds.entry(kind.name.clone()).or_default();
        let same = |known: &Arc<Kind>| known.group == kind.group && known.version == kind.version;
        match kinds.iter().position(same) {
            Some(at) => kinds[at] = Arc::new(kind),
            None => kinds.push(Arc::new(kind)),
        }
    }

    /// The kinds of Kubernetes itself, and those of CRDs that come with tidegate: Flux, cert-manager,
    /// External Secrets, Flagger, Gateway API and Prometheus Operator.
    pub fn known(version: KubernetesVersion) -> Catalog {
        let mut catalog = Catalog::kubernetes(version);
        for kind in crd::known() {
            catalog.add(kind);
        }
        catalog
    }

    /// The version of Kubernetes that was asked for.
    pub fn version(&self) -> KubernetesVersion {
        self.version
    }

    /// Adds the kind of a CustomResourceDefinition in all its versions, in place of what was known of
    /// the kind; whether the node is one.
    pub fn add_crd(&mut self, definition: &Node) -> bool {
        let kinds = crd::kinds(definition);
        let found = !kinds.is_empty();
        if let Some(first) = kinds.first() {
            let (group, name) = (first.group.clone(), first.name.clone());
            if let Some(known) = self.kinds.get_mut(&name) {
                known.retain(|known| known.group != group);
            }
            self.added.insert((group, name));
        }
        for kind in kinds {
            self.add(kind);
        }
        found
    }

    /// The kinds that the server takes, in no order.
    pub fn served(&self) -> impl Iterator<Item = &Kind> {
        let kinds = self.kinds.values().flatten().map(AsRef::as_ref);
        kinds.filter(|kind: &&Kind| kind.served)
    }

    /// The kind of an object.
    pub fn find(&self, api_version: &str, name: &str) -> Lookup<'_> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kinds = self.kinds.get(name).map(Vec::as_slice);
        let of_group = |kind: &&Arc<Kind>| kind.group == group;
        let mut kinds = kinds.into_iter().flatten().filter(of_group).peekable();
        let is_known = kinds.peek().is_some();
        match kinds.find(|kind| kind.version == version) {
            Some(kind) if kind.served => Lookup::Served(kind),
            None if !is_known => Lookup::Unknown,
            _ => Lookup::OtherVersion,
        }
    }

    /// Whether it is a version of one of Kubernetes' own kinds that a server has to be told to serve.
    pub(crate) fn is_off_by_default(&self, api_version: &str, name: &str) -> bool {
        let kind = self.get(api_version, name);
        kind.is_some_and(|kind| !kind.served && kind.is_builtin())
    }

    /// The first version of Kubernetes that serves a version of one of its own kinds, where that is a later
    /// one than this catalog is of.
    pub(crate) fn served_later(&self, api_version: &str, name: &str) -> Option<KubernetesVersion> {
        if self.get(api_version, name).is_some() {
            return None;
        }
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let mut later = self.later.get(name)?.iter();
        let later = later.find(|(of, _)| *of == [group, version]);
        later.map(|(_, first)| *first)
    }

    /// Whether what is said of a kind comes with tidegate, and not out of a definition that was added.
    pub(crate) fn is_known(&self, api_version: &str, name: &str) -> bool {
        let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
        !self.added.contains(&(group.into(), name.into()))
    }

    /// Whether the definition of a kind says that a version is deprecated.
    pub(crate) fn deprecated(&self, api_version: &str, name: &str) -> Option<&Deprecated> {
        self.get(api_version, name)?.deprecated.as_ref()
    }

    /// The only version of a kind that is served and that its definition does not say is deprecated.
    pub(crate) fn only_current(&self, group: &str, name: &str) -> Option<&Kind> {
        let kinds = self.kinds.get(name)?.iter().map(AsRef::as_ref);
        let mut kinds = kinds
            .filter(|kind: &&Kind| kind.group == group && kind.served && kind.deprecated.is_none());
        kinds.next().filter(|_| kinds.next().is_none())
    }

    /// The newest stable version of a kind that is served.
    pub(crate) fn stable(&self, group: &str, name: &str) -> Option<&Kind> {
        let versions = ["v2", "v1"].into_iter();
        let mut kinds = versions.filter_map(|version| self.of(group, version, name));
        kinds.find(|kind| kind.served).map(AsRef::as_ref)
    }

    fn get(&self, api_version: &str, name: &str) -> Option<&Arc<Kind>> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.of(group, version, name)
    }

    fn of(&self, group: &str, version: &str, name: &str) -> Option<&Arc<Kind>> {
        let mut kinds = self.kinds.get(name)?.iter();
        kinds.find(|kind| kind.group == group && kind.version == version)
    }

    /// The schema of the metadata that all objects have.
    pub(crate) fn metadata(&self) -> &Schema {
        self.metadata
            .get_or_init(|| builtin::metadata(self.version))
    }
}

impl Kind {
    /// Its schema, which is read when it is first asked for.
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| match &self.source {
            Source::Builtin(definition, version) => builtin::schema(definition, *version),
            Source::Crd(Some(node)) => Schema::from_openapi(node),
            Source::Crd(None) => Schema::anything(),
            Source::KnownCrd(text) => match crate::json::read(text) {
                Some(node) => Schema::from_openapi(&node),
                None => Schema::anything(),
            },
        })
    }

    /// Whether it is one of Kubernetes itself.
    pub fn is_builtin(&self) -> bool {
        matches!(self.source, Source::Builtin(..))
    }

    /// Group and version as `apiVersion` has them.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.to_string(),
            group => format!("{group}/{}", self.version),
        }
    }
}
