//! What follows once everything is accumulated: hashes, references, variables, order, and the
//! annotations that a build adds or takes out.

use tidegate_source::{Diagnostic, TreePath};
use tidegate_yaml::{Entry, Node, Place, StepKind};

use crate::accumulate::{Accumulated, Failed, KustomizationFile};
use crate::decode::Text;
use crate::fieldspec::{FieldSpec, FieldSpecs};
use crate::filters::entries::set_entries;
use crate::hash::add_hashes;
use crate::kustomization::Kustomization;
use crate::nameref::fix_references;
use crate::order;
use crate::resource::{Gvk, Origin, ResMap, Resource};
use crate::transform::resolve_variables;
use crate::{Kustomizer, Result, codes, writable};

const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";
const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Annotations that tools of the family leave behind, and that a build takes out.
const INTERNAL: [&str; 21] = [
    ORIGIN,
    TRANSFORMATIONS,
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/helm-generated",
];

/// What `buildMetadata` asks for.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    origins: bool,
    transformations: bool,
    managed_by: bool,
}

impl Wanted {
    fn of(kustomization: &Kustomization) -> Wanted {
        let asks = |option: &str| {
            let mut options = kustomization.build_metadata.iter();
            options.any(|wanted| wanted.as_str() == option)
        };
        Wanted {
            origins: asks("originAnnotations"),
            transformations: asks("transformerAnnotations"),
            managed_by: asks("managedByLabel"),
        }
    }
}

impl Kustomizer {
    /// Builds a folder with the kustomization that was read for it.
    pub(crate) fn finish(
        &self,
        folder: &TreePath,
        file: &KustomizationFile,
    ) -> std::result::Result<Accumulated, Failed> {
        let k = &file.kustomization;
        let track = !k.build_metadata.is_empty();
        let mut acc = self.accumulate_root(folder, file, track)?;
        match self.complete(&mut acc, k) {
            Ok(()) => Ok(acc),
            Err(finding) => Err(with_warning_of_it(*finding, acc.warnings)),
        }
    }

    /// What follows once all is accumulated.
    pub(crate) fn complete(&self, acc: &mut Accumulated, k: &Kustomization) -> Result<()> {
        add_hashes(&mut acc.resources)?;
        fix_references(&mut acc.resources, &acc.config)?;
        resolve_variables(acc)?;
        drop_local(&mut acc.resources);
        check_identities(&acc.resources)?;
        order::sort(
            &mut acc.resources,
            k.sort_options.as_ref(),
            self.options.reorder,
        )?;
        let wanted = Wanted::of(k);
        if wanted.managed_by || self.options.managed_by_label {
            add_managed_by(acc, k, self.version())?;
        }
        for resource in acc.resources.bodies_mut() {
            tidy_annotations(resource, wanted, k);
            if !resource.is_writable() {
                writable::settle(resource, self.keys())?;
            }
        }
        Ok(())
    }
}

/// Equal keys are a warning where they are read, and an error where they get as far as the output:
/// then the warning, which says more, becomes the error.
fn with_warning_of_it(finding: Diagnostic, warnings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_it =
        |warning: &Diagnostic| warning.code == finding.code && warning.primary == finding.primary;
    match warnings.into_iter().find(is_it) {
        Some(warning) => vec![Diagnostic {
            severity: finding.severity,
            help: finding.help,
            subject: finding.subject,
            ..warning
        }],
        None => vec![finding],
    }
}

/// Takes out what is marked as configuration of local tools.
fn drop_local(resources: &mut ResMap) {
    let is_local = |resource: &Resource| {
        let mut annotations = resource.annotations();
        annotations.any(|(key, value)| key == LOCAL_CONFIG && value != "false")
    };
    if resources.iter().any(is_local) {
        resources
            .resources_mut()
            .retain(|resource| !is_local(resource));
    }
}

/// Renaming can give two objects one identity, which nothing before looks for.
fn check_identities(resources: &ResMap) -> Result<()> {
    for (index, resource) in resources.iter().enumerate() {
        let nameless = resource.name().is_empty() && !resource.kind().ends_with("List");
        if resource.kind().is_empty() || nameless {
            let what = if nameless { "name" } else { "kind" };
            let subject = resource.subject();
            let message = format!("after all changes {subject} has no {what} any more");
            let finding = Diagnostic::error(codes::NOT_A_RESOURCE, resource.span(), message)
                .with_subject(subject)
                .with_help("a patch or replacement writes something else there");
            return Err(Box::new(finding));
        }
        let annotations = resource.node().at(&["metadata", "annotations"]);
        if let Some(list) = annotations.filter(|node| is_filled_list(node)) {
            let subject = resource.subject();
            let message = format!("the annotations of {subject} are a list");
            let span = list.place.span();
            let finding = Diagnostic::error(codes::UNSUITABLE_FIELD, span, message)
                .with_subject(subject)
                .with_help("write them as a mapping: `key: value`");
            return Err(Box::new(finding));
        }
        let twins = resources.candidates(resource.name());
        for (other, twin) in twins {
            if other < index && twin.id().matches(resource.id()) {
                let subject = resource.subject();
                let message = format!("two objects become {subject}");
                let finding = Diagnostic::error(codes::DUPLICATE_OBJECT, resource.span(), message)
                    .with_label(twin.span(), "the other one")
                    .with_subject(subject)
                    .with_help("give them different names or namespaces");
                return Err(Box::new(finding));
            }
        }
    }
    Ok(())
}

fn is_filled_list(node: &Node) -> bool {
    node.as_seq().is_some_and(|items| !items.is_empty())
}

fn add_managed_by(acc: &mut Accumulated, k: &Kustomization, version: &str) -> Result<()> {
    let option = k.build_metadata.iter();
    let option = option
        .clone()
        .find(|option| option.as_str() == "managedByLabel");
    let place = option.map_or_else(|| Place::at(k.span), |option| option.place.clone());
    let text = |text: &str| Text {
        text: text.into(),
        place: place.clone(),
        ..Text::default()
    };
    let pairs = vec![(
        text("app.kubernetes.io/managed-by"),
        text(&format!("kustomize-{version}")),
    )];
    let spec = FieldSpec::new(Gvk::default(), "metadata/labels", true);
    let specs = FieldSpecs::new(vec![spec]);
    set_entries(&mut acc.resources, &pairs, &specs, StepKind::Label)
}

/// Takes the internal annotations out and puts those in that are asked for.
fn tidy_annotations(resource: &mut Resource, wanted: Wanted, k: &Kustomization) {
    let mut added = Vec::new();
    let place = || Place::at(k.span).then(StepKind::Default, k.span);
    let mut add = |key: &str, text: String, origins: &[Origin]| {
        let written = origins.iter().map(|origin| origin.configuration);
        let written = written.filter(|span| span.is_some());
        added.push(Entry {
            key: Node::str(key, place()),
            value: Node::str(
                text,
                written.fold(place(), |place, span| {
                    place.then(StepKind::Transformer, span)
                }),
            ),
        });
    };
    if wanted.origins
        && let Some(origin) = &resource.origin
    {
        let text = yaml_of(origin, "", "");
        add(ORIGIN, text, std::slice::from_ref(origin));
    }
    if wanted.transformations && !resource.transformations.is_empty() {
        let items = resource.transformations.iter();
        add(
            TRANSFORMATIONS,
            items.map(|origin| yaml_of(origin, "- ", "  ")).collect(),
            &resource.transformations,
        );
    }
    let metadata = resource.node().get("metadata");
    if metadata.is_none() {
        // Only a list may have none, and gets an empty one.
        let place = resource.node().place.clone();
        if let Some(map) = resource.body_mut().as_map_mut() {
            let key = Node::str("metadata", place.clone());
            map.insert(key, Node::map(Vec::new(), place));
        }
    }
    let metadata = resource.node().get("metadata");
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let untidy = annotations.is_some_and(|annotations| match annotations.as_map() {
        Some(map) => {
            map.is_empty()
                || map.iter().any(|entry| {
                    let key = entry.key.text().unwrap_or_default();
                    INTERNAL.contains(&key) || entry.value.as_str().is_none()
                })
        }
        None => true,
    });
    if !untidy && added.is_empty() {
        return;
    }
    let Some(metadata) = resource
        .body_mut()
        .get_mut("metadata")
        .and_then(Node::as_map_mut)
    else {
        return;
    };
    let mut entries: Vec<Entry> = match metadata.get("annotations").and_then(Node::as_map) {
        Some(map) => map.iter().cloned().collect(),
        None => Vec::new(),
    };
    entries.retain(|entry| !INTERNAL.contains(&entry.key.text().unwrap_or_default()));
    for entry in &mut entries {
        if entry.value.as_str().is_none() {
            let text = entry.value.text().unwrap_or_default();
            entry.value = Node::str(text, entry.value.place.clone());
        }
    }
    entries.extend(added);
    if entries.is_empty() {
        metadata.remove("annotations");
        return;
    }
    let place = match metadata.get("annotations") {
        Some(annotations) => annotations.place.clone(),
        None => place(),
    };
    let key = Node::str("annotations", place.clone());
    metadata.insert(key, Node::map(entries, place));
}

/// An origin as kustomize writes it into an annotation.
fn yaml_of(origin: &Origin, first: &str, rest: &str) -> String {
    let mut lines = Vec::new();
    if !origin.path.is_empty() {
        lines.push(format!("path: {}", origin.path));
    }
    if !origin.configured_in.is_empty() {
        lines.push(format!("configuredIn: {}", origin.configured_in));
        lines.push("configuredBy:".to_owned());
        let names = ["apiVersion", "kind", "name", "namespace"];
        for (name, value) in names.iter().zip(&origin.configured_by) {
            if !value.is_empty() {
                lines.push(format!("  {name}: {value}"));
            }
        }
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(if index == 0 { first } else { rest });
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources};

    #[track_caller]
    fn check(files: &[(&str, &str)], folder: &str, expected: &str) {
        let system = files
            .iter()
            .fold(MemorySystem::new(), |system, (path, text)| {
                system.with(path, text)
            });
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let built =
            Kustomizer::new(sources, Options::default()).build(&TreePath::new(folder).unwrap());
        assert_eq!(built.findings, []);
        assert_eq!(built.to_yaml().unwrap().unwrap(), expected);
    }

    #[test]
    fn configuration_of_local_tools_is_dropped() {
        check(
            &[
                ("kustomization.yaml", "resources: [a.yaml]\n"),
                (
                    "a.yaml",
                    "kind: A\nmetadata:\n  name: a\n  annotations:\n    \
                     config.kubernetes.io/local-config: 'true'\n---\nkind: B\nmetadata:\n  \
                     name: b\n  annotations: {config.kubernetes.io/index: '0', n: 1}\n",
                ),
            ],
            "",
            "kind: B\nmetadata:\n  annotations:\n    \"n\": \"1\"\n  name: b\n",
        );
    }

    #[test]
    fn origins_and_transformations_are_seen_from_the_start_of_the_build() {
        check(
            &[
                (
                    "over/kustomization.yaml",
                    "resources: [../base]\nnamePrefix: p-\n\
                     buildMetadata: [originAnnotations, transformerAnnotations]\n",
                ),
                (
                    "base/kustomization.yaml",
                    "resources: [a.yaml]\nnameSuffix: -s\ncomponents: [part]\n",
                ),
                (
                    "base/part/kustomization.yaml",
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
                     resources: [b.yaml]\n",
                ),
                ("base/a.yaml", "kind: A\nmetadata: {name: a}\n"),
                ("base/part/b.yaml", "kind: B\nmetadata: {name: b}\n"),
            ],
            "over",
            "kind: A
metadata:
  annotations:
    alpha.config.kubernetes.io/transformations: |
      - configuredIn: ../base/kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: SuffixTransformer
      - configuredIn: kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: PrefixTransformer
    config.kubernetes.io/origin: |
      path: ../base/a.yaml
  name: p-a-s
---
kind: B
metadata:
  annotations:
    alpha.config.kubernetes.io/transformations: |
      - configuredIn: ../base/kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: SuffixTransformer
      - configuredIn: kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: PrefixTransformer
    config.kubernetes.io/origin: |
      path: ../base/part/b.yaml
  name: p-b-s
",
        );
    }

    #[test]
    fn folded_text_changes_on_the_way() {
        check(
            &[
                ("kustomization.yaml", "resources: [a.yaml]\n"),
                (
                    "a.yaml",
                    "kind: A\nmetadata: {name: a}\nt: >\n  x\n    y\n  z\n",
                ),
            ],
            "",
            "kind: A\nmetadata:\n  name: a\nt: |\n  x\n\n    y\n  z\n",
        );
    }
}
