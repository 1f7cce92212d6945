//! The files that were named, or that are in folders that were named.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where manifests are read from.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// How it is called in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Stdin => "<stdin>".to_owned(),
            Input::File(path) => path.display().to_string(),
        }
    }

    #[allow(
        clippy::disallowed_types,
        reason = "what is larger than memory is read part by part"
    )]
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Input::Stdin => Box::new(io::stdin().lock()),
            Input::File(path) => Box::new(fs::File::open(path)?),
        })
    }
}

/// The inputs that arguments name, in their order, the files of a folder by their paths. What cannot be
/// listed comes second, with the reason.
pub(crate) fn inputs(named: &[PathBuf]) -> (Vec<Input>, Vec<String>) {
    let (mut inputs, mut failed) = (Vec::new(), Vec::new());
    for path in named {
        if path.as_os_str() == "-" {
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            if let Err(error) = add_folder(path, &mut inputs) {
                failed.push(format!("{}: {error}", path.display()));
            }
        } else {
            inputs.push(Input::File(path.clone()));
        }
    }
    (inputs, failed)
}

/// Adds the YAML and JSON files of a folder and of those in it. Links to folders are not followed, and
/// hidden folders are passed over.
fn add_folder(folder: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if fs::symlink_metadata(&path)?.is_dir() {
            if !name.starts_with('.') {
                add_folder(&path, inputs)?;
            }
        } else if [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| name.ends_with(end))
            && path.is_file()
        {
            inputs.push(Input::File(path));
        }
    }
    Ok(())
}
