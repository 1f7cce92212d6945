//! What Flux would apply to each cluster of a tree: one Kustomization at a time, as
//! kustomize-controller renders it, then all of a cluster.

mod apis;
mod applier;
mod build;
mod cluster;
mod collect;
mod data;
mod definition;
mod endless;
mod finish;
mod folder_build;
mod follow;
mod generate;
mod hide;
mod link;
mod losses;
mod make;
mod prepare;
mod read_objects;
mod reads;
mod redact;
mod refuse;
mod release;
mod rounds;
mod scan;
mod stage;
mod substitute;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tree_render;
mod unit;
mod variables;
mod walk;

pub use applier::Applier;
pub use build::Builder;
pub use cluster::{Applied, ClusterRender, Outcome};
pub(crate) use data::{Datum, data};
pub use definition::{DefinedBy, DefinitionId};
pub use folder_build::FolderBuild;
pub use follow::source_folder;
pub(crate) use generate::{KUSTOMIZATION_FILES, kustomization_file, resources_of_generated};
pub use hide::SecretValues;
pub use read_objects::ReadObjects;
pub(crate) use read_objects::{is_kustomization, is_object, items, set_metadata};
pub use redact::Redactor;
pub use stage::Stage;
pub use substitute::{Substitutable, Substituted};
pub use tidegate_kustomize::to_yaml;
pub use tree_render::{TreeRender, render_tree};
pub use variables::{Defined, Lookup};

pub use crate::flux::{DefinitionKind, FluxKustomization, SourceRef};
