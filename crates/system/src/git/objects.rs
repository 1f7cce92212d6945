use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use tidegate_source::{Sources, SystemError};

use super::{Git, GitError};

/// The contents of a repository by their hashes: one process for all of them, started at the first
/// question.
#[derive(Debug)]
pub(super) struct Objects {
    git: Git,
    pub(super) max_size: u64,
    process: Mutex<Option<Batch>>,
}

impl Objects {
    pub(super) fn new(git: Git) -> Objects {
        Objects {
            git,
            max_size: Sources::MAX_FILE_SIZE,
            process: Mutex::new(None),
        }
    }

    /// The content of a hash.
    pub(super) fn read(&self, id: &str) -> Result<Vec<u8>, SystemError> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = match &mut *process {
            Some(batch) => batch,
            none => none.insert(Batch::start(&self.git).map_err(|error| other(&error))?),
        };
        let answer = batch.read(id, self.max_size);
        // It stands in the middle of an answer, or is gone.
        if !matches!(answer, Ok(Content::Bytes(_) | Content::Missing)) {
            *process = None;
        }
        match answer {
            Ok(Content::Bytes(bytes)) => Ok(bytes),
            Ok(Content::TooLarge) => Err(SystemError::TooLarge(self.max_size)),
            Ok(Content::Missing) => Err(SystemError::Other(
                "its content is not in this clone of the repository".to_owned(),
            )),
            Err(error) => Err(other(&error)),
        }
    }
}

fn other(error: &dyn std::error::Error) -> SystemError {
    SystemError::Other(format!("git does not give its content: {error}"))
}

/// A `git cat-file --batch`, which answers one question after another.
#[derive(Debug)]
struct Batch {
    child: Child,
    /// None when it is to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

enum Content {
    Bytes(Vec<u8>),
    Missing,
    TooLarge,
}

impl Batch {
    fn start(git: &Git) -> Result<Batch, GitError> {
        let mut child = git.start(["cat-file", "--batch"], Stdio::piped(), Stdio::null())?;
        match (child.stdin.take(), child.stdout.take()) {
            (input, Some(output)) => Ok(Batch {
                child,
                input,
                output: BufReader::with_capacity(64 << 10, output),
            }),
            (_, None) => Err(GitError::Unreadable("no output")),
        }
    }

    fn read(&mut self, id: &str, max_size: u64) -> io::Result<Content> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(format!("{id}\n").as_bytes())?;
        input.flush()?;
        let mut header = String::new();
        (&mut self.output).take(1 << 10).read_line(&mut header)?;
        let mut words = header.trim_end().split(' ').skip(1);
        let size = match (words.next(), words.next()) {
            (Some("missing"), None) => return Ok(Content::Missing),
            (Some(_), Some(size)) => size.parse::<u64>().ok(),
            _ => None,
        };
        let size = size.ok_or(io::ErrorKind::InvalidData)?;
        if size > max_size {
            return Ok(Content::TooLarge);
        }
        // A line end follows.
        let mut bytes = vec![0; size as usize + 1];
        self.output.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Content::Bytes(bytes))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It ends at the end of its input, if it is not in the middle of a large answer.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
