use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{RegistryArgs, cluster};

/// Get the charts that HelmReleases need from outside
#[derive(Debug, Subcommand)]
pub(crate) enum Charts {
    Fetch(ChartsFetch),
}

/// Fetch every chart that the HelmReleases of all clusters need
///
/// Charts are kept in a cache, by digest, and `tidegate.lock` beside the config (or at the top of the
/// tree) says which bytes each of them is, so that every run renders the same. Commit it. What is locked
/// is fetched as it is locked; `check` and `render` never use the network.
///
/// Credentials for registries are those of `docker login`, `podman login` and `helm registry login`, their
/// helpers included, or of the variable DOCKER_AUTH_CONFIG. Proxies are taken from the environment.
#[derive(Debug, ClapArgs)]
#[command(after_help = CHARTS_EXAMPLES, after_long_help = CHARTS_EXAMPLES)]
pub(crate) struct ChartsFetch {
    /// The folder that is searched for clusters
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,

    /// Take this folder for a cluster, in place of those that would be found; may be repeated
    #[arg(long = "cluster", value_name = "NAME=PATH", value_parser = cluster)]
    pub(crate) clusters: Vec<(String, PathBuf)>,

    /// The config to go by [default: tidegate.toml in PATH or above it, up to the git top]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Ask for the versions anew, and lock what is the newest now
    #[arg(long, conflicts_with_all = ["locked", "offline"])]
    pub(crate) update: bool,

    /// Fail where tidegate.lock would have to change
    #[arg(long)]
    pub(crate) locked: bool,

    /// Use no network: say what is at hand
    #[arg(long)]
    pub(crate) offline: bool,

    /// Where charts are kept [default: TIDEGATE_CACHE_DIR, or tidegate in the user's caches]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

const CHARTS_EXAMPLES: &str = "\
Examples:
  tidegate charts fetch
  tidegate charts fetch kubernetes --update
  tidegate charts fetch --locked && tidegate check";
