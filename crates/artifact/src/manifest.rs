use std::collections::BTreeMap;

use serde_json::json;

use crate::{Digest, Layer};

/// The media type of a manifest.
pub const MANIFEST_MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of the config of an artifact.
pub const CONFIG_MEDIA_TYPE: &str = "application/vnd.cncf.flux.config.v1+json";
/// The media type of its layer.
pub const LAYER_MEDIA_TYPE: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";

/// The annotations that Flux reads.
pub mod annotation {
    /// When it was made, as RFC 3339.
    pub const CREATED: &str = "org.opencontainers.image.created";
    /// The repository that it was made from.
    pub const SOURCE: &str = "org.opencontainers.image.source";
    /// The branch or tag and the commit, such as `main@sha1:0123...`.
    pub const REVISION: &str = "org.opencontainers.image.revision";
}

/// The config of an artifact, with the time at which it was made as RFC 3339.
pub fn config(diff_id: &Digest, created: &str) -> Vec<u8> {
    // In the order of Flux, so that the digest is the same.
    let created = json!(created);
    format!(
        "{{\"architecture\":\"\",\"created\":{created},\
         \"history\":[{{\"created\":\"0001-01-01T00:00:00Z\"}}],\"os\":\"\",\
         \"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{diff_id}\"]}},\"config\":{{}}}}"
    )
    .into_bytes()
}

/// The manifest of an artifact.
pub fn manifest(layer: &Layer, config: &[u8], annotations: &BTreeMap<String, String>) -> Vec<u8> {
    let descriptor = |media_type: &str, size: usize, digest: Digest| {
        format!("{{\"mediaType\":\"{media_type}\",\"size\":{size},\"digest\":\"{digest}\"}}")
    };
    let config = descriptor(CONFIG_MEDIA_TYPE, config.len(), Digest::of(config));
    let layer = descriptor(LAYER_MEDIA_TYPE, layer.bytes.len(), layer.digest.clone());
    let annotations = json!(annotations);
    format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST_MEDIA_TYPE}\",\"config\":{config},\
         \"layers\":[{layer}],\"annotations\":{annotations}}}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_flux() {
        let config = config(&Digest::of(b""), "1970-01-01T00:00:00Z");
        assert_eq!(config.len(), 233);
        let annotations = [(annotation::SOURCE, "s"), (annotation::CREATED, "c")];
        let owned = annotations.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let manifest = manifest(&Layer::empty(), &config, &BTreeMap::from(owned));
        let text = String::from_utf8(manifest).unwrap();
        let start = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
                     \"config\":{\"mediaType\":\"application/vnd.cncf.flux.config.v1+json\",\
                     \"size\":233,\"digest\":\"sha256:";
        assert!(text.starts_with(start), "{text}");
        let end = "\"}],\"annotations\":{\"org.opencontainers.image.created\":\"c\",\
                   \"org.opencontainers.image.source\":\"s\"}}";
        assert!(text.ends_with(end), "{text}");
    }
}
