//! `docs`: the pages of the rules, out of the doc comments of the rules.

use std::collections::BTreeMap;
use std::fs;

use crate::Outcome;
use crate::workspace::Workspace;

/// Writes `docs/rules/`, and removes the pages of rules that are no more.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let folder = workspace.root().join("docs/rules");
    fs::create_dir_all(&folder)?;
    let pages: BTreeMap<String, String> = tidegate_core::rules::docs().into_iter().collect();
    for (name, text) in &pages {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text)?;
            println!("wrote docs/rules/{name}");
        }
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let known = entry
            .file_name()
            .to_str()
            .is_some_and(|name| pages.contains_key(name));
        if !known {
            fs::remove_file(entry.path())?;
            println!("removed {}", entry.path().display());
        }
    }
    Ok(())
}
