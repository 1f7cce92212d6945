//! What Flux leaves out of an artifact when it packs a tree: rules in the syntax of gitignore, in
//! `.sourceignore` files and in `spec.ignore`, and the lists that it adds itself.
//!
//! Written from the documented and observed behaviour of `fluxcd/pkg/sourceignore` v0.22.0 and of
//! source-controller v1.9.0.

mod folders;
mod glob;
mod packed;
mod packing;
mod pattern;
mod rules;

pub use glob::Glob;
pub use packed::Packed;
pub use packing::Packing;
pub use rules::{IgnoreRule, IgnoreRules, RuleOrigin};
