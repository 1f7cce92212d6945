use std::sync::Arc;

use tidegate_source::SourceFile;
use tidegate_yaml::{Node, SmolStr};

use crate::metadata::{Lock, Metadata};

/// A chart with its sub-charts, as it was loaded. Nothing of a release is in it, so that all releases
/// can share it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// `Chart.yaml`, with what `requirements.yaml` adds.
    pub metadata: Metadata,
    /// `Chart.lock` or `requirements.lock`.
    pub lock: Option<Lock>,
    /// The files below `templates/`, in the order in which they were found.
    pub templates: Vec<ChartFile>,
    /// All that is neither of the chart itself nor a template nor a sub-chart: what `.Files` shows,
    /// `crds/` too.
    pub files: Vec<ChartFile>,
    /// `values.yaml` as Helm decodes it: a mapping with sorted keys, or null where there is none.
    pub values: Node,
    /// `values.yaml` itself.
    pub values_file: Option<ChartFile>,
    /// `values.schema.json`, unread.
    pub schema: Option<ChartFile>,
    /// The sub-charts that are there, sorted by the names of their folders and archives. Helm's order
    /// is another one each time.
    pub dependencies: Vec<Chart>,
}

/// A file of a chart.
#[derive(Clone, Debug)]
pub struct ChartFile {
    /// Its path in the chart, such as `templates/service.yaml`.
    pub name: SmolStr,
    /// Its content, without a byte order mark; its places lead to where people find it.
    pub source: Arc<SourceFile>,
}

/// A file with CRDs.
#[derive(Clone, Debug)]
pub struct CrdFile<'c> {
    /// Its path from the outermost chart on, such as `parent/charts/child/crds/a.yaml`.
    pub path: String,
    /// The file.
    pub file: &'c ChartFile,
}

impl Chart {
    /// The name of the chart.
    pub fn name(&self) -> &SmolStr {
        &self.metadata.name
    }

    /// The files of the chart's own `crds/`, sub-charts not counted.
    pub fn crds(&self) -> impl Iterator<Item = &ChartFile> {
        self.files.iter().filter(|file| is_crd(&file.name))
    }
}

fn is_crd(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("crds/") else {
        return false;
    };
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}
