//! Helm's values: how they are merged, and how single ones are set by path.
//!
//! This crate does no I/O and knows nothing of Flux.

pub mod strvals;
pub mod values;
