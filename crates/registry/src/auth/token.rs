//! Tokens, as registries hand them out.
//!
//! Source: docs/spec/auth of the distribution project; the specification of OCI leaves it open.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tidegate_source::Redacted;

use super::{Challenge, Credentials};
use crate::error::{Error, ErrorKind};
use crate::http::{Http, Method, Request};
use crate::url::{Scheme, Url};

/// Tokens of registries are a few thousand bytes.
const LONGEST_ANSWER: u64 = 1024 * 1024;
/// What a token that says nothing of it is good for.
const DEFAULT_LIFE: Duration = Duration::from_secs(60);
/// Tokens are renewed before their time: they travel, and clocks differ.
const MARGIN: Duration = Duration::from_secs(10);

/// The values of `Authorization` that servers have accepted, by what they were for.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    known: Mutex<BTreeMap<String, Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    authorization: Redacted<String>,
    /// None for a password, which is good for ever.
    expires: Option<Instant>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Tokens {
    /// What to send for a purpose, if it is known already.
    pub(crate) fn known(&self, purpose: &str) -> Option<Redacted<String>> {
        let known = self.known.lock().ok()?;
        let token = known.get(purpose)?;
        let is_good = token.expires.is_none_or(|expires| Instant::now() < expires);
        is_good.then(|| token.authorization.clone())
    }

    /// Meets the challenge of a server at `asked`. None where it takes credentials that are not there.
    pub(crate) fn meet(
        &self,
        http: &Http,
        purpose: &str,
        asked: &Url,
        challenge: &Challenge,
        scope: &str,
        credentials: Option<&Credentials>,
    ) -> Result<Option<Redacted<String>>, Error> {
        let token = match (challenge, credentials) {
            (Challenge::Bearer { .. }, Some(Credentials::Token(token))) => Token {
                authorization: Redacted::new(format!("Bearer {}", token.reveal())),
                expires: None,
            },
            (Challenge::Basic, credentials) => {
                if credentials.is_some() && asked.is_exposed() && !is_insecure(http, asked) {
                    let what = "a password would be sent in plain text";
                    return Err(Error::at(ErrorKind::Refused, asked, what));
                }
                match credentials.and_then(Credentials::as_basic) {
                    Some(authorization) => Token {
                        authorization,
                        expires: None,
                    },
                    None => return Ok(None),
                }
            }
            (
                Challenge::Bearer {
                    realm,
                    service,
                    scope: wanted,
                },
                credentials,
            ) => {
                let realm = realm_of(http, asked, realm)?;
                let service = service.as_deref().unwrap_or_default();
                // The server knows better what it wants, unless it says nothing.
                let scope = wanted
                    .as_deref()
                    .filter(|wanted| !wanted.is_empty())
                    .unwrap_or(scope);
                fetch(http, realm, service, scope, credentials)?
            }
        };
        let authorization = token.authorization.clone();
        if let Ok(mut known) = self.known.lock() {
            known.insert(purpose.to_owned(), token);
        }
        Ok(Some(authorization))
    }
}

/// Whether the user has said that this server may be spoken to in plain text.
fn is_insecure(http: &Http, url: &Url) -> bool {
    http.settings().scheme_of(url.authority()) == Scheme::Http
}

/// Where the token is to be had. A server that is spoken to with TLS cannot have passwords sent in plain
/// text elsewhere.
fn realm_of(http: &Http, asked: &Url, realm: &str) -> Result<Url, Error> {
    let refuse = |what: &str| Error::at(ErrorKind::Malformed, asked, what);
    let url = Url::parse(realm).map_err(|why| {
        refuse(&format!(
            "it names a place for tokens that makes no sense: {why}"
        ))
    })?;
    if url.is_exposed() && !is_insecure(http, &url) && !asked.is_exposed() {
        return Err(refuse(
            "it names a place for tokens that is spoken to in plain text",
        ));
    }
    Ok(url)
}

fn fetch(
    http: &Http,
    realm: Url,
    service: &str,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<Token, Error> {
    let form;
    let request = match credentials {
        Some(Credentials::Identity(token)) => {
            let pairs = [
                ("grant_type", "refresh_token"),
                ("service", service),
                ("client_id", "tidegate"),
                ("scope", scope),
                ("refresh_token", token.reveal()),
            ];
            form = pairs
                .map(|(name, value)| format!("{name}={}", escaped(value)))
                .join("&");
            Request::new(Method::Post, realm, LONGEST_ANSWER)
                .body(form.as_bytes(), "application/x-www-form-urlencoded")
        }
        credentials => {
            let mut url = realm;
            if !service.is_empty() {
                url = url.with_query("service", service);
            }
            for scope in scope.split(' ').filter(|scope| !scope.is_empty()) {
                url = url.with_query("scope", scope);
            }
            let mut request = Request::get(url, LONGEST_ANSWER);
            request.authorization = credentials.and_then(Credentials::as_basic);
            request
        }
    };
    let started = Instant::now();
    let response = http.send(&request)?;
    if !response.is_success() {
        return Err(response.refusal());
    }
    let refuse = || {
        Error::at(
            ErrorKind::Malformed,
            &response.url,
            "the answer holds no token",
        )
    };
    let answer: Answer = serde_json::from_slice(&response.body).map_err(|_| refuse())?;
    let token = match answer.token.is_empty() {
        true => answer.access_token,
        false => answer.token,
    };
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse());
    }
    let life = answer.expires_in.map_or(DEFAULT_LIFE, |seconds| {
        Duration::from_secs(seconds.min(86_400))
    });
    Ok(Token {
        authorization: Redacted::new(format!("Bearer {token}")),
        expires: Some(started + life.saturating_sub(MARGIN)),
    })
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
