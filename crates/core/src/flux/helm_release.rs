//! What is read of a HelmRelease of the API group `helm.toolkit.fluxcd.io`.

use tidegate_source::{Span, Subject};
use tidegate_yaml::Node;

use super::{Named, text};

/// A HelmRelease: the object as it was rendered, and what decides about its release.
///
/// Reading takes what is there: a value of the wrong type counts as absent.
#[derive(Clone, Debug)]
pub struct HelmRelease {
    /// Which object it is.
    pub subject: Subject,
    /// Where its name is written; the object itself where it has none.
    pub name_span: Span,
    /// The whole object.
    pub node: Node,
    /// Where its chart comes from; none where it says neither or both.
    pub chart: Option<ChartOf>,
}

/// Where a HelmRelease takes its chart from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartOf {
    /// `spec.chart`: helm-controller makes a HelmChart from it.
    Template(ChartTemplate),
    /// `spec.chartRef`: an object that has a chart.
    Reference(ChartReference),
}

/// A chart as a HelmRelease or a HelmChart names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartTemplate {
    /// The name of the chart, or a path in the source.
    pub chart: String,
    /// Where that is written.
    pub chart_span: Span,
    /// A version or a range of versions; empty where it has none.
    pub version: String,
    /// Where that is written; the chart where it has none.
    pub version_span: Span,
    /// The source.
    pub source: ChartReference,
    /// Values files of the chart that take the place of its `values.yaml`, each over the ones before.
    pub values_files: Vec<(String, Span)>,
    /// Whether values files that do not exist are passed over.
    pub ignore_missing_values_files: bool,
    /// Whether a new revision of a source makes a new version of the chart.
    pub is_by_revision: bool,
}

/// The name of another object, and its namespace: that of the object which names it where none is
/// written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChartReference {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Where the name is written; what has the reference where it has none.
    pub span: Span,
}

/// The names that a release has for Helm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseNames {
    /// The name of the release, made shorter where it has more than 53 bytes.
    pub name: String,
    /// The namespace that it is installed into.
    pub namespace: String,
}

/// What becomes of the definitions in the folder `crds` of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrdsPolicy {
    /// They are not applied.
    Skip,
    /// Those that are not there are created. The default.
    Create,
    /// They are created or replaced.
    CreateReplace,
}

/// What post-renderers do with hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PostRenderStrategy {
    /// Hooks are left as they are.
    NoHooks,
    /// Hooks and objects go through them together. The default.
    Combined,
    /// Hooks go through them, and then the objects.
    Separate,
}

impl HelmRelease {
    /// Reads a rendered object, whatever its kind.
    pub fn read(object: &Node) -> HelmRelease {
        let Named { subject, name_span } = Named::read(object);
        let template = field(object, &["spec", "chart"]);
        let reference = field(object, &["spec", "chartRef"]);
        let chart = match (template, reference) {
            (Some(template), None) => {
                let spec = field(template, &["spec"]).unwrap_or(template);
                let read = ChartTemplate::read(spec, &subject.namespace);
                Some(ChartOf::Template(read))
            }
            (None, Some(reference)) => {
                let read = ChartReference::read(reference, &subject.namespace);
                Some(ChartOf::Reference(read))
            }
            _ => None,
        };
        HelmRelease {
            name_span,
            node: object.clone(),
            chart,
            subject,
        }
    }

    /// The names that the release has for Helm.
    pub fn names(&self) -> ReleaseNames {
        let of_spec = |field| text(&self.node, &["spec", field]);
        let target = of_spec("targetNamespace");
        let own = &self.subject;
        let name = match (of_spec("releaseName"), target.as_str()) {
            (name, _) if !name.is_empty() => name,
            (_, "") => own.name.clone(),
            (_, target) => format!("{target}-{}", own.name),
        };
        ReleaseNames {
            name: shortened(name),
            namespace: match target.as_str() {
                "" => own.namespace.clone(),
                target => target.to_owned(),
            },
        }
    }

    /// A field of `spec`. Null counts as absent, as it does in Go.
    pub fn spec(&self, path: &[&str]) -> Option<&Node> {
        field(self.node.get("spec")?, path)
    }

    /// Whether a field of `spec` says true.
    pub fn is_set(&self, path: &[&str]) -> bool {
        self.spec(path).and_then(Node::text) == Some("true")
    }

    /// What becomes of the definitions in the folder `crds` of the chart when it is first installed.
    pub fn crds_policy(&self) -> CrdsPolicy {
        match text(&self.node, &["spec", "install", "crds"]).as_str() {
            "Skip" => CrdsPolicy::Skip,
            "CreateReplace" => CrdsPolicy::CreateReplace,
            _ => CrdsPolicy::Create,
        }
    }

    /// What post-renderers do with hooks.
    pub fn post_render_strategy(&self) -> PostRenderStrategy {
        match text(&self.node, &["spec", "postRenderStrategy"]).as_str() {
            "nohooks" => PostRenderStrategy::NoHooks,
            "separate" => PostRenderStrategy::Separate,
            _ => PostRenderStrategy::Combined,
        }
    }
}

impl ChartTemplate {
    /// Reads `spec.chart.spec` of a HelmRelease, or `spec` of a HelmChart.
    pub fn read(spec: &Node, namespace: &str) -> ChartTemplate {
        let span_of = |key: &str| field(spec, &[key]).map(|node| node.place.span());
        let chart_span = span_of("chart").unwrap_or_else(|| spec.place.span());
        let source = field(spec, &["sourceRef"]).unwrap_or(spec);
        let files = field(spec, &["valuesFiles"]).and_then(Node::as_seq);
        let files = files.into_iter().flatten();
        ChartTemplate {
            chart: text(spec, &["chart"]),
            chart_span,
            version: text(spec, &["version"]),
            version_span: span_of("version").unwrap_or(chart_span),
            source: ChartReference::read(source, namespace),
            values_files: files
                .filter_map(|file| Some((file.text()?.to_owned(), file.place.span())))
                .collect(),
            ignore_missing_values_files: field(spec, &["ignoreMissingValuesFiles"])
                .and_then(Node::text)
                == Some("true"),
            is_by_revision: text(spec, &["reconcileStrategy"]) == "Revision",
        }
    }
}

impl ChartReference {
    fn read(node: &Node, default_namespace: &str) -> ChartReference {
        let namespace = text(node, &["namespace"]);
        ChartReference {
            kind: text(node, &["kind"]),
            namespace: match namespace.as_str() {
                "" => default_namespace.to_owned(),
                _ => namespace,
            },
            name: text(node, &["name"]),
            span: node.get("name").unwrap_or(node).place.span(),
        }
    }
}

/// A field below a node. Null counts as absent.
fn field<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    node.at(path).filter(|node| !node.is_null())
}

/// The name of a release as helm-controller makes it short enough: its start and a hash.
fn shortened(name: String) -> String {
    use sha2::{Digest, Sha256};

    const LONGEST: usize = 53;
    const START: usize = 40;
    const HASH_BYTES: usize = 6;
    if name.len() <= LONGEST {
        return name;
    }
    let hash = Sha256::digest(name.as_bytes());
    let start = name.floor_char_boundary(START);
    let mut short = format!("{}-", &name[..start]);
    for byte in &hash[..HASH_BYTES] {
        short.push_str(&format!("{byte:02x}"));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    fn read(spec: &str) -> HelmRelease {
        let text = format!("metadata: {{name: web, namespace: apps}}\nspec:\n{spec}");
        let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        HelmRelease::read(parsed.documents[0].root.as_ref().unwrap())
    }

    fn check_names(spec: &str, name: &str, namespace: &str) {
        let names = read(spec).names();
        assert_eq!((&*names.name, &*names.namespace), (name, namespace));
    }

    #[test]
    fn a_release_is_called_after_its_object_and_its_namespace() {
        check_names("  interval: 1m\n", "web", "apps");
        check_names("  targetNamespace: shop\n", "shop-web", "shop");
        check_names("  targetNamespace: shop\n  releaseName: x\n", "x", "shop");
        let namespace = "some-front-appended-namespace-with-a-very-long-name-01";
        check_names(
            &format!("  targetNamespace: {namespace}\n"),
            "some-front-appended-namespace-with-a-ver-dfee942f06b5",
            namespace,
        );
    }

    #[test]
    fn a_chart_is_a_template_or_a_reference() {
        let release = read(
            "  chart:\n    spec:\n      chart: podinfo\n      version: 6.x\n      \
             valuesFiles: [values.yaml, a.yaml]\n      ignoreMissingValuesFiles: true\n      \
             sourceRef: {kind: HelmRepository, name: podinfo}\n",
        );
        let Some(ChartOf::Template(template)) = &release.chart else {
            panic!("{release:?}");
        };
        assert_eq!((&*template.chart, &*template.version), ("podinfo", "6.x"));
        let source = &template.source;
        assert_eq!(
            [&*source.kind, &*source.namespace, &*source.name],
            ["HelmRepository", "apps", "podinfo"]
        );
        let files: Vec<&str> = template
            .values_files
            .iter()
            .map(|(file, _)| &**file)
            .collect();
        assert_eq!(files, ["values.yaml", "a.yaml"]);
        assert!(template.ignore_missing_values_files);

        let release = read("  chartRef: {kind: OCIRepository, name: x, namespace: flux-system}\n");
        let Some(ChartOf::Reference(reference)) = &release.chart else {
            panic!("{release:?}");
        };
        assert_eq!(reference.namespace, "flux-system");
        assert_eq!(read("  chart: {}\n  chartRef: {}\n").chart, None);
    }

    #[test]
    fn the_policy_for_crds_is_to_create_them() {
        let policy = |spec| read(spec).crds_policy();
        assert_eq!(policy("  suspend: true\n"), CrdsPolicy::Create);
        assert_eq!(policy("  install: {crds: Skip}\n"), CrdsPolicy::Skip);
    }
}
