//! What helm-controller makes of a HelmRelease.

mod values;

pub use values::{Composed, ValuesError, ValuesProblem, compose_values};
