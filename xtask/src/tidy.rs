//! The rules of the house that no compiler checks.

mod arrows;
mod dependencies;
mod manifests;
mod names;
mod words;

use crate::Outcome;
use crate::workspace::Workspace;

/// Runs every check, prints every breach, and fails if there is one.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let files = workspace.tracked_files()?;
    let packages = manifests::read(workspace)?;
    let mut breaches = Vec::new();
    arrows::check(&packages, &mut breaches);
    manifests::check(workspace, &packages, &mut breaches)?;
    names::check(&files, &mut breaches);
    words::check(workspace, &files, &mut breaches)?;
    dependencies::check(workspace, &mut breaches)?;
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    match breaches.len() {
        0 => Ok(()),
        n => Err(format!("{n} breaches of the house rules").into()),
    }
}
