//! Which source a Flux object takes its files from.

use std::fmt;

use crate::tree::is_substituted;

/// `spec.sourceRef`, with the namespace that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceRef {
    /// Its kind, such as GitRepository.
    pub kind: String,
    /// Its namespace: that of the Flux object where none is written.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for SourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

impl SourceRef {
    /// Whether this is the source that `flux bootstrap` and the Flux Operator make for the tree
    /// that a cluster starts from.
    pub fn is_flux_system(&self) -> bool {
        self.is_artifact_of_a_tree() && self.name == "flux-system" && self.namespace == self.name
    }

    /// Whether the kind of source holds a tree as it was pushed. (An ExternalArtifact is put
    /// together from others in the cluster.) A kind that is put in at apply time may be one:
    /// `${source_kind}` is how clusters that follow git and clusters that follow artifacts share
    /// their Kustomizations.
    pub fn is_artifact_of_a_tree(&self) -> bool {
        let kind = self.kind.as_str();
        matches!(kind, "GitRepository" | "OCIRepository" | "Bucket") || is_substituted(kind)
    }

    /// Whether this is `other`, as far as is known before variables are put in.
    pub fn may_be(&self, other: &SourceRef) -> bool {
        let same_kind = self.kind == other.kind || is_substituted(&self.kind);
        same_kind && self.namespace == other.namespace && self.name == other.name
    }
}
