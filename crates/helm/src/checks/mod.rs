//! What can be said of the values of a release before and after it is rendered.

mod schema;

pub use schema::{BadValues, Schemas, WhyBad, check_schemas};
