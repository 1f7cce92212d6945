//! Keys that sign evidence, from files or the environment.

use std::env;
use std::fs;
use std::path::Path;

use tidegate_artifact::evidence::SigningKey;

use crate::commands::Failure;

/// A larger file is no key.
const LARGEST_KEY: u64 = 64 * 1024;

/// The variable that holds the key of the gate.
pub(crate) const GATE_KEY: &str = "TIDEGATE_GATE_KEY";
/// The variable that holds the key of whoever validates.
pub(crate) const VALIDATE_KEY: &str = "TIDEGATE_VALIDATE_KEY";
/// The variable that holds the key of whoever may decide against the evidence.
pub(crate) const APPROVE_KEY: &str = "TIDEGATE_APPROVE_KEY";

/// The key of the file that the user named, or else the one that a variable holds; none where it holds none.
pub(crate) fn signing_key(
    file: Option<&Path>,
    variable: &str,
) -> Result<Option<SigningKey>, Failure> {
    let (place, pem) = match file {
        Some(file) => {
            let place = file.display().to_string();
            let cannot =
                |why: String| Failure::new(format!("the key {place} cannot be read: {why}"));
            let metadata = fs::metadata(file).map_err(|error| cannot(error.to_string()))?;
            if !metadata.is_file() || metadata.len() > LARGEST_KEY {
                return Err(cannot("it is no file of a sensible size".to_owned()));
            }
            let pem = fs::read_to_string(file).map_err(|error| cannot(error.to_string()))?;
            (place, pem)
        }
        None => match env::var(variable) {
            Ok(pem) if !pem.trim().is_empty() => (variable.to_owned(), pem),
            _ => return Ok(None),
        },
    };
    match SigningKey::from_pem(&pem) {
        Ok(key) => Ok(Some(key)),
        Err(why) => Err(Failure::new(format!("{place} cannot sign: {why}")).with_help(
            "`openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt` makes a key",
        )),
    }
}
