//! JSON as Go's `encoding/json` reads and writes it, with the origins of values.

mod read;
mod write;

pub(crate) use read::{parse, parse_all};
pub(crate) use write::{Style, write};
