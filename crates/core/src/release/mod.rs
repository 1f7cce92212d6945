//! What helm-controller makes of a HelmRelease: where its chart is, with which values it is rendered,
//! and which objects come out.

mod charts;
mod checks;
mod expand;
mod findings;
mod load;
mod locate;
mod marks;
mod values;

pub use charts::{
    ChartAnswer, ChartRequest, ChartSource, Charts, NoCharts, OciReference, RefusedChart,
};
pub(crate) use expand::{Asked, Expanded, Expander};
pub(crate) use findings::{NoObjects, NotAtHand};
pub use locate::{
    ChartAt, FoundSource, Located, NotLocated, OwnTree, SourceLookup, ValuesFiles, locate,
    sources_of,
};
pub use values::{Composed, UnknownValues, ValuesError, ValuesProblem, compose_values};
