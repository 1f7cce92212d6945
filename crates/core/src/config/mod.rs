//! `tidegate.toml`: what a tree cannot say of itself.
//!
//! Everything in it is optional. Each value keeps the [`Span`] it was read from, so that findings
//! can point into the file. Reading is pure: the caller brings the bytes.

mod provided;
mod version;

use tidegate_source::{Span, TreePath};

use crate::envsubst::Mode;
use crate::render::SourceRef;

pub use provided::{Provided, ProvidedKey, ProvidedValue, ValueType};
pub use version::{NotAVersion, Version};

/// A value of the file and the place where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

/// What `tidegate.toml` says. Nothing, by default.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The versions of clusters that do not say their own.
    pub versions: Versions,
    /// The clusters that the file speaks of, in the order of their names.
    pub clusters: Vec<ClusterConfig>,
    /// What exists in every cluster and is not in the tree.
    pub provides: Vec<Provided>,
}

/// The software that a cluster runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Versions {
    /// The version of Flux.
    pub flux: Option<Spanned<Version>>,
    /// The version of Kubernetes.
    pub kubernetes: Option<Spanned<Version>>,
    /// Whether kustomize-controller runs with the gate `StrictPostBuildSubstitutions`.
    pub strict_substitution: Option<Spanned<bool>>,
}

/// What the file says of one cluster.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// Its name, and where it is written.
    pub name: Spanned<String>,
    /// The folder that Flux applies first. Without it, the cluster is one that is found by its
    /// name.
    pub path: Option<Spanned<TreePath>>,
    /// The folder that is packed into the artifact, which `spec.path`s are relative to.
    pub root: Option<Spanned<TreePath>>,
    /// The source that holds the tree.
    pub source: Option<Spanned<SourceRef>>,
    /// What it runs, where that differs from the other clusters.
    pub versions: Versions,
    /// What exists in it and is not in the tree.
    pub provides: Vec<Provided>,
}

/// The releases that are assumed where the file says nothing: the newest that tidegate knows.
pub const DEFAULT_FLUX: Version = Version::new(2, 9);
/// See [`DEFAULT_FLUX`].
pub const DEFAULT_KUBERNETES: Version = Version::new(1, 34);

/// The first release of Flux in which an undefined variable fails a Kustomization unless told
/// otherwise. <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>
const STRICT_SINCE: Version = Version::new(2, 9);

/// What holds for one cluster, defaults put in.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// The version of Flux.
    pub flux: Version,
    /// The version of Kubernetes.
    pub kubernetes: Version,
    /// What an undefined variable is to kustomize-controller.
    pub substitution: Mode,
    /// Where the file says so: the gate, or else the version of Flux.
    pub substitution_span: Option<Span>,
    /// The folder that is packed into the artifact, where the file names it.
    pub root: Option<&'a Spanned<TreePath>>,
    /// The source that holds the tree, where the file names it.
    pub source: Option<&'a Spanned<SourceRef>>,
    own: &'a [Provided],
    everywhere: &'a [Provided],
}

impl Config {
    /// What the file says of a cluster.
    pub fn cluster(&self, name: &str) -> Option<&ClusterConfig> {
        self.clusters
            .iter()
            .find(|cluster| cluster.name.value == name)
    }

    /// What holds for a cluster; for the tree as a whole, where it has no clusters.
    pub fn settings(&self, cluster: Option<&str>) -> Settings<'_> {
        let cluster = cluster.and_then(|name| self.cluster(name));
        let own = cluster.map_or(Versions::default(), |cluster| cluster.versions);
        let flux = own.flux.or(self.versions.flux);
        let kubernetes = own.kubernetes.or(self.versions.kubernetes);
        let version = flux.map_or(DEFAULT_FLUX, |version| version.value);
        // The version of a cluster says more about it than a gate that is set for all.
        let gate = own.strict_substitution.or(match own.flux {
            Some(_) => None,
            None => self.versions.strict_substitution,
        });
        let strict = gate.map_or(version >= STRICT_SINCE, |gate| gate.value);
        let gate = gate.map(|gate| gate.span);
        Settings {
            flux: version,
            kubernetes: kubernetes.map_or(DEFAULT_KUBERNETES, |version| version.value),
            substitution: match strict {
                true => Mode::Strict,
                false => Mode::Lenient,
            },
            substitution_span: gate.or(flux.map(|version| version.span)),
            root: cluster.and_then(|cluster| cluster.root.as_ref()),
            source: cluster.and_then(|cluster| cluster.source.as_ref()),
            own: cluster.map_or(&[], |cluster| &cluster.provides),
            everywhere: &self.provides,
        }
    }
}

impl<'a> Settings<'a> {
    /// What exists in the cluster and is not in the tree. Of two that are declared with one
    /// identity, the cluster's own is meant.
    pub fn provides(&self) -> impl Iterator<Item = &'a Provided> + use<'a> {
        let own = self.own;
        let is_own = move |one: &&Provided| !own.iter().any(|other| other.is_same(one));
        own.iter().chain(self.everywhere.iter().filter(is_own))
    }
}
