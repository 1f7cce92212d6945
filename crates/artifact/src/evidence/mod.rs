//! Evidence: what was found out about an artifact, said of its digest and signed.
//!
//! A [`Statement`] of in-toto names the digest and holds a [`TestResult`]; an [`Envelope`] of DSSE carries it
//! with signatures. What is decided is decided from the payload that a trusted key has signed, never from
//! what a registry says beside it: a [`Policy`] says whose word counts, and [`judge`] whether that of a
//! piece does.
//!
//! Sources: in-toto attestation framework v1, its predicate `test-result` v0.1, DSSE v1.0.

mod envelope;
mod judge;
mod key;
mod policy;
mod statement;

pub use envelope::{Envelope, PAYLOAD_TYPE, Signature, SignatureError, Signed};
pub use judge::{Piece, Standing, WhyNot, judge};
pub use key::{KeyError, KeyId, SigningKey, VerifyingKey};
pub use policy::{Policy, Role};
pub use statement::{
    Details, Evidence, NotEvidence, Outcome, STATEMENT_TYPE, Statement, StatementSubject,
    TEST_RESULT, TestResult, to_second,
};

/// The media type of an envelope, and so of the layer that holds one.
pub const ENVELOPE_MEDIA_TYPE: &str = "application/vnd.dsse.envelope.v1+json";

#[cfg(test)]
pub(crate) use key::tests;
