use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::RegistryArgs;

/// Where artifacts are, and what is known of them.
#[derive(Debug, ClapArgs)]
pub(crate) struct RepositoryArgs {
    /// The repository of the artifacts, such as oci://ghcr.io/acme/platform [default: that of the config]
    #[arg(long, value_name = "URL")]
    pub(crate) repository: Option<String>,

    /// The config to go by [default: tidegate.toml in --tree or above it, up to the git top]
    ///
    /// It says whose evidence counts. It is never taken from an artifact.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The folder of the tree
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) tree: PathBuf,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResultFormat {
    /// For people
    Human,
    /// One document
    Json,
    /// Lines `name=value`, to be added to the file that GITHUB_OUTPUT names
    Github,
}

/// Have an environment select an artifact that was validated in the one before
///
/// Two tags are written: an entry in the log of the environment, and the tag that its source follows. Before
/// that it is made sure that the artifact passed the gate, was selected in the environment it comes from and
/// validated there since, that nobody has rejected it, and that the source would really select it.
///
/// Killed at any moment, it is finished by being run again. What is selected already is no fault: the exit
/// status is then 0 and nothing is written.
#[derive(Debug, ClapArgs)]
#[command(after_help = PROMOTE_EXAMPLES, after_long_help = PROMOTE_EXAMPLES)]
pub(crate) struct Promote {
    /// The artifact, as sha256:... or oci://...@sha256:... [default: the one that the environment it comes
    /// from selects now]
    #[arg(value_name = "DIGEST")]
    pub(crate) digest: Option<String>,

    /// The environment to select it
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) to: String,

    /// The environment that it was validated in [default: that of the config]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) from: Option<String>,

    /// Refuse where the environment selects something else than this now: a digest, or `none`
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect: Option<String>,

    /// Print what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Take an artifact that was rejected; --reason says why, and the decision is recorded
    #[arg(long, requires = "reason")]
    pub(crate) again: bool,

    /// Why
    #[arg(long, value_name = "TEXT", requires = "again")]
    pub(crate) reason: Option<String>,

    /// The private key that signs the decision, in PEM [default: the text in TIDEGATE_APPROVE_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// How the result is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ResultFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

const PROMOTE_EXAMPLES: &str = "\
Examples:
  tidegate promote --from integration --to live --dry-run
  tidegate promote sha256:0123... --to live --expect none
  tidegate promote --to live --output github >> \"$GITHUB_OUTPUT\"";

/// Have an environment select an artifact that it selected before
///
/// The artifact that is left is rejected: that is recorded, with the reason, and `promote` refuses it and
/// others with the same content from then on. The artifact that is selected needs the evidence that it needed
/// before, of whatever age.
#[derive(Debug, ClapArgs)]
#[command(after_help = ROLLBACK_EXAMPLES, after_long_help = ROLLBACK_EXAMPLES)]
pub(crate) struct Rollback {
    /// The environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environment: String,

    /// The artifact to go back to, as sha256:...; or -1 for the one before, -2 for the one before that
    #[arg(long, value_name = "DIGEST|-N", allow_hyphen_values = true)]
    pub(crate) to: String,

    /// Refuse where the environment selects something else than this now: a digest, or `none`
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect: Option<String>,

    /// Print what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Why the artifact that is left is rejected
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Go back to an artifact whatever speaks against it; --reason says why, and the decision is recorded
    #[arg(long, requires = "reason")]
    pub(crate) force: bool,

    /// The private key that signs what is recorded, in PEM [default: the text in TIDEGATE_APPROVE_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// How the result is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ResultFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

const ROLLBACK_EXAMPLES: &str = "\
Examples:
  tidegate rollback --env live --to -1 --reason 'the shop answers 502'
  tidegate rollback --env live --to sha256:0123... --dry-run";

/// List what an environment has selected, the newest first
///
/// This is read from the log in the registry: what was selected, and when. Whether a cluster runs it, the
/// cluster knows.
#[derive(Debug, ClapArgs)]
pub(crate) struct History {
    /// The environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environment: String,

    /// How many entries are shown
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) limit: usize,

    /// How entries are printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ListFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

/// Show what each environment selects, and what could be promoted
///
/// This is read from the registry: what is selected, and what is known of it. Whether a cluster runs it, the
/// cluster knows.
#[derive(Debug, ClapArgs)]
pub(crate) struct Status {
    /// Only this environment; may be repeated [default: those of the config]
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environments: Vec<String>,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ListFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

/// List the evidence that is attached to an artifact: what it says, and whether it counts
#[derive(Debug, ClapArgs)]
#[command(after_help = VERIFY_EXAMPLES, after_long_help = VERIFY_EXAMPLES)]
pub(crate) struct Verify {
    /// The artifact: sha256:..., or oci://... with a digest or a tag
    #[arg(value_name = "DIGEST|URL")]
    pub(crate) artifact: String,

    /// Judge it as what comes into this environment, and fail where it could not be promoted there
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environment: Option<String>,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ListFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  tidegate verify sha256:0123...
  tidegate verify oci://ghcr.io/acme/platform:integration --env live";

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Human,
    /// One document
    Json,
}
