use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tidegate_source::Redacted;

/// What proves to a server who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user with a password.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: Redacted<String>,
    },
    /// An identity token, which is exchanged for the tokens that requests carry.
    Identity(Redacted<String>),
    /// The token that requests carry.
    Token(Redacted<String>),
}

impl Credentials {
    /// A user with a password.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Credentials {
        Credentials::Basic {
            username: username.into(),
            password: Redacted::new(password.into()),
        }
    }

    /// The value of `Authorization` for a server that wants user and password.
    pub(crate) fn as_basic(&self) -> Option<Redacted<String>> {
        match self {
            Credentials::Basic { username, password } => {
                let pair = STANDARD.encode(format!("{username}:{}", password.reveal()));
                Some(Redacted::new(format!("Basic {pair}")))
            }
            Credentials::Identity(_) | Credentials::Token(_) => None,
        }
    }
}
