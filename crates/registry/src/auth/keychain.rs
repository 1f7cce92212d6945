use std::path::PathBuf;

use super::Credentials;
use super::docker_config::{DockerConfig, Found};
use super::program;

/// Where credentials for registries are looked for: the first that has some for a registry counts.
#[derive(Debug, Default)]
pub struct Keychain {
    given: Vec<(String, Credentials)>,
    configs: Vec<(String, DockerConfig)>,
    /// Files that could not be used, and why.
    broken: Vec<String>,
}

/// Where the tools that log in to registries keep what they know; what is none is not looked at.
#[derive(Clone, Debug, Default)]
pub struct LoginFiles {
    /// The content of a docker config, as `DOCKER_AUTH_CONFIG` holds it.
    pub inline: Option<String>,
    /// Files, in the order in which they count. Those that do not exist are passed over.
    pub files: Vec<PathBuf>,
}

/// A larger file is none that a tool has written.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

impl Keychain {
    /// Reads the files.
    pub fn read(login: &LoginFiles) -> Keychain {
        let mut keychain = Keychain::default();
        if let Some(inline) = &login.inline {
            keychain.add("DOCKER_AUTH_CONFIG".to_owned(), inline.as_bytes());
        }
        for path in &login.files {
            let name = path.display().to_string();
            let Ok(metadata) = std::fs::metadata(path) else {
                continue;
            };
            if metadata.len() > LARGEST_FILE || !metadata.is_file() {
                keychain
                    .broken
                    .push(format!("{name}: it is no file of a sensible size"));
                continue;
            }
            match std::fs::read(path) {
                Ok(text) => keychain.add(name, &text),
                Err(error) => keychain.broken.push(format!("{name}: {error}")),
            }
        }
        keychain
    }

    fn add(&mut self, name: String, text: &[u8]) {
        match DockerConfig::parse(text) {
            Ok(config) => self.configs.push((name, config)),
            Err(why) => self.broken.push(format!("{name}: {why}")),
        }
    }

    /// Credentials for a registry, by `host` or `host:port`, that go before all others.
    pub fn with(mut self, authority: impl Into<String>, credentials: Credentials) -> Keychain {
        self.given.push((authority.into(), credentials));
        self
    }

    /// The credentials for a repository, and what hindered the search for them.
    pub(crate) fn find(
        &self,
        authority: &str,
        repository: &str,
    ) -> (Option<Credentials>, Vec<String>) {
        let mut hindrances = self.broken.clone();
        if let Some((_, given)) = self.given.iter().find(|(known, _)| known == authority) {
            return (Some(given.clone()), hindrances);
        }
        for (file, config) in &self.configs {
            match config.find(authority, repository) {
                Some(Found::Here(credentials)) => return (Some(credentials), hindrances),
                Some(Found::Helper { name, key }) => match program::ask(&name, &key) {
                    Ok(Some(credentials)) => return (Some(credentials), hindrances),
                    Ok(None) => {}
                    Err(why) => hindrances.push(format!("{file}: {why}")),
                },
                None => {}
            }
        }
        (None, hindrances)
    }
}
