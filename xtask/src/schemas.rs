//! Writes the catalog of kinds: those of Kubernetes itself and what becomes of them out of its Go
//! modules, those of others out of their CRDs.

mod crds;
mod generated;
mod kubernetes;
mod lifecycle;
mod module;
mod types;

use std::fs;

use crate::Outcome;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Writes only these files
    #[arg(value_enum)]
    files: Vec<File>,
    /// Writes nothing, and fails where what is committed is not what would be written
    #[arg(long)]
    check: bool,
}

/// The files of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum File {
    /// The kinds of Kubernetes itself, of all minor versions
    Kubernetes,
    /// In which versions of Kubernetes its kinds are deprecated and removed
    Lifecycle,
    /// The Go types that Flux decodes kinds of Kubernetes into
    Types,
    /// The kinds of CRDs: made of Go types, and those of the folder that `TIDEGATE_CRDS` names
    Crds,
}

impl File {
    const ALL: [File; 4] = [File::Kubernetes, File::Lifecycle, File::Types, File::Crds];

    fn path(self) -> &'static str {
        match self {
            File::Kubernetes => "schemas/kubernetes.jsonl",
            File::Lifecycle => "schemas/lifecycle.jsonl",
            File::Types => "schemas/go-types.txt",
            File::Crds => "schemas/crds.jsonl",
        }
    }

    fn text(self, workspace: &Workspace) -> Outcome<String> {
        match self {
            File::Kubernetes => kubernetes::text(workspace),
            File::Lifecycle => lifecycle::text(workspace),
            File::Types => types::text(workspace),
            File::Crds => {
                let folder = workspace.crds();
                let folder = folder.ok_or("TIDEGATE_CRDS names no folder with CRDs")?;
                let by_hand = workspace.root().join("schemas/by-hand");
                crds::text(&generated::folder(workspace)?, &folder, &by_hand)
            }
        }
    }
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let files = match arguments.files.as_slice() {
        [] => &File::ALL,
        files => files,
    };
    for file in files {
        let text = file.text(workspace)?;
        let path = workspace.root().join(file.path());
        if !arguments.check {
            fs::write(path, text)?;
        } else if fs::read_to_string(path)? != text {
            let path = file.path();
            return Err(format!("{path} is not what `cargo xtask schemas` writes").into());
        }
    }
    Ok(())
}
