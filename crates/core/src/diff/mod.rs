//! What changes for a cluster between two renders of it, or between two clusters: objects that come,
//! go and change, field by field, with the places where both sides are written.
//!
//! Objects are told apart by group, kind, namespace and name, so that a change of the API version is
//! a change of a field; a name with a content hash counts without it. Lists are compared as the API
//! server merges them. What could do harm is classed as a [`Danger`].

mod danger;
mod fields;
mod lists;
mod objects;
mod same;
#[cfg(test)]
mod tests;
mod variables;

pub use danger::{Danger, DangerKind};
pub use fields::{FieldChange, Segment, path_text};
pub use objects::{Change, Diff, Differ, ObjectChange, Side};
pub use same::{InClusters, same_in_clusters};
pub use variables::{VariableChange, fold_variables};
