//! `labels`, `commonLabels` and `commonAnnotations`: entries set in mappings.

use tidegate_yaml::{Entry, Node, SmolStr, StepKind};

use crate::config::TransformerConfig;
use crate::decode::Pairs;
use crate::fieldspec::{Blank, BlankKind, Expected, FieldSpec, FieldSpecs, Mismatch, made_key};
use crate::kustomization::Label;
use crate::resource::{Gvk, ResMap};
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
        for spec in specs.of(&gvk) {
            let mut set = |node: &mut Node| set_in(node, &entries);
            spec.visit(resource.body_mut(), Some(&blank), &mut set)
                .map_err(|mismatch| {
                    let entry = first.span();
                    mismatch.into_finding(what, &spec.path, resource.subject(), entry)
                })?;
        }
    }
    Ok(())
}

fn set_in(node: &mut Node, entries: &[Entry]) -> std::result::Result<(), Mismatch> {
    if node.is_null() {
        return Ok(());
    }
    let Some(map) = node.as_map_mut() else {
        return Err(Mismatch::new(Expected::Map, node));
    };
    for entry in entries {
        let position = entry.key.text().and_then(|key| map.position(key));
        let known = map.entries_mut();
        match position {
            Some(index) => known[index].value = entry.value.clone(),
            None => known.push(entry.clone()),
        }
    }
    Ok(())
}
