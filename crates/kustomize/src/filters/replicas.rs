//! `replicas`.

use tidegate_source::{Diagnostic, nearest};
use tidegate_yaml::{Node, ScalarKind, SmolStr, StepKind, Style};

use super::untyped;
use crate::fieldspec::{Blank, BlankKind, Expected, FieldSpecs, Mismatch};
use crate::kustomization::Replica;
use crate::resource::{ResMap, Resource};
use crate::{Result, codes};

/// Sets the number of replicas of the objects that have, or had, the name of `replica`.
pub(crate) fn set_replicas(
    resources: &mut ResMap,
    replica: &Replica,
    specs: &FieldSpecs,
) -> Result<()> {
    let name = replica.name.as_ref().map_or("", |name| name.as_str());
    let place = replica.count_place.then(StepKind::Replicas, replica.span);
    let count: SmolStr = replica.count.to_string().into();
    let value = Node::scalar(count.clone(), ScalarKind::Int, Style::Plain, place);
    let blank = Blank {
        kind: BlankKind::Scalar(ScalarKind::Int),
        place: &value.place,
    };
    let mut found = false;
    for spec in specs.iter() {
        let selected = |index: &(usize, &Resource)| {
            let mut ids = index.1.all_ids();
            ids.any(|id| id.name == name && id.gvk.is_selected_by(&spec.gvk))
        };
        let targets: Vec<usize> = resources
            .candidates(name)
            .filter(selected)
            .map(|(index, _)| index)
            .collect();
        for index in targets {
            found = true;
            resources.update(index, |resource| -> Result<()> {
                if !resource.gvk().is_selected_by(&spec.gvk) {
                    return Ok(());
                }
                let mut set = |node: &mut Node| {
                    let Some(scalar) = node.as_scalar() else {
                        return Err(Mismatch::new(Expected::Scalar, node));
                    };
                    // Kustomize keeps the quotes, and what is in quotes is text.
                    let style = scalar.style;
                    *node = match style {
                        Style::Plain => value.clone(),
                        _ => untyped(count.clone(), style, value.place.clone()),
                    };
                    Ok(())
                };
                spec.visit(resource.node_mut(), Some(&blank), &mut set)
                    .map_err(|mismatch| {
                        let subject = resource.subject();
                        mismatch.into_finding("replicas", &spec.path, subject, replica.span)
                    })
            })?;
        }
    }
    if found {
        Ok(())
    } else {
        Err(nothing_found(resources, replica, specs, name))
    }
}

fn nothing_found(
    resources: &ResMap,
    replica: &Replica,
    specs: &FieldSpecs,
    name: &str,
) -> Box<Diagnostic> {
    let mut kinds: Vec<&str> = specs.iter().map(|spec| spec.gvk.kind.as_str()).collect();
    kinds.dedup();
    let span = replica
        .name
        .as_ref()
        .map_or(replica.span, |name| name.span());
    let message = format!("there is nothing named `{name}` to set the replicas of");
    let mut finding = Diagnostic::error(codes::NOTHING_TO_CHANGE, span, message);
    let scaled = resources.iter().filter(|resource| {
        let mut specs = specs.iter();
        specs.any(|spec| resource.gvk().is_selected_by(&spec.gvk))
    });
    let names: Vec<&str> = scaled.map(|resource| resource.name()).collect();
    if let Some(near) = nearest(name, names.iter().copied()) {
        finding = finding.with_help(format!("did you mean `{near}`?"));
    } else if !names.is_empty() {
        let names = names.join(", ");
        finding = finding.with_help(format!("those whose replicas can be set: {names}"));
    } else {
        let kinds = kinds.join(", ");
        finding = finding.with_help(format!(
            "replicas are set of objects of the kinds {kinds}; for others use a patch"
        ));
    }
    Box::new(finding)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const WEB: (&str, &str) = (
        "a.yaml",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: '1'}}\n",
    );

    #[test]
    fn replicas_are_set_by_the_original_name_and_keep_their_quotes() {
        check(
            "resources: [a.yaml]\nnamePrefix: p-\nreplicas: [{name: web, count: 3}]\n",
            &[WEB],
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: p-web\n\
             spec:\n  replicas: \"3\"\n",
        );
    }

    #[test]
    fn a_name_that_nothing_has_is_an_error() {
        check(
            "resources: [a.yaml]\nreplicas:\n- name: wbe\n  count: 3\n",
            &[WEB],
            "3:9: there is nothing named `wbe` to set the replicas of",
        );
    }
}
