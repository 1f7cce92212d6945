//! Which digest each environment runs: a log that is only added to, and a pointer that its newest entry
//! decides.
//!
//! Both are tags of the artifact's repository. The pointer of `live` is the tag `live`, which a source follows
//! without any settings. The log is a tag for each time that a digest was selected, with its time in the name:
//! `0.0.0-live.20261124120000.g0123456789ab`. Registries have no compare-and-swap, so two that write at
//! once could leave the pointer behind the log: each adds its entry, then sets the pointer to the newest
//! one and looks again, until both agree.
//!
//! This decides nothing of its own: which entries count, since their digest has evidence, the caller says.

mod entry;
mod select;

pub use entry::{Entry, Environment, NotAnEnvironment, entries};
pub use select::{Selection, Settled, Tags, append, settle, state};
