use jiff::Timestamp;
use tidegate_artifact::evidence::{
    Envelope, Evidence, Outcome, Signed, SigningKey, Statement, VerifyingKey,
};
use tidegate_artifact::ledger::Tags as _;
use tidegate_artifact::{Artifact, Digest, Repository, RepositoryError, Tagged};
use tidegate_registry::Manifest;
use tidegate_system::ArtifactSystem;

use super::tags::Tags;
use crate::progress::Progress;

/// What was written, and what was there.
pub(super) struct Written {
    pub(super) digest: Digest,
    /// Whether the repository had an artifact with the same content, which was taken.
    pub(super) was_there: bool,
    /// Whether anything was written at all.
    pub(super) changed: bool,
    /// What was attached.
    pub(super) attached: Option<Digest>,
    /// The tags, and what became of each.
    pub(super) tags: Vec<(String, TagState)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagState {
    New,
    There,
    Moved,
}

/// Writes an artifact that passed the gate: first what no tag leads to, then the evidence, then the tags. Whatever
/// is tagged has its evidence, wherever a run is killed.
pub(super) struct Writing<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) artifact: &'a Artifact,
    pub(super) tags: &'a Tags,
    pub(super) key: Option<&'a SigningKey>,
    pub(super) progress: &'a Progress,
}

impl Writing<'_> {
    /// `evidence` makes that of the gate for a digest.
    pub(super) fn write(
        &self,
        evidence: impl FnOnce(&Digest) -> Envelope,
    ) -> Result<Written, RepositoryError> {
        let steps = 3 + self.tags.aliases.len();
        let content = content_tag(&self.artifact.layer.diff_id);
        let there = self.there(&content)?;
        let mut changed = false;
        let digest = match &there {
            Some(there) => there.clone(),
            None => {
                let pushed = self.repository.push(self.artifact)?;
                changed |= pushed.sent_manifest;
                pushed.digest
            }
        };
        self.progress.update(1, steps);
        let attached = match self.has_evidence(&digest)? {
            true => None,
            false => Some(self.repository.attach(&digest, &evidence(&digest))?),
        };
        self.progress.update(2, steps);
        changed |= attached.is_some();
        let mut tags = Vec::new();
        if let Some(tag) = &self.tags.commit {
            let state = match self.repository.tag_once(tag, &digest) {
                Ok(Tagged::Now) => TagState::New,
                Ok(Tagged::Before) => TagState::There,
                // It leads to the same content: that was looked at above.
                Err(RepositoryError::Taken { holds, .. }) if self.is_same(&holds)? => {
                    TagState::There
                }
                Err(error) => return Err(error),
            };
            tags.push((tag.clone(), state));
        }
        for tag in &self.tags.aliases {
            tags.push((tag.clone(), self.set(tag, &digest)?));
            self.progress.update(2 + tags.len(), steps);
        }
        self.set(&content, &digest)?;
        changed |= tags.iter().any(|(_, state)| *state != TagState::There);
        Ok(Written {
            digest,
            was_there: there.is_some(),
            changed,
            attached,
            tags,
        })
    }

    /// An artifact of the repository with the same content: the one that the commit has, or else the one that was
    /// pushed last with it.
    fn there(&self, content: &str) -> Result<Option<Digest>, RepositoryError> {
        if let Some(tag) = &self.tags.commit
            && let Some(holds) = self.repository.resolve(tag)?
        {
            return match self.is_same(&holds)? {
                true => Ok(Some(holds)),
                false => Err(RepositoryError::Taken {
                    tag: tag.clone(),
                    holds,
                    wanted: self.artifact.digest.clone(),
                }),
            };
        }
        let found = self.repository.resolve(content)?;
        match found {
            Some(found) if self.is_same(&found)? => Ok(Some(found)),
            _ => Ok(None),
        }
    }

    /// Whether an artifact of the repository has the content of this one.
    fn is_same(&self, digest: &Digest) -> Result<bool, RepositoryError> {
        if *digest == self.artifact.digest {
            return Ok(true);
        }
        let Some(manifest) = self.repository.manifest(digest)? else {
            return Ok(false);
        };
        has_content(
            self.repository,
            &manifest,
            &self.artifact.layer.digest,
            &self.artifact.layer.diff_id,
        )
    }

    /// Whether evidence of the gate is attached that is as good as the one that would be.
    fn has_evidence(&self, digest: &Digest) -> Result<bool, RepositoryError> {
        let key: Vec<VerifyingKey> = self.key.iter().map(|key| key.verifying_key()).collect();
        let passed = |envelope: &Envelope| {
            let says = Statement::result(&envelope.payload(), digest);
            let is_gate = says.is_ok_and(|says| {
                says.details.kind == Evidence::Gate && says.result != Outcome::Failed
            });
            is_gate && (key.is_empty() || matches!(envelope.signed(&key), Signed::By(..)))
        };
        let found = self.repository.evidence(digest)?;
        let mut envelopes = found
            .iter()
            .filter_map(|found| found.envelope.as_ref().ok());
        Ok(envelopes.any(passed))
    }

    fn set(&self, tag: &str, digest: &Digest) -> Result<TagState, RepositoryError> {
        let before = self.repository.resolve(tag)?;
        if before.as_ref() == Some(digest) {
            return Ok(TagState::There);
        }
        self.repository.set(tag, digest)?;
        Ok(match before {
            Some(_) => TagState::Moved,
            None => TagState::New,
        })
    }
}

/// Whether an artifact has the content of a layer. What it says of itself is not believed: the bytes are those of
/// the digests, or they are looked at.
pub(crate) fn has_content(
    repository: &Repository<'_>,
    manifest: &Manifest,
    layer: &Digest,
    diff_id: &Digest,
) -> Result<bool, RepositoryError> {
    if manifest.layers.len() == 1 && manifest.layers[0].digest == *layer {
        return Ok(true);
    }
    if repository.stated_diff_id(manifest)?.as_ref() != Some(diff_id) {
        return Ok(false);
    }
    // Another compressor may have made it.
    let bytes = repository.layer(manifest)?;
    let unpacked = ArtifactSystem::new(&bytes);
    Ok(unpacked.is_ok_and(|unpacked| diff_id.matches(unpacked.archive())))
}

/// The tag by which an artifact is found by its content.
fn content_tag(diff_id: &Digest) -> String {
    format!("content-{}", diff_id.hex())
}

/// The time at which the evidence is made and an environment selects the artifact: to the second, as it is written.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
