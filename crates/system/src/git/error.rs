use std::fmt;

/// Why something could not be had from a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// There is no program `git`.
    NotInstalled,
    /// The repository has no such revision.
    UnknownRevision {
        /// The revision as it was given.
        revision: String,
        /// The branch or tag that was probably meant.
        similar: Option<String>,
        /// Whether the clone lacks the older part of the history.
        is_shallow: bool,
    },
    /// A tree with a name that no folder can have, such as `..`.
    ImpossibleName(String),
    /// A listing is longer than the stated limit, in bytes.
    TooLarge(u64),
    /// git refused, in its own words.
    Refused(String),
    /// git answered something that is not understood.
    Unreadable(&'static str),
}

impl GitError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            GitError::NotInstalled => Some("install git, or check the files on disk".to_owned()),
            GitError::UnknownRevision {
                similar: Some(similar),
                ..
            } => Some(format!("did you mean `{similar}`?")),
            GitError::UnknownRevision {
                is_shallow: true, ..
            } => Some(
                "the clone is shallow: `git fetch --unshallow` brings the rest of its history, and \
                 `fetch-depth: 0` does in the checkout action of GitHub"
                    .to_owned(),
            ),
            GitError::UnknownRevision { .. } => {
                Some("name a branch, a tag or a commit, as `git log` shows them".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NotInstalled => f.write_str("there is no program `git`"),
            GitError::UnknownRevision { revision, .. } => {
                write!(f, "there is no revision `{revision}` in this repository")
            }
            GitError::ImpossibleName(name) => {
                write!(
                    f,
                    "the revision has a file `{name}`, which no folder can hold"
                )
            }
            GitError::TooLarge(limit) => {
                write!(
                    f,
                    "the list of files is larger than the limit of {limit} bytes"
                )
            }
            GitError::Refused(text) => f.write_str(text),
            GitError::Unreadable(what) => write!(f, "git gave {what} that is not understood"),
        }
    }
}

impl std::error::Error for GitError {}
