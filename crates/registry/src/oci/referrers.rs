//! What is attached to a manifest.
//!
//! Registries of today keep a list of the manifests that name another one as their subject. For those that
//! do not, clients keep it, under a tag that is made of the subject's digest. Such a list is read, changed
//! and written back without a lock, so two writers can lose what one of them has added. Here each attached
//! manifest gets a tag of its own first, and whoever writes the list looks at these tags afterwards and
//! adds what is not in it: the last one to look sees all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    Access, Descriptor, Expected, INDEX, Index, MANIFEST, Manifest, Reference, Repository,
};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind};
use crate::http::Request;

/// The largest list that is read.
const LARGEST_LIST: u64 = 4 * 1024 * 1024;
/// What may be attached to one manifest.
const MOST: usize = 1000;
/// How often a list is written before it is given up.
const TRIES: u32 = 16;

/// A manifest that is attached to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Points at it.
    pub descriptor: Descriptor,
    /// The manifest, whose subject is the other one.
    pub manifest: Manifest,
}

impl Repository<'_> {
    /// What is attached to a manifest, of a type or of any, in the order of the digests. Each was read, and
    /// says itself what it is about.
    pub fn referrers(
        &self,
        subject: &Digest,
        artifact_type: Option<&str>,
    ) -> Result<Vec<Referrer>, Error> {
        let listed = match self.listed_by_registry(subject, artifact_type)? {
            Some(listed) => listed,
            None => self.listed_by_clients(subject)?.into_values().collect(),
        };
        let mut all = Vec::new();
        for descriptor in listed {
            let reference = Reference::Digest(descriptor.digest.clone());
            // What was deleted may still be listed.
            let Some((manifest, digest)) = self.artifact(&reference)? else {
                continue;
            };
            let is_about = manifest
                .subject
                .as_ref()
                .is_some_and(|about| about.digest == *subject);
            let is_type = artifact_type.is_none_or(|wanted| type_of(&manifest) == wanted);
            if is_about && is_type {
                let descriptor = Descriptor {
                    digest,
                    ..descriptor
                };
                all.push(Referrer {
                    descriptor,
                    manifest,
                });
            }
        }
        all.sort_by(|a, b| a.descriptor.digest.cmp(&b.descriptor.digest));
        all.dedup_by(|a, b| a.descriptor.digest == b.descriptor.digest);
        Ok(all)
    }

    /// Attaches a manifest to its subject; its blobs must be there. The digest of it.
    pub fn attach(&self, manifest: &Manifest) -> Result<Digest, Error> {
        let subject = manifest.subject.as_ref().ok_or_else(|| {
            Error::at(
                ErrorKind::Invalid,
                &self.name,
                "a manifest without a subject is attached to nothing",
            )
        })?;
        let pushed = self.push_artifact(None, manifest, &Expected::Anything)?;
        if !pushed.lists_subject {
            let own = Reference::Tag(own_tag(&subject.digest, &pushed.digest));
            self.push_artifact(Some(&own), manifest, &Expected::Anything)?;
            self.complete_list(&subject.digest)?;
        }
        Ok(pushed.digest)
    }

    /// The list that the registry keeps; none where it keeps none.
    fn listed_by_registry(
        &self,
        subject: &Digest,
        artifact_type: Option<&str>,
    ) -> Result<Option<Vec<Descriptor>>, Error> {
        let mut url = self.url(&format!("referrers/{subject}"))?;
        if let Some(artifact_type) = artifact_type {
            url = url.with_query("artifactType", artifact_type);
        }
        let mut all: Vec<Descriptor> = Vec::new();
        let mut next = Some(url);
        while let Some(url) = next {
            let request = Request::get(url, LARGEST_LIST).header("accept", INDEX);
            let response = self.send(Access::Pull, request)?;
            if matches!(response.status, 404 | 405) {
                return Ok(None);
            }
            if !response.is_success() {
                return Err(response.refusal());
            }
            let index: Index = serde_json::from_slice(&response.body).map_err(|_| {
                Error::at(
                    ErrorKind::Malformed,
                    &response.url,
                    "the answer is no list of manifests",
                )
            })?;
            next = match index.manifests.is_empty() {
                true => None,
                false => self.linked(&response)?,
            };
            all.extend(index.manifests);
            self.bound(all.len())?;
        }
        Ok(Some(all))
    }

    /// The list that clients keep, and what has a tag of its own and is not in it.
    fn listed_by_clients(&self, subject: &Digest) -> Result<BTreeMap<Digest, Descriptor>, Error> {
        let (_, mut listed) = self.list(subject)?;
        for descriptor in self.tagged(subject, &listed)? {
            listed.insert(descriptor.digest.clone(), descriptor);
        }
        self.bound(listed.len())?;
        Ok(listed)
    }

    fn list(
        &self,
        subject: &Digest,
    ) -> Result<(Option<Digest>, BTreeMap<Digest, Descriptor>), Error> {
        let tag = list_tag(subject);
        let Some(pulled) = self.manifest(&tag)? else {
            return Ok((None, BTreeMap::new()));
        };
        let index: Index = serde_json::from_slice(&pulled.bytes).map_err(|_| {
            let what = format!("the tag {tag} holds no list of manifests");
            Error::at(ErrorKind::Malformed, &self.name, what)
        })?;
        let listed = index.manifests.into_iter();
        Ok((
            Some(pulled.digest),
            listed.map(|one| (one.digest.clone(), one)).collect(),
        ))
    }

    /// Writes the list until all that has a tag of its own is in it.
    fn complete_list(&self, subject: &Digest) -> Result<(), Error> {
        for tried in 0..TRIES {
            let (before, mut listed) = self.list(subject)?;
            let missing = self.tagged(subject, &listed)?;
            if missing.is_empty() {
                return Ok(());
            }
            listed.extend(missing.into_iter().map(|one| (one.digest.clone(), one)));
            self.bound(listed.len())?;
            let index = Index {
                schema_version: 2,
                media_type: INDEX.to_owned(),
                manifests: listed.into_values().collect(),
                annotations: BTreeMap::new(),
            };
            let bytes = serde_json::to_vec(&index)
                .map_err(|error| Error::at(ErrorKind::Invalid, &self.name, error))?;
            let expected = before.map_or(Expected::Nothing, Expected::Manifest);
            match self.push_manifest(Some(&list_tag(subject)), INDEX, &bytes, &expected) {
                Ok(_) => {}
                Err(error) if error.kind == ErrorKind::Raced => {}
                Err(error) => return Err(error),
            }
            if tried > 0 {
                // Others are at it: not all at the same moment.
                std::thread::sleep(self.pause(tried));
            }
        }
        let what =
            format!("the list of what is attached to {subject} is changed by others all the time");
        Err(Error::at(ErrorKind::Raced, &self.name, what))
    }

    fn pause(&self, tried: u32) -> Duration {
        self.registries.http.settings().retries.wait(tried.min(4)) / 4
    }

    /// What has a tag of its own and is not in a list.
    fn tagged(
        &self,
        subject: &Digest,
        listed: &BTreeMap<Digest, Descriptor>,
    ) -> Result<Vec<Descriptor>, Error> {
        let tags = match self.tags() {
            Ok(tags) => tags,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let start = format!("{OWN}{}-", &subject.hex()[..SHORT]);
        let mut missing = Vec::new();
        for tag in tags
            .range(start.clone()..)
            .take_while(|tag| tag.starts_with(&start))
        {
            let short = &tag[start.len()..];
            if listed.keys().any(|digest| digest.hex().starts_with(short)) {
                continue;
            }
            let Some((manifest, pulled)) = self.read_artifact(&Reference::tag(tag)?)? else {
                continue;
            };
            let is_about = manifest
                .subject
                .as_ref()
                .is_some_and(|about| about.digest == *subject);
            if !is_about || listed.contains_key(&pulled.digest) {
                continue;
            }
            missing.push(Descriptor {
                media_type: MANIFEST.to_owned(),
                size: pulled.bytes.len() as u64,
                digest: pulled.digest,
                artifact_type: Some(type_of(&manifest).to_owned()),
                annotations: manifest.annotations,
            });
        }
        Ok(missing)
    }

    fn bound(&self, count: usize) -> Result<(), Error> {
        match count > MOST {
            true => {
                let what = format!("more than {MOST} manifests are attached to one");
                Err(Error::at(ErrorKind::TooLarge, &self.name, what))
            }
            false => Ok(()),
        }
    }
}

/// How tags of attached manifests begin.
const OWN: &str = "att-";
/// How many digits of a digest a tag has.
const SHORT: usize = 12;

/// The tag that an attached manifest has where clients keep the lists.
fn own_tag(subject: &Digest, own: &Digest) -> String {
    format!("{OWN}{}-{}", &subject.hex()[..SHORT], &own.hex()[..SHORT])
}

/// The tag of the list that clients keep, as the specification has it.
fn list_tag(subject: &Digest) -> Reference {
    Reference::Tag(format!("{}-{}", subject.algorithm(), &subject.hex()[..64]))
}

/// The type of an artifact: its own word, or that of its config.
fn type_of(manifest: &Manifest) -> &str {
    manifest
        .artifact_type
        .as_deref()
        .unwrap_or(&manifest.config.media_type)
}
