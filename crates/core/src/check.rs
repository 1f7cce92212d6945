use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxBuildHasher;
use tidegate_source::{
    Diagnostic, Location, NotRendered, Sink, SkipReason, Sources, Span, TrailStep, TreePath,
};

use crate::cluster::{Cluster, discover};
use crate::config::Config;
use crate::flux::{FluxKustomization, FluxObject, Named};
use crate::parallel;
use crate::render::{Builder, FolderBuild};
use crate::roots::unreferenced_kustomizations;
use crate::salvage::written_kustomizations;
use crate::spec_path;
use crate::tree::{Tree, instead_of_folder, is_substituted, join};

/// What to check, and how.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// The folder that is searched for clusters.
    pub start: TreePath,
    /// The clusters; searched for when empty.
    pub clusters: Vec<Cluster>,
    /// What the tree cannot say of itself.
    pub config: Config,
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
    /// How much was rendered.
    pub counts: Counts,
    /// The `spec.path`s of clusters for which none exists: the root of their artifact probably lies
    /// above the root of the system. Sorted.
    pub lost_paths: Vec<String>,
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
/// `progress` is called from any thread with how many folders are built and how many are known so
/// far.
pub fn check(
    sources: &Arc<Sources>,
    options: &CheckOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<CheckReport, NothingToCheck> {
    let start = &options.start;
    let mut clusters = options.clusters.clone();
    if clusters.is_empty() {
        clusters = discover(sources.system(), start);
    }
    let scope = match clusters.is_empty() {
        true => Scope::Kustomizations,
        false => Scope::Clusters,
    };
    let walks = match scope {
        Scope::Clusters => clusters.iter().map(Walk::of_cluster).collect(),
        Scope::Kustomizations => {
            let entries = unreferenced_kustomizations(sources, start);
            if entries.is_empty() {
                let start = start.clone();
                return Err(NothingToCheck { start });
            }
            vec![Walk::new(None, entries)]
        }
    };
    let mut check = Check {
        sources,
        options,
        builder: Builder::new(Arc::clone(sources)),
        folders: Folders::default(),
        sink: Sink::new(),
        not_rendered: Vec::new(),
    };
    let walks = check.walk(walks, progress);
    Ok(check.report(scope, clusters, &walks))
}

/// One cluster while its Flux objects are followed.
struct Walk {
    cluster: Option<String>,
    entries: Vec<TreePath>,
    /// Known once the entries are built.
    tree: Option<Tree>,
    /// The folders reached, in the order in which they were.
    reached: Vec<Reached>,
    /// How many of these have been followed.
    followed: usize,
    seen: BTreeSet<usize>,
}

/// A folder, and the chain of Kustomizations that led to it.
struct Reached {
    folder: usize,
    chain: Vec<TrailStep>,
}

impl Walk {
    fn new(cluster: Option<String>, entries: Vec<TreePath>) -> Walk {
        Walk {
            cluster,
            entries,
            tree: None,
            reached: Vec::new(),
            followed: 0,
            seen: BTreeSet::new(),
        }
    }

    fn of_cluster(cluster: &Cluster) -> Walk {
        Walk::new(Some(cluster.name.clone()), vec![cluster.path.clone()])
    }

    fn reach(&mut self, folder: usize, chain: Vec<TrailStep>) {
        if self.seen.insert(folder) {
            self.reached.push(Reached { folder, chain });
        }
    }

    fn clusters(&self) -> Vec<String> {
        self.cluster.iter().cloned().collect()
    }
}

/// The folders to build, each once over all clusters.
#[derive(Default)]
struct Folders {
    paths: Vec<TreePath>,
    rendered: Vec<Rendered>,
    by_path: HashMap<TreePath, usize, FxBuildHasher>,
}

impl Folders {
    fn index(&mut self, path: &TreePath) -> usize {
        *self.by_path.entry(path.clone()).or_insert_with(|| {
            self.paths.push(path.clone());
            self.paths.len() - 1
        })
    }
}

/// What is kept of a build.
struct Rendered {
    kustomizations: Vec<FluxKustomization>,
    objects: usize,
    findings: Vec<Diagnostic>,
    not_rendered: Vec<NotRendered>,
}

struct Check<'a> {
    sources: &'a Arc<Sources>,
    options: &'a CheckOptions,
    builder: Builder,
    folders: Folders,
    sink: Sink,
    not_rendered: Vec<NotRendered>,
}

impl Check<'_> {
    /// Builds the entries, then what their Kustomizations name, and so on until nothing new is
    /// named.
    fn walk(
        &mut self,
        mut walks: Vec<Walk>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Vec<Walk> {
        for walk in &mut walks {
            for entry in walk.entries.clone() {
                walk.reach(self.folders.index(&entry), Vec::new());
            }
        }
        let built = AtomicUsize::new(0);
        while self.folders.rendered.len() < self.folders.paths.len() {
            let known = self.folders.paths.len();
            let new = &self.folders.paths[self.folders.rendered.len()..];
            let rendered = parallel::map(self.options.threads, new, |folder| {
                let rendered = self.render(folder);
                progress(built.fetch_add(1, Ordering::Relaxed) + 1, known);
                rendered
            });
            self.folders.rendered.extend(rendered);
            for walk in &mut walks {
                self.follow(walk);
            }
        }
        walks
    }

    fn render(&self, folder: &TreePath) -> Rendered {
        let built = self.builder.build_folder(folder);
        let mut rendered = Rendered::new(&built);
        if built.objects.is_err() {
            rendered.kustomizations = written_kustomizations(self.sources, folder);
        }
        rendered
    }

    /// Follows the Kustomizations of the folders of a cluster that were built last.
    fn follow(&mut self, walk: &mut Walk) {
        if walk.tree.is_none() {
            let entries = walk.reached.iter();
            let kustomizations = entries
                .flat_map(|entry| &self.folders.rendered[entry.folder].kustomizations)
                .cloned()
                .collect::<Vec<_>>();
            let system = self.sources.system();
            let start = &self.options.start;
            walk.tree = Some(Tree::infer(system, start, &walk.entries, &kustomizations));
        }
        while walk.followed < walk.reached.len() {
            let reached = &walk.reached[walk.followed];
            if reached.folder >= self.folders.rendered.len() {
                break;
            }
            let chain = reached.chain.clone();
            let kustomizations = self.folders.rendered[reached.folder].kustomizations.clone();
            walk.followed += 1;
            for kustomization in &kustomizations {
                self.follow_one(walk, &chain, kustomization);
            }
        }
    }

    fn follow_one(
        &mut self,
        walk: &mut Walk,
        chain: &[TrailStep],
        kustomization: &FluxKustomization,
    ) {
        let Some(tree) = &walk.tree else { return };
        let FluxKustomization { path, source, .. } = kustomization;
        if is_substituted(path) {
            let what = format!("{} of path {path}", kustomization.subject);
            self.skip(SkipReason::Substitution, what, kustomization.path_span);
            return;
        }
        if !tree.is_own(source) {
            let reason = match is_substituted(&source.to_string()) {
                true => SkipReason::Substitution,
                false => SkipReason::OutsideTree,
            };
            let what = format!("{} from {source}", kustomization.subject);
            self.skip(reason, what, kustomization.source_span);
            return;
        }
        let (folder, escapes) = join(&tree.root, path);
        let mut findings = Vec::new();
        if escapes {
            findings.push(spec_path::escapes(kustomization));
        }
        match instead_of_folder(self.sources.system(), &tree.root, &folder) {
            Some(instead) => {
                let root = &tree.root;
                let mut finding =
                    spec_path::missing(self.sources, kustomization, root, &folder, instead);
                let start = &self.options.start;
                let system = self.sources.system();
                if let Some(other) = tree.other_root(system, start, &walk.entries, path) {
                    finding.help = Some(format!(
                        "it exists in `{other}`, but the other paths of this source are relative \
                         to `{root}`"
                    ));
                    finding.fix = None;
                }
                findings.push(finding);
            }
            None => {
                self.skip_settings(kustomization);
                let mut chain = chain.to_vec();
                chain.push(TrailStep {
                    location: Location::Span(kustomization.path_span),
                    text: kustomization.subject.to_string(),
                });
                walk.reach(self.folders.index(&folder), chain);
            }
        }
        for mut finding in findings {
            finding.subject = Some(kustomization.subject.clone());
            finding.trail = chain.to_vec();
            finding.clusters = walk.clusters();
            self.sink.push(finding);
        }
    }

    fn skip_settings(&mut self, kustomization: &FluxKustomization) {
        let subject = &kustomization.subject;
        let settings = kustomization.settings();
        if let [(_, span), ..] = settings[..] {
            let fields: Vec<&str> = settings.iter().map(|(f, _)| *f).collect();
            let what = format!("{} of {subject}", fields.join(", "));
            self.skip(SkipReason::FluxSetting, what, span);
        }
        if let Some(post_build) = kustomization.post_build() {
            let what = format!("variables of {subject}");
            self.skip(SkipReason::Substitution, what, post_build.node.place.span());
        }
    }

    fn skip(&mut self, reason: SkipReason, what: String, span: Span) {
        self.not_rendered.push(NotRendered {
            reason,
            what,
            location: Location::Span(span),
        });
    }

    fn report(mut self, scope: Scope, clusters: Vec<Cluster>, walks: &[Walk]) -> CheckReport {
        let mut objects = 0;
        for rendered in &mut self.folders.rendered {
            objects += rendered.objects;
            self.not_rendered.append(&mut rendered.not_rendered);
        }
        for walk in walks {
            for reached in &walk.reached {
                for finding in &self.folders.rendered[reached.folder].findings {
                    let mut finding = finding.clone();
                    finding.clusters = walk.clusters();
                    finding.trail.splice(0..0, reached.chain.iter().cloned());
                    self.sink.push(finding);
                }
            }
        }
        let trees = walks.iter().filter_map(|walk| walk.tree.as_ref());
        let lost: BTreeSet<&String> = trees.flat_map(|tree| &tree.lost).collect();
        let (files, bytes) = self.sources.read_so_far();
        CheckReport {
            scope,
            lost_paths: lost.into_iter().cloned().collect(),
            counts: Counts {
                clusters: clusters.len(),
                kustomizations: self.folders.paths.len(),
                objects,
                files,
                bytes,
            },
            clusters,
            findings: self.sink.finish(self.sources),
            not_rendered: sorted(self.not_rendered, self.sources),
        }
    }
}

impl Rendered {
    fn new(built: &FolderBuild) -> Rendered {
        let findings = built.findings.clone();
        let mut not_rendered = built.not_rendered.clone();
        let objects = built.objects.clone().unwrap_or_default();
        let mut kustomizations = Vec::new();
        let mut skip = |reason, named: Named| {
            not_rendered.push(NotRendered {
                reason,
                what: named.subject.to_string(),
                location: Location::Span(named.name_span),
            });
        };
        for object in objects.iter() {
            match FluxObject::read(&object.node) {
                Some(FluxObject::Kustomization(found)) => kustomizations.push(found),
                Some(FluxObject::HelmRelease(named)) => skip(SkipReason::Chart, named),
                Some(FluxObject::ResourceSet(named)) => skip(SkipReason::ResourceSet, named),
                None => {}
            }
        }
        Rendered {
            kustomizations,
            objects: objects.len(),
            findings,
            not_rendered,
        }
    }
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
            &[],
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
            ("k8s/infra/a.yaml", CONFIG_MAP),
        ];
        let report = check(files, &["k8s/clusters/dev/c.yaml:7:9 FLX001"], &[]);
        assert_eq!(
            report.findings[0].help.as_deref(),
            Some("it exists in `k8s`, but the other paths of this source are relative to `.`")
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
                     metadata: {name: set, namespace: x}\n",
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
                "Helm chart: HelmRelease x/chart",
                "ResourceSet: ResourceSet x/set",
                "source outside this tree: Kustomization flux-system/team from GitRepository \
                 flux-system/team",
                "substitution: Kustomization flux-system/variable of path ./apps/${name}",
                "substitution: variables of Kustomization flux-system/set",
                "setting of a Flux Kustomization: targetNamespace of Kustomization \
                 flux-system/set",
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
            threads: NonZeroUsize::MIN,
        };
        assert!(super::check(&sources, &options, &|_, _| {}).is_err());
    }
}
