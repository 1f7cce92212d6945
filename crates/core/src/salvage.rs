//! What a folder that cannot be built would have led to.

use std::collections::BTreeSet;

use tidegate_source::{EntryKind, Sources, TreePath};
use tidegate_yaml::{Dialect, ParseOptions, parse};

use crate::flux::FluxObject;
use crate::render::{Applier, kustomization_file, resources_of_generated};
use crate::roots::referred_by;

/// The Kustomizations, ResourceSets and HelmReleases in the resource files of a folder whose build
/// failed, as they are written: so that one mistake in the entry of a cluster does not hide all others
/// behind it.
pub(crate) fn written_appliers(sources: &Sources, folder: &TreePath) -> Vec<Applier> {
    let mut found = Vec::new();
    collect(sources, folder, &mut BTreeSet::new(), &mut found);
    found
}

fn collect(
    sources: &Sources,
    folder: &TreePath,
    seen: &mut BTreeSet<TreePath>,
    found: &mut Vec<Applier>,
) {
    if !seen.insert(folder.clone()) {
        return;
    }
    let resources = match kustomization_file(sources.system(), folder) {
        Some(file) => referred_by(sources, folder, &file),
        None => resources_of_generated(sources.system(), folder).unwrap_or_default(),
    };
    for resource in resources {
        match sources.kind(&resource) {
            Ok(EntryKind::File) => collect_file(sources, &resource, found),
            Ok(EntryKind::Folder) => collect(sources, &resource, seen, found),
            // The build has reported it.
            Ok(EntryKind::Other) | Err(_) => {}
        }
    }
}

fn collect_file(sources: &Sources, path: &TreePath, found: &mut Vec<Applier>) {
    let options = ParseOptions::new(Dialect::GoYaml3);
    let Ok(file) = sources.load(path) else { return };
    let documents = parse(&file, options).documents;
    let objects = documents
        .iter()
        .filter_map(|document| document.root.as_ref());
    found.extend(objects.filter_map(FluxObject::read).map(Applier::from));
}
