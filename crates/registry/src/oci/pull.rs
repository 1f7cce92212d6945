//! Manifests and blobs.

use super::manifest::ACCEPTED;
use super::{Access, Descriptor, Manifest, Reference, Repository};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind};
use crate::http::{Method, Request};

/// Registries need not take larger manifests, says the specification.
const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;

/// A manifest as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The bytes, which are those of the digest.
    pub bytes: Vec<u8>,
    /// Their digest.
    pub digest: Digest,
    /// What they are, as the registry says.
    pub media_type: String,
}

impl Repository<'_> {
    /// The digest of the manifest that a reference leads to; none where there is no such manifest.
    pub fn resolve(&self, reference: &Reference) -> Result<Option<Digest>, Error> {
        let url = self.url(&format!("manifests/{reference}"))?;
        let request = Request::new(Method::Head, url, 0).header("accept", ACCEPTED);
        let response = self.send(Access::Pull, request)?;
        let said = response
            .header("docker-content-digest")
            .and_then(Digest::parse);
        match (response.status, said, reference) {
            (404, ..) => Ok(None),
            (200..=299, Some(digest), Reference::Tag(_)) => Ok(Some(digest)),
            (200..=299, _, Reference::Digest(digest)) => Ok(Some(digest.clone())),
            // The header is optional, and so is the method for some.
            (200..=299 | 405, ..) => Ok(self.manifest(reference)?.map(|pulled| pulled.digest)),
            _ => Err(response.refusal()),
        }
    }

    /// The manifest that a reference leads to; none where there is none.
    pub fn manifest(&self, reference: &Reference) -> Result<Option<Pulled>, Error> {
        let url = self.url(&format!("manifests/{reference}"))?;
        let request = Request::get(url, LARGEST_MANIFEST).header("accept", ACCEPTED);
        let response = self.send(Access::Pull, request)?;
        if response.status == 404 {
            return Ok(None);
        }
        if !response.is_success() {
            return Err(response.refusal());
        }
        let said = response
            .header("docker-content-digest")
            .and_then(Digest::parse);
        let expected = match reference {
            Reference::Digest(digest) => Some(digest),
            Reference::Tag(_) => said.as_ref(),
        };
        if let Some(expected) = expected
            && !expected.matches(&response.body)
        {
            let what = format!("the registry sends something else than {expected}");
            return Err(Error::at(ErrorKind::Mismatch, self.place(reference), what));
        }
        let media_type = response.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        Ok(Some(Pulled {
            digest: expected
                .cloned()
                .unwrap_or_else(|| Digest::of(&response.body)),
            media_type: media_type.to_owned(),
            bytes: response.body,
        }))
    }

    /// The manifest of an artifact, read.
    pub fn artifact(&self, reference: &Reference) -> Result<Option<(Manifest, Digest)>, Error> {
        let read = self.read_artifact(reference)?;
        Ok(read.map(|(manifest, pulled)| (manifest, pulled.digest)))
    }

    /// The manifest of an artifact, read and as it came.
    pub(super) fn read_artifact(
        &self,
        reference: &Reference,
    ) -> Result<Option<(Manifest, Pulled)>, Error> {
        let Some(pulled) = self.manifest(reference)? else {
            return Ok(None);
        };
        let refuse = |what: &str| Error::at(ErrorKind::Malformed, self.place(reference), what);
        let manifest: Manifest = serde_json::from_slice(&pulled.bytes).map_err(|_| {
            let is_list = pulled.media_type.ends_with("index.v1+json")
                || pulled.media_type.ends_with("manifest.list.v2+json");
            refuse(match is_list {
                true => "it is a list of manifests, not an artifact",
                false => "its manifest cannot be read",
            })
        })?;
        Ok(Some((manifest, pulled)))
    }

    /// The bytes that a descriptor points at, of which there may be `limit`.
    pub fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Vec<u8>, Error> {
        let Descriptor { digest, size, .. } = descriptor;
        if *size > limit {
            let what = format!("it has {size} bytes, which is more than {limit}");
            return Err(Error::at(ErrorKind::TooLarge, self.place(digest), what));
        }
        let bytes = self
            .bytes_of(digest, *size)
            .map_err(|error| match error.kind {
                ErrorKind::TooLarge => {
                    let what = format!(
                        "the registry sends more than the {size} bytes that its manifest names"
                    );
                    Error::at(ErrorKind::Mismatch, self.place(digest), what)
                }
                _ => error,
            })?;
        if bytes.len() as u64 != *size {
            let length = bytes.len();
            let what = format!("the registry sends {length} bytes where its manifest names {size}");
            return Err(Error::at(ErrorKind::Mismatch, self.place(digest), what));
        }
        Ok(bytes)
    }

    /// The bytes that have a digest, of which there may be `limit`.
    pub fn bytes_of(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>, Error> {
        let url = self.url(&format!("blobs/{digest}"))?;
        let response = self.send(Access::Pull, Request::get(url, limit))?;
        if !response.is_success() {
            return Err(response.refusal());
        }
        if !digest.matches(&response.body) {
            let what = format!("the registry sends something else than {digest}");
            return Err(Error::at(ErrorKind::Mismatch, &self.name, what));
        }
        Ok(response.body)
    }

    fn place(&self, reference: impl std::fmt::Display) -> String {
        let reference = reference.to_string();
        let sign = if reference.contains(':') { '@' } else { ':' };
        format!("{}{sign}{reference}", self.name)
    }
}
