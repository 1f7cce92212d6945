//! The functions, by what they are about.

pub(crate) mod builtin;
pub(crate) mod escape;
