use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tidegate_source::nearest;

use super::GitError;

/// What to do with `GIT_DIR`, `GIT_INDEX_FILE` and the like, which git sets for its hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitVariables {
    /// They are about this repository.
    Kept,
    /// They are about another one.
    Removed,
}

/// A git repository.
#[derive(Clone, Debug)]
pub struct Git {
    folder: PathBuf,
    variables: GitVariables,
}

/// What git sets for hooks, as `git rev-parse --local-env-vars` lists it.
const VARIABLES: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CEILING_DIRECTORIES",
];

impl Git {
    /// The longest listing that is read, in bytes: that of some two million files.
    pub const MAX_LISTING: u64 = 256 << 20;

    /// The repository of a folder: the top of a work tree, or a bare repository.
    pub fn new(folder: &Path, variables: GitVariables) -> Git {
        Git {
            folder: folder.to_owned(),
            variables,
        }
    }

    /// Whether the folder is a bare repository.
    pub fn is_bare(&self) -> bool {
        let answer = self.answer(["rev-parse", "--is-bare-repository"]);
        answer.is_ok_and(|answer| answer == b"true\n")
    }

    /// The commit that a branch, a tag, or whatever else names a revision stands for.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        let args = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ];
        match self.answer(args) {
            Ok(answer) => line(&answer).ok_or(GitError::Unreadable("a commit")),
            // It is quiet about an unknown revision, and about nothing else.
            Err(GitError::Refused(text)) if text.is_empty() => Err(self.unknown(revision)),
            Err(error) => Err(error),
        }
    }

    fn unknown(&self, revision: &str) -> GitError {
        let format = "--format=%(refname:short)";
        let refs = self.answer([
            "for-each-ref",
            format,
            "refs/heads",
            "refs/tags",
            "refs/remotes",
        ]);
        let refs = refs.unwrap_or_default();
        let refs = String::from_utf8_lossy(&refs);
        let similar = nearest(revision, refs.lines()).map(str::to_owned);
        let shallow = self.answer(["rev-parse", "--is-shallow-repository"]);
        GitError::UnknownRevision {
            revision: revision.to_owned(),
            similar,
            is_shallow: shallow.is_ok_and(|answer| answer == b"true\n"),
        }
    }

    /// What git prints.
    pub(super) fn answer(
        &self,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Vec<u8>, GitError> {
        let mut child = self.start(args, Stdio::null(), Stdio::piped())?;
        let (output, complaints) = (child.stdout.take(), child.stderr.take());
        let (listing, complaint) = thread::scope(|scope| {
            let complaint = scope.spawn(|| start_of(complaints));
            let listing = read(output, Git::MAX_LISTING + 1);
            (listing, complaint.join().unwrap_or_default())
        });
        let status = child.wait().map_err(refused)?;
        let listing = listing.map_err(refused)?;
        if listing.len() as u64 > Git::MAX_LISTING {
            return Err(GitError::TooLarge(Git::MAX_LISTING));
        }
        match status.success() {
            true => Ok(listing),
            false => Err(GitError::Refused(complaint_of(&complaint))),
        }
    }

    /// Starts git. What it complains of is piped or thrown away.
    pub(super) fn start(
        &self,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: Stdio,
        complaints: Stdio,
    ) -> Result<Child, GitError> {
        let mut command = Command::new("git");
        // A file system monitor is a program that the repository names.
        command
            .arg("-C")
            .arg(&self.folder)
            .args(["-c", "core.fsmonitor=false"]);
        command.args(args);
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command.env("GIT_NO_LAZY_FETCH", "1");
        command.env("GIT_TERMINAL_PROMPT", "0");
        command.env("LC_ALL", "C");
        if self.variables == GitVariables::Removed {
            for variable in VARIABLES {
                command.env_remove(variable);
            }
        }
        command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(complaints);
        command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => GitError::NotInstalled,
            _ => GitError::Refused(format!("git cannot be started: {error}")),
        })
    }
}

fn read(pipe: Option<impl Read>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What is written first; the rest is read and thrown away, so that nobody waits.
fn start_of(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let first = (&mut pipe).take(4 << 10).read_to_end(&mut bytes);
        // What git complains of is worth no failure of its own.
        let _ = first.and_then(|_| io::copy(&mut pipe, &mut io::sink()));
    }
    bytes
}

fn refused(error: io::Error) -> GitError {
    GitError::Refused(format!("git cannot be read: {error}"))
}

/// The first line of what git complains of, without its prefix.
fn complaint_of(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("fatal: ").unwrap_or(first).to_owned()
}

/// The one line of an answer.
fn line(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    (!text.is_empty() && !text.contains('\n')).then(|| text.to_owned())
}
