//! Whether a cluster runs an artifact, and runs it well.
//!
//! A [`Reader`] asks the API server, and can do no more than that: it sends nothing but GET. What it
//! finds is a [`Sample`]; [`judge()`] says of a sample how each object stands that the artifact renders, and a
//! [`Window`] makes a [`Verdict`] of what was said of one sample after the other. Both are pure: they
//! know neither a cluster nor a clock.
//!
//! Nothing passes by default. What could not be asked, was not asked often enough, or has nothing
//! to be judged by makes a verdict [inconclusive](Verdict::Inconclusive), and the reason is in it.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this crate speaks to clusters and reads the files that say where they are"
)]

mod check;
mod client;
mod expected;
mod flux;
mod judge;
pub mod metrics;
mod object;
pub mod probes;
mod run;
mod sample;
mod status;
mod verdict;
mod web;
mod window;

pub use check::{Check, CheckOutcome};
pub use client::{Access, Error, ErrorKind, Reader, Requests};
pub use expected::{Content, Difference, Expectation, Expected, Field, Unrendered, difference};
pub use flux::SourceId;
pub use judge::{Judged, Judgement, Moving, NotJudged, Standing, judge};
pub use object::{Condition, Observed};
pub use run::{Progress, Run};
pub use sample::{Kind, Sample};
pub use status::{Status, status_of};
pub use verdict::{Counts, Evidence, Reason, ReasonKind, Verdict};
pub use web::{Trust, Web};
pub use window::{Step, Target, Timing, Window};
