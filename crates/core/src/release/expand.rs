//! A HelmRelease and its chart become objects, as helm-controller applies them.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_helm::{
    AskedApis, Capabilities, ChartFile, Manifest, Options, Release, RenderErrorKind, Rendered,
    Templates, render,
};
use tidegate_kustomize::{Kustomizer, LoadRestrictor, Object, PostRenderer, Reorder};
use tidegate_source::{Diagnostic, Sources, Span};
use tidegate_yaml::{Dialect, Node, ParseOptions, ScalarKind, Value, parse};

use super::charts::Charts;
use super::checks::{Checked, Checks};
use super::findings::{self, NoObjects};
use super::load::Loader;
use super::locate::{Located, NotLocated};
use super::marks::{Marks, is_namespaced};
use super::values::{Composed, compose_values};
use crate::flux::{CrdsPolicy, HelmRelease, PostRenderStrategy};
use crate::parallel::Once;
use crate::printed::Printed;
use crate::render::Lookup;

/// Expands HelmReleases. What several of them share is read once: charts, templates, definitions.
pub(crate) struct Expander {
    sources: Arc<Sources>,
    loader: Loader,
    kustomizer: Kustomizer,
    templates: Templates,
    checks: Checks,
    /// The definitions in a file of the folder `crds`, by the address of the file.
    definitions: Once<usize, Definitions>,
}

/// A HelmRelease, and what it finds in its cluster.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The object.
    pub(crate) release: &'a HelmRelease,
    /// Where its chart is.
    pub(crate) located: &'a Result<Located, NotLocated>,
    /// What templates are told of the cluster.
    pub(crate) capabilities: &'a Capabilities,
    /// Finds what `valuesFrom` names.
    pub(crate) lookup: Lookup<'a, 'a>,
}

/// The objects of a release.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// The definitions of the folder `crds`, and then what Helm installs, in its order.
    pub(crate) objects: Vec<Object>,
    /// What Helm applies for a while, before or after it installs the objects. Those that only tests,
    /// deletion or a rollback need are not among them.
    pub(crate) hooks: Vec<Object>,
    /// What is to be said although there are objects.
    pub(crate) findings: Vec<Diagnostic>,
    /// Whether the schema of values of some chart refers to what is elsewhere.
    pub(crate) unchecked: bool,
    /// What the templates ask of the APIs of the cluster.
    pub(crate) asked_apis: AskedApis,
}

struct Definitions {
    nodes: Vec<Node>,
    /// Keeps the address taken.
    _file: Arc<tidegate_source::SourceFile>,
}

impl Expander {
    pub(crate) fn new(sources: Arc<Sources>, charts: Arc<dyn Charts>) -> Expander {
        let options = tidegate_kustomize::Options {
            load_restrictor: LoadRestrictor::RootOnly,
            reorder: Reorder::None,
            managed_by_label: false,
        };
        Expander {
            loader: Loader::new(Arc::clone(&sources), charts),
            kustomizer: Kustomizer::new(Arc::clone(&sources), options),
            sources,
            templates: Templates::default(),
            checks: Checks::default(),
            definitions: Once::default(),
        }
    }

    /// The objects of a HelmRelease, or why there are none.
    pub(crate) fn expand(&self, asked: Asked<'_>) -> Result<Expanded, NoObjects> {
        let Asked {
            release,
            capabilities,
            ..
        } = asked;
        // Values are wrong whether the chart is at hand or not.
        let values = compose_values(&self.sources, &release.node, asked.lookup)
            .map_err(|error| findings::values(release, &error))?;
        let located = asked.located.as_ref();
        let located = located.map_err(|why| findings::not_located(release, why))?;
        let mut unknown = values.unknown.iter();
        if let Some(unknown) = unknown.find(|unknown| unknown.may_be_any) {
            let what = format!(
                "values from {}, which only the cluster knows",
                unknown.object
            );
            return Err(NoObjects::not_at_hand(what, unknown.span));
        }
        let names = release.names();
        if names.namespace.is_empty() {
            let what = "namespace, which only what applies the HelmRelease knows";
            return Err(NoObjects::not_at_hand(what, release.name_span));
        }
        let chart = self.loader.chart(release, located)?;
        let checked = Checked {
            release,
            located,
            chart: &chart,
            values: &values,
        };
        let options = Options {
            track: true,
            schemas: Some(&self.checks.schemas),
            skip_schema_validation: release.is_set(&["install", "disableSchemaValidation"]),
            ..Options::new(&self.templates)
        };
        let for_helm = Release::new(&names.name, &names.namespace);
        let rendered = render(&chart, &for_helm, &values.values, capabilities, &options);
        let unknown = Unknown::of(&values);
        let rendered = rendered.map_err(|error| match error.kind {
            // Another value than what stands for it might do.
            RenderErrorKind::Fail | RenderErrorKind::Execute | RenderErrorKind::Output
                if !unknown.0.is_empty() =>
            {
                let name = chart.name();
                let what =
                    format!("chart {name}, which fails without values that only the cluster knows");
                NoObjects::not_at_hand(what, located.version_span)
            }
            RenderErrorKind::Schema => NoObjects::Failed(checked.against_schema(&error.bad_values)),
            _ => {
                let failed =
                    findings::render(release, located, &chart, &values, &error, &self.sources);
                failed.with(checked.clashes())
            }
        })?;
        let installed = self.installed(release, located, &rendered)?;
        let marks = Marks::new(release, &names);
        let mut expanded = Expanded {
            unchecked: !rendered.unchecked.is_empty(),
            asked_apis: rendered.asked_apis.clone(),
            ..Expanded::default()
        };
        if release.crds_policy() != CrdsPolicy::Skip {
            for crd in &rendered.crds {
                self.add_definitions(&crd.file, &marks, &mut expanded.objects);
            }
        }
        for mut object in installed {
            unknown.mark(&mut object.node);
            let is_hook = is_hook(&object.node);
            // What post-renderers pass over gets none of their labels, either.
            if !(is_hook && release.post_render_strategy() == PostRenderStrategy::NoHooks) {
                marks.render(&mut object.node);
            }
            if !is_hook {
                marks.install(&mut object.node, is_namespaced);
                expanded.objects.push(object);
            } else if runs(release, &object.node) {
                marks.hook(&mut object.node, is_namespaced);
                expanded.hooks.push(object);
            }
        }
        let of_values = self.checks.findings(checked, &rendered, &self.templates);
        expanded.findings.extend(of_values);
        expanded.findings.extend(findings::not_deterministic(
            release, located, &chart, &rendered,
        ));
        Ok(expanded)
    }

    /// What the chart renders, post-rendered: manifests and hooks.
    fn installed(
        &self,
        release: &HelmRelease,
        located: &Located,
        rendered: &Rendered,
    ) -> Result<Vec<Object>, NoObjects> {
        let nodes = |manifests: &[Manifest]| documents(release, located, rendered, manifests);
        let (mut manifests, hooks) = (nodes(&rendered.manifests)?, nodes(&rendered.hooks)?);
        let asked = release.spec(&["postRenderers"]).and_then(Node::as_seq);
        let renderers: Vec<PostRenderer<'_>> = asked
            .into_iter()
            .flatten()
            .filter_map(|one| one.get("kustomize"))
            .map(|kustomize| {
                let list = |field| {
                    let list = kustomize.get(field).and_then(Node::as_seq);
                    list.map_or(&[][..], |list| list.items())
                };
                PostRenderer {
                    patches: list("patches"),
                    images: list("images"),
                }
            })
            .collect();
        let post_render = |nodes: Vec<Node>, renderers: &[PostRenderer<'_>]| {
            let built = self.kustomizer.post_render(nodes, renderers);
            match built.objects {
                Some(objects) => Ok(Arc::unwrap_or_clone(objects)),
                None => Err(findings::post_rendered(
                    release,
                    located,
                    built.findings,
                    &self.sources,
                )),
            }
        };
        match release.post_render_strategy() {
            PostRenderStrategy::Combined => {
                manifests.extend(hooks);
                post_render(manifests, &renderers)
            }
            PostRenderStrategy::Separate => {
                let mut all = post_render(manifests, &renderers)?;
                all.extend(post_render(hooks, &renderers)?);
                Ok(all)
            }
            PostRenderStrategy::NoHooks => {
                let mut all = post_render(manifests, &renderers)?;
                all.extend(hooks.into_iter().map(Object::new));
                Ok(all)
            }
        }
    }

    fn add_definitions(&self, file: &ChartFile, marks: &Marks, objects: &mut Vec<Object>) {
        let source = &file.source;
        let definitions = self.definitions.get(Arc::as_ptr(source).addr(), || {
            let parsed = parse(source, ParseOptions::new(Dialect::Yaml11));
            let roots = parsed.documents.into_iter().filter_map(|one| one.root);
            Arc::new(Definitions {
                nodes: roots.filter(is_definition).collect(),
                _file: Arc::clone(source),
            })
        });
        for node in &definitions.nodes {
            let mut node = node.clone();
            marks.definition(&mut node);
            objects.push(Object::new(node));
        }
    }
}

/// The objects of manifests, each with where it came from.
fn documents(
    release: &HelmRelease,
    located: &Located,
    rendered: &Rendered,
    manifests: &[Manifest],
) -> Result<Vec<Node>, NoObjects> {
    // Post-renderers read them as kustomize does.
    let options = ParseOptions::new(Dialect::GoYaml3);
    let mut nodes = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        let text = &manifest.printed.text;
        let printed = Printed::new(text, &manifest.printed.pieces, &rendered.origins);
        let printed = printed.preferring_values();
        let read = printed.read(manifest.range.clone(), options);
        nodes.extend(
            read.map_err(|error| {
                findings::not_yaml(release, located, manifest.template(), &error)
            })?,
        );
    }
    Ok(nodes)
}

/// Other objects in the folder `crds` are left out.
fn is_definition(node: &Node) -> bool {
    let text = |field| node.get(field).and_then(Node::text).unwrap_or_default();
    text("kind") == "CustomResourceDefinition"
        && text("apiVersion").starts_with("apiextensions.k8s.io/")
}

const HOOK: &str = "helm.sh/hook";

fn events(object: &Node) -> Option<&str> {
    object.at(&["metadata", "annotations", HOOK])?.text()
}

fn is_hook(object: &Node) -> bool {
    events(object).is_some()
}

/// Whether a hook runs when the release is installed or upgraded.
fn runs(release: &HelmRelease, object: &Node) -> bool {
    const EVENTS: [&str; 4] = ["pre-install", "post-install", "pre-upgrade", "post-upgrade"];
    let is_disabled = |action| release.is_set(&[action, "disableHooks"]);
    let mut events = events(object).unwrap_or_default().split(',').map(str::trim);
    !(is_disabled("install") && is_disabled("upgrade"))
        && events.any(|event| EVENTS.iter().any(|known| event.eq_ignore_ascii_case(known)))
}

/// The values that only the cluster knows, by where they are written.
struct Unknown(HashSet<Span, FxBuildHasher>);

impl Unknown {
    fn of(values: &Composed) -> Unknown {
        let mut spans = HashSet::default();
        let mut nodes = vec![&values.values];
        while let Some(node) = nodes.pop() {
            match &node.value {
                Value::Scalar(scalar) if scalar.kind == ScalarKind::Opaque => {
                    spans.insert(node.place.span());
                }
                Value::Scalar(_) => {}
                Value::Map(map) => nodes.extend(map.iter().map(|entry| &entry.value)),
                Value::Seq(seq) => nodes.extend(seq.iter()),
            }
        }
        spans.remove(&Span::NONE);
        Unknown(spans)
    }

    /// Marks what such a value had a part in: it is not known either.
    fn mark(&self, node: &mut Node) {
        if self.0.is_empty() {
            return;
        }
        let is_unknown = |node: &Node| {
            self.0.contains(&node.place.span())
                || node
                    .place
                    .steps()
                    .iter()
                    .any(|step| self.0.contains(&step.span))
        };
        let is_scalar = node.as_scalar().is_some();
        if is_scalar && is_unknown(node) {
            if let Value::Scalar(scalar) = &mut node.value {
                scalar.kind = ScalarKind::Opaque;
            }
        } else if let Some(map) = node.as_map_mut() {
            map.entries_mut()
                .iter_mut()
                .for_each(|entry| self.mark(&mut entry.value));
        } else if let Value::Seq(seq) = &mut node.value {
            seq.items_mut().iter_mut().for_each(|item| self.mark(item));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flux::{DefinitionKind, SourceRef};
    use crate::release::{
        ChartAnswer, ChartRequest, FoundSource, NoCharts, NotAtHand, OwnTree, locate,
    };
    use crate::render::Defined;
    use crate::render::testing::nodes;
    use tidegate_kustomize::to_yaml;
    use tidegate_source::{Location, MemorySystem, TreePath};

    const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  \
                            name: {{ .Release.Name }}\ndata:\n  host: {{ .Values.host }}\n";
    const IN_TREE: &str = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, \
                           name: flux-system, namespace: flux-system}}}";

    struct Case {
        sources: Arc<Sources>,
        expanded: Result<Expanded, NoObjects>,
    }

    /// Expands a HelmRelease of a chart in the tree with these files.
    fn case(files: &[(&str, &str)], spec: &str, charts: Arc<dyn Charts>) -> Case {
        let release =
            format!("kind: HelmRelease\nmetadata: {{name: web, namespace: apps}}\nspec:\n{spec}");
        let mut system = MemorySystem::new().with("release.yaml", release);
        for (name, text) in files {
            system = system.with(&format!("charts/web/{name}"), *text);
        }
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let file = sources
            .load(&TreePath::new("release.yaml").unwrap())
            .unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let release = HelmRelease::read(parsed.documents[0].root.as_ref().unwrap());
        let repository = nodes(
            "kind: HelmRepository\nmetadata: {name: r, namespace: apps}\n\
             spec: {url: 'https://charts.example.com'}\n",
        );
        let source = |kind: &str, _: &str, _: &str| match kind {
            "HelmRepository" => FoundSource::Object(&repository[0]),
            _ => FoundSource::Missing,
        };
        let tree = OwnTree {
            root: &TreePath::root(),
            is_own: &SourceRef::is_flux_system,
        };
        let located = locate(&release, &source, tree);
        let lookup = |_: DefinitionKind, _: &str, name: &str| match name {
            "later" => Defined::Unknown,
            _ => Defined::Missing,
        };
        let expander = Expander::new(Arc::clone(&sources), charts);
        let expanded = expander.expand(Asked {
            release: &release,
            located: &located,
            capabilities: &Capabilities::default(),
            lookup: &lookup,
        });
        Case { sources, expanded }
    }

    fn expand(files: &[(&str, &str)], spec: &str) -> Case {
        let files = [&[("Chart.yaml", CHART)][..], files].concat();
        case(&files, &format!("  {IN_TREE}\n{spec}"), Arc::new(NoCharts))
    }

    impl Case {
        fn line(&self, location: &Location) -> String {
            let location = match location {
                Location::Span(span) => Location::Span(self.sources.real(*span)),
                path => path.clone(),
            };
            let path = location.path(&self.sources).unwrap();
            let line = location.line_col(&self.sources).map_or(0, |at| at.line);
            format!("{path}:{line}")
        }

        #[track_caller]
        fn gives(&self, objects: &str, hooks: &str) {
            let expanded = self.expanded.as_ref().unwrap();
            assert_eq!(to_yaml(&expanded.objects).unwrap(), objects);
            assert_eq!(to_yaml(&expanded.hooks).unwrap(), hooks);
        }

        /// The findings as `code place: message`, each label in brackets behind it.
        #[track_caller]
        fn fails(&self, expected: &[&str]) {
            let findings = match &self.expanded {
                Err(NoObjects::Failed(findings)) => findings,
                other => panic!("{other:?}"),
            };
            let found: Vec<String> = findings
                .iter()
                .map(|one| {
                    let labels = one.labels.iter();
                    let label = |span| self.line(&Location::Span(span));
                    let labels = labels.map(|one| format!(" [{}: {}]", label(one.span), one.text));
                    let labels: String = labels.collect();
                    format!(
                        "{} {}: {}{labels}",
                        one.code,
                        self.line(&one.primary),
                        one.message
                    )
                })
                .collect();
            assert_eq!(found, expected);
        }

        #[track_caller]
        fn is_not_at_hand(&self, expected: &str) {
            match &self.expanded {
                Err(NoObjects::NotAtHand(NotAtHand { what, span })) => {
                    let place = self.line(&Location::Span(*span));
                    assert_eq!(format!("{place}: {what}"), expected);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    const META: &str = "metadata:\n  annotations:\n    meta.helm.sh/release-name: web\n    \
                        meta.helm.sh/release-namespace: apps\n  labels:\n    \
                        app.kubernetes.io/managed-by: Helm\n    \
                        helm.toolkit.fluxcd.io/name: web\n    \
                        helm.toolkit.fluxcd.io/namespace: apps\n";

    #[test]
    fn a_chart_of_the_tree_gives_objects_as_helm_controller_applies_them() {
        let case = expand(
            &[("templates/settings.yaml", SETTINGS)],
            "  values: {host: web.example.com}\n",
        );
        case.gives(
            &format!(
                "apiVersion: v1\ndata:\n  host: web.example.com\nkind: ConfigMap\n{META}  \
                 name: web\n  namespace: apps\n"
            ),
            "",
        );
        let objects = &case.expanded.as_ref().unwrap().objects;
        let host = objects[0].node.at(&["data", "host"]).unwrap();
        assert_eq!(
            case.line(&Location::Span(host.place.span())),
            "release.yaml:5"
        );
        let name = objects[0].node.at(&["metadata", "name"]).unwrap();
        let line = case.line(&Location::Span(name.place.span()));
        assert_eq!(line, "charts/web/templates/settings.yaml:4");
    }

    #[test]
    fn hooks_are_told_apart_and_definitions_come_first() {
        let hook = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: h\n  annotations:\n    \
                    helm.sh/hook: EVENT\n";
        let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                   metadata: {name: c}\n";
        let before = hook.replace("EVENT", "pre-install");
        let test = hook.replace("EVENT", "test").replace("name: h", "name: t");
        let files = [
            ("crds/c.yaml", crd),
            ("templates/hook.yaml", before.as_str()),
            ("templates/test.yaml", test.as_str()),
        ];
        let labels = "labels:\n    helm.toolkit.fluxcd.io/name: web\n    \
                      helm.toolkit.fluxcd.io/namespace: apps\n";
        let crd = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  \
             {labels}  name: c\n"
        );
        let hook = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    helm.sh/hook: pre-install\n  \
             {labels}  name: h\n  namespace: apps\n"
        );
        expand(&files, "").gives(&crd, &hook);
        let unlabelled = hook.replace(&format!("  {labels}"), "");
        expand(&files, "  postRenderStrategy: nohooks\n").gives(&crd, &unlabelled);
        expand(
            &files,
            "  install: {crds: Skip, disableHooks: true}\n  upgrade: {disableHooks: true}\n",
        )
        .gives("", "");
    }

    #[test]
    fn post_renderers_change_what_the_chart_gives() {
        let case = expand(
            &[("templates/settings.yaml", SETTINGS)],
            "  values: {host: a}\n  commonMetadata: {labels: {team: x}}\n  \
             postRenderers:\n  - kustomize:\n      patches:\n      - target: {kind: ConfigMap}\n        \
             patch: |\n          - {op: replace, path: /data/host, value: b}\n",
        );
        let objects = &case.expanded.as_ref().unwrap().objects;
        let host = objects[0].node.at(&["data", "host"]).unwrap();
        assert_eq!(host.text(), Some("b"));
        assert_eq!(
            case.line(&Location::Span(host.place.span())),
            "release.yaml:12"
        );
        let team = objects[0].node.at(&["metadata", "labels", "team"]);
        assert_eq!(team.and_then(Node::text), Some("x"));
    }

    #[test]
    fn an_object_that_is_there_twice_is_refused() {
        let twice = format!("{SETTINGS}---\n{SETTINGS}");
        let case = expand(&[("templates/a.yaml", &twice)], "  values: {host: a}\n");
        case.fails(&[
            "KUS006 charts/web/templates/a.yaml:11: ConfigMap web is there already: in the release of \
             HelmRelease apps/web [charts/web/templates/a.yaml:4: the first one is here]",
        ]);
    }

    #[test]
    fn what_a_chart_refuses_is_at_the_value_or_the_template() {
        let template = "a: {{ required \"host is required\" .Values.web.host }}\n";
        let case = expand(
            &[("templates/a.yaml", template)],
            "  values: {web: {name: x}}\n",
        );
        case.fails(&[
            "REL008 charts/web/templates/a.yaml:1: the chart web refuses the values of HelmRelease \
             apps/web: host is required [release.yaml:5: for this value]",
        ]);
    }

    /// Charts that have every version but one.
    #[derive(Debug)]
    struct Offers(Option<&'static str>);

    impl Charts for Offers {
        fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer {
            assert_eq!(request.to_string(), "chart web, version 1.x");
            match self.0 {
                Some(version) => ChartAnswer::NoSuchVersion {
                    offered: vec![version.to_owned()],
                },
                None => {
                    let folder = TreePath::new("charts/web").unwrap();
                    let chart = tidegate_helm::load::folder(sources, &folder).unwrap();
                    ChartAnswer::AtHand {
                        chart: Arc::new(chart),
                        digest: None,
                    }
                }
            }
        }
    }

    const REMOTE: &str = "  chart:\n    spec:\n      chart: web\n      version: 1.x\n      \
                          sourceRef: {kind: HelmRepository, name: r}\n";

    #[test]
    fn charts_from_elsewhere_are_asked_for() {
        let files = [("Chart.yaml", CHART), ("templates/a.yaml", SETTINGS)];
        let remote =
            |charts: Arc<dyn Charts>, spec: &str| case(&files, &format!("{REMOTE}{spec}"), charts);
        assert!(remote(Arc::new(Offers(None)), "").expanded.is_ok());
        remote(Arc::new(Offers(Some("2.0.0"))), "").fails(&[
            "REL004 release.yaml:7: HelmRelease apps/web asks for version `1.x` of the chart web, which \
             https://charts.example.com does not have",
        ]);
        remote(Arc::new(NoCharts), "")
            .is_not_at_hand("release.yaml:7: chart web, version 1.x: no charts were fetched");
        let values = "  valuesFrom:\n  - kind: Secret\n    name: NAME\n";
        remote(Arc::new(NoCharts), &values.replace("NAME", "gone")).fails(&[
            "REL006 release.yaml:11: HelmRelease apps/web takes values from Secret apps/gone, which \
             nothing provides",
        ]);
        remote(Arc::new(Offers(None)), &values.replace("NAME", "later")).is_not_at_hand(
            "release.yaml:10: values from Secret apps/later, which only the cluster knows",
        );
    }

    #[test]
    fn values_that_only_the_cluster_knows_make_what_they_print_unknown() {
        let case = expand(
            &[("templates/settings.yaml", SETTINGS)],
            "  valuesFrom: [{kind: Secret, name: later, valuesKey: k, targetPath: host}]\n",
        );
        let objects = &case.expanded.as_ref().unwrap().objects;
        let host = objects[0]
            .node
            .at(&["data", "host"])
            .and_then(Node::as_scalar);
        assert_eq!(host.unwrap().kind, ScalarKind::Opaque);
    }
}
