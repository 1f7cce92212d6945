use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use tidegate_registry::Digest;

use super::{RegistryArgs, cluster};

/// Tell whether the cluster of an environment runs an artifact, and runs it well
///
/// Waits until the source of the cluster has the digest, each Kustomization on it has applied it, and every
/// object that the artifact renders is there, is as it was rendered, and is current. Then all of it has to
/// hold for a while. Nothing but GET is ever sent, and Secrets are not asked for.
///
/// The result is PASSED, FAILED or INCONCLUSIVE, with what it is for want of. It is INCONCLUSIVE where
/// something could not be asked, was not asked often enough, or the cluster runs another digest.
#[derive(Debug, ClapArgs)]
#[command(after_help = HEALTH_EXAMPLES, after_long_help = HEALTH_EXAMPLES)]
pub(crate) struct Health {
    /// The tree that the artifact was made of, or its repository: oci://REPOSITORY [default: as the config says]
    ///
    /// A tree is packed, and has to be what the artifact holds.
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    /// The environment: its cluster in the tree is what is expected
    #[arg(long, value_name = "NAME")]
    pub(crate) env: String,

    /// The digest of the artifact, that of its manifest
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    pub(crate) digest: Digest,

    /// The repository of the artifact, such as oci://ghcr.io/example/platform [default: as the config says]
    #[arg(long, value_name = "URL")]
    pub(crate) artifact: Option<String>,

    /// How long to wait for a result
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub(crate) timeout: Duration,

    /// How long all of it has to hold, in three samples at least
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration)]
    pub(crate) settle: Duration,

    /// How much time lies between two samples, at least
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub(crate) interval: Duration,

    /// A kind that may have nothing to be judged by, such as PrometheusRule; may be repeated
    ///
    /// Objects of a HelmRelease that is ready may have nothing anyway.
    #[arg(long = "allow-unjudged", value_name = "KIND")]
    pub(crate) allow_unjudged: Vec<String>,

    /// How the result is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: HealthFormat,

    /// The kubeconfig [default: KUBECONFIG, or ~/.kube/config, or the account of the Pod]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// The context of the kubeconfig [default: the current one]
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) context: Option<String>,

    /// Take this folder for a cluster, in place of those that would be found; may be repeated
    #[arg(long = "cluster", value_name = "NAME=PATH", value_parser = cluster, help_heading = "Tree")]
    pub(crate) clusters: Vec<(String, PathBuf)>,

    /// The config to go by [default: tidegate.toml in PATH or above it, up to the git top]
    #[arg(long, value_name = "FILE", help_heading = "Tree")]
    pub(crate) config: Option<PathBuf>,

    /// Where `charts fetch` keeps charts [default: TIDEGATE_CACHE_DIR, or tidegate in the user's caches]
    #[arg(long, value_name = "FOLDER", help_heading = "Tree")]
    pub(crate) cache_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

const HEALTH_EXAMPLES: &str = "\
Exit status:
  0  PASSED
  1  FAILED
  2  wrong usage, or a config with errors
  3  INCONCLUSIVE

Examples:
  tidegate health --env integration --digest sha256:5f1c...
  tidegate health --env integration --digest sha256:5f1c... kubernetes --timeout 30m --format json
  tidegate health --env integration --digest sha256:5f1c... --artifact oci://ghcr.io/example/platform";

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HealthFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

/// Reads a digest.
fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| "a digest is sha256: and 64 hexadecimal digits".to_owned())
}

/// Reads a length of time, such as `90s`, `10m` or `1h30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let example = || "a length of time is a number with a unit: 90s, 10m, 1h30m".to_owned();
    tidegate_core::config::parse_duration(text).ok_or_else(example)
}
