use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _};
use p256::ecdsa::signature::Verifier as _;
use tidegate_registry::Digest;

/// A private key: ECDSA on P-256 with SHA-256, or Ed25519.
pub struct SigningKey(Private);

enum Private {
    P256(p256::ecdsa::SigningKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// A public key of one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(Public);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    P256(p256::ecdsa::VerifyingKey),
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

/// What a key is called: the SHA-256 of its public half in DER. `{:#}` shows the first digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// It is not in PEM.
    NotPem,
    /// It is a public key where a private one is wanted, or the other way around.
    OtherHalf,
    /// It is encrypted.
    Encrypted,
    /// It is of a kind that is not known, or damaged.
    Unknown(String),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::NotPem => f.write_str("it is no key in PEM: there is no line `-----BEGIN ...`"),
            KeyError::OtherHalf => f.write_str("it is the other half of a key pair"),
            KeyError::Encrypted => f.write_str(
                "it is encrypted: write it as plain PKCS#8, such as `openssl pkcs8 -topk8 -nocrypt` does",
            ),
            KeyError::Unknown(label) => write!(
                f,
                "`{label}` is neither an ECDSA key on P-256 nor an Ed25519 key in PKCS#8, SEC1 or SPKI, or it is \
                 damaged"
            ),
        }
    }
}

impl std::error::Error for KeyError {}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write!(f, "key {}", self.short()),
            false => f.write_str(&self.0),
        }
    }
}

impl KeyId {
    /// The first digits, which tell keys of one config apart.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }

    fn of(der: &[u8]) -> KeyId {
        KeyId(Digest::of(der).hex().to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifying_key().id())
    }
}

/// The label of the first PEM block.
fn label(pem: &str) -> Result<&str, KeyError> {
    let begin = pem
        .lines()
        .find_map(|line| line.trim().strip_prefix("-----BEGIN "));
    begin
        .and_then(|rest| rest.strip_suffix("-----"))
        .ok_or(KeyError::NotPem)
}

impl SigningKey {
    /// Reads a key in PEM: PKCS#8, or SEC1 for P-256.
    pub fn from_pem(pem: &str) -> Result<SigningKey, KeyError> {
        let label = label(pem)?;
        let unknown = || KeyError::Unknown(label.to_owned());
        let pem = pem.trim();
        let key = match label {
            "PRIVATE KEY" => match p256::ecdsa::SigningKey::from_pkcs8_pem(pem) {
                Ok(key) => Private::P256(key),
                Err(_) => {
                    let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem);
                    Private::Ed25519(Box::new(key.map_err(|_| unknown())?))
                }
            },
            "EC PRIVATE KEY" => {
                let key = p256::SecretKey::from_sec1_pem(pem).map_err(|_| unknown())?;
                Private::P256(key.into())
            }
            "PUBLIC KEY" => return Err(KeyError::OtherHalf),
            label if label.starts_with("ENCRYPTED") => return Err(KeyError::Encrypted),
            _ => return Err(unknown()),
        };
        Ok(SigningKey(key))
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(match &self.0 {
            Private::P256(key) => Public::P256(*key.verifying_key()),
            Private::Ed25519(key) => Public::Ed25519(Box::new(key.verifying_key())),
        })
    }

    /// A signature: in DER for ECDSA, its 64 bytes for Ed25519.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Private::P256(key) => {
                let signature: p256::ecdsa::DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
            Private::Ed25519(key) => key.sign(message).to_vec(),
        }
    }
}

impl VerifyingKey {
    /// Reads a key in PEM: SPKI, as `openssl pkey -pubout` and cosign write it.
    pub fn from_pem(pem: &str) -> Result<VerifyingKey, KeyError> {
        let label = label(pem)?;
        let pem = pem.trim();
        match label {
            "PUBLIC KEY" => {}
            label if label.ends_with("PRIVATE KEY") => return Err(KeyError::OtherHalf),
            label => return Err(KeyError::Unknown(label.to_owned())),
        }
        if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_pem(pem) {
            return Ok(VerifyingKey(Public::P256(key)));
        }
        let key = ed25519_dalek::VerifyingKey::from_public_key_pem(pem);
        let key = key.map_err(|_| KeyError::Unknown(label.to_owned()))?;
        Ok(VerifyingKey(Public::Ed25519(Box::new(key))))
    }

    /// What it is called.
    pub fn id(&self) -> KeyId {
        let der = match &self.0 {
            Public::P256(key) => p256::pkcs8::EncodePublicKey::to_public_key_der(key).ok(),
            Public::Ed25519(key) => key.to_public_key_der().ok(),
        };
        // Keys that were read can be written.
        KeyId::of(der.as_ref().map_or(&[], |der| der.as_bytes()))
    }

    /// Whether it has made a signature, in base64, of a message.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        match &self.0 {
            Public::P256(key) => p256::ecdsa::DerSignature::from_bytes(&signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Public::Ed25519(key) => ed25519_dalek::Signature::from_slice(&signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Made for these tests by OpenSSL.
    pub(crate) const P256: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJV3DWs0vldTtboO9\nKe3fXu+AMJzXVIf8gSD7LWoFPSGhRANCAATAIBfEQa0Y+fK91VGZjfmROtpdogFC\nwG1juiq0hWcgmBtbTOQiz2NG+Ie0qQJa+75eoHZnrujEbDtRSmH4PsIl\n-----END PRIVATE KEY-----\n";
    pub(crate) const P256_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwCAXxEGtGPnyvdVRmY35kTraXaIB\nQsBtY7oqtIVnIJgbW0zkIs9jRviHtKkCWvu+XqB2Z67oxGw7UUph+D7CJQ==\n-----END PUBLIC KEY-----\n";
    const P256_SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEICVdw1rNL5XU7W6DvSnt317vgDCc11SH/IEg+y1qBT0hoAoGCCqGSM49\nAwEHoUQDQgAEwCAXxEGtGPnyvdVRmY35kTraXaIBQsBtY7oqtIVnIJgbW0zkIs9j\nRviHtKkCWvu+XqB2Z67oxGw7UUph+D7CJQ==\n-----END EC PRIVATE KEY-----\n";
    pub(crate) const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBX7hUPZ4MdieGOmeg79kK4lS4wRcPYIF1OW+jGdm0g3\n-----END PRIVATE KEY-----\n";
    pub(crate) const ED25519_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAMoibJwc1LbI5sVisdHr4hBuou8H4hd1AZk9shICGfCw=\n-----END PUBLIC KEY-----\n";
    /// What OpenSSL signed with these keys: the text `message`.
    const P256_SIGNATURE: &str = "MEUCIQC+v8z+9Wfs4TW8vwhScbYXGPQmAth9ubgzHBsugVJgtAIgc/dTmVEaUc3MMgfQKstEVXpFbXdjfNW9uV2i7jg5Ap0=";
    const ED25519_SIGNATURE: &str =
        "7zVAdqEW65DQ1hQQBxmpyHXRrxjdEBT3Czv4q3iy/6j1TbnDfLw4VgGlhYJLmdfjVnXd0M7FZbxeCH6LtaX9CA==";
    const P384: &str = "-----BEGIN PRIVATE KEY-----\nMIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDB5iOfAZcAfHb9lXXEk\nU0PKCCaC92ncP7obDxHS4hWIJSu09TNCL65LL3aHkNniu7+hZANiAAQxIt4gxf0Q\nfodhTwvGyZsAGfLpNQSLQEMDf/gCjE3EoercJDYVs/buiYHcS1Y8RU7j/KwwlO9E\na0AMcXG/v46nC+5xoqDMzOcLUyAFwlCc53SRmbxKR/DCinvRtExZowk=\n-----END PRIVATE KEY-----\n";

    #[test]
    fn keys_and_signatures_of_openssl_are_read() {
        let check = |private: &str, public: &str, signature: &str| {
            let private = SigningKey::from_pem(private).unwrap();
            let public = VerifyingKey::from_pem(public).unwrap();
            assert_eq!(private.verifying_key(), public);
            assert!(public.verifies(b"message", signature));
            assert!(!public.verifies(b"massage", signature));
            let own = STANDARD.encode(private.sign(b"mine"));
            assert!(public.verifies(b"mine", &own));
            assert!(!public.verifies(b"mine", "AAAA") && !public.verifies(b"mine", "?"));
        };
        check(P256, P256_PUBLIC, P256_SIGNATURE);
        check(P256_SEC1, P256_PUBLIC, P256_SIGNATURE);
        check(ED25519, ED25519_PUBLIC, ED25519_SIGNATURE);
    }

    #[test]
    fn what_is_no_key() {
        let private = |text: &str| SigningKey::from_pem(text).unwrap_err();
        assert_eq!(private("x"), KeyError::NotPem);
        assert_eq!(private(P256_PUBLIC), KeyError::OtherHalf);
        assert_eq!(private(P384), KeyError::Unknown("PRIVATE KEY".to_owned()));
        assert_eq!(
            private("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"),
            KeyError::Encrypted
        );
        assert_eq!(
            VerifyingKey::from_pem(P256).unwrap_err(),
            KeyError::OtherHalf
        );
        assert_eq!(
            format!("{:?}", SigningKey::from_pem(P256).unwrap()).len(),
            76
        );
    }
}
