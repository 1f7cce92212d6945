//! What Go's libraries read and print, where users of Kubernetes, Helm and Flux see it: regular
//! expressions, URLs and quoted text. Everything that stands on Go behaves as these do, and
//! so what is written for it means the same here, down to the words of an error.
//!
//! This crate does no I/O.

mod quote;
pub mod regexp;
pub mod unicode;
mod url;

pub use quote::{Unquoted, quote, quote_char, quote_with, unquote, unquote_char};
pub use url::{Url, User};
