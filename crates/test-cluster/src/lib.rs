//! A real control plane for tests: etcd, kube-apiserver and, where it is asked for,
//! kube-controller-manager, on free ports of the loopback address.
//!
//! ```no_run
//! use tidegate_test_cluster::{Cluster, Setup};
//!
//! let Some(cluster) = Cluster::for_test(&Setup::default()) else {
//!     return; // It has been said why.
//! };
//! let namespaces = cluster.client().get("/api/v1/namespaces").unwrap();
//! assert_eq!(namespaces.status, 200);
//! ```
//!
//! All three are one program that `cargo xtask apiserver` builds. No kubelet and no scheduler are in it:
//! a Pod stays Pending until a test writes its status.
//!
//! - Invariant: no process is left behind. Dropping a [`Cluster`] ends them, and where the test itself is
//!   killed, they end as their standard input does.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "only tests depend on it: it starts programs, and says when it cannot"
)]

mod client;
mod cluster;
mod definitions;
mod error;
mod part;
mod program;

pub use self::client::{Answer, Client, Content};
pub use self::cluster::{Cluster, Setup, User};
pub use self::error::Error;
pub use self::program::{KUBERNETES, built, find};
