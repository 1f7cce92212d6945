//! Charts that are not in the tree: what is asked for, and what may come back.

use std::fmt;
use std::sync::Arc;

use tidegate_helm::Chart;
use tidegate_source::{Location, Sources};

/// Gives the charts that are at hand.
///
/// Nothing in this crate says where they are kept, and whether a call may wait for a network is up
/// to whoever implements it. It is called from many threads, and asked for the same chart by every
/// HelmRelease that has it: the same request must give the same answer for as long as it lives.
pub trait Charts: fmt::Debug + Send + Sync {
    /// The chart of a request. Its files are put into `sources`, once for each file table.
    fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer;
}

/// No chart is at hand.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCharts;

impl Charts for NoCharts {
    fn chart(&self, _: &ChartRequest, _: &Sources) -> ChartAnswer {
        ChartAnswer::NotAtHand {
            why: "no charts were fetched".to_owned(),
        }
    }
}

/// A chart that source-controller fetches. What is compared is all that decides which bytes come.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChartRequest {
    /// Where it is.
    pub source: ChartSource,
    /// Whether a server may be asked without TLS.
    pub insecure: bool,
}

/// Where a chart is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChartSource {
    /// A HelmRepository of the type `default`: a server with an `index.yaml`.
    Repository {
        /// `spec.url`, as written.
        url: String,
        /// The name of the chart.
        chart: String,
        /// A version or a range of versions. Empty or `*`: the newest that is no pre-release.
        version: String,
    },
    /// A HelmRepository of the type `oci`: the name of the chart goes behind the URL, and its versions
    /// are tags, with `_` for `+`.
    Registry {
        /// `spec.url`, as written: it starts with `oci://`.
        url: String,
        /// The name of the chart.
        chart: String,
        /// A version or a range of versions. Empty or `*`: the newest that is no pre-release.
        version: String,
    },
    /// An OCIRepository: an artifact of which one layer is a chart.
    Artifact {
        /// `spec.url`, as written: it starts with `oci://`.
        url: String,
        /// Which artifact of the repository.
        reference: OciReference,
        /// The media type of the layer; none for the first layer.
        layer: Option<String>,
    },
}

/// Which artifact of an OCI repository is meant: the first of these that an OCIRepository has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OciReference {
    /// `ref.digest`.
    Digest(String),
    /// `ref.semver`: the highest tag in a range of versions.
    SemVer {
        /// The range.
        range: String,
        /// `ref.semverFilter`: a regular expression that tags must match; empty for all tags.
        filter: String,
    },
    /// `ref.tag`, or `latest` where there is no reference.
    Tag(String),
}

/// What comes back for a [`ChartRequest`].
#[derive(Clone, Debug)]
pub enum ChartAnswer {
    /// Here it is.
    AtHand {
        /// The chart, loaded from its archive.
        chart: Arc<Chart>,
        /// The digest of the manifest, such as `sha256:…`, of an artifact in a registry: the start of
        /// it becomes a part of the version of a chart that an OCIRepository brings.
        digest: Option<String>,
    },
    /// It was not fetched: nothing can be said about it.
    NotAtHand {
        /// Why, in a few words that go behind a dash.
        why: String,
    },
    /// The source is known, and it has no such chart.
    NoSuchChart {
        /// What it has whose names are near, the nearest first.
        offered: Vec<String>,
    },
    /// The source is known and has the chart, and no version of it fits.
    NoSuchVersion {
        /// The versions that are nearest to what was asked for, the nearest first.
        offered: Vec<String>,
    },
    /// There is something that cannot be loaded as a chart, and helm-controller could not either.
    Refused(RefusedChart),
}

/// Why a chart cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedChart {
    /// The reason, as a sentence without a subject's name in front of it or a full stop.
    pub message: String,
    /// Where in the files of the chart; none for the chart as a whole.
    pub location: Option<Location>,
}

impl ChartSource {
    /// The name of the chart: the last part of the URL of an artifact.
    pub fn chart(&self) -> &str {
        match self {
            ChartSource::Repository { chart, .. } | ChartSource::Registry { chart, .. } => chart,
            ChartSource::Artifact { url, .. } => {
                let path = url.trim_end_matches('/');
                path.rsplit_once('/').map_or(path, |(_, name)| name)
            }
        }
    }

    /// The version as it was asked for; `latest` where any would do.
    pub fn version(&self) -> &str {
        match self {
            ChartSource::Repository { version, .. } | ChartSource::Registry { version, .. } => {
                match version.as_str() {
                    "" => "latest",
                    version => version,
                }
            }
            ChartSource::Artifact { reference, .. } => match reference {
                OciReference::Digest(text) | OciReference::Tag(text) => text,
                OciReference::SemVer { range, .. } => range,
            },
        }
    }

    /// The URL of the repository, as written.
    pub fn url(&self) -> &str {
        match self {
            ChartSource::Repository { url, .. }
            | ChartSource::Registry { url, .. }
            | ChartSource::Artifact { url, .. } => url,
        }
    }
}

/// The words of the summary: `chart podinfo, version 6.1.4`.
impl fmt::Display for ChartRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        write!(f, "chart {}, version {}", source.chart(), source.version())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_called_by_its_name_and_version() {
        let check = |source, expected: &str| {
            let insecure = false;
            assert_eq!(ChartRequest { source, insecure }.to_string(), expected);
        };
        let repository = |version: &str| ChartSource::Repository {
            url: "https://charts.example.com".to_owned(),
            chart: "podinfo".to_owned(),
            version: version.to_owned(),
        };
        check(repository("6.1.4"), "chart podinfo, version 6.1.4");
        check(repository(""), "chart podinfo, version latest");
        let artifact = ChartSource::Artifact {
            url: "oci://ghcr.io/org/app-template/".to_owned(),
            reference: OciReference::Tag("4.1.1".to_owned()),
            layer: None,
        };
        check(artifact, "chart app-template, version 4.1.1");
    }
}
