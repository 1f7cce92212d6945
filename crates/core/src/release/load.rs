//! The chart of a HelmRelease, as helm-controller gets it from source-controller.

use std::sync::Arc;

use tidegate_helm::values::Table;
use tidegate_helm::{Chart, ChartError, load};
use tidegate_semver::Version;
use tidegate_source::{EntryKind, Location, SourceFile, Sources, Span, TreePath};
use tidegate_yaml::Place;

use super::charts::{ChartAnswer, ChartRequest, ChartSource, Charts, RefusedChart};
use super::findings::{self, NoObjects};
use super::locate::{ChartAt, Located, ValuesFiles};
use crate::flux::HelmRelease;
use crate::parallel::Once;
use crate::tree::join;

/// How many characters of a digest become a part of the version.
const DIGEST_START: usize = 12;

/// Loads charts, those of the tree once each.
pub(super) struct Loader {
    sources: Arc<Sources>,
    charts: Arc<dyn Charts>,
    in_tree: Once<TreePath, Loaded>,
}

type Loaded = Result<Arc<Chart>, NotLoaded>;

/// Why a chart of the tree is not there.
#[derive(Debug)]
enum NotLoaded {
    Refused(RefusedChart),
    /// A dependency was not fetched: which one, and why.
    NotAtHand(String),
}

impl From<ChartError> for NotLoaded {
    fn from(error: ChartError) -> NotLoaded {
        NotLoaded::Refused(error.into())
    }
}

impl Loader {
    pub(super) fn new(sources: Arc<Sources>, charts: Arc<dyn Charts>) -> Loader {
        Loader {
            sources,
            charts,
            in_tree: Once::default(),
        }
    }

    /// The chart of a release, with the version and the values that it has in the cluster.
    pub(super) fn chart(
        &self,
        release: &HelmRelease,
        located: &Located,
    ) -> Result<Arc<Chart>, NoObjects> {
        let (mut chart, digest) = match &located.at {
            ChartAt::Remote(request) => self.remote(release, located, request)?,
            ChartAt::InTree { path, written, .. } => {
                let loaded = self.in_tree.get(path.clone(), || Arc::new(self.load(path)));
                let what = format!("chart `{written}`");
                match &*loaded {
                    Ok(chart) => (Arc::clone(chart), None),
                    Err(NotLoaded::Refused(why)) => {
                        return Err(findings::refused(release, located, &what, why));
                    }
                    Err(NotLoaded::NotAtHand(why)) => {
                        let what = format!("{what}: {why}");
                        return Err(NoObjects::not_at_hand(what, located.chart_span));
                    }
                }
            }
        };
        if !located.values_files.paths.is_empty() {
            let values = self.values_files(&chart, located);
            let values = values.map_err(|why| values_refused(release, located, &why))?;
            let changed = Arc::make_mut(&mut chart);
            changed.values = values.to_node();
            // The generation of the HelmChart, which starts at one.
            set_build(changed, "1");
        }
        if let Some(digest) = digest.filter(|_| located.with_digest) {
            let (_, hash) = digest.split_once(':').unwrap_or(("", &digest));
            if let Some(start) = hash.get(..DIGEST_START) {
                set_build(Arc::make_mut(&mut chart), start);
            }
        }
        Ok(chart)
    }

    fn remote(
        &self,
        release: &HelmRelease,
        located: &Located,
        request: &ChartRequest,
    ) -> Result<(Arc<Chart>, Option<String>), NoObjects> {
        match self.charts.chart(request, &self.sources) {
            ChartAnswer::AtHand { chart, digest } => Ok((chart, digest)),
            ChartAnswer::NotAtHand { why } => {
                let what = format!("{request}: {why}");
                Err(NoObjects::not_at_hand(what, located.version_span))
            }
            ChartAnswer::NoSuchChart { offered } => {
                Err(findings::no_such_chart(release, located, request, &offered))
            }
            ChartAnswer::NoSuchVersion { offered } => Err(findings::no_such_version(
                release, located, request, &offered,
            )),
            ChartAnswer::Refused(why) => Err(findings::refused(
                release,
                located,
                &request.to_string(),
                &why,
            )),
        }
    }

    /// A chart of the tree, with the sub-charts that source-controller fetches for it.
    fn load(&self, path: &TreePath) -> Loaded {
        let mut chart = match self.sources.kind(path) {
            Ok(EntryKind::Folder) => load::folder(&self.sources, path)?,
            Ok(_) => {
                let file = self.sources.load(path);
                let file = file.map_err(|failed| ChartError::chart(failed.error.to_string()))?;
                load::archive(&self.sources, path.as_str(), file.bytes())?
            }
            Err(error) => return Err(ChartError::chart(format!("{path}: {error}")).into()),
        };
        self.fetch_dependencies(&mut chart, path)?;
        Ok(Arc::new(chart))
    }

    /// Adds the sub-charts that `Chart.yaml` names and that the folder does not have.
    fn fetch_dependencies(&self, chart: &mut Chart, path: &TreePath) -> Result<(), NotLoaded> {
        let named = chart.metadata.dependencies.clone().unwrap_or_default();
        for dependency in named {
            let is_it = |one: &Chart| *one.name() == dependency.name;
            if chart.dependencies.iter().any(is_it) {
                continue;
            }
            let span = dependency.place.span();
            let url = dependency.repository.as_str();
            if let Some(local) = url.strip_prefix("file://") {
                let (folder, _) = join(&TreePath::root(), &format!("{path}/{local}"));
                let sub_chart = load::folder(&self.sources, &folder)?;
                chart.dependencies.push(sub_chart);
                continue;
            }
            let (name, version) = (dependency.name.to_string(), dependency.version.to_string());
            let url_of = || url.to_owned();
            let source = match url.split_once("://") {
                Some(("oci", _)) => ChartSource::Registry {
                    url: url_of(),
                    chart: name,
                    version,
                },
                Some(("http" | "https", _)) => ChartSource::Repository {
                    url: url_of(),
                    chart: name,
                    version,
                },
                // Helm itself says what is missing.
                _ => continue,
            };
            let request = ChartRequest {
                source,
                insecure: false,
            };
            match self.charts.chart(&request, &self.sources) {
                ChartAnswer::AtHand { chart: fetched, .. } => {
                    chart.dependencies.push(Chart::clone(&fetched));
                }
                ChartAnswer::NotAtHand { why } => {
                    return Err(NotLoaded::NotAtHand(format!(
                        "its dependency {request}: {why}"
                    )));
                }
                ChartAnswer::NoSuchChart { .. } | ChartAnswer::NoSuchVersion { .. } => {
                    let message = format!("{url} does not have the dependency {request}");
                    return Err(ChartError::dependency(message).at(span).into());
                }
                ChartAnswer::Refused(why) => {
                    let message = format!("the dependency {request}: {}", why.message);
                    return Err(ChartError::dependency(message).at(span).into());
                }
            }
        }
        Ok(())
    }

    /// The values files that take the place of those of the chart.
    fn values_files(&self, chart: &Chart, located: &Located) -> Result<Table, NoValuesFile> {
        let ValuesFiles {
            paths,
            ignore_missing,
        } = &located.values_files;
        let mut merged = Table::new(Place::default());
        for (path, span) in paths {
            let found = match &located.at {
                ChartAt::InTree { root, .. } => self.sources.load(&join(root, path).0).ok(),
                ChartAt::Remote(_) => in_chart(chart, path),
            };
            let read = match found {
                Some(file) => load::read_values(&file),
                None if *ignore_missing => continue,
                None => Err(ChartError::values(format!(
                    "there is no values file `{path}`"
                ))),
            };
            let values = read.map_err(|error| NoValuesFile { error, span: *span })?;
            merged = merged.merged(&Table::from_node(&values));
        }
        Ok(merged)
    }
}

/// A values file that cannot be used.
struct NoValuesFile {
    error: ChartError,
    /// Where it is named.
    span: Span,
}

fn values_refused(release: &HelmRelease, located: &Located, why: &NoValuesFile) -> NoObjects {
    let located = Located {
        version_span: why.span,
        ..located.clone()
    };
    let refused = RefusedChart::from(why.error.clone());
    findings::refused(release, &located, "chart", &refused)
}

/// A file of a chart by its path in it.
fn in_chart(chart: &Chart, path: &str) -> Option<Arc<SourceFile>> {
    let path = TreePath::new(path).ok()?;
    if path.as_str() == "values.yaml" {
        return chart
            .values_file
            .as_ref()
            .map(|file| Arc::clone(&file.source));
    }
    let mut files = chart.files.iter();
    let file = files.find(|file| file.name == path.as_str())?;
    Some(Arc::clone(&file.source))
}

/// Writes build metadata into the version of a chart.
fn set_build(chart: &mut Chart, build: &str) {
    if let Ok(mut version) = Version::parse(&chart.metadata.version) {
        version.metadata = build.to_owned();
        chart.metadata.version = version.to_string().into();
    }
}

impl From<ChartError> for RefusedChart {
    fn from(error: ChartError) -> RefusedChart {
        RefusedChart {
            message: error.message,
            location: error.location.filter(|location| match location {
                Location::Span(span) => span.is_some(),
                Location::Path(_) => true,
            }),
        }
    }
}
