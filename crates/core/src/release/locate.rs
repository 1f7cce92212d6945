//! From a HelmRelease to its chart: through the objects of source-controller that it names.

use tidegate_source::{Span, TreePath};
use tidegate_yaml::Node;

use super::charts::{ChartRequest, ChartSource, OciReference};
use crate::flux::{ChartOf, ChartReference, ChartTemplate, HelmRelease, SourceRef};
use crate::tree::{is_substituted, join};

/// What is known of an object of source-controller.
#[derive(Clone, Copy, Debug)]
pub enum FoundSource<'n> {
    /// It is rendered.
    Object(&'n Node),
    /// Something that is not rendered may provide it.
    Unknown,
    /// Nothing provides it.
    Missing,
}

/// Finds an object of source-controller by kind, namespace and name.
pub type SourceLookup<'f, 'n> = &'f dyn Fn(&str, &str, &str) -> FoundSource<'n>;

/// The tree that is rendered, as charts in it are named.
#[derive(Clone, Copy)]
pub struct OwnTree<'a> {
    /// The folder that the source of the tree was packed from.
    pub root: &'a TreePath,
    /// Whether a source is the tree itself.
    pub is_own: &'a dyn Fn(&SourceRef) -> bool,
}

/// Where the chart of a HelmRelease is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Located {
    /// Where it is.
    pub at: ChartAt,
    /// The values files that take the place of the chart's own.
    pub values_files: ValuesFiles,
    /// Where the version is written that the cluster asks for: the text to edit for another one. It is
    /// the chart or the source where no version is written.
    pub version_span: Span,
    /// Where the name of the chart is written, or the URL that ends with it.
    pub chart_span: Span,
    /// Whether the version of the chart gets the start of the digest of its artifact.
    pub with_digest: bool,
}

/// A chart in the tree or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChartAt {
    /// To be fetched.
    Remote(ChartRequest),
    /// A folder or an archive of the tree.
    InTree {
        /// The path in the tree.
        path: TreePath,
        /// The root of the source: values files are relative to it.
        root: TreePath,
        /// The path as written.
        written: String,
    },
}

/// Values files of a chart that take the place of its `values.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ValuesFiles {
    /// The paths and where they are written, each over the ones before; with none, the chart keeps its
    /// own values.
    pub paths: Vec<(String, Span)>,
    /// Whether those that do not exist are passed over.
    pub ignore_missing: bool,
}

/// Why it cannot be told where a chart is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NotLocated {
    /// The HelmRelease has neither `chart` nor `chartRef`, or both: the API server refuses it.
    NoChart,
    /// An object on the way does not exist, and nothing could provide it.
    Missing(ChartReference),
    /// An object on the way is not rendered.
    Unknown(ChartReference),
    /// The chart is in a tree that is not this one.
    OutsideTree(SourceRef, Span),
    /// A part of the way is only known once variables are put in.
    Substituted {
        /// The text with the variable.
        text: String,
        /// Where it is written.
        span: Span,
    },
    /// A field that must be there is not, or says what no such field can: the API server refuses the
    /// object.
    Shapeless {
        /// The place.
        span: Span,
        /// What is wrong, in words that go behind a name.
        message: String,
    },
    /// An object says something that source-controller does not take.
    Invalid {
        /// The place.
        span: Span,
        /// What is wrong, as a sentence.
        message: String,
    },
    /// An ExternalArtifact: what is in it is only known in the cluster.
    External(ChartReference),
}

/// Finds the chart of a HelmRelease.
///
/// Source: `getSource` of helm-controller and the reconciler for HelmCharts of source-controller.
pub fn locate(
    release: &HelmRelease,
    lookup: SourceLookup<'_, '_>,
    tree: OwnTree<'_>,
) -> Result<Located, NotLocated> {
    match release.chart.as_ref().ok_or(NotLocated::NoChart)? {
        ChartOf::Template(template) => of_template(template, lookup, tree),
        ChartOf::Reference(reference) => match reference.kind.as_str() {
            "OCIRepository" => of_oci_repository(find(lookup, reference)?, reference),
            "HelmChart" => {
                let chart = find(lookup, reference)?;
                let spec = chart.get("spec").unwrap_or(chart);
                let template = ChartTemplate::read(spec, &reference.namespace);
                of_template(&template, lookup, tree)
            }
            "ExternalArtifact" => Err(NotLocated::External(reference.clone())),
            kind if is_substituted(kind) => Err(substituted(kind, reference.span)),
            kind => Err(shapeless(
                reference.span,
                format!(
                    "`chartRef` cannot name `{kind}`, only an OCIRepository, HelmChart or ExternalArtifact"
                ),
            )),
        },
    }
}

/// The objects of source-controller that decide where the chart of a HelmRelease is.
pub fn sources_of(release: &HelmRelease, lookup: SourceLookup<'_, '_>) -> Vec<ChartReference> {
    match &release.chart {
        None => Vec::new(),
        Some(ChartOf::Template(template)) => vec![template.source.clone()],
        Some(ChartOf::Reference(reference)) => {
            let mut all = vec![reference.clone()];
            if reference.kind == "HelmChart"
                && let FoundSource::Object(chart) = look_up(lookup, reference)
            {
                let spec = chart.get("spec").unwrap_or(chart);
                all.push(ChartTemplate::read(spec, &reference.namespace).source);
            }
            all
        }
    }
}

fn look_up<'n>(lookup: SourceLookup<'_, 'n>, reference: &ChartReference) -> FoundSource<'n> {
    lookup(&reference.kind, &reference.namespace, &reference.name)
}

fn find<'n>(
    lookup: SourceLookup<'_, 'n>,
    reference: &ChartReference,
) -> Result<&'n Node, NotLocated> {
    for text in [&reference.kind, &reference.namespace, &reference.name] {
        if is_substituted(text) {
            return Err(substituted(text, reference.span));
        }
    }
    match look_up(lookup, reference) {
        FoundSource::Object(object) => Ok(object),
        FoundSource::Unknown => Err(NotLocated::Unknown(reference.clone())),
        FoundSource::Missing => Err(NotLocated::Missing(reference.clone())),
    }
}

fn of_template(
    template: &ChartTemplate,
    lookup: SourceLookup<'_, '_>,
    tree: OwnTree<'_>,
) -> Result<Located, NotLocated> {
    let ChartTemplate {
        chart,
        chart_span,
        version,
        version_span,
        source,
        ..
    } = template;
    for (text, span) in [(chart, chart_span), (version, version_span)] {
        if is_substituted(text) {
            return Err(substituted(text, *span));
        }
    }
    if chart.is_empty() {
        let message = "the chart has no name".to_owned();
        return Err(shapeless(*chart_span, message));
    }
    let at = match source.kind.as_str() {
        "HelmRepository" => ChartAt::Remote(in_repository(find(lookup, source)?, template)?),
        "GitRepository" | "Bucket" => {
            let of_tree = SourceRef {
                kind: source.kind.clone(),
                namespace: source.namespace.clone(),
                name: source.name.clone(),
            };
            if !(tree.is_own)(&of_tree) {
                return Err(NotLocated::OutsideTree(of_tree, source.span));
            }
            ChartAt::InTree {
                path: join(tree.root, chart).0,
                root: tree.root.clone(),
                written: chart.clone(),
            }
        }
        kind if is_substituted(kind) => return Err(substituted(kind, source.span)),
        kind => {
            let message = format!(
                "`sourceRef` cannot name `{kind}`, only a HelmRepository, GitRepository or Bucket"
            );
            return Err(shapeless(source.span, message));
        }
    };
    Ok(Located {
        at,
        values_files: ValuesFiles {
            paths: template.values_files.clone(),
            ignore_missing: template.ignore_missing_values_files,
        },
        version_span: *version_span,
        chart_span: *chart_span,
        with_digest: false,
    })
}

fn in_repository(repository: &Node, template: &ChartTemplate) -> Result<ChartRequest, NotLocated> {
    let spec = Fields(repository);
    let (url, span) = spec.url()?;
    let chart = template.chart.clone();
    let version = template.version.clone();
    let is_oci = spec.text(&["type"]) == "oci";
    if is_oci && !url.starts_with("oci://") {
        let message = format!(
            "a HelmRepository of the type `oci` has a URL that starts with `oci://`, not `{url}`"
        );
        return Err(invalid(span, message));
    }
    let source = match is_oci {
        true => ChartSource::Registry {
            url,
            chart,
            version,
        },
        false => ChartSource::Repository {
            url,
            chart,
            version,
        },
    };
    Ok(ChartRequest {
        source,
        insecure: spec.is_set("insecure"),
    })
}

fn of_oci_repository(repository: &Node, named: &ChartReference) -> Result<Located, NotLocated> {
    let spec = Fields(repository);
    let (url, url_span) = spec.url()?;
    if !url.starts_with("oci://") {
        let message = format!("the URL of an OCIRepository starts with `oci://`, not `{url}`");
        return Err(shapeless(url_span, message));
    }
    let written = |field| {
        let (text, span) = spec.field(&["ref", field])?;
        Some((text, span)).filter(|(text, _)| !text.is_empty())
    };
    let (reference, version_span) = if let Some((digest, span)) = written("digest") {
        (OciReference::Digest(digest), span)
    } else if let Some((range, span)) = written("semver") {
        let filter = spec.text(&["ref", "semverFilter"]);
        (OciReference::SemVer { range, filter }, span)
    } else if let Some((tag, span)) = written("tag") {
        (OciReference::Tag(tag), span)
    } else {
        (OciReference::Tag("latest".to_owned()), url_span)
    };
    let texts = match &reference {
        OciReference::Digest(text) | OciReference::Tag(text) => [text, ""],
        OciReference::SemVer { range, filter } => [range.as_str(), filter],
    };
    if let Some(text) = texts.into_iter().find(|text| is_substituted(text)) {
        return Err(substituted(text, version_span));
    }
    let layer = spec.text(&["layerSelector", "mediaType"]);
    let source = ChartSource::Artifact {
        url,
        reference,
        layer: Some(layer).filter(|layer| !layer.is_empty()),
    };
    Ok(Located {
        at: ChartAt::Remote(ChartRequest {
            source,
            insecure: spec.is_set("insecure"),
        }),
        values_files: ValuesFiles::default(),
        version_span,
        chart_span: match url_span.is_some() {
            true => url_span,
            false => named.span,
        },
        with_digest: true,
    })
}

/// The fields of `spec` of an object.
struct Fields<'n>(&'n Node);

impl Fields<'_> {
    fn node(&self, path: &[&str]) -> Option<&Node> {
        let node = self.0.get("spec")?.at(path)?;
        (!node.is_null()).then_some(node)
    }

    fn field(&self, path: &[&str]) -> Option<(String, Span)> {
        let node = self.node(path)?;
        Some((node.text()?.to_owned(), node.place.span()))
    }

    fn text(&self, path: &[&str]) -> String {
        self.field(path).map_or_else(String::new, |(text, _)| text)
    }

    fn is_set(&self, field: &str) -> bool {
        self.text(&[field]) == "true"
    }

    /// `spec.url`, without variables.
    fn url(&self) -> Result<(String, Span), NotLocated> {
        let (url, span) = self.field(&["url"]).ok_or_else(|| {
            let message = "the source has no URL".to_owned();
            shapeless(self.0.place.span(), message)
        })?;
        match is_substituted(&url) {
            true => Err(substituted(&url, span)),
            false => Ok((url, span)),
        }
    }
}

fn substituted(text: &str, span: Span) -> NotLocated {
    let text = text.to_owned();
    NotLocated::Substituted { text, span }
}

fn shapeless(span: Span, message: String) -> NotLocated {
    NotLocated::Shapeless { span, message }
}

fn invalid(span: Span, message: String) -> NotLocated {
    NotLocated::Invalid { span, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::nodes;

    const SOURCES: &str = "\
kind: HelmRepository
metadata: {name: podinfo, namespace: apps}
spec: {url: https://charts.example.com}
---
kind: HelmRepository
metadata: {name: oci, namespace: apps}
spec: {url: 'oci://ghcr.io/org', type: oci, insecure: true}
---
kind: HelmRepository
metadata: {name: odd, namespace: apps}
spec: {url: https://charts.example.com, type: oci}
---
kind: OCIRepository
metadata: {name: template, namespace: apps}
spec:
  url: oci://ghcr.io/org/template
  ref: {tag: 4.1.1}
  layerSelector: {mediaType: m}
---
kind: OCIRepository
metadata: {name: range, namespace: apps}
spec: {url: 'oci://ghcr.io/org/template', ref: {tag: 1.0.0, semver: 1.x, semverFilter: f}}
---
kind: HelmChart
metadata: {name: chart, namespace: apps}
spec: {chart: podinfo, version: 6.x, sourceRef: {kind: HelmRepository, name: podinfo}}
";

    fn located(spec: &str) -> Result<Located, NotLocated> {
        let release = &nodes(&format!(
            "metadata: {{name: web, namespace: apps}}\nspec:\n  {spec}\n"
        ))[0];
        let sources = nodes(SOURCES);
        let lookup = |kind: &str, namespace: &str, name: &str| {
            let is_it = |node: &&Node| {
                let text = |path: &[&str]| node.at(path).and_then(Node::text);
                text(&["kind"]) == Some(kind)
                    && text(&["metadata", "namespace"]) == Some(namespace)
                    && text(&["metadata", "name"]) == Some(name)
            };
            match sources.iter().find(is_it) {
                Some(node) => FoundSource::Object(node),
                None if name == "later" => FoundSource::Unknown,
                None => FoundSource::Missing,
            }
        };
        let tree = OwnTree {
            root: &TreePath::new("kubernetes").unwrap(),
            is_own: &|source| source.is_flux_system(),
        };
        locate(&HelmRelease::read(release), &lookup, tree)
    }

    fn check(spec: &str, expected: &str) {
        let found = match located(spec) {
            Ok(Located { at, .. }) => match at {
                ChartAt::Remote(request) => {
                    let insecure = if request.insecure { ", insecure" } else { "" };
                    format!("{request} of {}{insecure}", request.source.url())
                }
                ChartAt::InTree { path, .. } => format!("in the tree: {path}"),
            },
            Err(error) => match error {
                NotLocated::NoChart => "no chart".to_owned(),
                NotLocated::Missing(of) => format!("missing: {} {}", of.kind, of.name),
                NotLocated::Unknown(of) => format!("unknown: {} {}", of.kind, of.name),
                NotLocated::External(of) => format!("external: {}", of.name),
                NotLocated::OutsideTree(source, _) => format!("outside: {source}"),
                NotLocated::Substituted { text, .. } => format!("substituted: {text}"),
                NotLocated::Shapeless { message, .. } | NotLocated::Invalid { message, .. } => {
                    message
                }
            },
        };
        assert_eq!(found, expected, "{spec}");
    }

    fn chart(chart: &str, version: &str, kind: &str, name: &str) -> String {
        format!(
            "chart: {{spec: {{chart: {chart}, version: '{version}', \
             sourceRef: {{kind: {kind}, name: {name}}}}}}}"
        )
    }

    #[test]
    fn charts_of_repositories_are_found_through_the_objects_that_name_them() {
        check(
            &chart("podinfo", "6.1.4", "HelmRepository", "podinfo"),
            "chart podinfo, version 6.1.4 of https://charts.example.com",
        );
        check(
            &chart("podinfo", "", "HelmRepository", "oci"),
            "chart podinfo, version latest of oci://ghcr.io/org, insecure",
        );
        check(
            "chartRef: {kind: OCIRepository, name: template}",
            "chart template, version 4.1.1 of oci://ghcr.io/org/template",
        );
        check(
            "chartRef: {kind: OCIRepository, name: range}",
            "chart template, version 1.x of oci://ghcr.io/org/template",
        );
        check(
            "chartRef: {kind: HelmChart, name: chart}",
            "chart podinfo, version 6.x of https://charts.example.com",
        );
    }

    #[test]
    fn charts_of_the_own_source_are_in_the_tree() {
        let in_tree = chart(
            "./charts/web",
            "",
            "GitRepository",
            "flux-system, namespace: flux-system",
        );
        check(&in_tree, "in the tree: kubernetes/charts/web");
        let outside = chart("./charts/web", "", "GitRepository", "other");
        check(&outside, "outside: GitRepository apps/other");
    }

    #[test]
    fn what_cannot_be_found_is_told_apart() {
        check("suspend: true", "no chart");
        check(
            &chart("podinfo", "", "HelmRepository", "odd"),
            "a HelmRepository of the type `oci` has a URL that starts with `oci://`, not \
             `https://charts.example.com`",
        );
        check(
            "chartRef: {kind: OCIRepository, name: gone}",
            "missing: OCIRepository gone",
        );
        check(
            "chartRef: {kind: OCIRepository, name: later}",
            "unknown: OCIRepository later",
        );
        check("chartRef: {kind: ExternalArtifact, name: x}", "external: x");
        check(
            &chart("podinfo", "${version}", "HelmRepository", "podinfo"),
            "substituted: ${version}",
        );
        check(
            &chart("podinfo", "", "Secret", "podinfo"),
            "`sourceRef` cannot name `Secret`, only a HelmRepository, GitRepository or Bucket",
        );
    }
}
