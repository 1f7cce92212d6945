//! What the config says of how an environment is validated.

pub(super) mod keys;
mod read;

use std::net::IpAddr;
use std::time::Duration;

use tidegate_source::Diagnostic;

use super::load::Opener;
use super::{Config, Spanned, codes};

pub(super) use read::health;

/// What has to hold in an environment, besides its objects.
#[derive(Clone, Debug, Default)]
pub struct HealthConfig {
    /// Kinds of which an object may have nothing to be judged by.
    pub allow_unjudged: Vec<String>,
    /// A file with certificates of authorities, in PEM, and what is in it.
    pub certificates: Option<Certificates>,
    /// Where the Prometheus servers are, the first of which is asked where none is named.
    pub servers: Vec<ServerConfig>,
    /// The metrics that the tree does not declare.
    pub metrics: Vec<MetricConfig>,
    /// The smoke tests.
    pub probes: Vec<ProbeConfig>,
}

/// A file of certificates.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// Its name, as it is written in the config.
    pub file: Spanned<String>,
    /// What is in it, in PEM.
    pub pem: String,
}

/// A Prometheus.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where it is for the cluster, as MetricTemplates have it.
    pub address: Spanned<String>,
    /// Where it is from here.
    pub url: Option<String>,
    /// The environment variable with a token.
    pub token_env: Option<String>,
    /// A user.
    pub username: Option<String>,
    /// The environment variable with the user's password.
    pub password_env: Option<String>,
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct MetricConfig {
    /// Its name.
    pub name: Spanned<String>,
    /// What is asked.
    pub query: MetricQuery,
    /// The address of the Prometheus, where it is not the first.
    pub server: Option<String>,
    /// The least good value.
    pub min: Option<f64>,
    /// The greatest good value.
    pub max: Option<f64>,
    /// How much time lies between two measurements.
    pub interval: Option<Duration>,
    /// How many have to hold.
    pub iterations: Option<u32>,
    /// How many that do not make it fail.
    pub threshold: Option<u32>,
}

/// What a metric asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricQuery {
    /// One that is known by name.
    Preset(&'static str),
    /// PromQL.
    Query(String),
}

/// A smoke test.
#[derive(Clone, Debug)]
pub struct ProbeConfig {
    /// Its name.
    pub name: Spanned<String>,
    /// What is asked.
    pub target: ProbeTarget,
    /// What is to be in the answer.
    pub contains: Option<String>,
    /// How much time lies between two runs.
    pub interval: Option<Duration>,
    /// How many have to hold.
    pub runs: Option<u32>,
    /// How many may fail.
    pub failures: Option<u32>,
    /// How many more times it is tried before a run has failed.
    pub retries: Option<u32>,
    /// How long a try may take.
    pub timeout: Option<Duration>,
}

/// What a smoke test asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeTarget {
    /// An HTTP server.
    Url {
        /// The URL.
        url: String,
        /// The good statuses.
        statuses: Vec<u16>,
        /// How many days its certificate has to be valid for.
        certificate_days: Option<u32>,
    },
    /// A port, as `HOST:PORT`.
    Tcp(String),
    /// A name, and addresses that it has to lead to.
    Dns(String, Vec<IpAddr>),
    /// A path of the API server.
    Api(String),
}

impl Config {
    /// Reads the files of certificates.
    pub(super) fn load_certificates(&mut self, open: &Opener<'_>, findings: &mut Vec<Diagnostic>) {
        let all = self.environments.iter_mut();
        for certificates in all.filter_map(|one| one.health.certificates.as_mut()) {
            let Spanned { value: name, span } = &certificates.file;
            let read = open(name).and_then(|file| {
                let text = file.text().map_err(|_| "it is not UTF-8 text".to_owned())?;
                match text.contains("-----BEGIN CERTIFICATE-----") {
                    true => Ok(text.to_owned()),
                    false => Err("it has no certificate in PEM".to_owned()),
                }
            });
            match read {
                Ok(pem) => certificates.pem = pem,
                Err(why) => {
                    let message = format!("`{name}` cannot be read: {why}");
                    let finding = Diagnostic::error(codes::UNREADABLE_FILE, *span, message);
                    let help = "name a file with certificates in PEM, relative to the config";
                    findings.push(finding.with_help(help));
                }
            }
        }
    }
}
