//! Helm charts and the values they get.
//!
//! [`load`] reads a chart and its sub-charts, which then can be shared by any number of releases.
//! [`prepare`] decides, for the values of one release, which sub-charts take part, and puts the
//! values together. `strvals` sets single values by path, as `--set` does.
//!
//! This crate does no I/O and knows nothing of Flux.

mod capabilities;
mod chart;
pub mod checks;
pub mod coalesce;
mod dependencies;
mod error;
mod import;
pub mod load;
mod metadata;
mod prepare;
pub mod strvals;
mod template_values;
pub mod values;

pub use capabilities::{BadKubeVersion, Capabilities, KubeVersion};
pub use chart::{Chart, ChartFile, CrdFile};
pub use error::{ChartError, ChartErrorKind};
pub use metadata::{Dependency, Lock, Maintainer, Metadata};
pub use prepare::{Member, Prepared, prepare};
