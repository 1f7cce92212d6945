//! The repository of a registry that a tree's artifacts are in, with what is said of them and the tags
//! that lead to them.
//!
//! This is the client of `tidegate_registry` with the meaning that tidegate gives to what it reads and
//! writes. A digest is the identity: whatever is read for it has that digest, and what a tag leads to is
//! asked for once and then named by digest.

mod attached;
mod error;
mod push;
mod tags;

use serde::Deserialize;
use tidegate_registry::{Descriptor, Digest, Manifest, Reference, RepositoryName};

use crate::LAYER_MEDIA_TYPE;

pub use attached::{Found, Unreadable, label};
pub use error::RepositoryError;
pub use push::Pushed;
pub use tags::Tagged;

/// A repository of artifacts.
#[derive(Clone, Debug)]
pub struct Repository<'a> {
    registry: tidegate_registry::Repository<'a>,
}

/// The config of an artifact, as far as it is read.
#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

impl<'a> Repository<'a> {
    /// The largest layer that is read, in bytes, compressed: 256 MiB.
    pub const LARGEST_LAYER: u64 = 256 << 20;
    /// The largest config that is read, in bytes: 1 MiB.
    pub const LARGEST_CONFIG: u64 = 1 << 20;

    /// The artifacts of a repository; nothing is asked of its registry yet.
    pub fn new(registry: tidegate_registry::Repository<'a>) -> Repository<'a> {
        Repository { registry }
    }

    /// What it is called.
    pub fn name(&self) -> &RepositoryName {
        self.registry.name()
    }

    /// The manifest of an artifact; none where the repository does not have it.
    pub fn manifest(&self, digest: &Digest) -> Result<Option<Manifest>, RepositoryError> {
        let reference = Reference::Digest(digest.clone());
        let read = self.registry.artifact(&reference)?;
        Ok(read.map(|(manifest, _)| manifest))
    }

    /// The layer that Flux takes of an artifact: the first of Flux's media type, else the first. Its bytes are
    /// those that the manifest names.
    pub fn layer(&self, manifest: &Manifest) -> Result<Vec<u8>, RepositoryError> {
        let layer =
            layer_of(manifest).ok_or_else(|| RepositoryError::NoLayer(self.name().clone()))?;
        Ok(self.registry.blob(layer, Self::LARGEST_LAYER)?)
    }

    /// The content digest that the config of an artifact states; none where it states none.
    ///
    /// Whoever pushed the artifact has written it: where something is decided from it, it has to be compared with
    /// the digest of the unpacked layer.
    pub fn stated_diff_id(&self, manifest: &Manifest) -> Result<Option<Digest>, RepositoryError> {
        let bytes = self.registry.blob(&manifest.config, Self::LARGEST_CONFIG)?;
        let config: Option<Config> = serde_json::from_slice(&bytes).ok();
        let at = manifest
            .layers
            .iter()
            .position(|layer| layer_of(manifest) == Some(layer));
        let stated = config.zip(at).and_then(|(config, at)| {
            let stated = config.rootfs.diff_ids.get(at)?;
            Digest::parse(stated)
        });
        Ok(stated)
    }
}

/// The layer that Flux takes.
pub(crate) fn layer_of(manifest: &Manifest) -> Option<&Descriptor> {
    let mut layers = manifest.layers.iter();
    let of_flux = layers.find(|layer| layer.media_type == LAYER_MEDIA_TYPE);
    of_flux.or(manifest.layers.first())
}
