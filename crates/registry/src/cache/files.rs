use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};

/// Nothing larger is ever put there.
const LARGEST: u64 = 2 << 30;
/// What a run that was killed has left is older than any run takes.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);
/// Where files are until they are whole.
const NEW: &str = "new";

/// Files below a folder, by names with `/`.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// Makes the names of unfinished files differ within this process.
    next: AtomicU64,
}

impl Files {
    pub(super) fn new(folder: PathBuf) -> Files {
        Files {
            folder,
            next: AtomicU64::new(0),
        }
    }

    /// The content of a file; none where it does not exist.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.folder.join(name);
        let read = || -> io::Result<Vec<u8>> {
            let file = fs::File::open(&path)?;
            let mut bytes = Vec::with_capacity(file.metadata()?.len().min(LARGEST) as usize);
            file.take(LARGEST).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(Error::disk(&path, &error)),
        }
    }

    /// What a file of JSON holds; none where it does not exist or holds something else.
    pub(super) fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let bytes = self.read(name)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The names of the files directly in a folder, in order; none where it does not exist.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        let path = self.folder.join(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(Error::disk(&path, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| Error::disk(&path, &error))?;
            if let Some(name) = entry.file_name().to_str() {
                names.push(format!("{folder}/{name}"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Writes a file, so that others see all of it or none.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name);
        if fs::metadata(&path).is_ok_and(|known| known.len() == bytes.len() as u64)
            && fs::read(&path).is_ok_and(|known| known == bytes)
        {
            return Ok(());
        }
        let new = self.folder.join(NEW);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            sweep(&new);
        }
        let moment = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let unique = format!("{}-{}-{number}", std::process::id(), moment.as_nanos());
        let temporary = new.join(unique);
        let write = || -> io::Result<()> {
            fs::create_dir_all(&new)?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&temporary, bytes)?;
            fs::rename(&temporary, &path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&temporary);
            Error::at(
                ErrorKind::Local,
                path.display(),
                format!("cannot be written: {error}"),
            )
        })
    }

    pub(super) fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(value)
            .map_err(|error| Error::at(ErrorKind::Local, name, error))?;
        text.push(b'\n');
        self.write(name, &text)
    }

    /// Removes a file, if it is there and can be.
    pub(super) fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.folder.join(name));
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Removes what runs that were killed have left.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
