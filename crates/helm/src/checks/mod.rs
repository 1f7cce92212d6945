//! What can be said of the values of a release before and after it is rendered.

mod clash;
mod defaults;
mod named;
mod schema;
mod unread;

pub use clash::{Clash, clashes};
pub use named::NamedValues;
pub use schema::{BadValues, Schemas, WhyBad, check_schemas};
pub use unread::{Unread, unread};
