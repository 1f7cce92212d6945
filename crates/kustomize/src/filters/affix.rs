//! `namePrefix` and `nameSuffix`.

use tidegate_yaml::{Node, ScalarKind, SmolStr, StepKind};

use super::untyped;
use crate::Result;
use crate::decode::Text;
use crate::fieldspec::{Blank, BlankKind, Expected, FieldSpecs, Mismatch};
use crate::resource::{Gvk, ResMap};

/// On which side of a name something is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affix {
    /// Before it.
    Prefix,
    /// Behind it.
    Suffix,
}

/// Puts text before or behind the names of objects, or whatever fields `specs` name.
pub(crate) fn add_affix(
    resources: &mut ResMap,
    affix: Affix,
    text: &Text,
    specs: &FieldSpecs,
) -> Result<()> {
    let (what, kind) = match affix {
        Affix::Prefix => ("the name prefix", StepKind::NamePrefix),
        Affix::Suffix => ("the name suffix", StepKind::NameSuffix),
    };
    let blank_place = text.place.then(kind, text.span());
    let blank = Blank {
        kind: BlankKind::Scalar(ScalarKind::Str),
        place: &blank_place,
    };
    for index in 0..resources.len() {
        resources.update(index, |resource| -> Result<()> {
            let original = resource.original_id().gvk.clone();
            if is_exempt(&original) {
                return Ok(());
            }
            for spec in specs.of(&original) {
                if spec.path == "metadata/name" {
                    match affix {
                        Affix::Prefix => resource.add_prefix(text),
                        Affix::Suffix => resource.add_suffix(text),
                    }
                    if !text.is_empty() {
                        resource.store_previous_id();
                    }
                }
                if !resource.gvk().is_selected_by(&spec.gvk) {
                    continue;
                }
                let mut set = |node: &mut Node| put(node, affix, text, kind);
                spec.visit(resource.node_mut(), Some(&blank), &mut set)
                    .map_err(|mismatch| {
                        let subject = resource.subject();
                        mismatch.into_finding(what, &spec.path, subject, text.span())
                    })?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether kustomize never renames a kind: the names of these mean something elsewhere.
fn is_exempt(gvk: &Gvk) -> bool {
    match &*gvk.kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => gvk.group == "apiregistration.k8s.io",
        _ => false,
    }
}

fn put(
    node: &mut Node,
    affix: Affix,
    text: &Text,
    kind: StepKind,
) -> std::result::Result<(), Mismatch> {
    let Some(scalar) = node.as_scalar() else {
        return Err(Mismatch::new(Expected::Scalar, node));
    };
    let joined = match affix {
        Affix::Prefix => [text.as_str(), &scalar.text],
        Affix::Suffix => [scalar.text.as_str(), text.as_str()],
    };
    let joined: SmolStr = joined.into_iter().collect();
    *node = untyped(joined, scalar.style, node.place.mixed(kind, &text.place));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn names_get_a_prefix_and_a_suffix_but_for_those_that_mean_something() {
        let files = [(
            "a.yaml",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n\
             {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n",
        )];
        check(
            "resources: [a.yaml]\nnamePrefix: p-\nnameSuffix: -s\n",
            &files,
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: b\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: p-a-s\n",
        );
    }

    #[test]
    fn a_name_without_quotes_is_read_again() {
        let files = [(
            "a.yaml",
            "{apiVersion: v1, kind: Foo, metadata: {name: a}, spec: {x: 5, z: '5'}}\n",
        )];
        let config = "namePrefix: [{path: spec/x}, {path: spec/z}]\n";
        check(
            "resources: [a.yaml]\nnamePrefix: '1'\nconfigurations: [c.yaml]\n",
            &[files[0], ("c.yaml", config)],
            "apiVersion: v1\nkind: Foo\nmetadata:\n  name: 1a\nspec:\n  x: 15\n  z: \"15\"\n",
        );
    }
}
