use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Format, cluster};

/// What is packed, and what it is held to.
#[derive(Debug, ClapArgs)]
pub(crate) struct GateArgs {
    /// Check this folder as a cluster, in place of those that would be found; may be repeated
    #[arg(long = "cluster", value_name = "NAME=PATH", value_parser = cluster)]
    pub(crate) clusters: Vec<(String, PathBuf)>,

    /// The config to go by [default: tidegate.toml in PATH or above it, up to the git top]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Pack a revision of the git repository, without a checkout
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,

    /// Where `charts fetch` keeps charts [default: TIDEGATE_CACHE_DIR, or tidegate in the user's caches]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Pack permission bits as they are on the disk, as the Flux CLI does
    ///
    /// They differ between machines, and the digest with them. Without this, folders and what is executable
    /// have 0755, all else 0644.
    #[arg(long)]
    pub(crate) keep_modes: bool,
}

/// Decide whether a tree may be pushed: check it, pack it, and report both
///
/// The check is that of `check --require-complete`: what could not be rendered or checked is an error too,
/// unless the config says otherwise. Secrets in clear text are errors, and so is what no cluster could use: an
/// artifact without a file, names that Flux does not extract, links that lead out of the tree.
///
/// PATH is packed as `flux push artifact` does it, but to the same bytes on every machine, and at its place below
/// the root that the paths of its clusters are relative to: `kubernetes` of a repository whose Kustomizations say
/// `./kubernetes/apps` is packed with that folder in front. The digest of the content is that of the unpacked
/// archive, which is the same whoever packs it. Nothing is pushed: `push` does all of this itself.
#[derive(Debug, ClapArgs)]
#[command(after_help = GATE_EXAMPLES, after_long_help = GATE_EXAMPLES)]
pub(crate) struct Gate {
    /// The folder to pack
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,

    #[command(flatten)]
    pub(crate) gate: GateArgs,

    /// How findings are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(crate) format: Format,

    /// Write the report to this file as JSON, or to standard output for `-`
    ///
    /// With a key it is signed: a statement of in-toto about the digest of the content, in a DSSE envelope, which
    /// `attest --gate-report` takes in place of a gate of its own.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) report: Option<PathBuf>,

    /// The gate's key to sign the report with, in PEM: ECDSA on P-256 or Ed25519 [default: what
    /// TIDEGATE_GATE_KEY holds]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) key: Option<PathBuf>,

    /// List the files that a cluster gets; with FOLDER, write them there
    ///
    /// The source-controller extracts the artifact and packs it again by rules of its own: CI files and the like
    /// are gone, unless the tree says otherwise in `.sourceignore` or the source in `spec.ignore`.
    #[arg(
        long,
        value_name = "FOLDER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-",
        help_heading = "Output"
    )]
    pub(crate) as_cluster: Option<PathBuf>,
}

const GATE_EXAMPLES: &str = "\
Examples:
  tidegate gate kubernetes
  tidegate gate kubernetes --rev HEAD --report gate.json
  tidegate gate kubernetes --as-cluster
  tidegate gate kubernetes --as-cluster=/tmp/as-cluster";
