use std::time::Duration;

use crate::url::{Scheme, Url, is_loopback};

/// How servers are spoken to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long things may take.
    pub timeouts: Timeouts,
    /// What is done when a server does not answer.
    pub retries: Retries,
    /// What stands between this machine and the servers.
    pub proxies: Proxies,
    /// Registries, by host or `host:port`, that are spoken to in plain text. Those of this machine are
    /// anyway.
    pub insecure: Vec<String>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until there is a connection, its TLS included.
    pub connect: Duration,
    /// Until something comes: the answer, or a further part of it.
    pub idle: Duration,
    /// For one request with its answer, all tries and waits included.
    pub total: Duration,
}

/// What is done when a server does not answer, or answers 429 or 5xx.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// How often it is tried at most; at least once.
    pub tries: u32,
    /// The first wait, which is doubled each time. The waits differ by chance by up to half, so that
    /// those who were turned away together do not come back together.
    pub first_wait: Duration,
    /// The longest wait, and the longest `Retry-After` that is followed.
    pub longest_wait: Duration,
}

/// What stands between this machine and the servers.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// The proxy for `http://`: an address that may hold user and password.
    pub http: Option<String>,
    /// The proxy for `https://`.
    pub https: Option<String>,
    /// The hosts that are reached without: names, which stand for what is below them too, or `*`,
    /// separated by commas.
    pub none_for: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            timeouts: Timeouts {
                connect: Duration::from_secs(10),
                idle: Duration::from_secs(30),
                total: Duration::from_secs(300),
            },
            retries: Retries {
                tries: 5,
                first_wait: Duration::from_millis(300),
                longest_wait: Duration::from_secs(30),
            },
            proxies: Proxies::default(),
            insecure: Vec::new(),
        }
    }
}

impl Settings {
    /// How a registry is spoken to.
    pub(crate) fn scheme_of(&self, authority: &str) -> Scheme {
        let host = crate::url::host_of(authority);
        let named = |insecure: &String| {
            insecure.eq_ignore_ascii_case(authority) || insecure.eq_ignore_ascii_case(host)
        };
        match is_loopback(host) || self.insecure.iter().any(named) {
            true => Scheme::Http,
            false => Scheme::Https,
        }
    }
}

impl Proxies {
    /// The proxy on the way to an address.
    pub(crate) fn to(&self, url: &Url) -> Option<&str> {
        let proxy = match url.scheme() {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        let proxy = proxy.as_deref().filter(|proxy| !proxy.is_empty())?;
        let direct = is_loopback(url.host()) || self.goes_without(url);
        (!direct).then_some(proxy)
    }

    fn goes_without(&self, url: &Url) -> bool {
        let host = url.host();
        let mut entries = self.none_for.split(',').map(str::trim);
        entries.any(|entry| {
            let name = entry.trim_start_matches('*').trim_start_matches('.');
            if entry == "*" || entry.eq_ignore_ascii_case(url.authority()) {
                return true;
            }
            if name.is_empty() || host.len() < name.len() {
                return false;
            }
            let Some((above, end)) = host.split_at_checked(host.len() - name.len()) else {
                return false;
            };
            end.eq_ignore_ascii_case(name) && (above.is_empty() || above.ends_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_gone_around_where_they_are_told_to() {
        let proxies = Proxies {
            http: None,
            https: Some("http://proxy:3128".to_owned()),
            none_for: "internal.example, .corp.example,10.0.0.1:5000".to_owned(),
        };
        let check = |url: &str, expected: bool| {
            let url = Url::parse(url).unwrap();
            assert_eq!(proxies.to(&url).is_some(), expected, "{url}");
        };
        check("https://example.org/", true);
        check("http://example.org/", false);
        check("https://internal.example/", false);
        check("https://a.internal.example/", false);
        check("https://notinternal.example/", true);
        check("https://a.corp.example/", false);
        check("https://10.0.0.1:5000/", false);
        check("https://10.0.0.1:6000/", true);
        check("https://localhost:6000/", false);
    }

    #[test]
    fn only_registries_that_are_named_are_spoken_to_in_plain_text() {
        let settings = Settings {
            insecure: vec![
                "registry.example:5000".to_owned(),
                "other.example".to_owned(),
            ],
            ..Settings::default()
        };
        let check = |authority: &str, expected: Scheme| {
            assert_eq!(settings.scheme_of(authority), expected, "{authority}");
        };
        check("registry.example:5000", Scheme::Http);
        check("registry.example", Scheme::Https);
        check("other.example:1", Scheme::Http);
        check("127.0.0.1:5000", Scheme::Http);
        check("ghcr.io", Scheme::Https);
    }
}
