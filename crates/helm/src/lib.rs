//! Helm charts and the values they get.
//!
//! [`load`] reads a chart and its sub-charts, which then can be shared by any number of releases.
//! [`prepare`] decides, for the values of one release, which sub-charts take part, and puts the
//! values together. [`render`] does that, executes the templates, and takes what they print apart into
//! the objects of the release. `strvals` sets single values by path, as `--set` does.
//!
//! This crate does no I/O and knows nothing of Flux.

mod asked_apis;
mod budget;
mod capabilities;
mod chart;
pub mod checks;
mod coalesce;
mod dependencies;
mod engine;
mod error;
mod given;
mod import;
pub mod load;
mod metadata;
mod output;
mod prepare;
mod render;
pub mod strvals;
pub mod values;

pub use asked_apis::AskedApis;
pub use capabilities::{BadKubeVersion, Capabilities, KubeVersion};
pub use chart::{Chart, ChartFile, CrdFile};
pub use engine::Templates;
pub use error::{ChartError, ChartErrorKind};
pub use given::Given;
pub use metadata::{Dependency, Lock, Maintainer, Metadata};
pub use output::{Head, Manifest, Print, Printed, broken, parts, print};
pub use prepare::{Member, Prepared, prepare};
pub use render::{
    Crd, Options, Release, RenderError, RenderErrorKind, Rendered, SeenValue, render,
};
