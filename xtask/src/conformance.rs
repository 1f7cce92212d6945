//! How much of what the real tools do tidegate does: the suites, by topic, and whole repositories
//! against the real `kustomize`. Writes `testdata/conformance/SCORE.md`, which is committed, so that a
//! gain or a loss is seen in review.

mod repositories;
mod score;
mod suites;

use crate::conformance::score::Score;
use crate::workspace::Workspace;
use crate::{Outcome, peers};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only prints the score
    #[arg(long)]
    print: bool,
}

/// Measures, prints and writes the score.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let folder = workspace
        .conformance()
        .ok_or("no suites: set TIDEGATE_CONFORMANCE")?;
    let mut scores = suites::run(workspace, &folder)?;
    match workspace.corpora() {
        Some(corpora) => {
            let kustomize = peers::installed(workspace, "kustomize")?;
            scores.push(repositories::run(&corpora, &kustomize)?);
        }
        None => eprintln!("no repositories: set TIDEGATE_CORPORA to compare them too"),
    }
    let text = Score::document(&scores);
    print!("{text}");
    if !arguments.print {
        let file = workspace.root().join("testdata/conformance/SCORE.md");
        std::fs::create_dir_all(file.parent().unwrap_or(workspace.root()))?;
        std::fs::write(file, text)?;
    }
    Ok(())
}
