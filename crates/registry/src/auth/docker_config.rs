//! The files that `docker login`, `podman login` and `helm registry login` write.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;
use tidegate_source::Redacted;

use super::Credentials;

/// The key that Docker Hub has in these files.
pub(super) const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// The content of such a file, as far as it is about credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DockerConfig {
    auths: BTreeMap<String, Option<Entry>>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Where the credentials for a repository are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// In the file.
    Here(Credentials),
    /// The program `docker-credential-NAME` knows them by this key, if anyone does.
    Helper { name: String, key: String },
}

impl DockerConfig {
    pub(super) fn parse(text: &[u8]) -> Result<DockerConfig, String> {
        serde_json::from_slice(text).map_err(|error| {
            // Without the text around the place, which may be a password.
            format!(
                "it is not JSON of the form that docker writes: line {}",
                error.line()
            )
        })
    }

    /// Where the credentials for a repository of a registry are. A key may go on behind the host, as
    /// podman has it: the longest that fits counts.
    pub(super) fn find(&self, authority: &str, repository: &str) -> Option<Found> {
        let mut whole = format!("{authority}/{repository}");
        loop {
            if let Some(found) = self.named(&whole) {
                return Some(found);
            }
            match whole.rfind('/') {
                Some(end) => whole.truncate(end),
                None => break,
            }
        }
        (!self.creds_store.is_empty()).then(|| Found::Helper {
            name: self.creds_store.clone(),
            key: key_of(authority),
        })
    }

    fn named(&self, name: &str) -> Option<Found> {
        let is_it = |key: &String| bare(key) == name || (is_hub(name) && is_hub(&bare(key)));
        if let Some((_, helper)) = self.cred_helpers.iter().find(|(key, _)| is_it(key)) {
            return Some(Found::Helper {
                name: helper.clone(),
                key: key_of(name),
            });
        }
        let entries = self.auths.iter().filter(|(key, _)| is_it(key));
        let mut known = entries.filter_map(|(_, entry)| entry.as_ref()?.credentials());
        known.next().map(Found::Here)
    }
}

impl Entry {
    /// None for an entry that only says that a helper has them.
    fn credentials(&self) -> Option<Credentials> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Some(Credentials::Identity(Redacted::new(token)));
        }
        if let Some(token) = given(&self.registrytoken) {
            return Some(Credentials::Token(Redacted::new(token)));
        }
        if let Some(auth) = given(&self.auth) {
            let auth = auth.trim().trim_end_matches('=');
            let decoded = STANDARD_NO_PAD
                .decode(auth)
                .or_else(|_| STANDARD.decode(auth))
                .ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (username, password) = decoded.split_once(':')?;
            return Some(Credentials::basic(
                username,
                password.trim_end_matches('\0'),
            ));
        }
        Some(Credentials::basic(
            given(&self.username)?,
            given(&self.password)?,
        ))
    }
}

/// A key without scheme and without the path of an API.
fn bare(key: &str) -> String {
    let key = key
        .strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))
        .unwrap_or(key);
    let key = key.trim_end_matches('/');
    let key = ["/v1", "/v2"]
        .iter()
        .find_map(|end| key.strip_suffix(end))
        .unwrap_or(key);
    let (host, path) = key.split_at(key.find('/').unwrap_or(key.len()));
    format!("{}{path}", host.to_ascii_lowercase())
}

fn is_hub(name: &str) -> bool {
    matches!(
        name,
        "docker.io" | "index.docker.io" | "registry-1.docker.io"
    )
}

fn key_of(name: &str) -> String {
    match is_hub(name) {
        true => DOCKER_HUB_KEY.to_owned(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &str, authority: &str, expected: Option<Found>) {
        let config = DockerConfig::parse(config.as_bytes()).unwrap();
        assert_eq!(config.find(authority, "org/app"), expected, "{authority}");
    }

    fn basic(username: &str, password: &str) -> Option<Found> {
        Some(Found::Here(Credentials::basic(username, password)))
    }

    fn helper(name: &str, key: &str) -> Option<Found> {
        let (name, key) = (name.to_owned(), key.to_owned());
        Some(Found::Helper { name, key })
    }

    #[test]
    fn credentials_are_found_by_host_and_by_what_podman_adds_to_it() {
        // tide:gate, a:b, c:d
        let config = r#"{"auths": {
            "ghcr.io": {"auth": "dGlkZTpnYXRl"},
            "https://Other.example/v2/": {"auth": "YTpi"},
            "quay.io/org": {"auth": "Yzpk"},
            "quay.io": {"username": "u", "password": "p"},
            "https://index.docker.io/v1/": {"username": "hub", "password": "p"},
            "token.example": {"auth": "YTpi", "identitytoken": "t"},
            "empty.example": {}
        }, "HttpHeaders": {"User-Agent": "x"}}"#;
        check(config, "ghcr.io", basic("tide", "gate"));
        check(config, "other.example", basic("a", "b"));
        check(config, "quay.io", basic("c", "d"));
        check(config, "registry-1.docker.io", basic("hub", "p"));
        check(
            config,
            "token.example",
            Some(Found::Here(Credentials::Identity(Redacted::new(
                "t".to_owned(),
            )))),
        );
        check(config, "empty.example", None);
        check(config, "ghcr.io.example", None);
    }

    #[test]
    fn helpers_are_asked_for_their_registries_and_the_store_for_all_others() {
        let config = r#"{"credsStore": "desktop", "credHelpers": {"ghcr.io": "gh"},
            "auths": {"known.example": {"auth": "YTpi"}, "stored.example": {}}}"#;
        check(config, "ghcr.io", helper("gh", "ghcr.io"));
        check(config, "known.example", basic("a", "b"));
        check(
            config,
            "stored.example",
            helper("desktop", "stored.example"),
        );
        check(config, "docker.io", helper("desktop", DOCKER_HUB_KEY));
    }

    #[test]
    fn a_broken_file_is_told_without_its_text() {
        let error =
            DockerConfig::parse(b"{\"auths\": {\n\"x\": {\"auth\": hunter2}}}").unwrap_err();
        assert_eq!(
            error,
            "it is not JSON of the form that docker writes: line 2"
        );
    }
}
