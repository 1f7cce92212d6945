//! The kustomization that Flux generates for a folder that has none.

use std::fmt::Write;
use std::sync::Arc;

use tidegate_source::{
    EntryKind, SourceFile, SourceMapBuilder, Sources, Span, System, SystemError, TreePath,
};

use crate::cluster::is_yaml;

/// The names of a kustomization file, in the order in which kustomize looks for them.
pub(crate) const KUSTOMIZATION_FILES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The kustomization file of a folder, if it has one.
pub(crate) fn kustomization_file(system: &dyn System, folder: &TreePath) -> Option<TreePath> {
    KUSTOMIZATION_FILES
        .iter()
        .filter_map(|name| folder.join(name).ok())
        .find(|path| system.kind(path) == Ok(EntryKind::File))
}

/// Generates the kustomization of a folder as kustomize-controller does: its resources are all
/// YAML files below, hidden ones too, in the order of a walk; a folder below that has a
/// kustomization of its own is one resource and not entered. None when there is no resource: Flux
/// then applies nothing.
///
/// The file is virtual: each entry leads to the file that it names.
pub(crate) fn generate(
    sources: &Sources,
    folder: &TreePath,
) -> Result<Option<Arc<SourceFile>>, (TreePath, SystemError)> {
    let resources = resources_of_generated(sources.system(), folder)?;
    if resources.is_empty() {
        return Ok(None);
    }
    let mut map = SourceMapBuilder::new(Span::NONE);
    let mut text = String::from(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n",
    );
    for resource in &resources {
        let file = kustomization_file(sources.system(), resource);
        // A file that cannot be read is reported by the build, at the folder.
        let place = match sources.load(file.as_ref().unwrap_or(resource)) {
            Ok(file) => Span::new(file.id(), 0, 0),
            Err(_) => Span::NONE,
        };
        map.made(text.len(), place);
        text.push_str("- ");
        push_quoted(&mut text, &resource.relative_to(folder));
        text.push('\n');
    }
    let name = folder
        .join(KUSTOMIZATION_FILES[0])
        .unwrap_or_else(|_| folder.clone());
    Ok(Some(sources.add_virtual(name, text, map.finish())))
}

/// The files and folders that the kustomization of a folder without one takes in.
pub(crate) fn resources_of_generated(
    system: &dyn System,
    folder: &TreePath,
) -> Result<Vec<TreePath>, (TreePath, SystemError)> {
    let mut resources = Vec::new();
    walk(system, folder, &mut resources)?;
    Ok(resources)
}

fn walk(
    system: &dyn System,
    folder: &TreePath,
    resources: &mut Vec<TreePath>,
) -> Result<(), (TreePath, SystemError)> {
    let at = |error| (folder.clone(), error);
    for entry in system.list(folder).map_err(at)? {
        let Ok(path) = folder.join(&entry.name) else {
            continue;
        };
        if entry.kind == Some(EntryKind::Folder) {
            match kustomization_file(system, &path) {
                Some(_) => resources.push(path),
                None => walk(system, &path, resources)?,
            }
        } else if is_yaml(&entry) {
            resources.push(path);
        }
    }
    Ok(())
}

/// Appends a double-quoted YAML scalar.
fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(text, "\\U{:08x}", c as u32);
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::MemorySystem;

    fn check(files: &[&str], expected: Option<&str>) {
        let system = files.iter().fold(MemorySystem::new(), |system, file| {
            system.with(file, "a: 1")
        });
        let sources = Sources::new(Arc::new(system));
        let folder = TreePath::new("top").unwrap();
        let made = generate(&sources, &folder).unwrap();
        let text = made.as_ref().map(|file| file.text().unwrap());
        let resources = text.map(|text| text.split_once("resources:\n").unwrap().1);
        assert_eq!(resources, expected);
    }

    #[test]
    fn every_yaml_file_is_a_resource_and_kustomizations_are_not_entered() {
        check(
            &[
                "top/z.yml",
                "top/b/inner.yaml",
                "top/b/deep/more.yaml",
                "top/own/kustomization.yaml",
                "top/own/x.yaml",
                "top/.hidden/h.yaml",
                "top/notes.md",
                "top/b/.sops.yaml",
                "top/.github/workflow.yaml",
                "top/od\"d.yaml",
                "other.yaml",
            ],
            Some(
                "- \".github/workflow.yaml\"\n- \".hidden/h.yaml\"\n\
                 - \"b/.sops.yaml\"\n- \"b/deep/more.yaml\"\n- \"b/inner.yaml\"\n\
                 - \"od\\\"d.yaml\"\n- \"own\"\n- \"z.yml\"\n",
            ),
        );
        check(&["top/notes.md"], None);
    }

    #[test]
    fn an_entry_leads_to_the_file_it_names() {
        let system = MemorySystem::new()
            .with("top/a.yaml", "")
            .with("top/b/Kustomization", "");
        let sources = Sources::new(Arc::new(system));
        let made = generate(&sources, &TreePath::new("top").unwrap())
            .unwrap()
            .unwrap();
        let place = |entry: &str| {
            let start = made.text().unwrap().find(entry).unwrap();
            let real = sources.real(Span::new(made.id(), start, start + entry.len()));
            sources.get(real.file).unwrap().path().to_string()
        };
        assert_eq!(place("\"a.yaml\""), "top/a.yaml");
        assert_eq!(place("\"b\""), "top/b/Kustomization");
    }
}
