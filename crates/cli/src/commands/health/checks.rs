//! The metrics and smoke tests of an environment: those of the tree and those of the config.

use std::env;

use tidegate_core::config::{
    HealthConfig, MetricConfig, MetricQuery, ProbeConfig, ProbeTarget, ServerConfig,
};
use tidegate_health::metrics::{
    Analysis, Login, Measurements, Metric, NotMeasured, Preset, Prometheus, Range, Server,
    Unmeasured, canary, preset,
};
use tidegate_health::probes::{Api, Pace, Probe, Probing, Target};
use tidegate_health::{Check, Observed, Reason, ReasonKind, Trust, Web};
use tidegate_source::Redacted;

use super::expectation::Expecting;
use super::queries::rendered;
use crate::commands::Failure;

/// What is run, and what is left to others.
pub(super) struct Checks<'a> {
    pub(super) checks: Vec<Box<dyn Check + 'a>>,
    /// Canaries whose metrics are not measured here.
    pub(super) left: Vec<Reason>,
}

impl<'a> Checks<'a> {
    /// All of them.
    pub(super) fn of(
        expecting: &Expecting,
        config: &HealthConfig,
        api: &'a dyn Api,
    ) -> Result<Checks<'a>, Failure> {
        let web = Web::new(trust(config)?);
        let servers = Servers::new(&config.servers)?;
        let mut checks = Checks {
            checks: Vec::new(),
            left: Vec::new(),
        };
        for canary in expecting.canaries() {
            checks.add_canary(expecting, &canary, &servers, &web);
        }
        for metric in &config.metrics {
            if let Some(analysis) = analysis(metric, &servers) {
                checks.measure(analysis, &web);
            }
        }
        for one in &config.probes {
            let probe = probe(one);
            checks
                .checks
                .push(Box::new(Probing::new(probe, api, web.clone())));
        }
        Ok(checks)
    }

    fn measure(&mut self, analysis: Analysis, web: &Web) {
        let prometheus = Prometheus::new(web.clone());
        self.checks
            .push(Box::new(Measurements::new(analysis, prometheus)));
    }

    fn add_canary(
        &mut self,
        expecting: &Expecting,
        object: &Observed,
        servers: &Servers,
        web: &Web,
    ) {
        let template = |namespace: &str, name: &str| {
            expecting.observed("flagger.app", "MetricTemplate", namespace, name)
        };
        match canary(object, &template, &rendered) {
            Ok(mut analysis) => {
                for metric in &mut analysis.metrics {
                    servers.reach(&mut metric.server);
                }
                self.measure(analysis, web);
            }
            Err(NotMeasured::NothingToMeasure) => {}
            Err(NotMeasured::LeftToFlagger(why)) => {
                let message = format!("{why}, which is left to Flagger");
                let reason = Reason::of(ReasonKind::NotJudged, &object.subject(), message);
                self.left.push(reason);
            }
            Err(NotMeasured::Impossible(why)) => {
                let reason = Reason::of(ReasonKind::DidNotRun, &object.subject(), why);
                self.checks
                    .push(Box::new(Unmeasured::new(object.name(), reason)));
            }
        }
    }
}

fn trust(config: &HealthConfig) -> Result<Trust, Failure> {
    let Some(certificates) = &config.certificates else {
        return Ok(Trust::default());
    };
    Trust::from_pem(&certificates.pem).map_err(|why| {
        let file = &certificates.file.value;
        Failure::new(format!("the certificates in {file} cannot be read: {why}"))
    })
}

/// The Prometheus servers of the config.
struct Servers(Vec<(String, Server)>);

impl Servers {
    fn new(written: &[ServerConfig]) -> Result<Servers, Failure> {
        let mut servers = Vec::with_capacity(written.len());
        for one in written {
            let address = one.address.value.clone();
            let url = one.url.as_deref().unwrap_or(&address);
            let server = Server {
                login: login(one)?,
                ..Server::new(url)
            };
            servers.push((address, server));
        }
        Ok(Servers(servers))
    }

    fn get(&self, address: Option<&str>) -> Option<&Server> {
        let mut servers = self.0.iter();
        let found = match address {
            Some(address) => servers.find(|(known, _)| known == address),
            None => servers.next(),
        };
        found.map(|(_, server)| server)
    }

    /// Has a server of the tree be asked where the config says that it is. One that the tree does not name is
    /// the first one.
    fn reach(&self, server: &mut Server) {
        let address = (!server.address.is_empty()).then(|| server.address.clone());
        if let Some(known) = self.get(address.as_deref()) {
            let skip_tls_verify = server.skip_tls_verify;
            let login = known.login.clone().or_else(|| server.login.clone());
            *server = Server {
                skip_tls_verify,
                login,
                ..known.clone()
            };
        }
    }
}

/// Who one is to a server. That a variable is not set is no reason to go on as nobody.
fn login(config: &ServerConfig) -> Result<Option<Login>, Failure> {
    let value = |name: &str| {
        let read = env::var(name).ok().filter(|value| !value.is_empty());
        read.map(Redacted::new).ok_or_else(|| {
            let address = &config.address.value;
            let message = format!("the environment has no {name} with the login for {address}");
            Failure::new(message).with_help("set it, or take it out of the config")
        })
    };
    Ok(
        match (&config.token_env, &config.username, &config.password_env) {
            (Some(token), _, _) => Some(Login::Token(value(token)?)),
            (None, Some(user), Some(password)) => {
                Some(Login::Basic(user.clone(), value(password)?))
            }
            _ => None,
        },
    )
}

/// What the config says of a metric. It has a server, or the config would have been refused.
fn analysis(config: &MetricConfig, servers: &Servers) -> Option<Analysis> {
    let server = servers.get(config.server.as_deref())?;
    let mut analysis = match &config.query {
        MetricQuery::Preset(name) => {
            let known = Preset::ALL.iter().find(|preset| preset.name() == *name)?;
            preset(&[*known], server)
        }
        MetricQuery::Query(query) => {
            let mut analysis = preset(&[], server);
            analysis.metrics.push(Metric {
                name: String::new(),
                server: server.clone(),
                query: query.split_whitespace().collect::<Vec<_>>().join(" "),
                range: Range {
                    min: None,
                    max: None,
                },
            });
            analysis
        }
    };
    analysis.name.clone_from(&config.name.value);
    for metric in &mut analysis.metrics {
        metric.name.clone_from(&config.name.value);
        metric.range.min = config.min.or(metric.range.min);
        metric.range.max = config.max.or(metric.range.max);
    }
    analysis.interval = config.interval.unwrap_or(analysis.interval);
    analysis.iterations = config.iterations.unwrap_or(analysis.iterations);
    analysis.threshold = config.threshold.unwrap_or(analysis.threshold);
    Some(analysis)
}

fn probe(config: &ProbeConfig) -> Probe {
    let usual = Pace::default();

    Probe {
        name: config.name.value.clone(),
        target: match &config.target {
            ProbeTarget::Url {
                url,
                statuses,
                certificate_days,
            } => Target::Http {
                url: url.clone(),
                statuses: statuses.clone(),
                contains: config.contains.clone(),
                certificate_days: *certificate_days,
            },
            ProbeTarget::Tcp(address) => Target::Tcp(address.clone()),
            ProbeTarget::Dns(name, addresses) => Target::Dns {
                name: name.clone(),
                addresses: addresses.clone(),
            },
            ProbeTarget::Api(path) => Target::Api {
                path: path.clone(),
                contains: config.contains.clone(),
            },
        },
        pace: Pace {
            interval: config.interval.unwrap_or(usual.interval),
            runs: config.runs.unwrap_or(usual.runs),
            budget: config.failures.unwrap_or(usual.budget),
            retries: config.retries.unwrap_or(usual.retries),
            timeout: config.timeout.unwrap_or(usual.timeout),
        },
    }
}
