//! Validation of objects as the Kubernetes API server does it: structural schemas with their
//! defaults, list types and formats, and the CEL rules in them.
//!
//! This crate does no I/O. Objects are the nodes of `tidegate-yaml`, so that what is wrong is said
//! of the place where it is written.

mod cel;
mod formats;
mod go_regex;
mod names;
mod net;
mod number;
mod quantity;
mod structural;
mod url;

pub use cel::{Budget, CompileError, Verdict, check_rule};
pub use quantity::{NotAQuantity, Notation, Quantity};
pub use structural::{
    Additional, Checks, ListType, Rule, Schema, SchemaId, SchemaNode, SchemaRef, ValueType,
};
