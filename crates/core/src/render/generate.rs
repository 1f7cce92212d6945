//! The kustomization that Flux generates for a folder that has none.

use std::fmt::Write;
use std::sync::Arc;

use tidegate_kustomize::Kustomizer;
use tidegate_source::{
    Diagnostic, EntryKind, Location, Severity, SourceFile, SourceMapBuilder, Span, System,
    SystemError, TrailStep, TreePath,
};

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
/// kustomization of its own is one resource and not entered. The error is what is wrong with the
/// files, each of which must hold objects only.
///
/// The file is virtual: each entry leads to the file that it names.
pub(super) fn generate(
    kustomizer: &Kustomizer,
    folder: &TreePath,
) -> Result<Arc<SourceFile>, Vec<Diagnostic>> {
    let sources = kustomizer.sources();
    let system = sources.system();
    let resources = match resources_of_generated(system, folder) {
        Ok(resources) => resources,
        Err((path, error)) => return Err(vec![unreadable(path, &error)]),
    };
    let mut findings = Vec::new();
    let mut map = SourceMapBuilder::new(Span::NONE);
    let mut text =
        String::from("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
    text.push_str(match resources.is_empty() {
        // Which is given to what components bring.
        true => "namespace: _placeholder\n",
        false => "resources:\n",
    });
    for resource in &resources {
        let own = kustomization_file(system, resource);
        let file = sources.load(own.as_ref().unwrap_or(resource));
        let place = match &file {
            Ok(file) => Span::new(file.id(), 0, 0),
            Err(_) => Span::NONE,
        };
        match file {
            Ok(file) if own.is_none() => {
                let found = kustomizer.check_resources(&file).into_iter();
                findings.extend(found.filter(|one| one.severity == Severity::Error));
            }
            // What is wrong with a kustomization is found when it is built.
            Ok(_) => {}
            Err(failed) => findings.push(unreadable(failed.path, &failed.error)),
        }
        map.made(text.len(), place);
        text.push_str("- ");
        push_quoted(&mut text, &resource.relative_to(folder));
        text.push('\n');
    }
    if !findings.is_empty() {
        for finding in &mut findings {
            finding.trail.insert(0, generated_step(folder));
        }
        return Err(findings);
    }
    let name = folder
        .join(KUSTOMIZATION_FILES[0])
        .unwrap_or_else(|_| folder.clone());
    Ok(sources.add_virtual(name, text, map.finish()))
}

/// The step of a trail that stands for a generated kustomization, which no one can look up.
pub(super) fn generated_step(folder: &TreePath) -> TrailStep {
    TrailStep {
        location: Location::Path(folder.clone()),
        text: "all YAML files, as there is no kustomization.yaml".to_owned(),
    }
}

/// A file or folder that cannot be read.
pub(super) fn unreadable(path: TreePath, error: &SystemError) -> Diagnostic {
    let message = format!("`{path}` cannot be read: {error}");
    Diagnostic::new(
        tidegate_kustomize::codes::MISSING_FILE,
        Severity::Error,
        Location::Path(path),
        message,
    )
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
        if entry.kind == Some(EntryKind::Folder) && !entry.is_link {
            match kustomization_file(system, &path) {
                Some(_) => resources.push(path),
                None => walk(system, &path, resources)?,
            }
        } else if has_yaml_name(&entry.name) {
            // A link to a folder is no folder here, but a file that cannot be read.
            resources.push(path);
        } else if entry.kind.is_none() && system.kind(&path) == Err(SystemError::Escapes) {
            return Err((path, SystemError::Escapes));
        }
    }
    Ok(())
}

fn has_yaml_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
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
    use tidegate_kustomize::Options;
    use tidegate_source::{MemorySystem, Sources};

    const OBJECT: &str = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n";

    fn kustomizer(files: &[(&str, &str)]) -> Kustomizer {
        let add = |system: MemorySystem, (path, text): &(&str, &str)| system.with(path, text);
        let system = files.iter().fold(MemorySystem::new(), add);
        Kustomizer::new(Arc::new(Sources::new(Arc::new(system))), Options::default())
    }

    /// Generates for the folder `top`.
    fn check(files: &[(&str, &str)], expected: Result<&str, &[&str]>) {
        let made = generate(&kustomizer(files), &TreePath::new("top").unwrap());
        match (made, expected) {
            (Ok(made), Ok(expected)) => {
                let text = made.text().unwrap();
                let rest = text.split_once("kind: Kustomization\n").unwrap().1;
                assert_eq!(rest, expected);
            }
            (Err(findings), Err(expected)) => {
                let messages = findings.iter().map(|finding| finding.message.as_str());
                assert_eq!(messages.collect::<Vec<_>>(), expected);
                let steps = findings.iter().map(|finding| &finding.trail[0]);
                assert!(
                    steps
                        .into_iter()
                        .all(|step| step.text.contains("no kustomization.yaml"))
                );
            }
            (made, expected) => panic!("{made:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn every_yaml_file_is_a_resource_and_kustomizations_are_not_entered() {
        check(
            &[
                ("top/z.yml", OBJECT),
                ("top/b/inner.yaml", OBJECT),
                ("top/b/deep/more.yaml", OBJECT),
                ("top/own/kustomization.yaml", "not: read"),
                ("top/own/x.yaml", "not: read"),
                ("top/.hidden/h.yaml", OBJECT),
                ("top/notes.md", "# not read"),
                ("top/od\"d.yaml", OBJECT),
                ("other.yaml", "not: read"),
            ],
            Ok(
                "resources:\n- \".hidden/h.yaml\"\n- \"b/deep/more.yaml\"\n- \"b/inner.yaml\"\n\
                 - \"od\\\"d.yaml\"\n- \"own\"\n- \"z.yml\"\n",
            ),
        );
    }

    #[test]
    fn a_folder_without_resources_gets_a_placeholder() {
        let placeholder = "namespace: _placeholder\n";
        check(&[("top/notes.md", "")], Ok(placeholder));
    }

    #[test]
    fn files_that_hold_no_object_are_all_named() {
        check(
            &[
                ("top/.sops.yaml", "creation_rules: []\n"),
                ("top/a.yaml", OBJECT),
                ("top/b.yaml", "a: b: c\n"),
            ],
            Err(&[
                "this is no Kubernetes object: it has neither `apiVersion` nor `kind`",
                "a `: ` is not allowed within this value",
            ]),
        );
    }

    #[test]
    fn an_entry_leads_to_the_file_it_names() {
        let kustomizer = kustomizer(&[("top/a.yaml", OBJECT), ("top/b/Kustomization", "")]);
        let sources = kustomizer.sources();
        let made = generate(&kustomizer, &TreePath::new("top").unwrap()).unwrap();
        let place = |entry: &str| {
            let start = made.text().unwrap().find(entry).unwrap();
            let real = sources.real(Span::new(made.id(), start, start + entry.len()));
            sources.get(real.file).unwrap().path().to_string()
        };
        assert_eq!(place("\"a.yaml\""), "top/a.yaml");
        assert_eq!(place("\"b\""), "top/b/Kustomization");
    }
}
