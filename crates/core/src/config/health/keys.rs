//! The keys of `[environments.NAME.health]`.

use crate::config::declare::{Kind, Table};
use crate::config::keys::{key, required};

/// The metrics that are known by name.
pub(super) const PRESETS: &[&str] = &["flux", "pods"];

/// `[environments.NAME.health]`.
pub(in crate::config) static HEALTH: Table = Table {
    keys: &[
        key(
            "allow_unjudged",
            Kind::Texts,
            "objects that a ready HelmRelease owns",
            "Kinds whose objects may have nothing that tells whether they are well. The flag `--allow-unjudged` \
             adds to them.",
        ),
        key(
            "certificates",
            Kind::File,
            "",
            "A file in PEM with the certificates of authorities that servers are trusted by, besides those that \
             the machine trusts.",
        ),
        key(
            "prometheus",
            Kind::Tables(&PROMETHEUS),
            "",
            "Where a Prometheus is, and who one is to it. The first one is asked for metrics that name none.",
        ),
        key(
            "metrics",
            Kind::Tables(&METRICS),
            "",
            "What is measured besides the Canaries of the tree: each interval, until it held or failed often \
             enough.",
        ),
        key(
            "probes",
            Kind::Tables(&PROBES),
            "",
            "Smoke tests, run from where tidegate runs. Each has one of `url`, `tcp`, `dns` and `path`.",
        ),
    ],
};

static PROMETHEUS: Table = Table {
    keys: &[
        required(
            "address",
            Kind::Text,
            "Where it is for the cluster, as the `address` of MetricTemplates has it.",
        ),
        key(
            "url",
            Kind::Text,
            "the address",
            "Where it is from here, such as the end of a port-forward.",
        ),
        key(
            "token_env",
            Kind::Text,
            "",
            "The environment variable with a token. The Secrets that MetricTemplates name are not read.",
        ),
        key("username", Kind::Text, "", "In place of a token: the user."),
        key(
            "password_env",
            Kind::Text,
            "",
            "The environment variable with the user's password.",
        ),
    ],
};

static METRICS: Table = Table {
    keys: &[
        required("name", Kind::Text, "What it is called in results."),
        key(
            "preset",
            Kind::Word(PRESETS),
            "",
            "`\"flux\"`: how many objects of Flux are ready, in percent, at least 95. `\"pods\"`: how many pods run, \
             in percent, at least 90. Both are asked of kube-state-metrics.",
        ),
        key(
            "query",
            Kind::Text,
            "",
            "In place of `preset`: what is asked, in PromQL. One number is the answer.",
        ),
        key(
            "server",
            Kind::Text,
            "the first of `prometheus`",
            "The `address` of the Prometheus that is asked.",
        ),
        key("min", Kind::Number, "", "The least good value."),
        key("max", Kind::Number, "", "The greatest good value."),
        key(
            "interval",
            Kind::Duration,
            "`30s`",
            "How much time lies between two measurements.",
        ),
        key(
            "iterations",
            Kind::Count,
            "10",
            "How many measurements have to be within the range.",
        ),
        key(
            "threshold",
            Kind::Count,
            "2",
            "How many measurements outside of it make the validation fail.",
        ),
    ],
};

static PROBES: Table = Table {
    keys: &[
        required("name", Kind::Text, "What it is called in results."),
        key("url", Kind::Text, "", "An `http` or `https` URL."),
        key(
            "status",
            Kind::Counts,
            "200 to 299",
            "With `url`: the statuses that are good ones. Redirects are not followed.",
        ),
        key(
            "certificate_days",
            Kind::Count,
            "",
            "With an `https` URL: for how many days its certificate has to be valid yet.",
        ),
        key(
            "contains",
            Kind::Text,
            "",
            "With `url` or `path`: what is to be in the body of the answer.",
        ),
        key("tcp", Kind::Text, "", "`HOST:PORT` that takes connections."),
        key("dns", Kind::Text, "", "A name that leads to addresses."),
        key(
            "addresses",
            Kind::Texts,
            "",
            "With `dns`: addresses that are to be among them.",
        ),
        key(
            "path",
            Kind::Text,
            "",
            "A path of the API server, such as `/readyz`, or what lies behind it: \
             `/api/v1/namespaces/NAMESPACE/services/NAME:PORT/proxy/`.",
        ),
        key(
            "interval",
            Kind::Duration,
            "`30s`",
            "How much time lies between two runs.",
        ),
        key("runs", Kind::Count, "3", "How many runs have to hold."),
        key("failures", Kind::Count, "0", "How many runs may fail."),
        key(
            "retries",
            Kind::Count,
            "2",
            "How many more times it is tried before a run has failed.",
        ),
        key(
            "timeout",
            Kind::Duration,
            "`10s`",
            "How long a try may take.",
        ),
    ],
};
