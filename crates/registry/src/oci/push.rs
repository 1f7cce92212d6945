//! Blobs and manifests on their way to a registry.

use super::{Access, Descriptor, MANIFEST, Manifest, Reference, Repository, RepositoryName};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind};
use crate::http::{Method, Request, Response};
use crate::url::{Scheme, Url};

/// What is sent at once of a blob. Smaller blobs go in one piece.
const CHUNK: usize = 8 << 20;
/// How often a blob is sent from its start.
const TRIES: u32 = 3;
/// What is read of the answers, which say nothing.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// What a tag must lead to for a manifest to take its place.
///
/// Registries need not look at it, and most do not: one that does refuses with [`ErrorKind::Raced`], and
/// nothing else can be concluded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// To anything, or nothing.
    #[default]
    Anything,
    /// To nothing.
    Nothing,
    /// To this manifest.
    Manifest(Digest),
}

/// A manifest that a registry has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedManifest {
    /// Its digest.
    pub digest: Digest,
    /// Whether the registry keeps the list of those that are about the same subject.
    pub lists_subject: bool,
}

impl Repository<'_> {
    /// Whether a blob is there.
    pub fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        let url = self.url(&format!("blobs/{digest}"))?;
        // Whoever asks wants to push: one token does for both.
        let response = self.send(Access::Push, Request::new(Method::Head, url, 0))?;
        match response.status {
            404 => Ok(false),
            _ if response.is_success() => Ok(true),
            _ => Err(response.refusal()),
        }
    }

    /// Sends a blob, unless it is there; whether it was sent.
    ///
    /// A large one goes in parts. When one of these is lost, the blob is sent anew.
    pub fn push_blob(&self, bytes: &[u8]) -> Result<bool, Error> {
        self.push_blob_in(bytes, CHUNK)
    }

    /// Sends a blob in parts of a size, unless it is there.
    pub fn push_blob_in(&self, bytes: &[u8], chunk: usize) -> Result<bool, Error> {
        let digest = Digest::of(bytes);
        if self.has_blob(&digest)? {
            return Ok(false);
        }
        let mut tried = 0;
        loop {
            tried += 1;
            match self.upload(bytes, &digest, chunk) {
                Ok(()) => return Ok(true),
                Err(error) if error.kind == ErrorKind::Unavailable && tried < TRIES => {}
                // The answer to the last part may have been lost: asked once more, the registry knows of no such
                // upload, as it is complete.
                Err(error) if error.kind == ErrorKind::NotFound => {
                    return match self.has_blob(&digest)? {
                        true => Ok(true),
                        false => Err(error),
                    };
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes a blob over from another repository of the registry; whether that was possible.
    pub fn mount_blob(&self, digest: &Digest, from: &RepositoryName) -> Result<bool, Error> {
        let url = self.url("blobs/uploads/")?;
        let url = url
            .with_query("mount", &digest.to_string())
            .with_query("from", &from.path);
        let response = self.send(
            Access::Push,
            Request::new(Method::Post, url, LONGEST_ANSWER),
        )?;
        match response.status {
            201 => Ok(true),
            // The registry began an upload instead, which it forgets in time.
            202 | 404 | 405 => Ok(false),
            _ => Err(response.refusal()),
        }
    }

    fn upload(&self, bytes: &[u8], digest: &Digest, chunk: usize) -> Result<(), Error> {
        let start = Request::new(Method::Post, self.url("blobs/uploads/")?, LONGEST_ANSWER);
        let response = self.send(Access::Push, start)?;
        if response.status != 202 {
            return Err(response.refusal());
        }
        let least = response
            .header("oci-chunk-min-length")
            .and_then(|text| text.parse().ok());
        let chunk = chunk.max(least.unwrap_or(0)).max(1);
        let mut at = self.location(&response)?;
        let mut rest = bytes;
        if bytes.len() > chunk {
            let mut start = 0;
            for part in bytes.chunks(chunk) {
                let end = start + part.len() - 1;
                let request = Request::new(Method::Patch, at, LONGEST_ANSWER)
                    .body(part, "application/octet-stream")
                    .header("content-range", format!("{start}-{end}"));
                let response = self.send(Access::Push, request)?;
                if response.status != 202 {
                    return Err(response.refusal());
                }
                at = self.location(&response)?;
                start = end + 1;
            }
            rest = &[];
        }
        let end = at.with_query("digest", &digest.to_string());
        let request =
            Request::new(Method::Put, end, LONGEST_ANSWER).body(rest, "application/octet-stream");
        let response = self.send(Access::Push, request)?;
        if response.status != 201 {
            return Err(response.refusal());
        }
        self.same_digest(&response, digest)
    }

    /// Where an upload goes on.
    fn location(&self, response: &Response) -> Result<Url, Error> {
        let refuse = |why: &str| {
            let what = format!("the registry says not where the upload goes on: {why}");
            Error::at(ErrorKind::Malformed, &response.url, what)
        };
        let location = response
            .header("location")
            .ok_or_else(|| refuse("there is no `Location`"))?;
        let url = self.of_registry(response.url.join(location).map_err(refuse)?);
        match self.base.scheme() == Scheme::Https && url.is_exposed() {
            true => Err(refuse("it is a server that is spoken to in plain text")),
            false => Ok(url),
        }
    }

    /// Puts the manifest of an artifact under a tag or its digest. What it points at must be there.
    pub fn push_artifact(
        &self,
        reference: Option<&Reference>,
        manifest: &Manifest,
        expected: &Expected,
    ) -> Result<PushedManifest, Error> {
        let bytes = serde_json::to_vec(manifest)
            .map_err(|error| Error::at(ErrorKind::Invalid, &self.name, error))?;
        self.push_manifest(reference, MANIFEST, &bytes, expected)
    }

    /// Puts a manifest under a tag or, without one, its digest.
    pub fn push_manifest(
        &self,
        reference: Option<&Reference>,
        media_type: &str,
        bytes: &[u8],
        expected: &Expected,
    ) -> Result<PushedManifest, Error> {
        let digest = Digest::of(bytes);
        let url = match reference {
            Some(Reference::Digest(wanted)) if *wanted != digest => {
                let what = format!("the manifest is not {wanted}");
                return Err(Error::at(ErrorKind::Invalid, &self.name, what));
            }
            Some(reference) => self.url(&format!("manifests/{reference}"))?,
            None => self.url(&format!("manifests/{digest}"))?,
        };
        let mut request = Request::new(Method::Put, url, LONGEST_ANSWER).body(bytes, media_type);
        match expected {
            Expected::Anything => {}
            Expected::Nothing => request = request.header("if-none-match", "*"),
            Expected::Manifest(before) => {
                request = request.header("if-match", format!("\"{before}\""))
            }
        }
        let response = self.send(Access::Push, request)?;
        match response.status {
            201 => {}
            412 => {
                let what = "someone else has changed it in the meantime";
                return Err(Error::at(ErrorKind::Raced, &response.url, what));
            }
            _ => return Err(response.refusal()),
        }
        self.same_digest(&response, &digest)?;
        Ok(PushedManifest {
            lists_subject: response.header("oci-subject").is_some(),
            digest,
        })
    }

    /// Puts a manifest that is there under a further tag.
    pub fn tag(
        &self,
        manifest: &Digest,
        tag: &Reference,
        expected: &Expected,
    ) -> Result<(), Error> {
        let from = Reference::Digest(manifest.clone());
        let pulled = self.manifest(&from)?.ok_or_else(|| {
            Error::at(
                ErrorKind::NotFound,
                &self.name,
                format!("there is no manifest {manifest}"),
            )
        })?;
        self.push_manifest(Some(tag), &pulled.media_type, &pulled.bytes, expected)?;
        Ok(())
    }

    /// The descriptor of a manifest that is there.
    pub fn describe(&self, reference: &Reference) -> Result<Option<Descriptor>, Error> {
        let pulled = self.manifest(reference)?;
        Ok(pulled.map(|pulled| Descriptor {
            digest: pulled.digest,
            ..Descriptor::of(pulled.media_type, &pulled.bytes)
        }))
    }

    /// Whether the registry has taken the bytes for what they are, as far as it says so.
    fn same_digest(&self, response: &Response, digest: &Digest) -> Result<(), Error> {
        let said = response
            .header("docker-content-digest")
            .and_then(Digest::parse);
        match said {
            Some(said) if said != *digest && said.algorithm() == digest.algorithm() => {
                let what = format!("the registry took {digest} for {said}");
                Err(Error::at(ErrorKind::Mismatch, &self.name, what))
            }
            _ => Ok(()),
        }
    }
}
