//! Git repositories, read through the program `git`: it knows alternates, packs, worktrees, bare and
//! partial clones and both kinds of hashes, and whoever has a repository has it.
//!
//! Nothing here writes to a repository, takes a lock, or fetches.

mod before;
mod changes;
mod error;
mod head;
mod objects;
mod process;
mod revision;
#[cfg(test)]
mod tests;
mod top;

pub use before::Before;
pub use changes::Changes;
pub use error::GitError;
pub use head::Commit;
pub use process::{Git, GitVariables};
pub use revision::GitRevision;
pub use top::git_top;
