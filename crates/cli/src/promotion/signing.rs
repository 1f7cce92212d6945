use std::env;
use std::fs;
use std::path::Path;

use tidegate_artifact::evidence::SigningKey;

use crate::commands::Failure;

/// The largest file that is read as a key, in bytes.
const LARGEST_KEY: u64 = 64 * 1024;

/// What is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SigningRole {
    Validate,
    Approve,
}

impl SigningRole {
    /// The variable that holds the key.
    fn variable(self) -> &'static str {
        match self {
            SigningRole::Validate => "TIDEGATE_VALIDATE_KEY",
            SigningRole::Approve => "TIDEGATE_APPROVE_KEY",
        }
    }
}

/// The private key in the file that the user named, or else in the environment; none where there is none.
pub(crate) fn signing_key(
    typed: Option<&Path>,
    role: SigningRole,
) -> Result<Option<SigningKey>, Failure> {
    let variable = role.variable();
    let (name, text) = match typed {
        Some(path) => {
            let name = path.display().to_string();
            let refused =
                |why: String| Failure::new(format!("the key {name} cannot be read: {why}"));
            let length = fs::metadata(path).map_err(|error| refused(error.to_string()))?;
            if length.len() > LARGEST_KEY {
                return Err(refused("it is too large for a key".to_owned()));
            }
            let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
            (name, text)
        }
        None => match env::var(variable) {
            Ok(text) if !text.is_empty() => (format!("in {variable}"), text),
            _ => return Ok(None),
        },
    };
    let key = SigningKey::from_pem(&text);
    let key = key.map_err(|why| Failure::new(format!("the key {name} cannot be used: {why}")))?;
    Ok(Some(key))
}
