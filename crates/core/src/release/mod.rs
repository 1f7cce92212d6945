//! What helm-controller makes of a HelmRelease: where its chart is, with which values it is rendered,
//! and which objects come out.

mod charts;
mod locate;
mod values;

pub use charts::{
    ChartAnswer, ChartRequest, ChartSource, Charts, NoCharts, OciReference, RefusedChart,
};
pub use locate::{
    ChartAt, FoundSource, Located, NotLocated, OwnTree, SourceLookup, ValuesFiles, locate,
    sources_of,
};
pub use values::{Composed, UnknownValues, ValuesError, ValuesProblem, compose_values};
