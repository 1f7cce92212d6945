//! Where charts and artifacts come from: OCI registries, chart repositories, and a cache of what was
//! fetched from them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this crate speaks to servers and keeps what they send"
)]

mod auth;
mod cache;
mod charts;
mod digest;
mod error;
mod http;
mod lock;
mod oci;
mod time;
mod url;

pub use auth::{Credentials, Keychain, LoginFiles};
pub use cache::{Absent, Cache, Resolved};
pub use charts::{
    ArtifactReference, AtHand, CHART_LAYER, ChartIndex, ChartSource, Fetched, Fetcher,
    LARGEST_CHART, LARGEST_INDEX, NotFetched, Offer, RepositoryLogin,
};
pub use digest::Digest;
pub use error::{Error, ErrorKind};
pub use http::{Http, Proxies, Retries, Settings, Timeouts};
pub use lock::{Lock, LockError};
pub use oci::{
    Descriptor, Expected, INDEX, Index, MANIFEST, Manifest, Pulled, PushedManifest, Reference,
    Referrer, Registries, Repository, RepositoryName, parse_reference,
};
pub use url::{Scheme, Url, is_loopback};
