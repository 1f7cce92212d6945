//! `docs`: the pages of the rules, out of the doc comments of the rules, and those of the config.

use std::collections::BTreeMap;
use std::fs;

use crate::Outcome;
use crate::workspace::Workspace;

/// Writes `docs/rules/`, removes the pages of rules that are no more, and writes what `docs/` has on
/// the config.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    for (name, text) in tidegate_core::config::docs() {
        let path = workspace.root().join("docs").join(&name);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text)?;
            println!("wrote docs/{name}");
        }
    }
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
