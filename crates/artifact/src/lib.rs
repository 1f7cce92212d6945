//! OCI artifacts as Flux makes and reads them: a tree becomes one layer, and the same tree always
//! becomes the same bytes.
//!
//! Written from the documented and observed behaviour of `fluxcd/pkg/oci` v0.69.0 and
//! `fluxcd/pkg/tar` v1.2.0. Packing does no I/O: files come through
//! [`System`](tidegate_source::System). [`Repository`] is where artifacts are pushed to and read from.

mod artifact;
mod error;
pub mod evidence;
mod gzip;
mod layer;
pub mod ledger;
mod manifest;
pub mod promotion;
mod refusal;
mod repository;
mod resolved;
mod tar;
pub mod validation;

pub use artifact::Artifact;
pub use error::PackError;
pub use layer::{Layer, LayerEntry, Modes, pack, pack_file};
pub use manifest::{
    CONFIG_MEDIA_TYPE, LAYER_MEDIA_TYPE, MANIFEST_MEDIA_TYPE, annotation, config, manifest,
};
pub use refusal::{Refusal, refusals};
pub use repository::{Found, Pushed, Repository, RepositoryError, Tagged, Unreadable, label};
pub use resolved::Resolved;
pub use tidegate_registry::Digest;
