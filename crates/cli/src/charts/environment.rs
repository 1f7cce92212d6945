//! What the environment says of caches, logins and proxies.

use std::env;
use std::path::{Path, PathBuf};

use tidegate_core::config::{ChartLogin, Username};
use tidegate_registry::{Cache, Credentials, LoginFiles, Proxies, RepositoryLogin};

use crate::place::WorkingFolder;

/// The cache that the user named, or else the one of the user; none where there is no place for it.
pub(crate) fn cache(typed: Option<&Path>, working: &WorkingFolder) -> Option<Cache> {
    let named = typed
        .map(Path::to_owned)
        .or_else(|| path_of("TIDEGATE_CACHE_DIR"));
    let folder = named.or_else(|| {
        let caches = path_of("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")));
        Some(caches?.join("tidegate"))
    });
    folder.map(|folder| Cache::at(working.absolute(&folder)))
}

/// Where docker, podman and helm keep credentials.
pub(crate) fn logins() -> LoginFiles {
    let docker = path_of("DOCKER_CONFIG").or_else(|| Some(home()?.join(".docker")));
    let config = path_of("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")));
    let helm = path_of("HELM_REGISTRY_CONFIG")
        .or_else(|| Some(config.clone()?.join("helm/registry/config.json")));
    let podman = path_of("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json"));
    let files = [
        path_of("REGISTRY_AUTH_FILE"),
        docker.map(|folder| folder.join("config.json")),
        helm,
        podman,
        config.map(|folder| folder.join("containers/auth.json")),
    ];
    LoginFiles {
        inline: text_of("DOCKER_AUTH_CONFIG"),
        files: files.into_iter().flatten().collect(),
    }
}

/// Who one is to the servers of charts that the config names, as far as the variables are set.
pub(crate) fn chart_logins(config: &[ChartLogin]) -> Vec<RepositoryLogin> {
    let login = |login: &ChartLogin| {
        let username = match &login.username {
            Username::Written(username) => username.clone(),
            Username::Variable(name) => text_of(name)?,
        };
        Some(RepositoryLogin {
            url: login.url.clone(),
            credentials: Credentials::basic(username, text_of(&login.password_env)?),
            pass: login.pass_credentials,
        })
    };
    config.iter().filter_map(login).collect()
}

/// The proxies, as curl and Go read them.
pub(crate) fn proxies() -> Proxies {
    let either = |lower: &str| text_of(lower).or_else(|| text_of(&lower.to_uppercase()));
    let all = either("all_proxy");
    Proxies {
        http: either("http_proxy").or_else(|| all.clone()),
        https: either("https_proxy").or(all),
        none_for: either("no_proxy").unwrap_or_default(),
    }
}

/// The value of a variable that is set to something.
fn text_of(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn path_of(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn home() -> Option<PathBuf> {
    path_of("HOME").or_else(|| path_of("USERPROFILE"))
}
