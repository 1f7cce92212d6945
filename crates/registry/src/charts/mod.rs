//! Charts: where they are, which version is meant, and how they are had.

mod at_hand;
mod fetch;
mod index;
mod select;
mod source;
mod yaml;

pub use at_hand::AtHand;
pub use fetch::{
    CHART_LAYER, Fetched, Fetcher, LARGEST_CHART, LARGEST_INDEX, NotFetched, RepositoryLogin,
};
pub use index::{ChartIndex, Offer};
pub use source::{ArtifactReference, ChartSource};
