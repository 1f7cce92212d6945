//! What was fetched, kept by digest, and which version of which chart has which digest.
//!
//! Several processes may use one folder at once: a file appears whole under its name or not at all, and
//! what two of them write under one name is the same.

mod charts;
mod files;

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::Error;
use files::Files;

pub use charts::{Absent, Resolved};

/// The folder of what was fetched.
#[derive(Clone, Debug)]
pub struct Cache {
    files: Arc<Files>,
}

/// A document of a server, kept with what the server calls its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Revalidation {
    url: String,
    /// `ETag`, as the server sent it.
    pub(crate) etag: Option<String>,
    /// `Last-Modified`, as the server sent it.
    pub(crate) last_modified: Option<String>,
    /// The digest of the document.
    digest: String,
}

impl Cache {
    /// The cache in a folder, which is made when something is put there.
    pub fn at(folder: PathBuf) -> Cache {
        Cache {
            files: Arc::new(Files::new(folder)),
        }
    }

    /// The bytes of a digest, if they are there. What is there and has another digest is thrown away.
    pub fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let name = blob_name(digest);
        let Some(bytes) = self.files.read(&name)? else {
            return Ok(None);
        };
        if digest.matches(&bytes) {
            return Ok(Some(bytes));
        }
        self.files.remove(&name);
        Ok(None)
    }

    /// Puts bytes there.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(bytes);
        self.files.write(&blob_name(&digest), bytes)?;
        Ok(digest)
    }

    /// The document that was last at an address, with its state.
    pub(crate) fn document(&self, url: &str) -> Result<Option<(Revalidation, Vec<u8>)>, Error> {
        let Some(state) = self.files.read_json::<Revalidation>(&document_name(url))? else {
            return Ok(None);
        };
        if state.url != url {
            return Ok(None);
        }
        let Some(digest) = Digest::parse(&state.digest) else {
            return Ok(None);
        };
        Ok(self.blob(&digest)?.map(|bytes| (state, bytes)))
    }

    /// Keeps the document of an address in place of the one before.
    pub(crate) fn put_document(
        &self,
        url: &str,
        etag: Option<&str>,
        last_modified: Option<&str>,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let name = document_name(url);
        let before = self.files.read_json::<Revalidation>(&name)?;
        let digest = self.put_blob(bytes)?;
        let state = Revalidation {
            url: url.to_owned(),
            etag: etag.map(str::to_owned),
            last_modified: last_modified.map(str::to_owned),
            digest: digest.to_string(),
        };
        self.files.write_json(&name, &state)?;
        // Nothing else leads to it. A process that reads it at this moment fetches it again.
        if let Some(old) = before.and_then(|before| Digest::parse(&before.digest))
            && old != digest
        {
            self.files.remove(&blob_name(&old));
        }
        Ok(())
    }
}

fn blob_name(digest: &Digest) -> String {
    let (algorithm, hex) = (digest.algorithm(), digest.hex());
    format!("blobs/{algorithm}/{}/{hex}", &hex[..2])
}

fn document_name(url: &str) -> String {
    format!("documents/{}.json", Digest::of(url.as_bytes()).hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_by_their_digest() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("made/when/needed"));
        let digest = Digest::of(b"chart");
        assert_eq!(cache.blob(&digest).unwrap(), None);
        assert_eq!(cache.put_blob(b"chart").unwrap(), digest);
        assert_eq!(cache.blob(&digest).unwrap().as_deref(), Some(&b"chart"[..]));
    }

    #[test]
    fn what_was_changed_on_the_disk_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let digest = cache.put_blob(b"chart").unwrap();
        let file = folder.path().join(blob_name(&digest));
        std::fs::write(&file, b"other").unwrap();
        assert_eq!(cache.blob(&digest).unwrap(), None);
        assert!(!file.exists());
        cache.put_blob(b"chart").unwrap();
        assert!(cache.blob(&digest).unwrap().is_some());
    }

    #[test]
    fn the_document_of_an_address_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let url = "https://example.org/index.yaml";
        assert_eq!(cache.document(url).unwrap(), None);
        cache
            .put_document(url, Some("\"1\""), None, b"one")
            .unwrap();
        cache
            .put_document(url, Some("\"2\""), None, b"two")
            .unwrap();
        let (state, bytes) = cache.document(url).unwrap().unwrap();
        assert_eq!(
            (state.etag.as_deref(), bytes.as_slice()),
            (Some("\"2\""), &b"two"[..])
        );
        assert_eq!(cache.blob(&Digest::of(b"one")).unwrap(), None);
    }

    #[test]
    fn many_may_write_and_read_at_once() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let cache = Cache::at(folder.path().to_owned());
                scope.spawn(move || {
                    for n in 0..100 {
                        let bytes = vec![n; 10_000];
                        let digest = cache.put_blob(&bytes).unwrap();
                        assert_eq!(cache.blob(&digest).unwrap(), Some(bytes));
                    }
                });
            }
        });
        let left = std::fs::read_dir(folder.path().join("new"))
            .unwrap()
            .count();
        assert_eq!(left, 0);
    }
}
