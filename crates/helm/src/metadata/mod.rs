//! `Chart.yaml`, `requirements.yaml` and the lock files.

mod decode;
mod validate;

pub(crate) use decode::json_type;

use tidegate_source::Span;
use tidegate_yaml::{Node, Place, SmolStr};

/// `Chart.yaml`. A field that is not there is empty.
///
/// Source: `Metadata` of `helm.sh/helm/v4/pkg/chart/v2`.
#[derive(Clone, Debug, Default)]
#[allow(
    missing_docs,
    reason = "the fields of Chart.yaml, which its reference describes"
)]
pub struct Metadata {
    pub name: SmolStr,
    pub home: SmolStr,
    pub sources: Vec<SmolStr>,
    pub version: SmolStr,
    pub description: SmolStr,
    pub keywords: Vec<SmolStr>,
    pub maintainers: Vec<Maintainer>,
    pub icon: SmolStr,
    pub api_version: SmolStr,
    pub condition: SmolStr,
    pub tags: SmolStr,
    pub app_version: SmolStr,
    pub deprecated: bool,
    /// None where there are none at all; sorted by key.
    pub annotations: Option<Vec<(SmolStr, SmolStr)>>,
    pub kube_version: SmolStr,
    /// None where the field is absent or null, which is not the same as an empty list: Helm then
    /// looks at no condition of any chart below.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`, where `library` is what cannot be installed.
    pub chart_type: SmolStr,
    /// `Chart.yaml` as a whole.
    pub span: Span,
}

/// One of `maintainers`.
#[derive(Clone, Debug, Default)]
#[allow(
    missing_docs,
    reason = "the fields of Chart.yaml, which its reference describes"
)]
pub struct Maintainer {
    pub name: SmolStr,
    pub email: SmolStr,
    pub url: SmolStr,
    pub(crate) is_null: bool,
}

/// One of `dependencies`.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// The name of the chart. Once dependencies are processed, the alias where there is one.
    pub name: SmolStr,
    /// The versions that fit.
    pub version: SmolStr,
    /// Where the chart comes from.
    pub repository: SmolStr,
    /// Paths in the values, separated by commas: the first that is a boolean decides.
    pub condition: SmolStr,
    /// Names below `tags` in the values.
    pub tags: Vec<SmolStr>,
    /// Whether the chart is a part of the release. What the file says does not count.
    pub enabled: bool,
    /// What of the values of the chart is taken into the parent's: maps with `child` and `parent`, or names.
    /// Once dependencies are processed, maps alone.
    pub import_values: Vec<Node>,
    /// The name under which the chart is used.
    pub alias: SmolStr,
    /// Where it is written.
    pub place: Place,
    /// Whether the entry is null.
    pub(crate) is_null: bool,
    /// Whether the values were taken.
    pub(crate) is_imported: bool,
}

/// `Chart.lock`.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// A hash of the dependencies of `Chart.yaml`.
    pub digest: SmolStr,
    /// The versions that were taken.
    pub dependencies: Vec<Dependency>,
}
