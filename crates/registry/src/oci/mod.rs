//! Registries, as the specification of OCI for distribution has them.

mod manifest;
mod pull;
mod push;
mod reference;
mod referrers;
mod tags;

use std::sync::Arc;

use crate::auth::{Challenge, Keychain, Tokens};
use crate::error::{Error, ErrorKind};
use crate::http::{Http, Request, Response};
use crate::url::{Scheme, Url};

pub use manifest::{Descriptor, INDEX, Index, MANIFEST, Manifest};
pub use pull::Pulled;
pub use push::{Expected, PushedManifest};
pub use reference::{Reference, RepositoryName, parse as parse_reference};
pub use referrers::Referrer;

/// All registries, and who one is there; shared by all threads.
#[derive(Debug)]
pub struct Registries {
    http: Arc<Http>,
    keychain: Keychain,
    tokens: Tokens,
}

impl Registries {
    /// Registries that are reached through this client.
    pub fn new(http: Arc<Http>, keychain: Keychain) -> Registries {
        Registries {
            http,
            keychain,
            tokens: Tokens::default(),
        }
    }

    /// A repository; nothing is asked of its registry yet.
    pub fn repository<'a>(&'a self, name: &RepositoryName) -> Repository<'a> {
        self.by(self.http.settings().scheme_of(&name.authority), name)
    }

    /// A repository of a registry that is spoken to in plain text.
    pub fn insecure_repository<'a>(&'a self, name: &RepositoryName) -> Repository<'a> {
        self.by(Scheme::Http, name)
    }

    fn by<'a>(&'a self, scheme: Scheme, name: &RepositoryName) -> Repository<'a> {
        let path = format!("/v2/{}/", name.path);
        Repository {
            registries: self,
            name: name.clone(),
            base: Url::of_server(scheme, &name.authority, path),
        }
    }
}

/// A repository of a registry.
#[derive(Clone, Debug)]
pub struct Repository<'a> {
    registries: &'a Registries,
    name: RepositoryName,
    base: Url,
}

/// What is to be done with a repository: registries give different tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Pull,
    Push,
}

impl Access {
    fn actions(self) -> &'static str {
        match self {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        }
    }
}

impl Repository<'_> {
    /// What it is called.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// The address of something in it; `path` is known to be sound.
    fn url(&self, path: &str) -> Result<Url, Error> {
        self.base
            .join(path)
            .map_err(|why| Error::at(ErrorKind::Invalid, &self.name, why))
    }

    /// An address that the registry has given, with the scheme that it is spoken to by: behind a proxy, it may
    /// not know that.
    fn of_registry(&self, url: Url) -> Url {
        match url.authority() == self.base.authority() {
            true => self.base.join(&url.path_and_query()).unwrap_or(url),
            false => url,
        }
    }

    /// The address of the next page of a list; an error where it is at another server.
    fn linked(&self, response: &Response) -> Result<Option<Url>, Error> {
        let refuse = |what: String| Error::at(ErrorKind::Malformed, &response.url, what);
        let Some(link) = response.all_headers("link").find_map(tags::next_link) else {
            return Ok(None);
        };
        let url = response.url.join(link).map_err(|why| {
            refuse(format!(
                "the next page is at an address that makes no sense: {why}"
            ))
        })?;
        match url.authority() == self.base.authority() {
            true => Ok(Some(self.of_registry(url))),
            false => Err(refuse("the next page is at another server".to_owned())),
        }
    }

    /// Sends a request, and once more with what the registry asks for to know who is there.
    fn send(&self, access: Access, mut request: Request<'_>) -> Result<Response, Error> {
        let Registries {
            http,
            keychain,
            tokens,
        } = self.registries;
        let RepositoryName { authority, path } = &self.name;
        let purpose = format!("{authority}/{path}:{}", access.actions());
        if request.url.same_origin(&self.base) {
            request.authorization = tokens.known(&purpose);
        }
        let response = http.send(&request)?;
        // One that a redirect led elsewhere has nothing to do with the registry's credentials.
        if response.status != 401 || !response.url.same_origin(&self.base) {
            return Ok(response);
        }
        let Some(challenge) = Challenge::choose(response.all_headers("www-authenticate")) else {
            return Ok(response);
        };
        let scope = format!("repository:{path}:{}", access.actions());
        let (credentials, hindrances) = keychain.find(authority, path);
        let has_credentials = credentials.is_some();
        let explained = |error: Error| match error.kind {
            ErrorKind::Unauthorized => {
                let known = match has_credentials {
                    true => "it does not take the credentials that are there for it".to_owned(),
                    false => format!("there are no credentials for {authority}"),
                };
                let error = error.and(&known);
                hindrances
                    .iter()
                    .fold(error, |error, hindrance| error.and(hindrance))
            }
            _ => error,
        };
        let met = tokens
            .meet(
                http,
                &purpose,
                &response.url,
                &challenge,
                &scope,
                credentials.as_ref(),
            )
            .map_err(explained)?;
        let Some(authorization) = met else {
            return Err(explained(response.refusal()));
        };
        request.authorization = Some(authorization);
        let response = http.send(&request)?;
        match response.status {
            401 | 403 => Err(explained(response.refusal())),
            _ => Ok(response),
        }
    }
}
