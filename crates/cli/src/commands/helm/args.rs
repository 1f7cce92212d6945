use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

/// Render Helm charts
#[derive(Debug, ClapArgs)]
pub(crate) struct Helm {
    #[command(subcommand)]
    pub(crate) command: HelmCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HelmCommand {
    Template(Template),
}

/// Print what `helm template` prints
///
/// The output equals that of Helm 4.3 byte for byte. Nothing is fetched: CHART is a folder or an archive
/// that holds its dependencies.
///
/// An error is shown at the line of the template or value that it is about.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Template {
    /// The name of the release, which may be left out, and the folder or .tgz of the chart
    #[arg(value_name = "[NAME] CHART", required = true, num_args = 1..=2)]
    pub(crate) name_and_chart: Vec<PathBuf>,

    /// The namespace of the release
    #[arg(long, short, value_name = "NAME", default_value = "default")]
    pub(crate) namespace: String,

    /// A template for the name of the release
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name_template: Option<String>,

    /// Accepted as by Helm, where it does not change the name either
    #[arg(long, short)]
    pub(crate) generate_name: bool,

    /// Values from a file, `-` for standard input; may be repeated, the last one counts
    #[arg(
        long = "values",
        short = 'f',
        value_name = "FILE",
        value_delimiter = ',',
        help_heading = "Values"
    )]
    pub(crate) values: Vec<PathBuf>,

    /// Set values: `a.b=1,c[0]=x`; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Values")]
    pub(crate) set: Vec<String>,

    /// Set values that are texts, whatever they look like
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Values")]
    pub(crate) set_string: Vec<String>,

    /// Set values that are JSON, or a JSON object of values
    #[arg(long, value_name = "KEY=JSON", help_heading = "Values")]
    pub(crate) set_json: Vec<String>,

    /// Set values to the contents of files
    #[arg(long, value_name = "KEY=FILE", help_heading = "Values")]
    pub(crate) set_file: Vec<String>,

    /// Set a value to all that stands behind the first `=`
    #[arg(long, value_name = "KEY=TEXT", help_heading = "Values")]
    pub(crate) set_literal: Vec<String>,

    /// Do not hold values against values.schema.json
    #[arg(long, help_heading = "Values")]
    pub(crate) skip_schema_validation: bool,

    /// The version of Kubernetes that templates are told [default: v1.37.0]
    #[arg(long, value_name = "VERSION", help_heading = "Cluster")]
    pub(crate) kube_version: Option<String>,

    /// API versions that templates are told of beside the usual ones; may be repeated
    #[arg(
        long = "api-versions",
        short = 'a',
        value_name = "VERSION",
        value_delimiter = ',',
        help_heading = "Cluster"
    )]
    pub(crate) api_versions: Vec<String>,

    /// Tell templates that a release is upgraded, not installed
    #[arg(long, help_heading = "Cluster")]
    pub(crate) is_upgrade: bool,

    /// Print the CRDs of the chart too
    #[arg(long, help_heading = "Output")]
    pub(crate) include_crds: bool,

    /// Print no hooks
    #[arg(long, help_heading = "Output")]
    pub(crate) no_hooks: bool,

    /// Print no tests
    #[arg(long, help_heading = "Output")]
    pub(crate) skip_tests: bool,

    /// Print only what this template makes, such as templates/service.yaml; may be repeated
    #[arg(long, short, value_name = "TEMPLATE", help_heading = "Output")]
    pub(crate) show_only: Vec<String>,

    /// Write a file for each template below this folder instead of printing
    #[arg(
        long,
        value_name = "FOLDER",
        conflicts_with = "show_only",
        help_heading = "Output"
    )]
    pub(crate) output_dir: Option<PathBuf>,

    /// With --output-dir: in a folder with the name of the release
    #[arg(long, requires = "output_dir", help_heading = "Output")]
    pub(crate) release_name: bool,

    /// Print what templates made even if it is not YAML
    #[arg(long, help_heading = "Output")]
    pub(crate) debug: bool,

    /// How the result is printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "yaml",
        conflicts_with = "output_dir",
        help_heading = "Output"
    )]
    pub(crate) format: TemplateFormat,

    /// Refused: tidegate fetches nothing here
    #[arg(long, hide = true)]
    pub(crate) dependency_update: bool,

    /// Refused: no cluster is asked
    #[arg(long, hide = true)]
    pub(crate) validate: bool,
}

const EXAMPLES: &str = "\
Examples:
  tidegate helm template podinfo charts/podinfo -f values.yaml
  tidegate helm template app-template-4.1.1.tgz --set controllers.main.replicas=2
  tidegate helm template web charts/web --kube-version 1.33 -a monitoring.coreos.com/v1 -s templates/service.yaml";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemplateFormat {
    /// As `helm template` prints it
    Yaml,
    /// One document: the manifests and hooks, or what kind of error there is and where
    Json,
}
