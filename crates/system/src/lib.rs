//! Implementations of [`System`](tidegate_source::System): where tidegate meets the disk, git and
//! artifacts.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this crate is the one place below the cli that touches the disk"
)]

mod artifact;
mod disk;
mod git;
mod write;

pub use artifact::{ArtifactError, ArtifactSystem};
pub use disk::{DiskSystem, Links};
pub use git::{Before, Changes, Commit, Git, GitError, GitRevision, GitVariables, git_top};
pub use write::write_atomically;
