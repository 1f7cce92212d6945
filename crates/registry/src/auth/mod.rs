//! Who is there: credentials, where they are kept, and the tokens that they are exchanged for.

mod challenge;
mod credentials;
mod docker_config;
mod keychain;
mod program;
mod token;

pub(crate) use challenge::Challenge;
pub use credentials::Credentials;
pub use keychain::{Keychain, LoginFiles};
pub(crate) use token::Tokens;
