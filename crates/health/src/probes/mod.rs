//! Smoke tests: does something answer, and as it should.
//!
//! They are run from where this runs, not from inside of the cluster: what users reach is what is tested.

mod certificate;
mod dns;
mod http;
mod probing;
mod tcp;

pub use probing::{Api, Pace, Probe, Probing, Target};

/// What one try of a probe came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It got what it expects.
    Held,
    /// It did not, as it continues "probe `x`: ".
    Failed(String),
    /// Whether it would have, nobody knows.
    Unknown(String),
}
