//! Versions of kinds that are deprecated, that the cluster serves no longer, or only where it is told to.

use std::collections::{BTreeSet, HashMap};

use rustc_hash::FxBuildHasher;
use tidegate_schema::{
    Catalog, How, Lifecycle, Lifecycles, Project, Release, Replacement, Report, Running, Standing,
};
use tidegate_source::{Code, Diagnostic, Edit, Fix, Severity, Sources};
use tidegate_yaml::Node;

use super::catalogs::Catalogs;
use super::explain::Explained;
use super::unique::One;
use crate::codes;
use crate::config::Config;
use crate::render::ClusterRender;

/// How versions of kinds stand in the clusters.
pub(super) struct Standings<'a> {
    renders: &'a [ClusterRender],
    config: &'a Config,
    catalogs: &'a Catalogs,
    lifecycles: Lifecycles,
    known: HashMap<Asked, Standing, FxBuildHasher>,
}

/// A catalog, a release of Flux, `apiVersion` and `kind`.
type Asked = (usize, Release, String, String);

/// What there is to say of the version that an object names.
#[derive(Default)]
pub(super) struct OfVersion {
    pub(super) findings: Vec<Diagnostic>,
    /// Whether that the version is not served needs not be said beside it.
    pub(super) is_said: bool,
}

impl OfVersion {
    /// Whether the API server does not take the object for it.
    pub(super) fn is_refused(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.severity == Severity::Error)
    }
}

impl<'a> Standings<'a> {
    pub(super) fn new(
        renders: &'a [ClusterRender],
        config: &'a Config,
        catalogs: &'a Catalogs,
    ) -> Standings<'a> {
        Standings {
            renders,
            config,
            catalogs,
            lifecycles: Lifecycles::known(),
            known: HashMap::default(),
        }
    }

    /// What there is to say of an object, which clusters with several releases of Flux may share.
    pub(super) fn of(&mut self, one: &One<'_>, sources: &Sources) -> OfVersion {
        let mut out = OfVersion::default();
        let flux = |render: usize| {
            let cluster = self.renders[render].cluster.as_deref();
            let version = self.config.settings(cluster).flux;
            Release(version.major, version.minor)
        };
        let releases: BTreeSet<Release> = one.owners.iter().map(|owner| flux(owner.0)).collect();
        let catalog = self.catalogs.get(one.catalog);
        for release in releases {
            let (api_version, kind) = (one.object.api_version(), one.object.kind());
            let asked = (
                one.catalog,
                release,
                api_version.to_owned(),
                kind.to_owned(),
            );
            let running = Running {
                kubernetes: catalog.version(),
                flux: release,
            };
            let standing = self.known.entry(asked).or_insert_with(|| {
                self.lifecycles
                    .standing(api_version, kind, catalog, running)
            });
            let explain = || {
                let mut owners = one.owners.clone();
                owners.retain(|owner| flux(owner.0) == release);
                Explained::of_owners(self.renders, one.object, &owners, sources)
            };
            let finding = finding(standing, explain, &one.object.node, catalog, sources);
            out.is_said |= finding.is_some();
            out.findings.extend(finding);
        }
        out
    }
}

/// What there is to say of the version that an object names; nothing where it is current.
pub(super) fn finding<'a>(
    standing: &Standing,
    explain: impl FnOnce() -> Explained<'a>,
    object: &Node,
    catalog: &Catalog,
    sources: &Sources,
) -> Option<Diagnostic> {
    if *standing == Standing::Current {
        return None;
    }
    let explained = explain();
    let of = explained.subject();
    let version = &of.api_version;
    let say = |code: Code, message: String| explained.of_version(code, message);
    Some(match standing {
        Standing::Removed(lifecycle) => {
            let message = format!("{of} is of {version}, which {}", removed(lifecycle));
            let finding = say(codes::REMOVED_VERSION, message);
            replaced(finding, lifecycle, object, catalog, sources)
        }
        Standing::Deprecated(lifecycle) => {
            let message = format!("{of} is of {version}, which {}", deprecated(lifecycle));
            let mut finding = say(codes::DEPRECATED_VERSION, message);
            finding.severity = Severity::Warning;
            replaced(finding, lifecycle, object, catalog, sources)
        }
        Standing::DeprecatedByDefinition {
            warning,
            replacement,
        } => {
            let message = format!("{of} is of {version}, which its definition says is deprecated");
            let mut finding = say(codes::DEPRECATED_VERSION, message);
            finding.severity = Severity::Warning;
            let finding = match replacement {
                Some(to) => instead_of(finding, to, object, catalog, sources),
                None => finding,
            };
            match warning {
                Some(warning) => finding.with_note(warning.to_string()),
                None => finding,
            }
        }
        Standing::NotByDefault(instead) => {
            let message =
                format!("{of} is of {version}, which the cluster does not serve by default");
            let help = match instead {
                Some(instead) => format!("use {}", instead.api_version),
                None => format!(
                    "start the API server with --runtime-config={version}=true, or take it out"
                ),
            };
            say(codes::VERSION_NOT_SERVED, message).with_help(help)
        }
        Standing::NotYet(first) => {
            let running = catalog.version();
            let message =
                format!("{of} is of {version}, which Kubernetes {running} does not serve yet");
            let help = format!(
                "Kubernetes {first} does: set `kubernetes` in tidegate.toml to what the cluster runs, or use \
                 an older version of the kind"
            );
            say(codes::VERSION_NOT_SERVED, message).with_help(help)
        }
        Standing::Current => return None,
    })
}

fn removed(lifecycle: &Lifecycle) -> String {
    match (lifecycle.project, lifecycle.removed) {
        (project, Some(release)) => format!("{project} {release} and later do not serve"),
        (_, None) => "the cluster does not serve any more".to_owned(),
    }
}

fn deprecated(lifecycle: &Lifecycle) -> String {
    let project = lifecycle.project;
    match (lifecycle.deprecated, lifecycle.removed) {
        (_, Some(release)) => format!("is deprecated and goes in {project} {release}"),
        (Some(release), None) => format!("is deprecated since {project} {release}"),
        (None, None) => format!("is deprecated by {project}"),
    }
}

/// The finding with what to use instead, and with a fix where nothing but the version has to change.
fn replaced(
    finding: Diagnostic,
    lifecycle: &Lifecycle,
    object: &Node,
    catalog: &Catalog,
    sources: &Sources,
) -> Diagnostic {
    let Some(to) = &lifecycle.replacement else {
        return match lifecycle.project {
            Project::Kubernetes => finding.with_help("nothing replaces it: take it out"),
            _ => finding,
        };
    };
    instead_of(finding, to, object, catalog, sources)
}

/// The finding with what to use instead.
fn instead_of(
    mut finding: Diagnostic,
    to: &Replacement,
    object: &Node,
    catalog: &Catalog,
    sources: &Sources,
) -> Diagnostic {
    let kind = object.get("kind").and_then(Node::as_str);
    finding.fix = fix(to, object, catalog, sources);
    let instead = match kind == Some(&to.kind) {
        true => to.api_version.to_string(),
        false => format!("{} {}", to.api_version, to.kind),
    };
    let more = match finding.fix {
        Some(_) => "",
        None => ", which has other fields or means something else by them",
    };
    finding.with_help(format!("use {instead}{more}"))
}

/// Writes another version, where the API server takes the object with it as it is, and where the version
/// is written in one piece.
fn fix(to: &Replacement, object: &Node, catalog: &Catalog, sources: &Sources) -> Option<Fix> {
    let version = object.get("apiVersion")?;
    let from = version.as_str()?;
    if object.get("kind")?.as_str()? != to.kind || !version.place.steps().is_empty() {
        return None;
    }
    // An empty selector takes no Pods there, and all of them here.
    let selector = object.at(&["spec", "selector"]);
    let is_budget = from == "policy/v1beta1" && to.kind == "PodDisruptionBudget";
    if is_budget
        && selector
            .and_then(Node::as_map)
            .is_none_or(|selector| selector.is_empty())
    {
        return None;
    }
    let mut changed = object.clone();
    *changed.get_mut("apiVersion")? = Node::str(to.api_version.clone(), version.place.clone());
    match tidegate_schema::validate(catalog, &changed, How::Apply) {
        Report::Checked(faults) if faults.is_empty() => {}
        Report::Checked(_) | Report::UnknownKind => return None,
    }
    let span = sources.real(version.place.span());
    let file = sources.get(span.file)?;
    let text = file.text().ok()?;
    let written = text.get(span.start as usize..span.end as usize)?;
    (written == from).then(|| Fix {
        title: format!("Write `{}`", to.api_version),
        edits: vec![Edit {
            span,
            text: to.api_version.to_string(),
        }],
    })
}
