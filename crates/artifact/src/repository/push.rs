use tidegate_registry::{Digest, Expected, Reference};

use super::{Repository, RepositoryError};
use crate::{Artifact, MANIFEST_MEDIA_TYPE};

/// What a push came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// What the artifact is called by.
    pub digest: Digest,
    /// Whether the layer was sent, or was there.
    pub sent_layer: bool,
    /// Whether the manifest was sent, or was there.
    pub sent_manifest: bool,
}

impl Repository<'_> {
    /// Sends what the repository does not have of an artifact. No tag leads to it afterwards that did not before.
    pub fn push(&self, artifact: &Artifact) -> Result<Pushed, RepositoryError> {
        let digest = artifact.digest.clone();
        let reference = Reference::Digest(digest.clone());
        if self.registry.resolve(&reference)?.is_some() {
            return Ok(Pushed {
                digest,
                sent_layer: false,
                sent_manifest: false,
            });
        }
        let sent_layer = self.registry.push_blob(&artifact.layer.bytes)?;
        self.registry.push_blob(&artifact.config)?;
        self.registry.push_manifest(
            Some(&reference),
            MANIFEST_MEDIA_TYPE,
            &artifact.manifest,
            &Expected::Anything,
        )?;
        Ok(Pushed {
            digest,
            sent_layer,
            sent_manifest: true,
        })
    }
}
