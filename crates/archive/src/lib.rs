//! Tar archives and gzip, read without trust in what they say of themselves: nothing is taken before it
//! is there, and no more than the caller allows. Charts and artifacts come as such.
//!
//! This crate does no I/O.

mod gzip;
mod tar;

pub use gzip::{GzipError, unpack};
pub use tar::{Entries, Entry, Kind, TarError};
