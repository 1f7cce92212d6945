//! The files that a chart is rendered of, and those that are written.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_helm::{RenderError, RenderErrorKind};
use tidegate_source::{SourceFile, Sources, TreePath};
use tidegate_system::{DiskSystem, Links, write_atomically};

use super::args::Template;
use super::{Stop, usage};
use crate::commands::{Failure, working_folder};
use crate::place::WorkingFolder;

/// A path may lead anywhere on the disk.
const ROOT: &str = "/";

pub(crate) struct Files {
    working: WorkingFolder,
    sources: Sources,
}

/// Where a chart is.
pub(super) enum ChartAt {
    Folder(TreePath),
    /// The path that was typed, and the bytes.
    Archive(String, Vec<u8>),
}

impl Files {
    pub(super) fn new() -> Result<Files, Failure> {
        let system = DiskSystem::new(Path::new(ROOT), Links::Followed)
            .map_err(|error| Failure::new(format!("{ROOT}: {error}")))?;
        Ok(Files {
            working: working_folder()?,
            sources: Sources::new(Arc::new(system)),
        })
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How a path is shown.
    pub(super) fn shown(&self, path: &TreePath) -> String {
        self.working.shown_in(Path::new(ROOT), path)
    }

    /// Finds a chart. What would have to be fetched is not found.
    pub(super) fn chart(&self, typed: &Path) -> Result<ChartAt, Stop> {
        let shown = typed.display();
        let not_found =
            |why: String| Stop::Refused(Box::new(RenderError::new(RenderErrorKind::Chart, why)));
        let absolute = self.working.absolute(typed);
        let Ok(metadata) = fs::metadata(&absolute) else {
            return Err(not_found(match typed.to_str() {
                Some(text) if text.contains("://") => {
                    format!("{shown} would have to be fetched: give a folder or an archive")
                }
                _ => format!("path \"{shown}\" not found"),
            }));
        };
        if metadata.is_dir() {
            return Ok(ChartAt::Folder(self.tree_path(typed)?));
        }
        if !metadata.is_file() {
            return Err(not_found(format!("{shown} is neither a folder nor a file")));
        }
        if metadata.len() > Sources::MAX_FILE_SIZE {
            return Err(not_found(format!("{shown} is too large")));
        }
        let bytes = fs::read(&absolute)
            .map_err(|error| not_found(format!("{shown} cannot be read: {error}")))?;
        Ok(ChartAt::Archive(shown.to_string(), bytes))
    }

    /// A file of values, or standard input.
    pub(super) fn values(&self, typed: &Path) -> Result<Arc<SourceFile>, Stop> {
        let refused = |error: &dyn std::fmt::Display| {
            let message = format!("{}: {error}", typed.display());
            Stop::Refused(Box::new(RenderError::new(RenderErrorKind::Values, message)))
        };
        if typed == Path::new("-") {
            let mut bytes = Vec::new();
            let limit = Sources::MAX_FILE_SIZE;
            let read = io::stdin().take(limit).read_to_end(&mut bytes);
            read.map_err(|error| Stop::Failed(Failure::new(format!("standard input: {error}"))))?;
            let name = TreePath::new("standard input").map_err(|error| refused(&error))?;
            return Ok(self.sources.add_file(name, bytes));
        }
        let path = self.tree_path(typed)?;
        self.sources.load(&path).map_err(|error| refused(&error))
    }

    fn tree_path(&self, typed: &Path) -> Result<TreePath, Stop> {
        let absolute = self.working.absolute(typed);
        let path = absolute.to_str().and_then(|path| TreePath::new(path).ok());
        path.ok_or_else(|| usage(format!("{} is not UTF-8", typed.display())))
    }

    /// Writes what is printed into files, those of a template into one, and says which.
    pub(super) fn write(
        &self,
        args: &Template,
        name: &str,
        parts: &[(String, String)],
    ) -> Result<String, Failure> {
        let Some(typed) = &args.output_dir else {
            return Ok(String::new());
        };
        let mut folder: PathBuf = typed.clone();
        if args.release_name {
            folder.push(name);
        }
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        let mut said = String::new();
        for (path, text) in parts {
            let file = texts.entry(path).or_default();
            file.push_str(&format!("---\n# Source: {path}\n{text}\n"));
            said.push_str(&format!("wrote {}\n", folder.join(path).display()));
        }
        for (path, text) in texts {
            let Ok(inside) = TreePath::new(path) else {
                return Err(Failure::new(format!(
                    "{path} is outside of the output folder"
                )));
            };
            let path = self.working.absolute(&folder).join(inside.as_str());
            let failed = |error: io::Error| Failure::new(format!("{}: {error}", path.display()));
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(failed)?;
            }
            write_atomically(&path, text.as_bytes()).map_err(failed)?;
        }
        Ok(said)
    }
}
