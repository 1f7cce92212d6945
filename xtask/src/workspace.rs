//! Where things are: the workspace, its target folder, and the data beside it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// The checkout that the tasks work on.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that cargo ran this binary from, else the one around the current folder.
    pub(crate) fn find() -> Outcome<Workspace> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest) => PathBuf::from(manifest),
            None => std::env::current_dir()?,
        };
        let root = start
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file())
            .ok_or("run this inside the tidegate workspace")?;
        Ok(Workspace {
            root: root.to_owned(),
        })
    }

    /// Its top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything that can be made again goes.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// Real repositories to render: `TIDEGATE_CORPORA`, else `../shared/corpora` where it is.
    pub(crate) fn corpora(&self) -> Option<PathBuf> {
        self.data("TIDEGATE_CORPORA", "corpora")
    }

    /// Conformance suites: `TIDEGATE_CONFORMANCE`, else `../shared/conformance` where it is.
    pub(crate) fn conformance(&self) -> Option<PathBuf> {
        self.data("TIDEGATE_CONFORMANCE", "conformance")
    }

    /// CRDs of releases: `TIDEGATE_CRDS`, else `../shared/crds` where it is.
    pub(crate) fn crds(&self) -> Option<PathBuf> {
        self.data("TIDEGATE_CRDS", "crds")
    }

    fn data(&self, variable: &str, folder: &str) -> Option<PathBuf> {
        match std::env::var_os(variable) {
            Some(path) => Some(self.root.join(path)),
            None => {
                let beside = self.root.parent()?.join("shared").join(folder);
                beside.is_dir().then_some(beside)
            }
        }
    }

    /// `cargo` with arguments, in the workspace.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(&self.root);
        // Set by the cargo that runs this task for this package; they would make others rebuild.
        for variable in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            command.env_remove(variable);
        }
        command
    }

    /// The files that git tracks, relative to the root.
    pub(crate) fn tracked_files(&self) -> Outcome<Vec<String>> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z"]).current_dir(&self.root);
        let listed = output_of(&mut git)?;
        let names = listed.split('\0').filter(|name| !name.is_empty());
        Ok(names.map(str::to_owned).collect())
    }
}

/// As many as the machine runs at once.
pub(crate) fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Runs a command with our output, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|error| format!("`{}` cannot be started: {error}", shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status})", shown(command)).into())
    }
}

/// The standard output of a command that must succeed.
pub(crate) fn output_of(command: &mut Command) -> Outcome<String> {
    let output = command
        .output()
        .map_err(|error| format!("`{}` cannot be started: {error}", shown(command)))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` failed: {}", shown(command), words.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(
        command
            .get_args()
            .take(8)
            .map(|word| word.to_string_lossy()),
    );
    words.join(" ")
}
