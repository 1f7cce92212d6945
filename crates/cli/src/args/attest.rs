use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{RepositoryArgs, ResultFormat};

/// Record what was found out about an artifact
///
/// What is recorded is attached to the artifact in its repository, and signed where there is a key. A newer
/// record goes before an older one: one that failed takes back one that passed.
#[derive(Debug, ClapArgs)]
#[command(after_help = ATTEST_EXAMPLES, after_long_help = ATTEST_EXAMPLES)]
pub(crate) struct Attest {
    /// The artifact, as sha256:... or oci://...@sha256:...
    #[arg(value_name = "DIGEST")]
    pub(crate) digest: String,

    /// The result of a validation: JSON that names the artifact, or JUnit with the property `digest`
    #[arg(long, value_name = "FILE", requires = "environment")]
    pub(crate) result: Option<PathBuf>,

    /// The environment that it was validated in
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub(crate) environment: Option<String>,

    /// The report of the gate, for an artifact that `flux push artifact` has pushed
    ///
    /// Where the gate's key has signed it (`tidegate gate --report FILE --key FILE`) and it is about the very
    /// content of the artifact, it is taken for what it says. Otherwise --tree is held to the gate again, and its
    /// content compared with that of the artifact.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["result", "environment", "url"])]
    pub(crate) gate_report: Option<PathBuf>,

    /// Where the run can be seen
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// The private key that signs it, in PEM [default: the text in TIDEGATE_VALIDATE_KEY, or
    /// in TIDEGATE_GATE_KEY for the report of the gate]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// How the outcome is printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) output: ResultFormat,

    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
}

const ATTEST_EXAMPLES: &str = "\
Examples:
  tidegate attest --result result.json --env integration sha256:0123...
  tidegate attest --result junit.xml --env integration --key validate.key sha256:0123...
  tidegate attest --gate-report gate.json --tree kubernetes --key gate.key sha256:0123...";
