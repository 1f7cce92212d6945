//! Validation of objects as the Kubernetes API server does it: structural schemas with their
//! defaults, list types and formats, and the CEL rules in them.
//!
//! This crate does no I/O. Objects are the nodes of `tidegate-yaml`, so that what is wrong is said
//! of the place where it is written.

mod catalog;
mod cel;
mod fault;
mod formats;
mod go_types;
mod json;
mod json_schema;
mod lifecycle;
mod names;
mod net;
mod number;
mod opaque;
mod path;
mod quantity;
mod registry;
mod structural;
mod validate;

pub use catalog::{Catalog, Kind, KubernetesVersion, Lookup};
pub use cel::{Budget, CompileError, Verdict, check_rule};
pub use fault::{Fault, FaultKind};
pub use go_types::GoTypes;
pub use json_schema::{Invalid, JsonSchema, SchemaError, Violation};
pub use lifecycle::{Lifecycle, Lifecycles, Project, Release, Replacement, Running, Standing};
pub use quantity::{NotAQuantity, Notation, Quantity};
pub use structural::{
    Additional, Checks, ListType, Rule, Schema, SchemaId, SchemaNode, SchemaRef, ValueType,
};
pub use validate::{How, Report, validate};
