use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use super::key::{KeyId, SigningKey, VerifyingKey};
use super::statement::Statement;

/// What the payload is: a statement of in-toto.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The most signatures of an envelope that are looked at.
const MOST_SIGNATURES: usize = 64;

/// A payload with its signatures, as DSSE has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// The payload, in base64.
    payload: String,
    /// [`PAYLOAD_TYPE`].
    payload_type: String,
    /// Who signed it; none where it is not signed.
    pub signatures: Vec<Signature>,
}

/// A signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// What the signer calls its key: a hint, and nothing to trust in.
    #[serde(default)]
    pub keyid: String,
    /// The signature, in base64.
    pub sig: String,
}

/// What of an envelope may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed<'k> {
    /// This key has signed it.
    By(&'k VerifyingKey, KeyId),
    /// It has no signatures.
    Unsigned,
    /// None of the keys has signed it; these names stand beside its signatures.
    ByOthers(Vec<String>),
}

/// Why bytes are no envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// They are no JSON of an envelope.
    NotEnvelope,
    /// The payload is something else than a statement.
    OtherPayload(String),
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureError::NotEnvelope => f.write_str("it is no DSSE envelope"),
            SignatureError::OtherPayload(of) => {
                write!(f, "its payload is `{of}`, not a statement of in-toto")
            }
        }
    }
}

impl std::error::Error for SignatureError {}

impl Envelope {
    /// A payload without signatures.
    pub fn new(payload: &[u8]) -> Envelope {
        Envelope {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: Vec::new(),
        }
    }

    /// A statement, signed where there is a key.
    pub fn of(statement: &Statement, key: Option<&SigningKey>) -> Envelope {
        let mut envelope = Envelope::new(&statement.to_bytes());
        if let Some(key) = key {
            envelope.sign(key);
        }
        envelope
    }

    /// Reads an envelope.
    pub fn parse(bytes: &[u8]) -> Result<Envelope, SignatureError> {
        let envelope: Envelope =
            serde_json::from_slice(bytes).map_err(|_| SignatureError::NotEnvelope)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(SignatureError::OtherPayload(envelope.payload_type));
        }
        envelope.decoded().ok_or(SignatureError::NotEnvelope)?;
        Ok(envelope)
    }

    /// The bytes of the envelope.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and lists can be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The payload. Nothing is said of who wrote it: see [`signed`](Envelope::signed).
    pub fn payload(&self) -> Vec<u8> {
        self.decoded().unwrap_or_default()
    }

    fn decoded(&self) -> Option<Vec<u8>> {
        let engines = [&STANDARD, &URL_SAFE];
        engines
            .iter()
            .find_map(|engine| engine.decode(&self.payload).ok())
    }

    /// Adds a signature.
    pub fn sign(&mut self, key: &SigningKey) {
        let message = signed_bytes(&self.payload_type, &self.payload());
        self.signatures.push(Signature {
            keyid: key.verifying_key().id().to_string(),
            sig: STANDARD.encode(key.sign(&message)),
        });
    }

    /// Which of the keys has signed it.
    pub fn signed<'k>(&self, keys: &'k [VerifyingKey]) -> Signed<'k> {
        if self.signatures.is_empty() {
            return Signed::Unsigned;
        }
        let message = signed_bytes(&self.payload_type, &self.payload());
        let signatures = self.signatures.iter().take(MOST_SIGNATURES);
        for signature in signatures.clone() {
            let mut keys = keys.iter();
            if let Some(key) = keys.find(|key| key.verifies(&message, &signature.sig)) {
                return Signed::By(key, key.id());
            }
        }
        Signed::ByOthers(
            signatures
                .map(|signature| signature.keyid.clone())
                .collect(),
        )
    }
}

/// What is signed: the type and the payload, each with its length, so that neither can pass for part of
/// the other.
fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (of, length) = (payload_type.len(), payload.len());
    let mut out = format!("DSSEv1 {of} {payload_type} {length} ").into_bytes();
    out.extend(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::key::tests::{ED25519, ED25519_PUBLIC, P256, P256_PUBLIC};

    #[test]
    fn what_is_signed_is_that_of_the_specification() {
        assert_eq!(
            signed_bytes("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn only_keys_that_are_trusted_count() {
        let p256 = [VerifyingKey::from_pem(P256_PUBLIC).unwrap()];
        let ed25519 = [VerifyingKey::from_pem(ED25519_PUBLIC).unwrap()];
        let mut envelope = Envelope::new(b"{}");
        assert_eq!(envelope.signed(&p256), Signed::Unsigned);
        envelope.sign(&SigningKey::from_pem(ED25519).unwrap());
        assert_eq!(
            envelope.signed(&p256),
            Signed::ByOthers(vec![ed25519[0].id().to_string()])
        );
        envelope.sign(&SigningKey::from_pem(P256).unwrap());
        let read = Envelope::parse(&envelope.to_bytes()).unwrap();
        assert_eq!(read, envelope);
        assert_eq!(read.signed(&p256), Signed::By(&p256[0], p256[0].id()));
        assert_eq!(
            read.signed(&ed25519),
            Signed::By(&ed25519[0], ed25519[0].id())
        );
    }

    #[test]
    fn a_changed_payload_is_signed_by_no_one() {
        let keys = [VerifyingKey::from_pem(P256_PUBLIC).unwrap()];
        let mut envelope = Envelope::new(b"{\"result\":\"FAILED\"}");
        envelope.sign(&SigningKey::from_pem(P256).unwrap());
        let mut changed = Envelope::new(b"{\"result\":\"PASSED\"}");
        changed.signatures = envelope.signatures;
        assert!(matches!(changed.signed(&keys), Signed::ByOthers(_)));
    }

    #[test]
    fn what_is_no_envelope() {
        assert_eq!(
            Envelope::parse(b"{}").unwrap_err(),
            SignatureError::NotEnvelope
        );
        let other = br#"{"payload":"e30=","payloadType":"x","signatures":[]}"#;
        assert_eq!(
            Envelope::parse(other).unwrap_err(),
            SignatureError::OtherPayload("x".to_owned())
        );
        let broken =
            br#"{"payload":"?","payloadType":"application/vnd.in-toto+json","signatures":[]}"#;
        assert_eq!(
            Envelope::parse(broken).unwrap_err(),
            SignatureError::NotEnvelope
        );
    }
}
