//! The documents of the image specification, as far as artifacts and charts need them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The media type of a manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a list of manifests.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The media types that are asked for.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// Points at some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What they are.
    #[serde(default)]
    pub media_type: String,
    /// How many.
    pub size: u64,
    /// Which.
    #[serde(with = "as_text")]
    pub digest: Digest,
    /// The type of the artifact, in a list of manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// What else is said about them.
    #[serde(
        default,
        skip_serializing_if = "no_annotations",
        deserialize_with = "or_default"
    )]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Points at these bytes.
    pub fn of(media_type: impl Into<String>, bytes: &[u8]) -> Descriptor {
        Descriptor {
            media_type: media_type.into(),
            size: bytes.len() as u64,
            digest: Digest::of(bytes),
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// An artifact: its config and its layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// 2.
    pub schema_version: u8,
    /// [`MANIFEST`].
    #[serde(default)]
    pub media_type: String,
    /// What the artifact is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// What is to be known of the layers.
    pub config: Descriptor,
    /// The content.
    #[serde(default, deserialize_with = "or_default")]
    pub layers: Vec<Descriptor>,
    /// The manifest that this one is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// What else is said about the artifact.
    #[serde(
        default,
        skip_serializing_if = "no_annotations",
        deserialize_with = "or_default"
    )]
    pub annotations: BTreeMap<String, String>,
}

/// A list of manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// 2.
    pub schema_version: u8,
    /// [`INDEX`].
    #[serde(default)]
    pub media_type: String,
    /// The list. Servers write `null` for an empty one.
    #[serde(default, deserialize_with = "or_default")]
    pub manifests: Vec<Descriptor>,
    /// What else is said about it.
    #[serde(
        default,
        skip_serializing_if = "no_annotations",
        deserialize_with = "or_default"
    )]
    pub annotations: BTreeMap<String, String>,
}

fn no_annotations(annotations: &BTreeMap<String, String>) -> bool {
    annotations.is_empty()
}

/// What `null` stands for.
fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

mod as_text {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::digest::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        Digest::parse(&text).ok_or_else(|| D::Error::custom("a digest that is none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_order_in_which_flux_writes_them() {
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: None,
            config: Descriptor::of("application/vnd.cncf.flux.config.v1+json", b"{}"),
            layers: Vec::new(),
            subject: None,
            annotations: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        };
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(
            text,
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
             \"config\":{\"mediaType\":\"application/vnd.cncf.flux.config.v1+json\",\"size\":2,\
             \"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\
             \"layers\":[],\"annotations\":{\"a\":\"b\"}}"
        );
        assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
    }

    #[test]
    fn null_is_empty() {
        let index: Index =
            serde_json::from_str(r#"{"schemaVersion": 2, "manifests": null, "annotations": null}"#)
                .unwrap();
        assert!(index.manifests.is_empty());
    }
}
