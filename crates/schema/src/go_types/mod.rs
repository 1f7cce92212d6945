//! What kustomize-controller makes of objects of Kubernetes' own kinds before it applies them: it reads
//! them into the types of Go that its release was built with, and writes these out again.
//!
//! Fields that are not of the type are lost, empty ones are left out or filled in, and quantities, times
//! and base64 are written in their one form. An object with a value that does not fit stays as it is.

mod normalise;
mod table;

pub use table::GoTypes;
