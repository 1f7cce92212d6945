//! What is known about kinds.

use crate::resource::Gvk;

/// The schema in force in a build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {}

impl Schema {
    /// Whether a kind is known to have no namespace.
    pub(crate) fn is_cluster_scoped(&self, gvk: &Gvk) -> bool {
        matches!(
            gvk.kind.as_str(),
            "Namespace" | "ClusterRole" | "CustomResourceDefinition"
        )
    }
}
