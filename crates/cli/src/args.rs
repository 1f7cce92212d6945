mod attest;
mod charts;
mod gate;
mod health;
mod promotion;
mod push;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use tidegate_core::config::Version;

use crate::commands::helm::args::Helm;
use crate::commands::render::Only;

pub(crate) use attest::Attest;
pub(crate) use charts::{Charts, ChartsFetch};
pub(crate) use gate::{Gate, GateArgs};
pub(crate) use health::{Health, HealthFormat};
pub(crate) use promotion::{
    History, ListFormat, Promote, RepositoryArgs, ResultFormat, Rollback, Status, Verify,
};
pub(crate) use push::Push;

/// Proves a Flux kubernetes/ tree sound
///
/// tidegate renders what Flux would apply from a tree, offline and in one process, and reports what is
/// wrong at the line to edit. What it cannot render, such as a chart that is not at hand, is counted and listed.
#[derive(Debug, Parser)]
#[command(
    name = "tidegate",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = EXIT_CODES,
    after_long_help = EXIT_CODES,
    max_term_width = 100
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) global: Global,
}

const EXIT_CODES: &str = "\
Exit status:
  0  clean
  1  findings at or above --fail-on, input that was refused, or an artifact that may not move on
  2  wrong usage, a config with errors, or something around tidegate failed";

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// When to colour the output
    ///
    /// `auto` colours on a terminal, unless the environment variable NO_COLOR is set.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub(crate) color: When,

    /// Print findings and data only: no summary and no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// How many threads may work at once [default: one for each processor]
    ///
    /// The output is the same for any number.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Render(Render),
    Diff(Diff),
    Gate(Gate),
    Push(Push),
    Helm(Helm),
    Validate(Validate),
    Schema(Schema),
    Kustomize(Kustomize),
    Envsubst(Envsubst),
    Resourceset(ResourceSet),
    #[command(subcommand)]
    Charts(Charts),
    Health(Health),
    Attest(Attest),
    Verify(Verify),
    Promote(Promote),
    Rollback(Rollback),
    History(History),
    Status(Status),
    Rules(Rules),
    Explain(Explain),
}

/// Render every cluster of a tree and report what is wrong with it
///
/// Clusters are the folders in a folder `clusters/` at PATH or one level below it. Each is built
/// as kustomize-controller would, then each folder that a Flux Kustomization in it names, and so
/// on. A tree without clusters is checked too: all its kustomizations are built.
///
/// Every object is then checked as the API server would do it. The kinds are those of Kubernetes, of
/// the CustomResourceDefinitions in the tree, and of common projects.
///
/// What could not be rendered or checked is counted in the summary, apart from findings.
#[derive(Debug, ClapArgs)]
#[command(after_help = CHECK_EXAMPLES, after_long_help = CHECK_EXAMPLES)]
pub(crate) struct Check {
    /// The folder to check, or an artifact: oci://REPOSITORY:TAG or oci://REPOSITORY@DIGEST
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,

    /// Check this folder as a cluster, in place of those that would be found; may be repeated
    #[arg(long = "cluster", value_name = "NAME=PATH", value_parser = cluster)]
    pub(crate) clusters: Vec<(String, PathBuf)>,

    /// The config to go by [default: tidegate.toml in PATH or above it, up to the git top]
    ///
    /// Its paths are relative to its folder; those of a config outside of the tree, to the top of
    /// the tree.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Check a revision of the git repository, without a checkout
    ///
    /// A branch, a tag, a commit, or whatever else git takes for one. Paths are those of the work
    /// tree; in a bare repository, PATH is the repository. A config in the tree is that of the
    /// revision.
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,

    /// Show only what the changes since a revision bring
    ///
    /// These are the findings that point at a file that changed, and those that a check of REV does
    /// not have, wherever they are. What is staged, what is not, and new files that git is not told
    /// to ignore are changes too.
    #[arg(long, value_name = "REV")]
    pub(crate) changed_since: Option<String>,

    /// Where `charts fetch` keeps charts [default: TIDEGATE_CACHE_DIR, or tidegate in the user's caches]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,

    /// The version of Kubernetes that all clusters run, such as 1.36 [default: as the config says, or 1.35]
    ///
    /// With the version of an upgrade to come it tells what would break: versions of kinds that go, fields
    /// that are not there yet, and values that are no longer taken.
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<Version>,

    /// Write the versions of kinds that are removed or deprecated anew, where nothing else has to change
    ///
    /// Only the version is written, and only where it stands by itself in a file of the tree; the rest of
    /// the file stays as it is. A file is left alone where a check of the result finds more than before,
    /// such as a patch that names the old version.
    #[arg(
        long,
        conflicts_with_all = ["rev", "changed_since", "write_baseline"],
        help_heading = "Fixing"
    )]
    pub(crate) fix: bool,

    /// With --fix: show what would be written, and write nothing
    #[arg(long, requires = "fix", help_heading = "Fixing")]
    pub(crate) dry_run: bool,

    /// How findings are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(crate) format: Format,

    /// The least severity that makes the exit status 1 [default: error, or as the config says]
    #[arg(long, value_name = "SEVERITY", help_heading = "Output")]
    pub(crate) fail_on: Option<FailOn>,

    /// Make an error of everything that could not be rendered or checked
    #[arg(long, help_heading = "Output")]
    pub(crate) require_complete: bool,

    /// Show the findings that are waived too, with the reasons
    #[arg(long, help_heading = "Output")]
    pub(crate) show_waived: bool,

    /// Findings that this file lists are known: they are counted, and neither shown nor failed on
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write what is found to this file, to be named with --baseline, instead of showing it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["baseline", "changed_since"],
        help_heading = "Baseline"
    )]
    pub(crate) write_baseline: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  tidegate check
  tidegate check kubernetes --format concise
  tidegate check --cluster live=flux/live --cluster dev=flux/dev --fail-on warning
  tidegate check --changed-since HEAD
  tidegate check --kubernetes-version 1.36
  tidegate check --fix --dry-run
  tidegate check --rev origin/main --changed-since origin/main~1
  tidegate check oci://ghcr.io/example/platform:live";

/// How registries are spoken to.
#[derive(Debug, ClapArgs)]
pub(crate) struct RegistryArgs {
    /// Speak to this registry without TLS; may be repeated
    ///
    /// Addresses of this machine need no permission.
    #[arg(long, value_name = "HOST[:PORT]", help_heading = "Registry")]
    pub(crate) insecure_registry: Vec<String>,
}

/// The tree that a command is about, and what of it counts as a cluster.
#[derive(Debug, ClapArgs)]
pub(crate) struct TreeArgs {
    /// The folder that is searched for clusters, or an artifact: oci://REPOSITORY:TAG or @DIGEST
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,

    /// Take this folder for a cluster, in place of those that would be found; may be repeated
    #[arg(long = "cluster", id = "named", value_name = "NAME=PATH", value_parser = cluster)]
    pub(crate) clusters: Vec<(String, PathBuf)>,

    /// The config to go by [default: tidegate.toml in PATH or above it, up to the git top]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

/// Print what Flux would apply to a cluster
///
/// One YAML document for each object, in the order of the builds: that of the cluster's entry first,
/// each Kustomization behind the one that holds it. Variables are put in, as Flux does it.
///
/// The values of Secrets, and what variables bring from there to other objects, are printed as
/// `<redacted>`. What could not be rendered is counted by reason on standard error.
#[derive(Debug, ClapArgs)]
#[command(after_help = RENDER_EXAMPLES, after_long_help = RENDER_EXAMPLES)]
pub(crate) struct Render {
    /// The cluster; may be left out where there is only one
    #[arg(value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,

    #[command(flatten)]
    pub(crate) tree: TreeArgs,

    /// Render a revision of the git repository, without a checkout
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,

    /// Where `charts fetch` keeps charts [default: TIDEGATE_CACHE_DIR, or tidegate in the user's caches]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Only the objects of this Kustomization; may be repeated
    ///
    /// The namespace may be left out.
    #[arg(
        long = "kustomization",
        value_name = "NAMESPACE/NAME",
        help_heading = "Selection"
    )]
    pub(crate) kustomizations: Vec<String>,

    /// Only this object; may be repeated
    ///
    /// The namespace, and the name with it, may be left out. Upper and lower case of the kind are one.
    #[arg(
        long,
        value_name = "KIND/NAMESPACE/NAME",
        value_parser = Only::parse,
        help_heading = "Selection"
    )]
    pub(crate) only: Vec<Only>,

    /// Print the objects as they go into the server-side apply, in the order in which they do
    ///
    /// They get the labels of their owner, and objects of Kubernetes' own kinds are read into their types, as
    /// kustomize-controller does it: unknown fields are lost, empty ones left out or filled in, quantities
    /// written in one form, and the text of Secrets encoded. What Helm applies is printed as it is.
    #[arg(long, help_heading = "Output")]
    pub(crate) as_applied: bool,

    /// Tell in comments where each field is written and what has changed it
    ///
    /// `:12` is line 12 of the file that is named above the object.
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    pub(crate) trail: bool,

    /// How objects are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "yaml",
        help_heading = "Output"
    )]
    pub(crate) format: RenderFormat,

    /// Write a file for each object below this folder instead of printing them
    ///
    /// They are named NAMESPACE/NAME/KIND.VERSION.GROUP_NAMESPACE_NAME.yaml, by the Kustomization
    /// and the object. Files are replaced as a whole; others are left alone.
    #[arg(
        long,
        short,
        value_name = "FOLDER",
        conflicts_with = "format",
        help_heading = "Output"
    )]
    pub(crate) output: Option<PathBuf>,

    /// Print the values of Secrets too
    #[arg(long, help_heading = "Output")]
    pub(crate) show_secrets: bool,
}

const RENDER_EXAMPLES: &str = "\
Examples:
  tidegate render live
  tidegate render live --kustomization apps --trail
  tidegate render live --only deployment/shop/web --only configmap/settings
  tidegate render live --kustomization apps --as-applied
  tidegate render live --format json | jq '.objects[].origins'
  tidegate render live -o rendered";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// As `flux build kustomization` prints it
    Yaml,
    /// One document with all objects, and where each field of them is written
    Json,
}

/// Compare what Flux would apply: two clusters, revisions, folders or artifacts
///
/// Objects are compared field by field after rendering, lists by the keys of their items. What could do
/// harm is marked: a field that cannot change, data that would be deleted, a CRD that takes less, wider
/// rights, nothing left running, a suspension, another image.
///
/// A and B are two clusters of the tree, or each is a folder, a revision of the git repository or an
/// artifact (oci://REPOSITORY:TAG or oci://REPOSITORY@DIGEST). Without B it is the work tree; without A, HEAD. The values of Secrets are never shown.
#[derive(Debug, ClapArgs)]
#[command(after_help = DIFF_EXAMPLES, after_long_help = DIFF_EXAMPLES)]
pub(crate) struct Diff {
    /// What is compared: a cluster, a folder, a revision or an artifact [default: HEAD]
    #[arg(value_name = "A")]
    pub(crate) before: Option<String>,

    /// What it is compared with [default: the work tree]
    #[arg(value_name = "B")]
    pub(crate) after: Option<String>,

    #[command(flatten)]
    pub(crate) tree: TreeArgs,

    /// Only this object; may be repeated
    ///
    /// The namespace, and the name with it, may be left out. Upper and lower case of the kind are one.
    #[arg(
        long,
        value_name = "KIND/NAMESPACE/NAME",
        value_parser = Only::parse,
        help_heading = "Selection"
    )]
    pub(crate) only: Vec<Only>,

    /// Only objects whose change could do harm
    #[arg(long, help_heading = "Selection")]
    pub(crate) danger_only: bool,

    /// Show each field that differs between two clusters because a variable does
    ///
    /// Without it there is one line for each variable.
    #[arg(long, help_heading = "Selection")]
    pub(crate) all: bool,

    /// How differences are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(crate) format: DiffFormat,

    /// The most bytes that --format markdown prints
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "60000",
        help_heading = "Output"
    )]
    pub(crate) limit: usize,

    /// Make the exit status 1 where something differs
    #[arg(long, help_heading = "Output")]
    pub(crate) exit_code: bool,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  tidegate diff
  tidegate diff origin/main --danger-only
  tidegate diff HEAD~1 HEAD --format markdown
  tidegate diff live integration
  tidegate diff oci://ghcr.io/example/platform:live oci://ghcr.io/example/platform:integration";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Objects, fields and places, for people
    Human,
    /// One document with everything
    Json,
    /// A comment for a pull request
    Markdown,
}

pub(crate) fn cluster(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), PathBuf::from(path)))
        }
        _ => Err("write it as NAME=PATH, such as live=clusters/live".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Snippets of the files with what is wrong drawn in
    Human,
    /// One line for each finding
    Concise,
    /// One document with findings, counts and what was not rendered
    Json,
    /// Annotations of GitHub workflows
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

/// Check plain manifests as the API server would
///
/// Files may hold any number of documents, and lists as `kubectl get` prints them. A
/// CustomResourceDefinition among them is gone by, in place of what is known of its kind.
///
/// Objects of unknown kinds are counted in the summary. A version that the cluster does not serve is
/// always an error.
#[derive(Debug, ClapArgs)]
#[command(after_help = VALIDATE_EXAMPLES, after_long_help = VALIDATE_EXAMPLES)]
pub(crate) struct Validate {
    /// Files with manifests, folders with such files, or `-` for standard input
    #[arg(value_name = "FILES", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The config that has the versions of Kubernetes and Flux, and schemas [default: tidegate.toml here or
    /// above, up to the git top]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Go by no config
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,

    /// The version of Kubernetes that the cluster runs, such as 1.35
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<Version>,

    /// How the objects get to the server
    #[arg(long = "as", value_name = "HOW", default_value = "apply")]
    pub(crate) how: How,

    /// A file or folder with CustomResourceDefinitions; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) schemas: Vec<PathBuf>,

    /// Make an error of every object of an unknown kind
    #[arg(long)]
    pub(crate) require_complete: bool,

    /// How findings are printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = "Output"
    )]
    pub(crate) format: Format,
}

/// List and explain the kinds that objects are checked against, and add to them
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// List the kinds, each in the versions that are served
    List(Known),
    Show(Show),
    Add(Add),
}

/// The kinds that a command knows.
#[derive(Debug, ClapArgs)]
pub(crate) struct Known {
    /// The version of Kubernetes, such as 1.35
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<Version>,

    /// A file or folder with CustomResourceDefinitions; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) schemas: Vec<PathBuf>,
}

/// Explain a kind or a field of it: types, allowed values, defaults, and what else is asked of it
///
/// Fields that must be there are marked with `*`.
#[derive(Debug, ClapArgs)]
#[command(after_help = SHOW_EXAMPLES, after_long_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// A kind, or a field of it as a path, perhaps with the apiVersion in front
    #[arg(value_name = "KIND[.PATH]")]
    pub(crate) kind: String,

    /// List the fields of fields too
    #[arg(long)]
    pub(crate) recursive: bool,

    #[command(flatten)]
    pub(crate) known: Known,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  tidegate schema show Deployment.spec.strategy
  tidegate schema show kustomize.toolkit.fluxcd.io/v1/Kustomization.spec --recursive";

/// Keep CustomResourceDefinitions beside tidegate.toml, without their prose
#[derive(Debug, ClapArgs)]
#[command(after_help = ADD_EXAMPLES, after_long_help = ADD_EXAMPLES)]
pub(crate) struct Add {
    /// Files with CustomResourceDefinitions, folders with such files, or `-` for standard input
    #[arg(value_name = "FILES", required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The folder to write them to, a file for each
    #[arg(long, value_name = "DIR", default_value = "schemas")]
    pub(crate) to: PathBuf,
}

const ADD_EXAMPLES: &str = "\
Examples:
  kubectl get crds -o yaml | tidegate schema add -
  tidegate schema add crds/ --to kubernetes/schemas";

const VALIDATE_EXAMPLES: &str = "\
Examples:
  tidegate validate deployment.yaml rendered/
  helm template web chart | tidegate validate -
  tidegate validate --kubernetes-version 1.36 --schemas crds/ - < rendered.yaml";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum How {
    /// By a server-side apply, as Flux does it
    Apply,
    /// By a create, as `kubectl create` does it
    Create,
}

/// Print what `kustomize build` prints
///
/// The output equals that of kustomize 5.8 byte for byte. Nothing is fetched and no program is
/// started: a folder that needs a remote resource, a Helm chart or a plugin is refused.
///
/// Several folders are built in one process, and printed in the order given with `---` between
/// them.
#[derive(Debug, ClapArgs)]
#[command(after_help = KUSTOMIZE_EXAMPLES, after_long_help = KUSTOMIZE_EXAMPLES)]
pub(crate) struct Kustomize {
    /// Folders with a kustomization
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folders: Vec<PathBuf>,

    /// Whether files outside the folder of a kustomization may be read
    #[arg(long, value_name = "NAME", default_value = "LoadRestrictionsRootOnly")]
    pub(crate) load_restrictor: LoadRestrictor,

    /// The order of objects where the kustomization has no `sortOptions`
    #[arg(long, value_name = "ORDER", default_value = "legacy")]
    pub(crate) reorder: Reorder,

    /// Add the label app.kubernetes.io/managed-by to all objects
    #[arg(long)]
    pub(crate) enable_managedby_label: bool,

    /// Write to this path instead of standard output
    ///
    /// With one DIR it is a file, or a folder that exists, which gets a file for each object.
    /// With several DIRs it is a folder, which gets a file for each DIR, named after it. Files are
    /// replaced as a whole.
    #[arg(long, short, value_name = "PATH", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
}

const KUSTOMIZE_EXAMPLES: &str = "\
Examples:
  tidegate kustomize apps/overlays/live
  tidegate kustomize --load-restrictor LoadRestrictionsNone apps/*/overlays/live
  tidegate kustomize apps/*/overlays/live -o rendered";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadRestrictor {
    /// Only files in it and below it: the default of kustomize
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
    /// Any file: what Flux does
    #[value(name = "LoadRestrictionsNone")]
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reorder {
    /// Namespaces and definitions first, webhooks last: the default of kustomize
    Legacy,
    /// As read: what Flux does
    None,
}

/// Replace `${VARIABLES}` in standard input as Flux does after a build
///
/// The output equals that of Flux 2.9 byte for byte. The text is read as a whole, as the
/// controllers do it, not line by line as `flux envsubst` does. `$${NAME}` stands for `${NAME}`.
#[derive(Debug, ClapArgs)]
#[command(after_help = ENVSUBST_EXAMPLES, after_long_help = ENVSUBST_EXAMPLES)]
pub(crate) struct Envsubst {
    /// Refuse a variable that is not set and has no default; without it, it is empty
    #[arg(long)]
    pub(crate) strict: bool,

    /// Variables that go before those of the environment; may be repeated, the last one counts
    ///
    /// A map in JSON or YAML, by the extension of the file, or lines `NAME=value`. Line breaks in
    /// values are removed, as in `spec.postBuild`.
    #[arg(long = "vars-file", value_name = "FILE")]
    pub(crate) vars_files: Vec<PathBuf>,
}

const ENVSUBST_EXAMPLES: &str = "\
Examples:
  tidegate kustomize apps/live | tidegate envsubst --vars-file cluster.env
  REGION=eu tidegate envsubst --strict < deployment.yaml";

/// Print the objects that a ResourceSet of the Flux Operator makes
///
/// The output has the objects of `flux-operator build rset` in its order. What only the cluster acts
/// on (`copyFrom`, `checksumFrom`, `dependsOn`) is left as it is written.
#[derive(Debug, ClapArgs)]
#[command(after_help = RESOURCESET_EXAMPLES, after_long_help = RESOURCESET_EXAMPLES)]
pub(crate) struct ResourceSet {
    /// The file with the ResourceSet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// A list of input sets in place of `spec.inputs`
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs_from: Option<PathBuf>,

    /// ResourceSetInputProviders of the type Static, for `spec.inputsFrom` to choose from
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs_from_provider: Option<PathBuf>,
}

const RESOURCESET_EXAMPLES: &str = "\
Examples:
  tidegate resourceset apps.yaml
  tidegate resourceset apps.yaml --inputs-from-provider providers.yaml";

/// List the rules: code, severity, name, and what each reports
///
/// The severity is that of the config, where it has a level for the rule.
#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    /// The config to go by [default: tidegate.toml here or above, up to the git top]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Explain a rule: what it reports, why it matters, and how to fix it
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The code of the rule, such as KUS001, or its name, such as missing-file
    #[arg(value_name = "CODE")]
    pub(crate) rule: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
