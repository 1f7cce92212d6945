use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tidegate_source::{Diagnostic, Location, NotChecked, NotRendered, Sink, Sources, TreePath};

use crate::clear_secrets;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::graph;
use crate::packing::{TreePacking, packing};
use crate::release::Charts;
use crate::render::{SecretValues, render_tree};
use crate::validate::{Schemas, validate};

/// What to check, and how.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// The folder that is searched for clusters.
    pub start: TreePath,
    /// The clusters; searched for when empty.
    pub clusters: Vec<Cluster>,
    /// What the tree cannot say of itself.
    pub config: Config,
    /// What the objects are checked against.
    pub schemas: Schemas,
    /// The charts that are at hand.
    pub charts: Arc<dyn Charts>,
    /// How many threads may work at once.
    pub threads: NonZeroUsize,
}

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Clusters, and all that their Flux objects name.
    Clusters,
    /// There are no clusters: each kustomization that no other one refers to.
    Kustomizations,
}

/// How much was rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Clusters.
    pub clusters: usize,
    /// Folders that were built, each once.
    pub kustomizations: usize,
    /// Objects in the output of these builds.
    pub objects: usize,
    /// Files read.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// What was checked.
    pub scope: Scope,
    /// The clusters, sorted by path.
    pub clusters: Vec<Cluster>,
    /// What is wrong, each finding once, sorted by place.
    pub findings: Vec<Diagnostic>,
    /// What could not be rendered yet, sorted by reason and place.
    pub not_rendered: Vec<NotRendered>,
    /// What was rendered and not checked, sorted by reason and kind.
    pub not_checked: Vec<NotChecked>,
    /// The Secrets in clear text, sorted by place: findings for those who pack the tree.
    pub clear_secrets: Vec<Diagnostic>,
    /// How much was rendered.
    pub counts: Counts,
    /// The `spec.path`s of clusters for which none exists: the root of their artifact probably lies
    /// above the root of the system. Sorted.
    pub lost_paths: Vec<String>,
    /// How the clusters have the tree packed. A check that should see what they see reads the tree
    /// through it.
    pub packing: TreePacking,
}

/// There is neither a cluster nor a kustomization in the folder that was to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingToCheck {
    /// The folder.
    pub start: TreePath,
}

impl fmt::Display for NothingToCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no cluster and no kustomization to check")
    }
}

impl std::error::Error for NothingToCheck {}

/// Renders every cluster of a tree and reports what is wrong with it.
///
/// `progress` is called from any thread with how many steps are done and how many are known so far.
pub fn check(
    sources: &Arc<Sources>,
    options: &CheckOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<CheckReport, NothingToCheck> {
    let mut rendered = render_tree(sources, options, progress)?;
    let (files, bytes) = sources.read_so_far();
    let mut sink = Sink::new();
    let graph = graph::findings(
        &rendered.renders,
        sources,
        &options.config,
        &rendered.findings,
    );
    let is_explained = |item: &NotRendered| match item.location {
        Location::Span(span) => graph.explained.contains(&span),
        Location::Path(_) => false,
    };
    rendered.not_rendered.retain(|item| !is_explained(item));
    rendered.not_rendered.extend(graph.not_rendered);
    let (packing, passed_over) = packing(&rendered.renders);
    rendered.not_rendered.extend(passed_over);
    let secret = SecretValues::new(&rendered.renders);
    let validated = validate(&rendered.renders, options, sources, &rendered.findings);
    let mut clear_secrets = Sink::new();
    clear_secrets.extend(clear_secrets::find(&rendered.renders));
    let not_checked = [rendered.not_checked, validated.not_checked].concat();
    let findings = rendered.findings.into_iter().chain(graph.findings);
    let findings = findings.chain(validated.findings);
    sink.extend(findings.map(|mut finding| {
        secret.hide_in_finding(&mut finding);
        finding
    }));
    for item in &mut rendered.not_rendered {
        secret.hide_in_not_rendered(item);
    }
    Ok(CheckReport {
        scope: rendered.scope,
        counts: Counts {
            clusters: rendered.clusters.len(),
            kustomizations: rendered.builds,
            objects: rendered.objects,
            files,
            bytes,
        },
        clusters: rendered.clusters,
        findings: sink.finish(sources),
        clear_secrets: clear_secrets.finish(sources),
        not_rendered: sorted(rendered.not_rendered, sources),
        not_checked: by_kind(not_checked, sources),
        lost_paths: rendered.lost_paths,
        packing,
    })
}

/// Sorts by reason and place; what several clusters leave out is one.
fn sorted(mut not_rendered: Vec<NotRendered>, sources: &Sources) -> Vec<NotRendered> {
    for item in &mut not_rendered {
        if let Location::Span(span) = &mut item.location {
            *span = sources.real(*span);
        }
    }
    not_rendered.sort_by_cached_key(|item| {
        let offset = match item.location {
            Location::Span(span) => span.start,
            Location::Path(_) => 0,
        };
        let path = item.location.path(sources);
        (item.reason, path, offset, item.what.clone())
    });
    not_rendered.dedup();
    not_rendered
}

/// Sorts by reason and kind; what several clusters leave out is one.
fn by_kind(mut not_checked: Vec<NotChecked>, sources: &Sources) -> Vec<NotChecked> {
    for item in &mut not_checked {
        if let Location::Span(span) = &mut item.location {
            *span = sources.real(*span);
        }
    }
    let key = |item: &NotChecked| {
        let NotChecked {
            reason,
            api_version,
            kind,
            name,
            ..
        } = item;
        (*reason, api_version.clone(), kind.clone(), name.clone())
    };
    not_checked.sort_by_cached_key(key);
    not_checked.dedup();
    not_checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::MemorySystem;

    fn run(files: &[(&str, &str)]) -> (CheckReport, Arc<Sources>) {
        let system = files
            .iter()
            .fold(MemorySystem::new(), |system, (path, text)| {
                system.with(path, text)
            });
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let options = CheckOptions {
            start: TreePath::root(),
            clusters: Vec::new(),
            config: Config::default(),
            schemas: Schemas::Off,
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::new(2).unwrap(),
        };
        let report = super::check(&sources, &options, &|_, _| {}).unwrap();
        (report, sources)
    }

    fn place(location: &Location, sources: &Sources) -> String {
        let path = location.path(sources).unwrap();
        match location.line_col(sources) {
            Some(at) => format!("{path}:{}:{}", at.line, at.column),
            None => path.to_string(),
        }
    }

    /// Checks a tree; findings are compared as `place code`, what was not rendered as `reason
    /// what`.
    fn check(files: &[(&str, &str)], findings: &[&str], not_rendered: &[&str]) -> CheckReport {
        let (report, sources) = run(files);
        let found: Vec<String> = report
            .findings
            .iter()
            .map(|finding| format!("{} {}", place(&finding.primary, &sources), finding.code))
            .collect();
        assert_eq!(found, findings, "{:#?}", report.findings);
        let skipped: Vec<String> = report
            .not_rendered
            .iter()
            .map(|item| format!("{}: {}", item.reason.as_str(), item.what))
            .collect();
        assert_eq!(skipped, not_rendered);
        report
    }

    const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    fn flux(name: &str, path: &str) -> String {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
             name: {name}\n  namespace: flux-system\nspec:\n  path: {path}\n  sourceRef:\n    \
             kind: GitRepository\n    name: flux-system\n"
        )
    }

    #[test]
    fn kustomizations_are_followed_to_the_end_and_each_folder_is_built_once() {
        let report = check(
            &[
                ("clusters/dev/all.yaml", &flux("all", "./apps")),
                ("clusters/live/all.yaml", &flux("all", "./apps")),
                ("apps/nested.yaml", &flux("nested", "./deep")),
                ("apps/back.yaml", &flux("back", "./apps")),
                ("deep/a.yaml", CONFIG_MAP),
            ],
            &["apps/back.yaml:7:9 FLX013", "apps/back.yaml:7:9 FLX013"],
            &[],
        );
        assert_eq!(report.counts.clusters, 2);
        assert_eq!(report.counts.kustomizations, 4);
        assert_eq!(report.counts.objects, 5);
        assert_eq!(report.counts.files, 5);
    }

    #[test]
    fn a_finding_behind_kustomizations_tells_how_it_was_reached() {
        let files: &[(&str, &str)] = &[
            ("clusters/dev/apps.yaml", &flux("apps", "./apps")),
            ("apps/nested.yaml", &flux("nested", "./deep/gone")),
            ("deep/a.yaml", CONFIG_MAP),
        ];
        let report = check(files, &["apps/nested.yaml:7:9 FLX001"], &[]);
        let finding = &report.findings[0];
        let trail: Vec<&str> = finding.trail.iter().map(|step| &*step.text).collect();
        assert_eq!(trail, ["Kustomization flux-system/apps"]);
        assert_eq!(finding.clusters, ["dev"]);
        assert_eq!(
            finding.message,
            "`spec.path` of Kustomization flux-system/nested names `./deep/gone`, which does not \
             exist"
        );
    }

    #[test]
    fn a_path_that_was_mistyped_is_offered_as_it_was_meant() {
        let files: &[(&str, &str)] = &[
            ("clusters/dev/apps.yaml", &flux("apps", "./appps/shop")),
            ("apps/shop/a.yaml", CONFIG_MAP),
        ];
        let report = check(files, &["clusters/dev/apps.yaml:7:9 FLX001"], &[]);
        let finding = &report.findings[0];
        assert_eq!(finding.help.as_deref(), Some("did you mean `./apps/shop`?"));
        assert_eq!(finding.fix.as_ref().unwrap().edits[0].text, "./apps/shop");
    }

    #[test]
    fn a_path_that_is_relative_to_another_root_is_told_apart() {
        let files: &[(&str, &str)] = &[
            ("k8s/clusters/dev/a.yaml", &flux("a", "./k8s/apps")),
            ("k8s/clusters/dev/b.yaml", &flux("b", "./k8s/infra")),
            ("k8s/clusters/dev/c.yaml", &flux("c", "./apps")),
            ("k8s/apps/a.yaml", CONFIG_MAP),
            (
                "k8s/infra/b.yaml",
                &CONFIG_MAP.replace("name: a", "name: b"),
            ),
        ];
        let report = check(files, &["k8s/clusters/dev/c.yaml:7:9 FLX001"], &[]);
        assert_eq!(
            report.findings[0].help.as_deref(),
            Some("it exists in `k8s`, but the other paths of this source are relative to `.`")
        );
    }

    #[test]
    fn a_kustomization_without_a_source_is_an_error() {
        let whole = flux("a", "apps");
        let (without, _) = whole.split_once("  sourceRef").unwrap();
        let files = [
            ("clusters/dev/a.yaml", without),
            ("apps/a.yaml", CONFIG_MAP),
        ];
        let report = check(&files, &["clusters/dev/a.yaml:4:9 FLX030"], &[]);
        assert_eq!(
            report.findings[0].message,
            "Kustomization flux-system/a has no `spec.sourceRef`"
        );
    }

    #[test]
    fn what_is_not_rendered_is_told_with_its_reason() {
        let outside = flux("team", "./deploy").replace("name: flux-system\n", "name: team\n");
        check(
            &[
                ("clusters/dev/a.yaml", &flux("variable", "./apps/${name}")),
                ("clusters/dev/b.yaml", &outside),
                (
                    "clusters/dev/c.yaml",
                    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
                     metadata: {name: chart, namespace: x}\n",
                ),
                (
                    "clusters/dev/d.yaml",
                    "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n\
                     metadata: {name: set, namespace: x}\nspec: {inputsFrom: [{name: p}]}\n\
                     ---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
                     metadata: {name: p, namespace: x}\nspec: {type: GitHubBranch}\n",
                ),
                (
                    "clusters/dev/e.yaml",
                    &format!(
                        "{}  targetNamespace: x\n  postBuild:\n    substitute: {{a: b}}\n",
                        flux("set", "apps")
                    ),
                ),
                ("apps/a.yaml", CONFIG_MAP),
            ],
            &[],
            &[
                "Helm chart: HelmRelease x/chart: it has neither `chart` nor `chartRef`, or both",
                "ResourceSet: ResourceSet x/set: provider p of type GitHubBranch",
                "source outside this tree: Kustomization flux-system/team from GitRepository \
                 flux-system/team",
                "substitution: Kustomization flux-system/variable of path ./apps/${name}",
            ],
        );
    }

    #[test]
    fn an_entry_that_cannot_be_built_is_followed_as_it_is_written() {
        check(
            &[
                (
                    "clusters/dev/kustomization.yaml",
                    "resources: [apps.yaml, gone.yaml]\n",
                ),
                ("clusters/dev/apps.yaml", &flux("apps", "absent")),
            ],
            &[
                "clusters/dev/apps.yaml:7:9 FLX001",
                "clusters/dev/kustomization.yaml:1:24 KUS001",
            ],
            &[],
        );
    }

    #[test]
    fn a_kustomization_that_asks_for_nothing_is_no_fault_for_flux() {
        check(
            &[
                ("clusters/dev/apps.yaml", &flux("apps", "apps")),
                ("apps/kustomization.yaml", "resources: []\n"),
            ],
            &[],
            &[],
        );
    }

    #[test]
    fn a_tree_without_clusters_has_its_outermost_kustomizations_built() {
        let report = check(
            &[
                ("base/kustomization.yaml", "resources: [a.yaml]\n"),
                ("base/a.yaml", CONFIG_MAP),
                ("over/kustomization.yaml", "resources: [../base]\n"),
                ("part/kustomization.yaml", "kind: Component\n"),
            ],
            &[],
            &[],
        );
        assert_eq!(report.scope, Scope::Kustomizations);
        assert_eq!(report.counts.kustomizations, 1);
    }

    #[test]
    fn nothing_to_check_is_an_error() {
        let system = MemorySystem::new().with("notes.md", "");
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let options = CheckOptions {
            start: TreePath::root(),
            clusters: Vec::new(),
            config: Config::default(),
            schemas: Schemas::Off,
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::MIN,
        };
        assert!(super::check(&sources, &options, &|_, _| {}).is_err());
    }
}
