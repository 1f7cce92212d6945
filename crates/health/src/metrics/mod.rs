//! Metrics, as Flagger evaluates them: each so often, against a range, until they held often enough or failed
//! too often.
//!
//! One thing differs on purpose. For Flagger a metric without a value has failed; here nothing is known then, so
//! it is neither for nor against, and too many of these make a verdict inconclusive.

mod analysis;
mod canary;
mod measurements;
mod preset;
mod prometheus;
mod unmeasured;

pub use analysis::{Analysis, Metric, Range};
pub use canary::{Model, NotMeasured, canary};
pub use measurements::{Measured, Measurements, NoValue, Query};
pub use preset::{Preset, preset};
pub use prometheus::{Login, Prometheus, Server};
pub use unmeasured::Unmeasured;
