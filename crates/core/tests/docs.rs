//! The committed pages of the rules and the config are those of the source.

#![allow(clippy::disallowed_methods, reason = "reads the committed pages")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_pages_in_docs_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let mut stale = Vec::new();
    let mut names = BTreeSet::new();
    for (name, text) in tidegate_core::rules::docs() {
        if fs::read_to_string(folder.join(&name)).ok() != Some(text) {
            stale.push(name.clone());
        }
        names.insert(name);
    }
    let docs = folder.join("..");
    for (name, text) in tidegate_core::config::docs() {
        if fs::read_to_string(docs.join(&name)).ok() != Some(text) {
            stale.push(name);
        }
    }
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !names.contains(&name) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "run `cargo xtask docs` for {stale:?}");
}
