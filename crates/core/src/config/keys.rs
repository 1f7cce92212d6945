//! All keys of `tidegate.toml`.

use super::declare::{Key, Kind, Table};
use super::health::keys::HEALTH;

/// A key that may be left out.
pub(super) const fn key(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        name,
        kind,
        required: false,
        doc,
        default,
    }
}

/// A key that must be there.
pub(super) const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key {
        name,
        kind,
        required: true,
        doc,
        default: "",
    }
}

/// The levels of rules.
pub(super) const LEVELS: &[&str] = &["error", "warning", "info", "off"];
/// The severities that a run can fail on.
pub(super) const FAIL_ON: &[&str] = &["error", "warning", "info", "never"];
/// The kinds that `substituteFrom` can read.
pub(super) const PROVIDED_KINDS: &[&str] = &["ConfigMap", "Secret"];
/// Whether evidence has to be signed.
pub(super) const EVIDENCE: &[&str] = &["signed", "unsigned"];
/// The types of values that are not known.
pub(super) const TYPES: &[&str] = &["string", "int", "float", "bool", "any"];

/// The whole file.
pub(super) static FILE: Table = Table {
    keys: &[
        key(
            "flux",
            Kind::Version,
            "the newest release that tidegate knows",
            "The version of Flux that the clusters run. It decides, among others, whether an \
             undefined variable is an error (from 2.9 on) or becomes empty.",
        ),
        key(
            "kubernetes",
            Kind::Version,
            "`1.35`",
            "The version of Kubernetes that the clusters run. It decides which kinds and fields there are, \
             and which versions of kinds are removed or deprecated. The flag `--kubernetes-version` goes \
             before it. Known are 1.32 to 1.37; of another one, the nearest is taken.",
        ),
        key(
            "strict_substitution",
            Kind::Bool,
            "`true` from Flux 2.9 on",
            "Whether kustomize-controller runs with the feature gate \
             `StrictPostBuildSubstitutions`. To be set where the gate differs from the default of \
             the Flux version.",
        ),
        key(
            "no_cross_namespace_refs",
            Kind::Bool,
            "what a FluxInstance or the arguments of kustomize-controller in the tree say",
            "Whether the controllers run with `--no-cross-namespace-refs`: a source in another \
             namespace is then an error.",
        ),
        key(
            "fail_on",
            Kind::Word(FAIL_ON),
            "`\"error\"`",
            "The least severity that makes the exit status 1. The flag `--fail-on` goes before it.",
        ),
        key(
            "baseline",
            Kind::File,
            "",
            "A file of known findings, written by `tidegate check --write-baseline`: these are \
             counted, and neither shown nor failed on. The flag `--baseline` goes before it.",
        ),
        key(
            "clusters",
            Kind::Map("NAME", &Kind::Table(&CLUSTER)),
            "the folders in `clusters/` that hold YAML",
            "What is to be known of a cluster. The name is that of a folder in `clusters/`, or, \
             with `path`, any.",
        ),
        key(
            "provides",
            Kind::Tables(&PROVIDES),
            "",
            "A ConfigMap or Secret that exists in every cluster and is not in the tree, for \
             `substituteFrom`.",
        ),
        key(
            "inputs",
            Kind::Tables(&INPUTS),
            "",
            "The inputs that a ResourceSetInputProvider exports in every cluster. Those of the type \
             `Static` are known; others ask a service, and ResourceSets that take inputs from them \
             are not rendered unless these are declared.",
        ),
        key(
            "files",
            Kind::Tables(&FILES),
            "",
            "A file that the tree names and lacks, such as an env file that is ignored by git or \
             written by a pipeline, and what stands in for it.",
        ),
        key(
            "schemas",
            Kind::Tables(&SCHEMAS),
            "",
            "CustomResourceDefinitions of kinds that the clusters have, and that neither the tree nor \
             tidegate has: objects of these kinds are then checked.",
        ),
        key(
            "charts",
            Kind::Tables(&CHARTS),
            "",
            "A chart in the tree that is taken in place of what its source has: nothing is fetched for it.",
        ),
        key(
            "chart_logins",
            Kind::Tables(&CHART_LOGINS),
            "",
            "Who one is to a server of charts that has an `index.yaml`, for `tidegate charts fetch`. Those of \
             registries are where `docker login` keeps them.",
        ),
        key(
            "promotion",
            Kind::Table(&PROMOTION),
            "",
            "Where artifacts are pushed to, and what has to be proven of one before it moves on.",
        ),
        key(
            "environments",
            Kind::Map("NAME", &Kind::Table(&ENVIRONMENT)),
            "",
            "What artifacts move through, such as `integration` and `live`. The name is that of the tag that the \
             source of its cluster follows; it has letters, digits and dashes.",
        ),
        key(
            "rules",
            Kind::Map("RULE", &Kind::Word(LEVELS)),
            "the severity of the rule's page",
            "How bad the findings of a rule are, by its code or name. `\"off\"` leaves them out.",
        ),
        key(
            "waivers",
            Kind::Tables(&WAIVER),
            "",
            "Findings that are known and accepted. They are counted in the summary, shown with \
             `--show-waived`, and do not fail a run.",
        ),
    ],
};

static CLUSTER: Table = Table {
    keys: &[
        key(
            "path",
            Kind::TreePath,
            "the folder in `clusters/` of that name",
            "The folder that Flux applies first, relative to the config.",
        ),
        key(
            "root",
            Kind::TreePath,
            "the folder below which the paths exist",
            "The folder that is packed into the artifact, relative to the config: `spec.path`s are \
             relative to it.",
        ),
        key(
            "source",
            Kind::Table(&SOURCE),
            "the source that the entry of the cluster uses",
            "The Flux source that holds this tree. What comes from other sources is outside of it.",
        ),
        key(
            "flux",
            Kind::Version,
            "that of all clusters",
            "The version of Flux.",
        ),
        key(
            "kubernetes",
            Kind::Version,
            "that of all clusters",
            "The version of Kubernetes.",
        ),
        key(
            "strict_substitution",
            Kind::Bool,
            "that of all clusters, or of this cluster's `flux`",
            "Whether its kustomize-controller runs with `StrictPostBuildSubstitutions`.",
        ),
        key(
            "no_cross_namespace_refs",
            Kind::Bool,
            "that of all clusters",
            "Whether its controllers run with `--no-cross-namespace-refs`.",
        ),
        key(
            "provides",
            Kind::Tables(&PROVIDES),
            "",
            "A ConfigMap or Secret that exists in this cluster and is not in the tree. It goes \
             before one of the same kind, namespace and name that is declared for all clusters.",
        ),
        key(
            "inputs",
            Kind::Tables(&INPUTS),
            "",
            "The inputs that a ResourceSetInputProvider exports in this cluster. They go before those \
             of the same provider that are declared for all clusters.",
        ),
    ],
};

static INPUTS: Table = Table {
    keys: &[
        required("provider", Kind::Text, "The name of the provider."),
        key("namespace", Kind::Text, "`flux-system`", "Its namespace."),
        required(
            "file",
            Kind::File,
            "A YAML file with a list of input sets, as `.status.exportedInputs` of the provider shows \
             them, or with the provider itself as the cluster has it. The path is relative to the \
             config.",
        ),
    ],
};

static SOURCE: Table = Table {
    keys: &[
        required(
            "kind",
            Kind::Word(&[
                "GitRepository",
                "OCIRepository",
                "Bucket",
                "ExternalArtifact",
            ]),
            "Its kind.",
        ),
        required("name", Kind::Text, "Its name."),
        key("namespace", Kind::Text, "`flux-system`", "Its namespace."),
    ],
};

static PROVIDES: Table = Table {
    keys: &[
        key(
            "kind",
            Kind::Word(PROVIDED_KINDS),
            "`\"ConfigMap\"`",
            "Its kind.",
        ),
        required("name", Kind::Text, "Its name."),
        key("namespace", Kind::Text, "`flux-system`", "Its namespace."),
        key(
            "env_file",
            Kind::File,
            "",
            "A file with its keys and values: lines `NAME=value`, or a map in YAML or JSON. The \
             path is relative to the config.",
        ),
        key(
            "values",
            Kind::Map("KEY", &Kind::ValueOr(&STUB)),
            "",
            "Its keys and values, which go before those of `env_file`. A value that is not known \
             is written as its type: `{ type = \"int\" }`. Do not write real secrets here.",
        ),
        key(
            "more_keys",
            Kind::Bool,
            "`false`",
            "Whether it may have keys that are not declared. A variable that it lacks is then \
             unknown, and not undefined.",
        ),
    ],
};

static STUB: Table = Table {
    keys: &[required(
        "type",
        Kind::Word(TYPES),
        "How YAML reads the value where it stands alone: `int` for `3`, `string` for `eu-west-1`; \
         `any` where that is not known.",
    )],
};

static FILES: Table = Table {
    keys: &[
        required(
            "path",
            Kind::TreePath,
            "Where the tree looks for the file, relative to the config. Nothing may be there.",
        ),
        key(
            "from",
            Kind::File,
            "",
            "The file that stands in for it, relative to the config.",
        ),
        key(
            "values",
            Kind::Map("KEY", &Kind::ValueOr(&STUB)),
            "",
            "In place of `from`: the lines `KEY=value` of an env file.",
        ),
    ],
};

static SCHEMAS: Table = Table {
    keys: &[required(
        "path",
        Kind::TreePath,
        "A file with CustomResourceDefinitions, or a folder with such files, relative to the config.",
    )],
};

static CHARTS: Table = Table {
    keys: &[
        required(
            "source",
            Kind::Text,
            "The `spec.url` of the HelmRepository or OCIRepository.",
        ),
        key(
            "chart",
            Kind::Text,
            "the one chart of an OCIRepository",
            "The name of the chart in a HelmRepository.",
        ),
        required(
            "path",
            Kind::TreePath,
            "The folder or the `.tgz` of the chart, relative to the config. Any version is taken for the one \
             that is asked for.",
        ),
    ],
};

static CHART_LOGINS: Table = Table {
    keys: &[
        required("url", Kind::Text, "The `spec.url` of the HelmRepository."),
        key("username", Kind::Text, "", "The user."),
        key(
            "username_env",
            Kind::Text,
            "",
            "In place of `username`: the environment variable that holds the user.",
        ),
        required(
            "password_env",
            Kind::Text,
            "The environment variable that holds the password. Where it is not set, nobody is logged in.",
        ),
        key(
            "pass_credentials",
            Kind::Bool,
            "`false`",
            "Whether the password also goes to other servers that the index says archives are on, as \
             `passCredentials` of a HelmRepository has it.",
        ),
    ],
};

static WAIVER: Table = Table {
    keys: &[
        required("code", Kind::Rule, "The code or the name of the rule."),
        required(
            "reason",
            Kind::Text,
            "Why the findings are accepted: for whoever reads it next.",
        ),
        key(
            "path",
            Kind::Text,
            "",
            "The file that the finding is in, relative to the config. `*` and `?` stand for text \
             without `/`, `**` for any folders. `path`, `object` or both must be there.",
        ),
        key(
            "object",
            Kind::Text,
            "",
            "The object that the finding is about, as `Kind/namespace/name`, or `Kind/name` for \
             one without a namespace. `*` stands for any text without `/`.",
        ),
        key(
            "until",
            Kind::Date,
            "",
            "The last day on which it holds. After that the findings count again, and the waiver \
             is reported.",
        ),
    ],
};

static PROMOTION: Table = Table {
    keys: &[
        key(
            "repository",
            Kind::Text,
            "",
            "Where the artifacts are, such as `oci://ghcr.io/acme/platform`. A URL on the command line goes \
             before it.",
        ),
        key(
            "evidence",
            Kind::Word(EVIDENCE),
            "`\"signed\"`",
            "Whether evidence counts only where one of `keys` has signed it. With `\"unsigned\"`, whoever may \
             push to the repository may promote; each run says so.",
        ),
        key(
            "max_age",
            Kind::Duration,
            "`7d`",
            "How old the validation of an artifact may be when it is promoted: `12h`, `7d`, `1w`.",
        ),
        key(
            "keys",
            Kind::Table(&KEYS),
            "",
            "The keys whose evidence counts in every environment that does not list its own.",
        ),
    ],
};

static ENVIRONMENT: Table = Table {
    keys: &[
        key(
            "cluster",
            Kind::Text,
            "the cluster of the same name",
            "The cluster that runs it.",
        ),
        key(
            "from",
            Kind::Text,
            "",
            "The environment that artifacts come from: they must have been validated there. Without it, it is \
             one that `tidegate push --env` selects artifacts for.",
        ),
        key(
            "keys",
            Kind::Table(&KEYS),
            "those of `promotion`",
            "The keys whose evidence counts here. `gate` is of what comes in, `validate` and `approve` of \
             what was found out and decided here.",
        ),
        key(
            "follows",
            Kind::Table(&FOLLOWS),
            "what the cluster in the tree says",
            "What the source of the cluster selects, where it is not in the tree, such as a FluxInstance that \
             Terraform makes.",
        ),
        key(
            "aliases",
            Kind::Texts,
            "",
            "Tags that `tidegate push --env` puts on what it pushes, for people to read: nothing follows them. \
             `{sha}` is the commit, `{short}` its first seven digits, `{suffix}` what `tag_suffix` says.",
        ),
        key(
            "tag_suffix",
            Kind::Text,
            "`\"{short}\"`",
            "What `{suffix}` in `aliases` stands for. The flag `--tag-suffix` goes before it.",
        ),
        key(
            "health",
            Kind::Table(&HEALTH),
            "",
            "What `tidegate health` asks for here, besides the objects of the cluster.",
        ),
    ],
};

static KEYS: Table = Table {
    keys: &[
        key(
            "gate",
            Kind::Texts,
            "",
            "Public keys of what runs `tidegate push`. Each is a file in PEM, relative to the config, or the text \
             of one. `openssl pkey -pubout` and cosign write these; the key is ECDSA on P-256 or Ed25519.",
        ),
        key(
            "validate",
            Kind::Texts,
            "",
            "Public keys of what validates artifacts in the environment.",
        ),
        key(
            "approve",
            Kind::Texts,
            "",
            "Public keys of those who may decide against the evidence: `rollback --force`, `promote --again`.",
        ),
    ],
};

static FOLLOWS: Table = Table {
    keys: &[
        key("tag", Kind::Text, "", "The `ref.tag` of the OCIRepository."),
        key(
            "semver",
            Kind::Text,
            "",
            "Its `ref.semver`, which goes before the tag.",
        ),
        key(
            "semver_filter",
            Kind::Text,
            "",
            "Its `ref.semverFilter`, which holds with `semver` alone.",
        ),
        key(
            "digest",
            Kind::Text,
            "",
            "Its `ref.digest`, which goes before both.",
        ),
    ],
};
