//! What Flux would apply to each cluster of a tree: one Kustomization at a time, as
//! kustomize-controller renders it, then all of a cluster.

mod build;
mod cluster;
mod generate;
mod stage;

pub use build::{Builder, FolderBuild};
pub use cluster::{Applied, ClusterRender, DefinedBy, Definition, Outcome, Unexpanded};
pub(crate) use generate::{kustomization_file, resources_of_generated};
pub use stage::Stage;

pub use crate::flux::{DefinitionKind, FluxKustomization, SourceRef};
