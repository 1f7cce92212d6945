//! Verdicts on a real control plane. The controllers of Flux are not there: tests write what they would say. Not run
//! where there is no control plane, or no folder `TIDEGATE_CRDS` with the definitions of Flux.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_types,
    reason = "a test reads and writes files of its own, and stands between client and server"
)]

mod faults;
#[cfg(target_os = "linux")]
mod load;
mod proxy;
mod scene;
mod states;
