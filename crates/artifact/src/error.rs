use std::fmt;

use tidegate_source::{SystemError, TreePath};

/// Why a tree could not be packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// The file or folder.
    pub path: TreePath,
    /// What is wrong with it.
    pub error: SystemError,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be packed: {}", self.path, self.error)
    }
}

impl std::error::Error for PackError {}
