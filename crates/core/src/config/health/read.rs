//! The table `health` of an environment.

use std::net::IpAddr;

use super::{
    Certificates, HealthConfig, MetricConfig, MetricQuery, ProbeConfig, ProbeTarget, ServerConfig,
};
use crate::config::fields::{Fields, Reader};
use crate::config::{Spanned, codes};

/// Reads `[environments.NAME.health]`.
pub(in crate::config) fn health(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    environment: &str,
) -> HealthConfig {
    let title = format!("`[environments.{environment}.health]`");
    let Some(fields) = fields.table(reader, "health", &title) else {
        return HealthConfig::default();
    };
    let of = |table: &str| format!("`[[environments.{environment}.health.{table}]]`");
    let servers = fields.tables(reader, "prometheus", &of("prometheus"));
    let servers: Vec<ServerConfig> = servers
        .iter()
        .filter_map(|fields| server(reader, fields))
        .collect();
    let metrics = fields.tables(reader, "metrics", &of("metrics"));
    let metrics = metrics
        .iter()
        .filter_map(|fields| metric(reader, fields, &servers))
        .collect();
    let probes = fields.tables(reader, "probes", &of("probes"));
    let probes = probes
        .iter()
        .filter_map(|fields| probe(reader, fields))
        .collect();
    let unjudged = fields.texts(reader, "allow_unjudged").into_iter();
    let certificates = fields.text(reader, "certificates");
    HealthConfig {
        allow_unjudged: unjudged.map(|kind| kind.value.to_owned()).collect(),
        certificates: certificates.map(|file| Certificates {
            file: owned(file),
            pem: String::new(),
        }),
        servers,
        metrics,
        probes,
    }
}

fn owned(text: Spanned<&str>) -> Spanned<String> {
    Spanned {
        value: text.value.to_owned(),
        span: text.span,
    }
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Option<String> {
    fields.text(reader, name).map(|text| text.value.to_owned())
}

fn server(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<ServerConfig> {
    let address = fields.text(reader, "address");
    let url = text(reader, fields, "url");
    let token_env = text(reader, fields, "token_env");
    let username = text(reader, fields, "username");
    let password_env = text(reader, fields, "password_env");
    if username.is_some() != password_env.is_some() {
        let message = "`username` and `password_env` go together";
        reader.report(codes::INVALID_VALUE, fields.span, message);
    }
    Some(ServerConfig {
        address: owned(address?),
        url,
        token_env,
        username,
        password_env,
    })
}

fn metric(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    servers: &[ServerConfig],
) -> Option<MetricConfig> {
    let name = fields.text(reader, "name").map(owned);
    let preset = fields.word(reader, "preset").map(|word| word.value);
    let written = text(reader, fields, "query");
    let server = fields.text(reader, "server");
    let (min, max) = (fields.number(reader, "min"), fields.number(reader, "max"));
    let interval = fields.duration(reader, "interval").map(|time| time.value);
    let iterations = at_least_one(reader, fields, "iterations");
    let threshold = at_least_one(reader, fields, "threshold");
    let name = name?;
    let mut wrong = |message: String, help: Option<&str>| {
        let finding = reader.report(codes::INVALID_VALUE, fields.span, message);
        finding.help = help.map(str::to_owned);
    };
    let query = match (preset, written) {
        (Some(preset), None) => MetricQuery::Preset(preset),
        (None, Some(query)) => MetricQuery::Query(query),
        (None, None) | (Some(_), Some(_)) => {
            let message = format!("metric `{}` needs either `query` or `preset`", name.value);
            wrong(message, None);
            return None;
        }
    };
    if matches!(query, MetricQuery::Query(_)) && min.is_none() && max.is_none() {
        let message = format!("any value of metric `{}` is good", name.value);
        wrong(message, Some("say which ones are: `min`, `max` or both"));
    }
    let is_known = |address: &str| servers.iter().any(|one| one.address.value == address);
    match &server {
        None if servers.is_empty() => {
            let message = format!("metric `{}` has no Prometheus to be asked", name.value);
            wrong(message, Some("say where one is in a table `prometheus`"));
        }
        Some(server) if !is_known(server.value) => {
            let message = format!("no table `prometheus` has the address `{}`", server.value);
            reader.report(codes::INVALID_VALUE, server.span, message);
        }
        _ => {}
    }
    Some(MetricConfig {
        name,
        query,
        server: server.map(|server| server.value.to_owned()),
        min,
        max,
        interval,
        iterations,
        threshold,
    })
}

/// A number of which none would mean that nothing is measured.
fn at_least_one(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Option<u32> {
    let count = fields.count(reader, name)?;
    if count.value == 0 {
        let message = format!("`{name}` is 0, with which nothing would be found out");
        reader.report(codes::INVALID_VALUE, count.span, message);
        return None;
    }
    Some(count.value)
}

fn probe(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<ProbeConfig> {
    let name = fields.text(reader, "name").map(owned);
    let target = target(reader, fields, name.as_ref());
    let contains = text(reader, fields, "contains");
    let interval = fields.duration(reader, "interval").map(|time| time.value);
    let runs = at_least_one(reader, fields, "runs");
    let failures = fields.count(reader, "failures").map(|count| count.value);
    let retries = fields.count(reader, "retries").map(|count| count.value);
    let timeout = fields.duration(reader, "timeout").map(|time| time.value);
    Some(ProbeConfig {
        name: name?,
        target: target?,
        contains,
        interval,
        runs,
        failures,
        retries,
        timeout,
    })
}

fn target(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    name: Option<&Spanned<String>>,
) -> Option<ProbeTarget> {
    const TARGETS: [(&str, &[&str]); 4] = [
        ("url", &["status", "certificate_days", "contains"]),
        ("tcp", &[]),
        ("dns", &["addresses"]),
        ("path", &["contains"]),
    ];
    let texts = TARGETS.map(|(key, _)| fields.text(reader, key));
    let statuses = statuses(reader, fields);
    let certificate_days = fields
        .count(reader, "certificate_days")
        .map(|days| days.value);
    let addresses = addresses(reader, fields);
    let asked: Vec<usize> = (0..TARGETS.len())
        .filter(|at| fields.has(TARGETS[*at].0))
        .collect();
    let [at] = asked[..] else {
        let name = name.map_or("", |name| &name.value);
        let message = format!("probe `{name}` needs one of `url`, `tcp`, `dns` and `path`");
        reader.report(codes::INVALID_VALUE, fields.span, message);
        return None;
    };
    let (key, goes_with) = TARGETS[at];
    for other in ["status", "certificate_days", "contains", "addresses"] {
        if fields.has(other) && !goes_with.contains(&other) {
            let message = format!("`{other}` does nothing with `{key}`");
            reader.report(codes::INVALID_VALUE, fields.span, message);
        }
    }
    let Spanned { value, span } = texts[at]?;
    let port = value.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    let wrong = match key {
        "url" if !value.starts_with("http://") && !value.starts_with("https://") => {
            Some("no `http` or `https` URL")
        }
        "tcp" if !matches!(port, Some(Ok(1..))) => Some("no `HOST:PORT`"),
        "path" if !value.starts_with('/') => Some("no path: it begins with `/`"),
        _ => None,
    };
    if let Some(what) = wrong {
        reader.report(codes::INVALID_VALUE, span, format!("`{value}` is {what}"));
    }
    let value = value.to_owned();
    Some(match key {
        "url" => ProbeTarget::Url {
            url: value,
            statuses,
            certificate_days,
        },
        "tcp" => ProbeTarget::Tcp(value),
        "dns" => ProbeTarget::Dns(value, addresses),
        _ => ProbeTarget::Api(value),
    })
}

fn statuses(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for Spanned { value, span } in fields.counts(reader, "status") {
        match u16::try_from(value) {
            Ok(status @ 100..=599) => statuses.push(status),
            _ => {
                let message = format!("{value} is no status of HTTP");
                reader.report(codes::INVALID_VALUE, span, message);
            }
        }
    }
    statuses
}

fn addresses(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for Spanned { value, span } in fields.texts(reader, "addresses") {
        match value.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => {
                let message = format!("`{value}` is no IP address");
                reader.report(codes::INVALID_VALUE, span, message);
            }
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{config, messages};

    #[test]
    fn metrics_and_probes_are_read() {
        let config = config(
            "[[environments.integration.health.prometheus]]\n\
             address = 'http://prometheus.monitoring:9090'\nurl = 'http://127.0.0.1:9090'\n\
             [[environments.integration.health.metrics]]\nname = 'ready'\npreset = 'flux'\n\
             [[environments.integration.health.metrics]]\nname = 'errors'\nquery = 'sum(x)'\nmax = 1\n\
             interval = '10s'\niterations = 3\nthreshold = 1\n\
             [[environments.integration.health.probes]]\nname = 'shop'\nurl = 'https://shop.example/'\n\
             status = [200, 301]\ncertificate_days = 14\ncontains = 'open'\nretries = 0\n\
             [[environments.integration.health.probes]]\nname = 'dns'\ndns = 'shop.example'\n\
             addresses = ['192.0.2.1', '2001:db8::1']\n",
        );
        let health = &config.environment("integration").unwrap().health;
        let [ready, errors] = &health.metrics[..] else {
            panic!("{:?}", health.metrics)
        };
        assert_eq!(ready.query, MetricQuery::Preset("flux"));
        assert_eq!((errors.min, errors.max), (None, Some(1.0)));
        assert_eq!((errors.iterations, errors.threshold), (Some(3), Some(1)));
        let [shop, dns] = &health.probes[..] else {
            panic!("{:?}", health.probes)
        };
        let ProbeTarget::Url { statuses, .. } = &shop.target else {
            panic!("{shop:?}")
        };
        assert_eq!(
            (statuses.as_slice(), shop.retries),
            (&[200, 301][..], Some(0))
        );
        assert!(matches!(&dns.target, ProbeTarget::Dns(_, addresses) if addresses.len() == 2));
    }

    #[test]
    fn what_could_not_be_measured_is_reported() {
        let check = |table: &str, text: &str, expected: &str| {
            let text = format!("[[environments.a.health.{table}]]\nname = 'n'\n{text}");
            let found = messages(&text);
            assert!(found.iter().any(|message| message == expected), "{found:?}");
        };
        check("metrics", "", "metric `n` needs either `query` or `preset`");
        check("metrics", "query = 'up'", "any value of metric `n` is good");
        check(
            "metrics",
            "query = 'up'\nmin = 1",
            "metric `n` has no Prometheus to be asked",
        );
        check(
            "metrics",
            "preset = 'pods'\niterations = 0",
            "`iterations` is 0, with which nothing would be found out",
        );
        check(
            "probes",
            "",
            "probe `n` needs one of `url`, `tcp`, `dns` and `path`",
        );
        check("probes", "tcp = 'shop'", "`shop` is no `HOST:PORT`");
        check(
            "probes",
            "tcp = 'a:1'\ncontains = 'x'",
            "`contains` does nothing with `tcp`",
        );
        check(
            "probes",
            "url = 'shop.example'",
            "`shop.example` is no `http` or `https` URL",
        );
        check(
            "probes",
            "path = 'readyz'",
            "`readyz` is no path: it begins with `/`",
        );
        check(
            "probes",
            "dns = 'a'\naddresses = ['b']",
            "`b` is no IP address",
        );
        check(
            "probes",
            "url = 'http://a'\nstatus = [42]",
            "42 is no status of HTTP",
        );
        check(
            "probes",
            "url = 'http://a'\nretries = -1",
            "`retries` must be a whole number, 0 or more",
        );
    }
}
