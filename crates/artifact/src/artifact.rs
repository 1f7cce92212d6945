use std::collections::BTreeMap;

use crate::{Digest, Layer, annotation, config, manifest};

/// An artifact as it is pushed: a layer, its config, and the manifest that names both.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The content.
    pub layer: Layer,
    /// The bytes of the config.
    pub config: Vec<u8>,
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The digest of the manifest, which is what the artifact is called by.
    pub digest: Digest,
}

impl Artifact {
    /// Puts a layer into an artifact that was made at a time, as RFC 3339 in UTC. Annotations may say another
    /// time, as they may with Flux: the config follows them.
    pub fn new(layer: Layer, created: &str, mut annotations: BTreeMap<String, String>) -> Artifact {
        let created = annotations
            .entry(annotation::CREATED.to_owned())
            .or_insert_with(|| created.to_owned());
        let config = config(&layer.diff_id, created);
        let manifest = manifest(&layer, &config, &annotations);
        Artifact {
            digest: Digest::of(&manifest),
            layer,
            config,
            manifest,
        }
    }
}
