//! `labels`, `commonLabels` and `commonAnnotations`: entries set in mappings.

use tidegate_yaml::{Entry, Node, SmolStr, StepKind};

use crate::config::TransformerConfig;
use crate::decode::Pairs;
use crate::fieldspec::{
    Blank, BlankKind, Expected, FieldSpec, FieldSpecs, Mismatch, Parts, made_key,
};
use crate::kustomization::Label;
use crate::resource::{Gvk, ResMap, Resource};
use crate::{Result, config};

/// The fields that an entry of `labels` sets.
pub(crate) fn label_specs(label: &Label, config: &TransformerConfig) -> Result<FieldSpecs> {
    let conflict = |path: SmolStr| config::conflict(label.span, "labels", &path);
    let own = label.fields.iter().cloned().map(FieldSpec::from).collect();
    let own = FieldSpecs::new(own);
    let own = own.merged(&config.labels).map_err(conflict)?;
    if label.include_selectors {
        return own.merged(&config.common_labels).map_err(conflict);
    }
    let own = if label.include_templates {
        own.merged(&config.template_labels).map_err(conflict)?
    } else {
        own
    };
    let metadata = FieldSpec::new(Gvk::default(), "metadata/labels", true);
    own.merged(&FieldSpecs::new(vec![metadata]))
        .map_err(conflict)
}

/// Sets labels or annotations in the fields of `specs`.
pub(crate) fn set_entries(
    resources: &mut ResMap,
    pairs: &Pairs,
    specs: &FieldSpecs,
    kind: StepKind,
) -> Result<()> {
    let Some((first, _)) = pairs.first() else {
        return Ok(());
    };
    let what = match kind {
        StepKind::Annotation => "annotations",
        _ => "labels",
    };
    let entries: Vec<Entry> = pairs
        .iter()
        .map(|(key, value)| Entry {
            key: made_key(key, key.place.then(kind, key.span())),
            value: Node::str(value.text.clone(), value.place.then(kind, key.span())),
        })
        .collect();
    let blank = Blank {
        kind: BlankKind::Map,
        place: &first.place.then(kind, first.span()),
    };
    for resource in resources.bodies_mut() {
        let gvk = resource.gvk().clone();
        let mut added = Vec::new();
        for spec in specs.of(&gvk) {
            let mut set = |node: &mut Node| set_in(node, &entries, spec, &mut added);
            spec.visit(resource.body_mut(), Some(&blank), &mut set)
                .map_err(|mismatch| {
                    let entry = first.span();
                    mismatch.into_finding(what, &spec.path, resource.subject(), entry)
                })?;
        }
        settle(resource);
        share(resource, &entries, &added);
    }
    Ok(())
}

fn set_in<'s>(
    node: &mut Node,
    entries: &[Entry],
    spec: &'s FieldSpec,
    added: &mut Vec<(usize, &'s FieldSpec)>,
) -> std::result::Result<(), Mismatch> {
    if node.is_null() {
        return Ok(());
    }
    let Some(map) = node.as_map_mut() else {
        return Err(Mismatch::new(Expected::Map, node));
    };
    for (index, entry) in entries.iter().enumerate() {
        let position = entry.key.text().and_then(|key| map.position(key));
        let known = map.entries_mut();
        match position {
            Some(position) => known[position].value = entry.value.clone(),
            None => {
                known.push(entry.clone());
                added.push((index, spec));
            }
        }
    }
    Ok(())
}

/// A value that kustomize added to several mappings of an object as one node: what changes it in
/// one of them later changes it in all.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    key: SmolStr,
    mappings: Vec<Parts>,
    /// The value before the latest change.
    value: SmolStr,
}

fn share(resource: &mut Resource, entries: &[Entry], added: &[(usize, &FieldSpec)]) {
    if added.len() < 2 {
        return;
    }
    for (index, entry) in entries.iter().enumerate() {
        let own = added.iter().filter(|(added, _)| *added == index);
        let mut own: Vec<&FieldSpec> = own.map(|(_, spec)| *spec).collect();
        if own.len() < 2 {
            continue;
        }
        // A patch goes through an object in the order of its keys.
        own.sort_by(|a, b| a.path.cmp(&b.path));
        own.dedup_by(|a, b| a.path == b.path);
        let mappings = own.iter().map(|spec| spec.parts().clone()).collect();
        let text = |node: &Node| SmolStr::from(node.text().unwrap_or_default());
        resource.shared.push(Shared {
            key: text(&entry.key),
            mappings,
            value: text(&entry.value),
        });
    }
}

/// Carries changes of shared values to all mappings that share them. Of several changes the last
/// one in the order of the mappings counts.
pub(crate) fn settle(resource: &mut Resource) {
    if resource.shared.is_empty() {
        return;
    }
    let mut shared = std::mem::take(&mut resource.shared);
    for value in &mut shared {
        value.settle(resource.body_mut());
    }
    resource.shared = shared;
}

impl Shared {
    fn settle(&mut self, object: &mut Node) {
        let mut changed: Option<Node> = None;
        for mapping in &self.mappings {
            mapping.reaches(object, &mut |map| {
                if let Some(value) = map.get(&self.key)
                    && value.text() != Some(&self.value)
                {
                    changed = Some(value.clone());
                }
                false
            });
        }
        let Some(changed) = changed else {
            return;
        };
        let text = changed.text().map(SmolStr::from);
        self.value = text.unwrap_or_default();
        for mapping in &self.mappings {
            mapping.each(object, &mut |map| {
                let different = |value: &Node| !value.same_value(&changed);
                if map.get(&self.key).is_some_and(different)
                    && let Some(value) = map.get_mut(&self.key)
                {
                    *value = changed.clone();
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use crate::{Kustomizer, Options};

    const WORKLOAD: &str = "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, spec: {}}";

    /// The values of the label `app` of the object that `base` and then `overlay` change: its own,
    /// its selector's and its template's.
    fn check(base: &str, overlay: &str, expected: [&str; 3]) {
        let system = MemorySystem::new()
            .with("base/a.yaml", WORKLOAD)
            .with(
                "base/kustomization.yaml",
                format!("resources: [a.yaml]\n{base}"),
            )
            .with(
                "kustomization.yaml",
                format!("resources: [base]\n{overlay}"),
            );
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let built = Kustomizer::new(sources, Options::default()).build(&TreePath::root());
        let objects = built.objects.expect("a build without errors");
        let node = &objects[0].node;
        let app = |path: &[&str]| node.at(path).and_then(|node| node.text()).unwrap_or("");
        let found = [
            app(&["metadata", "labels", "app"]),
            app(&["spec", "selector", "matchLabels", "app"]),
            app(&["spec", "template", "metadata", "labels", "app"]),
        ];
        assert_eq!(found, expected, "{base}{overlay}");
    }

    #[test]
    fn labels_are_set_where_they_are_asked_for() {
        check("labels: [{pairs: {app: x}}]", "", ["x", "", ""]);
        let templates = "labels: [{pairs: {app: x}, includeTemplates: true}]";
        check(templates, "", ["x", "", "x"]);
        check("commonLabels: {app: x}", "", ["x", "x", "x"]);
    }

    #[test]
    fn a_label_that_was_added_as_one_is_changed_as_one() {
        let base = "commonLabels: {app: x}";
        check(base, "labels: [{pairs: {app: new}}]", ["new", "new", "new"]);
        let patch =
            "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a, labels: {app: new}}}";
        check(
            base,
            &format!("patches: [{{patch: '{patch}'}}]"),
            ["new", "new", "new"],
        );
        check(
            base,
            &format!("patchesStrategicMerge: ['{patch}']"),
            ["new", "new", "new"],
        );
        let replacement = "replacements: [{sourceValue: new, targets: [{select: {name: a}, \
                           fieldPaths: [metadata.labels.app]}]}]";
        check(base, replacement, ["new", "new", "new"]);
        let json = r#"[{"op": "replace", "path": "/metadata/labels/app", "value": "new"}]"#;
        let json = format!("patches: [{{target: {{name: a}}, patch: '{json}'}}]");
        check(base, &json, ["new", "x", "x"]);
    }
}
