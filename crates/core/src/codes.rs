//! The codes of what is found while Flux objects are followed through a tree.

use tidegate_source::Code;

/// A Flux Kustomization whose `spec.path` names no folder.
pub const PATH_MISSING: Code = Code::new("FLX001");
/// A Flux Kustomization whose `spec.path` leads above the root of its source.
pub const PATH_ESCAPES: Code = Code::new("FLX002");
/// A Flux Kustomization that applies itself under other names without end.
pub const ENDLESS_NESTING: Code = Code::new("FLX003");
/// A Flux Kustomization whose variables change with each reconciliation.
pub const UNSETTLED_VARIABLES: Code = Code::new("FLX004");

/// A part that was not rendered, where the result is of no use without it.
pub const NOT_RENDERED: Code = Code::new("REN001");

/// All of them.
pub const ALL: &[Code] = &[PATH_MISSING, PATH_ESCAPES, NOT_RENDERED];
