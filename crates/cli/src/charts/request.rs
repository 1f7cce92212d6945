use tidegate_core::release::{self, ChartRequest, OciReference};
use tidegate_registry::{ArtifactReference, ChartSource};

/// A request of a HelmRelease in the words of those who fetch it.
pub(crate) fn source_of(request: &ChartRequest) -> ChartSource {
    match request.source.clone() {
        release::ChartSource::Repository {
            url,
            chart,
            version,
        } => ChartSource::Repository {
            url,
            chart,
            version,
        },
        release::ChartSource::Registry {
            url,
            chart,
            version,
        } => ChartSource::Registry {
            url,
            chart,
            version,
        },
        release::ChartSource::Artifact {
            url,
            reference,
            layer,
        } => ChartSource::Artifact {
            url,
            reference: match reference {
                OciReference::Digest(digest) => ArtifactReference::Digest(digest),
                OciReference::SemVer { range, filter } => {
                    ArtifactReference::SemVer { range, filter }
                }
                OciReference::Tag(tag) => ArtifactReference::Tag(tag),
            },
            layer,
        },
    }
}
