use std::collections::BTreeMap;
use std::fmt;

use tidegate_registry::{Descriptor, Digest, ErrorKind, MANIFEST, Manifest, Reference, Referrer};

use super::{Repository, RepositoryError};
use crate::annotation;
use crate::evidence::{
    ENVELOPE_MEDIA_TYPE, Envelope, PAYLOAD_TYPE, SignatureError, Statement, TEST_RESULT,
};

/// The media type of an empty config.
const EMPTY_MEDIA_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// An empty config.
const EMPTY: &[u8] = b"{}";

/// The annotations of attached evidence: for lists, and nothing to decide from.
pub mod label {
    /// What the statement says, as a URL.
    pub const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
    /// Which kind of evidence it is.
    pub const KIND: &str = "dev.tidegate.kind";
    /// The environment that it is about.
    pub const ENVIRONMENT: &str = "dev.tidegate.environment";
    /// How the tests ended.
    pub const RESULT: &str = "dev.tidegate.result";
}

/// Something that is attached to an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is called by.
    pub digest: Digest,
    /// What the registry says beside it: nothing to decide from.
    pub annotations: BTreeMap<String, String>,
    /// The envelope. Nothing is said yet of who signed it, and of what it is about.
    pub envelope: Result<Envelope, Unreadable>,
}

/// Why something that is attached is no envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is of this type, which tidegate does not read.
    OtherType(String),
    /// It has no layer with an envelope.
    NoEnvelope,
    /// The registry does not give its bytes.
    Registry(String),
    /// Its bytes are no envelope.
    Envelope(SignatureError),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::OtherType(of) => write!(f, "it is `{of}`, which tidegate does not read"),
            Unreadable::NoEnvelope => f.write_str("it has no layer with a DSSE envelope"),
            Unreadable::Registry(why) => f.write_str(why),
            Unreadable::Envelope(error) => error.fmt(f),
        }
    }
}

impl Repository<'_> {
    /// The largest envelope that is read, in bytes: 16 MiB.
    pub const LARGEST_ENVELOPE: u64 = 16 << 20;

    /// Attaches an envelope to an artifact; the digest of what was attached. The annotations say what its payload
    /// says.
    pub fn attach(&self, digest: &Digest, envelope: &Envelope) -> Result<Digest, RepositoryError> {
        let reference = Reference::Digest(digest.clone());
        let subject = self.registry.describe(&reference)?;
        let subject =
            subject.ok_or_else(|| RepositoryError::Absent(self.name().clone(), digest.clone()))?;
        let bytes = envelope.to_bytes();
        self.registry.push_blob(EMPTY)?;
        self.registry.push_blob(&bytes)?;
        let manifest = Manifest {
            schema_version: 2,
            media_type: MANIFEST.to_owned(),
            artifact_type: Some(PAYLOAD_TYPE.to_owned()),
            config: Descriptor::of(EMPTY_MEDIA_TYPE, EMPTY),
            layers: vec![Descriptor::of(ENVELOPE_MEDIA_TYPE, &bytes)],
            subject: Some(subject),
            annotations: labels(digest, &envelope.payload()),
        };
        Ok(self.registry.attach(&manifest)?)
    }

    /// All that is attached to an artifact, in the order of the digests. What cannot be read says why: someone who
    /// may push can attach anything, and must not hide the rest by it.
    pub fn evidence(&self, digest: &Digest) -> Result<Vec<Found>, RepositoryError> {
        let attached = self.registry.referrers(digest, None)?;
        let mut all = Vec::with_capacity(attached.len());
        for Referrer {
            descriptor,
            manifest,
        } in attached
        {
            let envelope = self.envelope(&manifest)?;
            all.push(Found {
                digest: descriptor.digest,
                annotations: manifest.annotations,
                envelope,
            });
        }
        Ok(all)
    }

    /// The envelope that a manifest holds. A registry that cannot be reached is an error; what it has is not.
    fn envelope(
        &self,
        manifest: &Manifest,
    ) -> Result<Result<Envelope, Unreadable>, RepositoryError> {
        let of = manifest
            .artifact_type
            .as_deref()
            .unwrap_or(&manifest.config.media_type);
        if of != PAYLOAD_TYPE {
            return Ok(Err(Unreadable::OtherType(of.to_owned())));
        }
        let mut layers = manifest.layers.iter();
        let Some(layer) = layers.find(|layer| layer.media_type == ENVELOPE_MEDIA_TYPE) else {
            return Ok(Err(Unreadable::NoEnvelope));
        };
        match self.registry.blob(layer, Self::LARGEST_ENVELOPE) {
            Ok(bytes) => Ok(Envelope::parse(&bytes).map_err(Unreadable::Envelope)),
            Err(error) => match error.kind {
                ErrorKind::NotFound | ErrorKind::TooLarge | ErrorKind::Mismatch => {
                    Ok(Err(Unreadable::Registry(error.to_string())))
                }
                _ => Err(error.into()),
            },
        }
    }
}

/// What lists show of a payload.
fn labels(digest: &Digest, payload: &[u8]) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut add = |name: &str, value: &str| labels.insert(name.to_owned(), value.to_owned());
    if let Ok(result) = Statement::result(payload, digest) {
        add(label::PREDICATE_TYPE, TEST_RESULT);
        add(annotation::CREATED, &result.details.time);
        add(label::KIND, result.details.kind.as_str());
        add(label::RESULT, result.result.as_str());
        if let Some(environment) = &result.details.environment {
            add(label::ENVIRONMENT, environment);
        }
    } else if let Ok(statement) = serde_json::from_slice::<Statement>(payload) {
        add(label::PREDICATE_TYPE, &statement.predicate_type);
    }
    labels
}
