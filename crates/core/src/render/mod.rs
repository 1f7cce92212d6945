//! What Flux would apply to each cluster of a tree.

mod cluster;
mod stage;

pub use crate::flux::{Kustomization as FluxKustomization, SourceRef};
pub use cluster::{
    Applied, ClusterRender, DefinedBy, Definition, DefinitionKind, Outcome, Unexpanded,
};
pub use stage::Stage;
