//! Charts from folders and archives.
//!
//! Source: `helm.sh/helm/v4/pkg/chart/v2/loader`.

mod assemble;
mod files;
mod ignore;
mod values;

use tidegate_source::{SourceFile, Sources, TreePath};

use crate::{Chart, ChartError};

pub use values::read_values;

/// The bytes of all files of a chart, sub-charts unpacked: Helm's limit for one archive.
pub const MAX_SIZE: usize = 100 << 20;

/// How many files and folders a chart may have, sub-charts counted. Helm has no limit.
pub const MAX_FILES: usize = 20_000;

/// How many charts may be nested in each other, and how many folders. Helm has no limit.
pub const MAX_DEPTH: usize = 32;

/// What archives may hold beyond the content of files: headers, and what fills their last blocks.
const MAX_OVERHEAD: usize = 2 * 1024 * MAX_FILES;

/// Loads the chart in a folder. Links are followed, as `sources` allows it.
pub fn folder(sources: &Sources, path: &TreePath) -> Result<Chart, ChartError> {
    let mut loader = Loader::new(sources);
    let files = files::in_folder(&mut loader, path)?;
    loader.root(files)
}

/// Loads a chart that was packed into a `.tgz`; `name` tells people which.
pub fn archive(sources: &Sources, name: &str, bytes: &[u8]) -> Result<Chart, ChartError> {
    let mut loader = Loader::new(sources);
    let files = files::in_archive(&mut loader, name, bytes)?;
    loader.root(files)
}

/// What one chart takes while it is loaded.
struct Loader<'s> {
    sources: &'s Sources,
    bytes_left: usize,
    files_left: usize,
    /// What archives may unpack to, those within archives too.
    unpacked_left: usize,
}

/// A file that was found, and its path in the chart.
struct Found {
    name: String,
    source: std::sync::Arc<SourceFile>,
}

impl<'s> Loader<'s> {
    fn new(sources: &'s Sources) -> Loader<'s> {
        Loader {
            sources,
            bytes_left: MAX_SIZE,
            files_left: MAX_FILES,
            unpacked_left: MAX_SIZE + MAX_OVERHEAD,
        }
    }

    fn take_bytes(&mut self, bytes: usize) -> Result<(), ChartError> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }

    fn take_file(&mut self) -> Result<(), ChartError> {
        let left = self.files_left.checked_sub(1);
        self.files_left = left.ok_or_else(|| {
            ChartError::chart(format!("the chart has more than {MAX_FILES} files"))
        })?;
        Ok(())
    }

    fn root(mut self, files: Vec<Found>) -> Result<Chart, ChartError> {
        let chart = self.assemble(files, 0)?;
        match chart.metadata.api_version.as_str() {
            "v1" | "v2" => Ok(chart),
            _ => Err(ChartError::chart("unsupported chart version").at(chart.metadata.span)),
        }
    }
}

fn too_large() -> ChartError {
    ChartError::chart(format!(
        "decompressed chart is larger than the maximum size {MAX_SIZE}"
    ))
}

#[cfg(test)]
mod tests;
