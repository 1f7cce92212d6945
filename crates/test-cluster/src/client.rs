//! Requests to the API server.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::Error;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An object, as YAML or JSON.
    Yaml,
    /// A configuration for a server-side apply.
    Apply,
    /// A JSON merge patch.
    MergePatch,
}

impl Content {
    fn media_type(self) -> &'static str {
        match self {
            Content::Yaml => "application/yaml",
            Content::Apply => "application/apply-patch+yaml",
            Content::MergePatch => "application/merge-patch+json",
        }
    }
}

/// An answer of the API server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The JSON of the body; where it is none, its text.
    pub body: Value,
}

impl Answer {
    /// The words of a refusal.
    pub fn message(&self) -> &str {
        let message = self.body["message"].as_str().or(self.body.as_str());
        message.unwrap_or_default()
    }

    /// The body, where the request was granted.
    ///
    /// # Errors
    /// With the words of the refusal.
    pub fn granted(self) -> Result<Value, Error> {
        match self.status {
            200..300 => Ok(self.body),
            status => Err(Error::of(status, self.message())),
        }
    }
}

/// A client with the token of a user. Connections are kept, and shared by clones.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    token: String,
}

impl Client {
    /// Trusts the certificates of a PEM file and no others.
    pub(crate) fn new(url: &str, token: &str, authority: &[u8]) -> Result<Client, Error> {
        let certificates = ureq::tls::parse_pem(authority).filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<Certificate<'static>> = certificates.collect();
        if certificates.is_empty() {
            return Err(Error::new("the certificate of the API server is not whole"));
        }
        let provider = rustls::crypto::ring::default_provider();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Ok(Client {
            agent,
            url: url.to_owned(),
            token: token.to_owned(),
        })
    }

    /// The same client with the token of another user.
    pub fn with_token(&self, token: &str) -> Client {
        Client {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// Reads what is at a path, which may have a query.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn get(&self, path: &str) -> Result<Answer, Error> {
        self.send("GET", path, None)
    }

    /// Reads what is at a path in another form of JSON than the plain one.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn get_as(&self, path: &str, accept: &str) -> Result<Answer, Error> {
        self.send_as("GET", path, None, accept)
    }

    /// Deletes what is at a path.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn delete(&self, path: &str) -> Result<Answer, Error> {
        self.send("DELETE", path, None)
    }

    /// Posts an object, as YAML or JSON, to the path of its collection.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn create(&self, path: &str, object: &str) -> Result<Answer, Error> {
        self.send("POST", path, Some((Content::Yaml, object)))
    }

    /// Replaces the object at a path.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn replace(&self, path: &str, object: &str) -> Result<Answer, Error> {
        self.send("PUT", path, Some((Content::Yaml, object)))
    }

    /// Patches the object at a path: applies, or merges. To apply, the path's query must name a
    /// `fieldManager`.
    ///
    /// # Errors
    /// Where there is no answer. A refusal is one.
    pub fn patch(&self, path: &str, content: Content, body: &str) -> Result<Answer, Error> {
        self.send("PATCH", path, Some((content, body)))
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<(Content, &str)>,
    ) -> Result<Answer, Error> {
        self.send_as(method, path, body, "application/json")
    }

    fn send_as(
        &self,
        method: &str,
        path: &str,
        body: Option<(Content, &str)>,
        accept: &str,
    ) -> Result<Answer, Error> {
        let failed =
            |error: &dyn std::fmt::Display| Error::of(format_args!("{method} {path}"), error);
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("accept", accept)
            .header("authorization", format!("Bearer {}", self.token));
        if let Some((content, _)) = body {
            request = request.header("content-type", content.media_type());
        }
        let answer = match body {
            Some((_, text)) => request
                .body(text)
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
            None => request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
        };
        let mut answer = answer.map_err(|error| failed(&error))?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(u64::MAX)
            .read_to_vec();
        let body = body.map_err(|error| failed(&error))?;
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into());
        Ok(Answer {
            status: answer.status().as_u16(),
            body,
        })
    }
}
