//! What bytes are called by.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};

/// The digest of some bytes, such as `sha256:2c26…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Lower case.
    hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Digest {
    /// The SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::with(Algorithm::Sha256, bytes)
    }

    /// The SHA-256 of all that went into a hash.
    pub fn of_hash(hash: Sha256) -> Digest {
        Digest {
            algorithm: Algorithm::Sha256,
            hex: hex(&hash.finalize()),
        }
    }

    fn with(algorithm: Algorithm, bytes: &[u8]) -> Digest {
        let hex = match algorithm {
            Algorithm::Sha256 => hex(&Sha256::digest(bytes)),
            Algorithm::Sha512 => hex(&Sha512::digest(bytes)),
        };
        Digest { algorithm, hex }
    }

    /// Reads `ALGORITHM:HEX` of SHA-256 or SHA-512, the two that the specification of OCI registers.
    pub fn parse(text: &str) -> Option<Digest> {
        let (algorithm, hex) = text.split_once(':')?;
        let (algorithm, length) = match algorithm {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return None,
        };
        let fits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (hex.len() == length && hex.bytes().all(fits)).then(|| Digest {
            algorithm,
            hex: hex.to_owned(),
        })
    }

    /// Reads the bare hexadecimal SHA-256 that an index of charts has, also with `sha256:` before it.
    pub fn parse_bare(text: &str) -> Option<Digest> {
        let text = text.trim().to_ascii_lowercase();
        match text.contains(':') {
            true => Digest::parse(&text),
            false => Digest::parse(&format!("sha256:{text}")),
        }
    }

    /// Whether the bytes are those that this is the digest of.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        Digest::with(self.algorithm, bytes).hex == self.hex
    }

    /// The name of the algorithm.
    pub fn algorithm(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm(), self.hex)
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_OBJECT: &str =
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    #[test]
    fn a_digest_is_that_of_its_bytes() {
        let digest = Digest::of(b"{}");
        assert_eq!(digest.to_string(), EMPTY_OBJECT);
        assert_eq!(Digest::parse(EMPTY_OBJECT), Some(digest.clone()));
        assert!(digest.matches(b"{}") && !digest.matches(b"{ }"));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in [
            "",
            "sha256:",
            "sha256:44",
            "md5:44136fa355b3678a1146ad16f7e8649e",
            "sha256:../../etc",
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
        assert_eq!(Digest::parse(&EMPTY_OBJECT.to_uppercase()), None);
        assert_eq!(
            Digest::parse_bare(&EMPTY_OBJECT[7..].to_uppercase()),
            Digest::parse(EMPTY_OBJECT)
        );
    }
}
