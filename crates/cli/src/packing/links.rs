use tidegate_artifact::LayerEntry;
use tidegate_core::codes;
use tidegate_source::{Diagnostic, Location, Packed, Severity, System, SystemError, TreePath};

use crate::commands::Failure;
use crate::tree::Tree;

/// Finds the links in packed folders that lead out of what is packed, or nowhere.
pub(super) fn escaping(
    tree: &Tree,
    packed: &Packed,
    root: &TreePath,
    entries: &[LayerEntry],
) -> Result<Vec<Diagnostic>, Failure> {
    let followed = tree.with_links()?;
    let part = tree.part();
    let mut findings = Vec::new();
    let folders = entries.iter().filter(|entry| entry.size.is_none());
    for folder in folders.filter_map(|entry| root.join(&entry.name).ok()) {
        // What could be packed could be listed.
        let listed = followed.list(&folder).unwrap_or_default();
        for link in listed.iter().filter(|entry| entry.is_link) {
            let Ok(path) = folder.join(&link.name) else {
                continue;
            };
            let is_ignored = matches!(packed.kind(&path), Err(SystemError::Ignored(_)));
            if is_ignored || !path.is_within(&part) {
                continue;
            }
            let why = match followed.canonical(&path) {
                Ok(real) if real.is_within(root) && real.is_within(&part) => continue,
                Ok(real) => format!("leads to `{real}`, which is not packed"),
                Err(SystemError::NotFound) => "leads nowhere".to_owned(),
                Err(SystemError::Escapes) => "leads out of the tree".to_owned(),
                Err(error) => format!("cannot be followed: {error}"),
            };
            let message = format!("the link `{path}` {why}");
            let location = Location::Path(path);
            findings.push(
                Diagnostic::new(codes::ESCAPING_LINK, Severity::Error, location, message)
                    .with_help(
                        "keep what it leads to in the tree, or have a rule leave the link out",
                    ),
            );
        }
    }
    Ok(findings)
}
