use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{GateArgs, RegistryArgs, ResultFormat};

/// Push a tree that passes the gate, with the report of it
///
/// The tree is checked and packed as `gate` does it, and nothing is sent unless it passes. Then the artifact is
/// pushed, the report attached to its digest as evidence, and tags put on it: `sha-` with the commit, which is
/// never moved, and those of the config. With --env the environment selects it: an entry is added to its log, and
/// the tag set that its source follows.
///
/// An artifact with the same content is not pushed again: the commit's tag is put on the one that is there, and
/// nothing else is written. Killed at any moment, a push is finished by being run again.
///
/// Credentials are those of `docker login` and the like, or of the variable DOCKER_AUTH_CONFIG. Proxies are taken
/// from the environment.
#[derive(Debug, ClapArgs)]
#[command(after_help = PUSH_EXAMPLES, after_long_help = PUSH_EXAMPLES)]
pub(crate) struct Push {
    /// The repository, perhaps with a tag, such as oci://ghcr.io/acme/platform:latest [default: that of the
    /// config]
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,

    /// The folder to pack [default: .]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) gate: GateArgs,

    /// The environment to select it: the first one, which no other comes before
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environment: Option<String>,

    /// The gate's private key to sign the report with, in PEM: ECDSA on P-256 or Ed25519 [default: the text in
    /// TIDEGATE_GATE_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// What `{suffix}` stands for in the aliases of the config
    #[arg(long, value_name = "TEXT")]
    pub(crate) tag_suffix: Option<String>,

    /// Push what differs from the commit; it gets no tag of the commit
    #[arg(long)]
    pub(crate) allow_dirty: bool,

    /// Where the tree is from [default: the remote `origin` of the git repository]
    #[arg(long, value_name = "URL", help_heading = "Annotations")]
    pub(crate) source: Option<String>,

    /// What the tree was made of, such as main@sha1:0123... [default: the branch and the commit of git]
    #[arg(long, value_name = "REVISION", help_heading = "Annotations")]
    pub(crate) revision: Option<String>,

    /// A further annotation; may be repeated, and goes before the others
    #[arg(
        long = "annotation",
        value_name = "NAME=VALUE",
        value_parser = annotation,
        help_heading = "Annotations"
    )]
    pub(crate) annotations: Vec<(String, String)>,

    /// How the result is printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(crate) output: ResultFormat,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

const PUSH_EXAMPLES: &str = "\
Examples:
  tidegate push oci://ghcr.io/acme/platform kubernetes --env integration
  tidegate push oci://ghcr.io/acme/platform:latest kubernetes --key gate.key
  tidegate push kubernetes --env integration --output github >> \"$GITHUB_OUTPUT\"

The time of the artifact is SOURCE_DATE_EPOCH, or else that of the commit, so that the same commit makes the same
digest anywhere.";

fn annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
