use std::fmt;

/// Where a chart is, and which version of it is meant, in the words of Flux.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChartSource {
    /// A server with an `index.yaml`.
    Repository {
        /// The address below which the index is.
        url: String,
        /// The name of the chart.
        chart: String,
        /// A version or a range of versions. Empty or `*`: the newest that is no pre-release.
        version: String,
    },
    /// A registry: the name of the chart goes behind the URL, and its versions are tags, with `_` for
    /// `+`.
    Registry {
        /// `oci://…`
        url: String,
        /// The name of the chart.
        chart: String,
        /// A version or a range of versions. Empty or `*`: the newest that is no pre-release.
        version: String,
    },
    /// An artifact of a registry, of which one layer is the chart.
    Artifact {
        /// `oci://…`
        url: String,
        /// Which artifact of the repository.
        reference: ArtifactReference,
        /// The media type of the layer; none for the first layer.
        layer: Option<String>,
    },
}

/// Which artifact of a repository is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArtifactReference {
    /// The one with this digest.
    Digest(String),
    /// The one with the highest tag in a range.
    SemVer {
        /// The range.
        range: String,
        /// A regular expression of Go that tags must match; empty for all.
        filter: String,
    },
    /// The one with this tag.
    Tag(String),
}

impl ChartSource {
    /// The URL without what makes no difference: slashes at its end.
    pub fn url(&self) -> &str {
        match self {
            ChartSource::Repository { url, .. }
            | ChartSource::Registry { url, .. }
            | ChartSource::Artifact { url, .. } => url.trim_end_matches('/'),
        }
    }

    /// The name of the chart; none for an artifact, which holds one chart alone.
    pub fn chart(&self) -> Option<&str> {
        match self {
            ChartSource::Repository { chart, .. } | ChartSource::Registry { chart, .. } => {
                Some(chart)
            }
            ChartSource::Artifact { .. } => None,
        }
    }

    /// What people call the chart: its name, or the end of the URL of an artifact.
    pub fn name(&self) -> &str {
        match self.chart() {
            Some(chart) => chart,
            None => self.url().rsplit('/').next().unwrap_or_default(),
        }
    }

    /// What is asked for, in a few characters: a version, a range, a tag, or a digest. Empty for the
    /// newest.
    pub fn wanted(&self) -> &str {
        match self {
            ChartSource::Repository { version, .. } | ChartSource::Registry { version, .. } => {
                version
            }
            ChartSource::Artifact { reference, .. } => match reference {
                ArtifactReference::Digest(text) | ArtifactReference::Tag(text) => text,
                ArtifactReference::SemVer { range, .. } => range,
            },
        }
    }

    /// Whether both ask for the same.
    pub fn is_same(&self, other: &ChartSource) -> bool {
        self.request() == other.request()
    }

    /// A text that is the same for all versions of one chart, and for no other chart.
    pub(crate) fn place(&self) -> String {
        let url = self.url();
        match self {
            ChartSource::Repository { chart, .. } => format!("repository {url} {chart}"),
            ChartSource::Registry { chart, .. } => format!("registry {url} {chart}"),
            ChartSource::Artifact { layer, .. } => {
                format!("artifact {url} {}", layer.as_deref().unwrap_or_default())
            }
        }
    }

    /// A text that is the same for the same request, and for no other.
    pub(crate) fn request(&self) -> String {
        let place = self.place();
        match self {
            ChartSource::Artifact {
                reference: ArtifactReference::SemVer { range, filter },
                ..
            } => {
                format!("{place} range {range} {filter}")
            }
            source => format!("{place} {}", source.wanted()),
        }
    }
}

/// The words of a table: `podinfo 6.1.4`.
impl fmt::Display for ChartSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.wanted() {
            "" => Ok(()),
            wanted => write!(f, " {wanted}"),
        }
    }
}
