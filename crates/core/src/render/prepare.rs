//! What a Kustomization adds to the kustomization of its folder.

use tidegate_kustomize::{Additions, Kustomizer, WrittenBack};
use tidegate_source::{Diagnostic, Location, Severity, SourceFile, Span, System, TreePath};
use tidegate_yaml::{Entry, Map, Node, ScalarKind, SmolStr, Step, Value};

use super::read_objects::Reading;
use crate::codes;
use crate::flux::FluxKustomization;

/// The settings of a Kustomization that change what is built of its folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// What is written into the kustomization.
    pub(super) additions: Additions,
    /// How the objects are read back from the build.
    pub(super) reading: Reading,
    /// What is wrong: with an error, the kustomization is not written.
    pub(super) findings: Vec<Diagnostic>,
}

/// Settings by their values and places: builds with equal ones are the same build.
pub(super) type SettingsKey = Vec<KeyPart>;

/// One node of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum KeyPart {
    /// A scalar.
    Scalar(ScalarKind, SmolStr, Span, Vec<Step>),
    /// A collection: how many nodes are in it.
    Collection(usize),
}

impl Settings {
    /// Reads the settings of a Kustomization whose path is `folder`. Values of a wrong type count
    /// as absent: such a Kustomization does not come here.
    pub(super) fn read(
        kustomization: &FluxKustomization,
        system: &dyn System,
        root: &TreePath,
        folder: &TreePath,
    ) -> Settings {
        let text = |field| {
            let node = kustomization.spec(field)?;
            node.as_scalar().map(|_| node.clone())
        };
        let list = |field| {
            let items = kustomization.spec(field).and_then(Node::as_seq);
            items.map_or(&[][..], |items| items.items())
        };
        let patches = list("patches").iter();
        let images = list("images").iter();
        let mut settings = Settings {
            additions: Additions {
                namespace: text("targetNamespace"),
                name_prefix: text("namePrefix"),
                name_suffix: text("nameSuffix"),
                patches: patches
                    .map(|patch| only(patch, &["patch", "target"]))
                    .collect(),
                components: Vec::new(),
                images: images
                    .map(|image| only(image, &["name", "newName", "newTag", "digest"]))
                    .collect(),
                build_metadata: list("buildMetadata").to_vec(),
            },
            reading: Reading::of(kustomization),
            findings: Vec::new(),
        };
        let ignore_missing = kustomization.is_set("ignoreMissingComponents");
        for component in list("components") {
            let path = component.text().filter(|_| !component.is_null());
            let path = path.unwrap_or_default();
            if let Some(why) = not_local(path) {
                settings
                    .findings
                    .push(component_not_local(kustomization, component, path, why));
            } else if !(ignore_missing && is_missing(system, root, folder, path)) {
                settings.additions.components.push(component.clone());
            } else if folder.join(path).is_ok_and(|path| path.is_within(root)) {
                // That is what the field is for.
            } else {
                settings
                    .findings
                    .push(component_outside(kustomization, component, path));
            }
        }
        settings
    }

    /// The kustomization with what is added to it. The error is why it is not written.
    pub(super) fn write(
        &self,
        kustomizer: &Kustomizer,
        file: &SourceFile,
        made: bool,
    ) -> Result<WrittenBack, Vec<Diagnostic>> {
        let written = kustomizer.write_back(file, made, &self.additions);
        let mut errors = written.as_ref().err().cloned().unwrap_or_default();
        let own = self.findings.iter().cloned();
        errors.extend(own.filter(|finding| finding.severity == Severity::Error));
        match errors.is_empty() {
            true => written,
            false => Err(errors),
        }
    }

    /// What tells these settings from others.
    pub(super) fn key(&self) -> SettingsKey {
        let mut key = Vec::new();
        let Additions {
            namespace,
            name_prefix,
            name_suffix,
            patches,
            components,
            images,
            build_metadata,
        } = &self.additions;
        for text in [namespace, name_prefix, name_suffix] {
            add_all(text.iter(), &mut key);
        }
        for list in [patches, components, images, build_metadata] {
            add_all(list.iter(), &mut key);
        }
        let Reading {
            labels,
            annotations,
            decrypts,
        } = &self.reading;
        for map in [labels, annotations] {
            key.push(KeyPart::Collection(map.as_ref().map_or(0, Map::len)));
            for entry in map.iter().flatten() {
                add(&entry.key, &mut key);
                add(&entry.value, &mut key);
            }
        }
        key.push(KeyPart::Collection(usize::from(*decrypts)));
        // What is wrong with components is said in the name of a Kustomization.
        for finding in &self.findings {
            if let Location::Span(span) = finding.primary {
                let text = SmolStr::new(&finding.message);
                key.push(KeyPart::Scalar(ScalarKind::Str, text, span, Vec::new()));
            }
        }
        // Nothing at all is the key of an entry, too.
        let is_nothing = |part: &KeyPart| *part == KeyPart::Collection(0);
        if key.iter().all(is_nothing) {
            key.clear();
        }
        key
    }
}

fn add_all<'n>(nodes: impl ExactSizeIterator<Item = &'n Node>, key: &mut SettingsKey) {
    key.push(KeyPart::Collection(nodes.len()));
    nodes.for_each(|node| add(node, key));
}

fn add(node: &Node, key: &mut SettingsKey) {
    match &node.value {
        Value::Scalar(scalar) => {
            let place = &node.place;
            let text = scalar.text.clone();
            key.push(KeyPart::Scalar(
                scalar.kind,
                text,
                place.span(),
                place.steps(),
            ));
        }
        Value::Map(map) => {
            key.push(KeyPart::Collection(map.len()));
            for entry in map {
                add(&entry.key, key);
                add(&entry.value, key);
            }
        }
        Value::Seq(seq) => add_all(seq.iter(), key),
    }
}

/// A mapping with these keys only.
fn only(node: &Node, keys: &[&str]) -> Node {
    let is_known = |entry: &&Entry| entry.key.text().is_some_and(|key| keys.contains(&key));
    match node.as_map() {
        Some(map) if !map.iter().all(|entry| is_known(&entry)) => {
            let known = map.iter().filter(is_known).cloned().collect();
            Node::map(known, node.place.clone())
        }
        _ => node.clone(),
    }
}

/// Why the controller takes a component for something else than a folder of the source.
fn not_local(path: &str) -> Option<&'static str> {
    const REMOTE: [&str; 8] = [
        "git::",
        "gh:",
        "ssh://",
        "https://",
        "http://",
        "git@",
        "github.com:",
        "github.com/",
    ];
    let starts_with = |start: &&str| {
        let head = path.get(..start.len());
        path.len() > start.len() && head.is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    if REMOTE.iter().any(starts_with) {
        return Some("is on the network");
    }
    let lower = path.to_lowercase();
    let local = lower.strip_prefix("file://").unwrap_or(&lower);
    (path.starts_with('/') || local.starts_with('/')).then_some("is an absolute path")
}

fn is_missing(system: &dyn System, root: &TreePath, folder: &TreePath, path: &str) -> bool {
    match folder.join(path) {
        Ok(path) => !path.is_within(root) || system.kind(&path).is_err(),
        Err(_) => true,
    }
}

fn component_not_local(
    kustomization: &FluxKustomization,
    component: &Node,
    path: &str,
    why: &str,
) -> Diagnostic {
    let subject = &kustomization.subject;
    let message = format!("the component `{path}` of {subject} {why}");
    Diagnostic::error(codes::COMPONENT_NOT_LOCAL, component.place.span(), message)
        .with_subject(subject.clone())
        .with_help("name a folder of the source, relative to `spec.path`")
}

fn component_outside(
    kustomization: &FluxKustomization,
    component: &Node,
    path: &str,
) -> Diagnostic {
    let subject = &kustomization.subject;
    let message = format!(
        "the component `{path}` of {subject} is outside of its source, and \
         `ignoreMissingComponents` lets Flux pass over it"
    );
    Diagnostic::warning(codes::COMPONENT_NOT_LOCAL, component.place.span(), message)
        .with_subject(subject.clone())
        .with_help("name a folder of the source, relative to `spec.path`, or take the entry out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_folders_of_the_source() {
        let why = |path| not_local(path);
        assert_eq!(why("../component"), None);
        assert_eq!(why("github.com"), None);
        assert_eq!(why("file://component"), None);
        assert_eq!(why("HTTPS://example.com/x"), Some("is on the network"));
        assert_eq!(why("git@example.com:x"), Some("is on the network"));
        assert_eq!(why("/component"), Some("is an absolute path"));
        assert_eq!(why("FILE:///component"), Some("is an absolute path"));
    }
}
