//! The tree as a whole: which clusters it has, what Flux would apply to each of them, and what is
//! wrong with it.
//!
//! This crate does no I/O of its own and prints nothing: files come through
//! [`System`](tidegate_source::System), findings go out in a [`CheckReport`].

pub mod apply;
mod baseline;
pub mod changed;
mod check;
mod clear_secrets;
mod cluster;
pub mod codes;
pub mod config;
pub mod diff;
pub mod envsubst;
pub mod flux;
mod followed;
mod graph;
mod incomplete;
mod packing;
pub mod parallel;
pub mod printed;
pub mod release;
pub mod render;
pub mod resource_set;
mod roots;
pub mod rules;
mod salvage;
mod spec_path;
mod tree;
pub mod validate;
mod verdict;
pub mod waivers;

pub use baseline::{Baseline, NotABaseline, write_baseline};
pub use check::{CheckOptions, CheckReport, Counts, NothingToCheck, Scope, check};
pub use cluster::{Cluster, discover};
pub use followed::{Followed, followed};
pub use incomplete::{not_checked_error, not_rendered_error};
pub use packing::{SpecIgnore, TreePacking};
pub use validate::{Catalogs, Schemas};
pub use verdict::{Judging, Verdict, judge};
