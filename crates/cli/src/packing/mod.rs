//! A tree on its way into an artifact.

mod frozen;
mod part;

pub(crate) use frozen::Frozen;
pub(crate) use part::Part;
