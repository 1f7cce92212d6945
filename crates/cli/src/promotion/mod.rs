//! What the commands have in common that read and write the promotion ledger.

mod connection;
mod policy;
mod refused;
mod setting;
mod shown;
mod source;

pub(crate) use connection::Connection;
pub(crate) use policy::policy;
pub(crate) use refused::{Ended, Refused};
pub(crate) use setting::{Named, Setting, environment};
pub(crate) use shown::{ago, print_result, result_lines, signer};
pub(crate) use source::{Followed, followed};
