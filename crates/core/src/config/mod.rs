//! `tidegate.toml`: what a tree cannot say of itself.
//!
//! Everything in it is optional. Each value keeps the [`Span`] it was read from, so that findings
//! can point into the file. Reading is pure: the caller brings the bytes.

mod charts;
mod clusters;
pub mod codes;
mod date;
mod declare;
mod duration;
mod exported;
mod fields;
mod health;
mod keys;
mod load;
mod page;
mod pattern;
mod promotion;
mod provided;
mod read;
mod schema;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use tidegate_source::{Code, FileId, Severity, Span, TreePath};

use crate::envsubst::Mode;
use crate::render::{DefinitionId, SourceRef};

pub use charts::{ChartLogin, LocalChart, Username};
pub use date::Date;
pub use duration::parse_duration;
pub use exported::ProviderInputs;
pub use health::{
    Certificates, HealthConfig, MetricConfig, MetricQuery, ProbeConfig, ProbeTarget, ServerConfig,
};
pub use load::{Opener, load};
pub use page::docs;
pub use pattern::Pattern;
pub use promotion::{
    EnvironmentConfig, Follows, KeyRole, ListedKey, PromotionConfig, RequiredEvidence,
};
pub use provided::{Provided, ProvidedKey, ProvidedValue, ValueType};
pub use version::{NotAVersion, Version};

/// A value of the file and the place where it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

/// What `tidegate.toml` says. Nothing, by default.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The versions of clusters that do not say their own.
    pub versions: Versions,
    /// The clusters that the file speaks of, sorted by name.
    pub clusters: Vec<ClusterConfig>,
    /// The folder that was packed, where something else than the file says so.
    root: Option<Spanned<TreePath>>,
    /// What exists in every cluster and is not in the tree.
    pub provides: Vec<Provided>,
    /// The inputs that providers export in every cluster.
    pub inputs: Vec<ProviderInputs>,
    /// What stands in for files that the tree lacks.
    pub stand_ins: Vec<StandIn>,
    /// Files and folders with CustomResourceDefinitions.
    pub schemas: Vec<Spanned<TreePath>>,
    /// The charts of the tree that are taken in place of what their sources have.
    pub charts: Vec<LocalChart>,
    /// Who one is to servers of charts.
    pub chart_logins: Vec<ChartLogin>,
    /// Where artifacts are, and what has to be proven of them.
    pub promotion: PromotionConfig,
    /// What artifacts move through, sorted by name.
    pub environments: Vec<EnvironmentConfig>,
    /// How bad the findings of a rule are, where that differs from its page.
    pub levels: Vec<Level>,
    /// What makes a run fail.
    pub fail_on: Option<FailOn>,
    /// The file of known findings, relative to the config.
    pub baseline: Option<Named>,
    /// Findings that are known and accepted.
    pub waivers: Vec<ConfigWaiver>,
    /// The file itself.
    file: Option<FileId>,
    /// Where the types of unknown values of stand-ins are written.
    unknown: BTreeMap<(u32, u32), ValueType>,
}

/// A file that is named in the config.
pub type Named = Spanned<String>;

/// What stands in for a file that the tree lacks.
#[derive(Clone, Debug)]
pub struct StandIn {
    /// Where the tree looks for it.
    pub path: Spanned<TreePath>,
    /// The file that stands in for it.
    pub from: Option<Named>,
    /// Else the lines of an env file.
    pub lines: BTreeMap<String, ProvidedKey>,
}

/// The level of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// The rule.
    pub code: Code,
    /// How bad its findings are; none where they are left out.
    pub severity: Option<Severity>,
    /// Where the rule is named.
    pub span: Span,
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// A finding that is so bad, or worse.
    AtLeast(Severity),
    /// No finding does.
    Never,
}

/// Findings that are accepted.
#[derive(Clone, Debug)]
pub struct ConfigWaiver {
    /// The rule that finds them.
    pub code: Spanned<Code>,
    /// Why.
    pub reason: String,
    /// The files that they are in; any, where none is named.
    pub path: Option<Pattern>,
    /// The objects that they are about; any, where none is named.
    pub object: Option<Pattern>,
    /// The last day on which that holds.
    pub until: Option<Spanned<Date>>,
}

/// The software that a cluster runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Versions {
    /// The version of Flux.
    pub flux: Option<Spanned<Version>>,
    /// The version of Kubernetes.
    pub kubernetes: Option<Spanned<Version>>,
    /// Whether kustomize-controller runs with the gate `StrictPostBuildSubstitutions`.
    pub strict_substitution: Option<Spanned<bool>>,
    /// Whether the controllers run with `--no-cross-namespace-refs`.
    pub no_cross_namespace_refs: Option<Spanned<bool>>,
}

/// What the file says of one cluster.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// Its name, and where it is written.
    pub name: Spanned<String>,
    /// The folder that Flux applies first. Without it, the cluster is one that is found by its
    /// name.
    pub path: Option<Spanned<TreePath>>,
    /// The folder that is packed into the artifact, which `spec.path`s are relative to.
    pub root: Option<Spanned<TreePath>>,
    /// The source that holds the tree.
    pub source: Option<Spanned<SourceRef>>,
    /// What it runs, where that differs from the other clusters.
    pub versions: Versions,
    /// What exists in it and is not in the tree.
    pub provides: Vec<Provided>,
    /// The inputs that providers export in it. They go before those for every cluster.
    pub inputs: Vec<ProviderInputs>,
}

/// The release of Flux that is assumed where the file says nothing: the newest that tidegate knows.
pub const DEFAULT_FLUX: Version = Version::new(2, 9);
/// The release of Kubernetes that is assumed: the one whose API server the verdicts are compared with.
pub const DEFAULT_KUBERNETES: Version = Version::new(1, 35);

/// The first release of Flux in which an undefined variable fails a Kustomization unless told
/// otherwise. <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>
const STRICT_SINCE: Version = Version::new(2, 9);

/// What holds for one cluster, defaults put in.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// The version of Flux.
    pub flux: Version,
    /// The version of Kubernetes.
    pub kubernetes: Version,
    /// What an undefined variable is to kustomize-controller.
    pub substitution: Mode,
    /// Where the file says so: the gate, or else the version of Flux.
    pub substitution_span: Option<Span>,
    /// Whether sources in other namespaces are refused, where the file says so.
    pub no_cross_namespace_refs: Option<Spanned<bool>>,
    /// The folder that is packed into the artifact, where that is said.
    pub root: Option<&'a Spanned<TreePath>>,
    /// The source that holds the tree, where the file names it.
    pub source: Option<&'a Spanned<SourceRef>>,
    provides: Vec<&'a Provided>,
    inputs: Vec<&'a ProviderInputs>,
}

impl Config {
    /// What the file says of a cluster.
    pub fn cluster(&self, name: &str) -> Option<&ClusterConfig> {
        let by_name = |cluster: &ClusterConfig| cluster.name.value.as_str().cmp(name);
        let index = self.clusters.binary_search_by(by_name).ok()?;
        self.clusters.get(index)
    }

    /// Takes all clusters to run a version of Kubernetes, whatever the file says.
    pub fn set_kubernetes(&mut self, version: Version) {
        let clusters = self.clusters.iter_mut();
        let own = clusters.map(|cluster| &mut cluster.versions.kubernetes);
        own.for_each(|own| *own = None);
        self.versions.kubernetes = Some(Spanned {
            value: version,
            span: Span::NONE,
        });
    }

    /// Takes the tree to have been packed from a folder, whatever the file says.
    pub fn set_root(&mut self, root: TreePath) {
        let clusters = self.clusters.iter_mut();
        clusters.for_each(|cluster| cluster.root = None);
        self.root = Some(Spanned {
            value: root,
            span: Span::NONE,
        });
    }

    /// The level of a rule, where the file gives it one.
    pub fn level(&self, code: Code) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }

    /// What holds for a cluster; for the tree as a whole, where it has no clusters.
    pub fn settings(&self, cluster: Option<&str>) -> Settings<'_> {
        let cluster = cluster.and_then(|name| self.cluster(name));
        let own = cluster.map_or(Versions::default(), |cluster| cluster.versions);
        let flux = own.flux.or(self.versions.flux);
        let kubernetes = own.kubernetes.or(self.versions.kubernetes);
        let version = flux.map_or(DEFAULT_FLUX, |version| version.value);
        // The version of a cluster says more about it than a gate that is set for all.
        let gate = own.strict_substitution.or(match own.flux {
            Some(_) => None,
            None => self.versions.strict_substitution,
        });
        let strict = gate.map_or(version >= STRICT_SINCE, |gate| gate.value);
        let gate = gate.map(|gate| gate.span);
        Settings {
            flux: version,
            kubernetes: kubernetes.map_or(DEFAULT_KUBERNETES, |version| version.value),
            substitution: match strict {
                true => Mode::Strict,
                false => Mode::Lenient,
            },
            substitution_span: gate.or(flux.map(|version| version.span)),
            no_cross_namespace_refs: own
                .no_cross_namespace_refs
                .or(self.versions.no_cross_namespace_refs),
            root: cluster
                .and_then(|cluster| cluster.root.as_ref())
                .or(self.root.as_ref()),
            source: cluster.and_then(|cluster| cluster.source.as_ref()),
            provides: provides(
                cluster.map_or(&[], |cluster| &cluster.provides),
                &self.provides,
            ),
            inputs: {
                let own = cluster.map_or(&[][..], |cluster| &cluster.inputs);
                own.iter().chain(&self.inputs).collect()
            },
        }
    }
}

impl<'a> Settings<'a> {
    /// What exists in the cluster and is not in the tree, each once.
    pub fn provides(&self) -> impl Iterator<Item = &'a Provided> + use<'a, '_> {
        self.provides.iter().copied()
    }

    /// What is declared of the inputs of providers, those that count first.
    pub fn inputs(&self) -> impl Iterator<Item = &'a ProviderInputs> + use<'a, '_> {
        self.inputs.iter().copied()
    }
}

/// Of two that are declared with one identity, the cluster's own is meant.
fn provides<'a>(own: &'a [Provided], everywhere: &'a [Provided]) -> Vec<&'a Provided> {
    let identities: BTreeSet<DefinitionId> = own.iter().map(Provided::identity).collect();
    let others = everywhere.iter();
    let others = others.filter(|one| !identities.contains(&one.identity()));
    own.iter().chain(others).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use tidegate_source::{Diagnostic, Location, MemorySystem, Sources};

    use super::*;

    /// Loads a config from the root of a tree with an env file `ci.env` and a folder `here`.
    fn loaded(text: &str) -> (Config, Vec<Diagnostic>, Sources) {
        let system = MemorySystem::new()
            .with("tidegate.toml", text)
            .with("ci.env", "A=1\nB='two'\n")
            .with("bad.env", "A=1\nnothing\n")
            .with(
                "gate.pub",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            )
            .with("gate.key", "-----BEGIN PRIVATE KEY-----\n")
            .with("here/a.yaml", "");
        let sources = Sources::new(Arc::new(system));
        let file = sources.load(&TreePath::new("tidegate.toml").unwrap());
        let open = |path: &str| {
            let path = TreePath::new(path).map_err(|error| error.to_string())?;
            sources.load(&path).map_err(|error| error.error.to_string())
        };
        let (config, findings) = load(&sources, &file.unwrap(), &TreePath::root(), &open);
        (config, findings, sources)
    }

    /// A config without a fault.
    pub(crate) fn config(text: &str) -> Config {
        let (config, findings, _) = loaded(text);
        assert_eq!(findings, [], "{text}");
        config
    }

    /// The messages that are said of a config.
    pub(crate) fn messages(text: &str) -> Vec<String> {
        let (_, findings, _) = loaded(text);
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    /// Checks what is said of a config: `line:column CODE message; help`.
    pub(crate) fn check(text: &str, expected: &[&str]) {
        let (_, findings, sources) = loaded(text);
        let found: Vec<String> = findings
            .iter()
            .map(|finding| {
                let place = finding.primary.line_col(&sources).unwrap();
                let help = finding.help.as_ref();
                let help = help.map_or(String::new(), |help| format!("; {help}"));
                let (code, message) = (finding.code, &finding.message);
                format!("{}:{} {code} {message}{help}", place.line, place.column)
            })
            .collect();
        assert_eq!(found, expected, "{text}");
        for finding in findings {
            assert!(matches!(finding.primary, Location::Span(_)));
        }
    }

    #[test]
    fn strictness_follows_the_version_and_the_gate() {
        let check = |text: &str, cluster: &str, expected: Mode| {
            let config = config(text);
            let settings = config.settings(Some(cluster));
            assert_eq!(settings.substitution, expected, "{text}");
        };
        check("", "live", Mode::Strict);
        check("flux = '2.8'", "live", Mode::Lenient);
        check("flux = 'v2.10.1'", "live", Mode::Strict);
        check(
            "flux = '2.8'\nstrict_substitution = true",
            "live",
            Mode::Strict,
        );
        let one = "flux = '2.8'\n[clusters.live]\npath = 'here'\nflux = '2.9'";
        check(one, "live", Mode::Strict);
        check(one, "dev", Mode::Lenient);
        check(
            "strict_substitution = true\n[clusters.live]\npath = 'here'\nflux = '2.7'",
            "live",
            Mode::Lenient,
        );
    }

    #[test]
    fn what_is_provided_has_keys_from_files_and_values() {
        let config = config(
            "[[provides]]\nname = 'all'\nmore_keys = true\n\
             [[provides]]\nname = 'vars'\nvalues = { C = 'everywhere' }\n\
             [clusters.live]\npath = 'here'\n\
             [[clusters.live.provides]]\nname = 'vars'\nenv_file = 'ci.env'\n\
             values = { B = { type = 'int' }, C = 3, D = true }\n\
             [[clusters.live.provides]]\nkind = 'Secret'\nname = 'vars'\nnamespace = 'x'\n\
             values = { E = 1.50 }",
        );
        let settings = config.settings(Some("live"));
        let provided: Vec<String> = settings.provides().map(Provided::to_string).collect();
        let secret = "Secret x/vars";
        assert_eq!(
            provided,
            [
                "ConfigMap flux-system/vars",
                secret,
                "ConfigMap flux-system/all"
            ]
        );
        let vars = settings.provides().next().unwrap();
        let keys = vars.keys.iter().map(|(name, key)| match &key.value {
            ProvidedValue::Known(value) => format!("{name}={value}"),
            ProvidedValue::Unknown(value_type) => format!("{name}: {value_type:?}"),
        });
        let keys: Vec<String> = keys.collect();
        assert_eq!(keys, ["A=1", "B: Int", "C=3", "D=true"]);
        assert!(!vars.more_keys);
        assert_eq!(config.settings(None).provides().count(), 2);
    }

    #[test]
    fn files_stand_in_for_absent_ones() {
        let (config, findings, sources) = loaded(
            "[[files]]\npath = 'live/.vars.env'\nfrom = 'ci.env'\n\
             [[files]]\npath = 'dev/.vars.env'\nvalues = { A = 'x', N = { type = 'int' } }",
        );
        assert_eq!(findings, []);
        let file = |path| sources.load(&TreePath::new(path).unwrap()).unwrap();
        assert_eq!(file("live/.vars.env").path().as_str(), "ci.env");
        let made = file("dev/.vars.env");
        assert_eq!(made.text(), Ok("A=x\nN=1\n"));
        let place = |start| sources.real(Span::new(made.id(), start, start + 1));
        assert_eq!(config.unknown_at(place(6)), Some(ValueType::Int));
        assert_eq!(config.unknown_at(place(2)), None);
    }

    #[test]
    fn unknown_keys_are_errors_with_a_suggestion() {
        check(
            "fail-on = 'error'\n[clusters.live]\npath = 'here'\nrooot = '.'\n[what]\n",
            &[
                "1:1 CFG002 `fail-on` is not a key of tidegate.toml; did you mean `fail_on`?",
                "5:2 CFG002 `what` is not a key of tidegate.toml; its keys are `flux`, \
                 `kubernetes`, `strict_substitution`, `no_cross_namespace_refs`, `fail_on`, \
                 `baseline`, `clusters`, `provides`, `inputs`, `files`, `schemas`, `charts`, \
                 `chart_logins`, `promotion`, `environments`, `rules`, `waivers`",
                "4:1 CFG002 `rooot` is not a key of `[clusters.live]`; did you mean `root`?",
            ],
        );
    }

    #[test]
    fn what_is_not_toml_is_said_where() {
        check(
            "flux = \"2.9\"\n[clusters\n",
            &["2:10 CFG001 tidegate.toml is not TOML: unclosed table, expected `]`"],
        );
        check(
            "flux = '2.9'\nflux = '2.8'\n",
            &["2:1 CFG001 tidegate.toml is not TOML: duplicate key"],
        );
    }

    #[test]
    fn values_must_be_what_their_key_asks_for() {
        check(
            "flux = 2.9\nkubernetes = 'newest'\nstrict_substitution = 'yes'\nfail_on = 'eror'\n",
            &[
                "4:11 CFG003 `fail_on` cannot be \"eror\"; did you mean \"error\"?",
                "1:8 CFG003 `flux` must be a version, such as \"2.9\"; put it in quotes: \"2.9\"",
                "2:14 CFG003 `newest` is not a version; a version is written as MAJOR.MINOR or \
                 MAJOR.MINOR.PATCH, such as 2.9",
                "3:23 CFG003 `strict_substitution` must be `true` or `false`",
            ],
        );
        check(
            "[clusters.a]\npath = '../up'\nroot = '/here'\nsource = { kind = 'Git' }\n",
            &[
                "4:10 CFG003 the `source` of `[clusters.a]` has no `name`; add `name = ..`: Its \
                 name",
                "2:8 CFG003 `../up` leads out of the tree; `path` is relative to the config and \
                 stays in the tree",
                "3:8 CFG003 `/here` is absolute; `root` is relative to the config",
                "4:19 CFG003 `kind` cannot be \"Git\"; write \"GitRepository\", \
                 \"OCIRepository\", \"Bucket\" or \"ExternalArtifact\"",
            ],
        );
    }

    #[test]
    fn declarations_must_say_something_and_be_readable() {
        check(
            "[[provides]]\nname = 'a'\n[[provides]]\nname = 'b'\nenv_file = 'gone.env'\n\
             [[provides]]\nname = 'c'\nenv_file = 'bad.env'\n\
             [[provides]]\nname = 'a'\nmore_keys = true\n",
            &[
                "2:8 CFG003 `[[provides]]` says nothing of the keys of `a`; add `env_file`, \
                 `values`, or `more_keys = true` where its keys are not known",
                "10:8 CFG003 ConfigMap flux-system/a is declared twice; declare its keys in one \
                 place",
                "5:12 CFG006 `gone.env` cannot be read: no such file or folder; paths in the \
                 config are relative to it",
                "2:1 CFG006 `bad.env` is no env file: this line is not NAME=value, with a name of \
                 letters, digits and `_`, no digit first; write NAME=value in each line, or a map \
                 in a file .yaml or .json",
            ],
        );
        check(
            "[[files]]\npath = 'a'\n[[files]]\npath = 'ci.env'\nfrom = 'here/a.yaml'\n\
             [[files]]\npath = 'b'\nvalues = { A = \"x\\ny\" }\n",
            &[
                "1:1 CFG003 `[[files]]` needs one of `from` and `values`; `from` names a file \
                 that stands in, `values` are the lines of an env file",
                "4:8 CFG007 `ci.env` exists, so nothing stands in for it; take the entry out",
                "8:16 CFG003 `A` is no line of an env file; a value has no line breaks there, and \
                 a name no `=` either",
            ],
        );
    }

    #[test]
    fn rules_must_exist() {
        check(
            "[rules]\nKUS001 = 'warning'\nmising-file = 'off'\nCFG002 = 'off'\n\
             duplicate-key = 'none'\nmissing-file = 'off'\n",
            &[
                "4:1 CFG003 CFG002 is about this file, and always an error; take the line out",
                "5:17 CFG003 `duplicate-key` cannot be \"none\"; write \"error\", \"warning\", \
                 \"info\" or \"off\"",
                "3:1 CFG004 there is no rule `mising-file`; did you mean `missing-file`?",
                "6:1 CFG003 KUS001 has two levels",
            ],
        );
    }

    #[test]
    fn waivers_say_what_why_and_where() {
        check(
            "[[waivers]]\ncode = 'KUS001'\nreason = ' '\npath = 'a'\n\
             [[waivers]]\ncode = 'KUS999'\nreason = 'x'\nobject = 'shop'\nuntil = '2026-01-01'\n\
             [[waivers]]\ncode = 'KUS001'\nreason = 'x'\n",
            &[
                "3:10 CFG003 `reason` is empty",
                "6:8 CFG004 there is no rule `KUS999`; did you mean `KUS009`?",
                "9:9 CFG003 `until` must be a date, such as 2027-01-31",
                "8:10 CFG003 `shop` is not a pattern that can match; an object is written as \
                 Kind/namespace/name, or as Kind/name",
                "10:1 CFG003 `[[waivers]]` does not say what it is about; add `path`, `object` or \
                 both; to turn a rule off, set its level in `[rules]`",
            ],
        );
        let config = config(
            "[[waivers]]\ncode = 'missing-file'\nreason = 'made by CI'\npath = './x/**/*.yaml'\n\
             until = 2026-12-31\n",
        );
        let waiver = &config.waivers[0];
        assert_eq!(waiver.code.value.as_str(), "KUS001");
        assert!(waiver.path.as_ref().unwrap().matches("x/y/z.yaml"));
        assert_eq!(waiver.until.unwrap().value.to_string(), "2026-12-31");
    }
}
