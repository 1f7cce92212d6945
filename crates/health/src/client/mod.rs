//! Asking the API server. There is no method that sends anything but GET.

mod access;
mod discovery;
mod error;
mod list;
mod path;
mod reader;
mod requests;

pub use access::Access;
pub use error::{Error, ErrorKind};
pub(crate) use list::Wanted;
pub use reader::Reader;
pub use requests::Requests;
