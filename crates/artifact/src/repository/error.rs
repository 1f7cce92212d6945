use std::fmt;

use tidegate_registry::{Digest, Error, RepositoryName};

/// Why something could not be read from or written to a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepositoryError {
    /// The registry, or what it sends.
    Registry(Error),
    /// A tag that is written once is there and leads elsewhere.
    Taken {
        /// The tag.
        tag: String,
        /// What it leads to.
        holds: Digest,
        /// What it was to lead to.
        wanted: Digest,
    },
    /// The repository does not have an artifact.
    Absent(RepositoryName, Digest),
    /// An artifact has no layer.
    NoLayer(RepositoryName),
}

impl From<Error> for RepositoryError {
    fn from(error: Error) -> RepositoryError {
        RepositoryError::Registry(error)
    }
}

impl fmt::Display for RepositoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RepositoryError::Registry(error) => error.fmt(f),
            RepositoryError::Taken { tag, holds, wanted } => write!(
                f,
                "the tag `{tag}` is written once: it leads to {holds}, and not to {wanted}"
            ),
            RepositoryError::Absent(name, digest) => {
                write!(f, "{name} has no artifact {digest}")
            }
            RepositoryError::NoLayer(name) => {
                write!(
                    f,
                    "{name}: the artifact has no layer, so there is nothing in it"
                )
            }
        }
    }
}

impl std::error::Error for RepositoryError {}
