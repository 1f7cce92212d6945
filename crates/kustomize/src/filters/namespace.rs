//! `namespace`, and the NamespaceTransformer plugin.

use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::{Entry, Node, Place, ScalarKind, StepKind, Value};

use crate::decode::Text;
use crate::fieldspec::{Blank, BlankKind, Expected, FieldSpec, FieldSpecs, Mismatch};
use crate::resource::{Gvk, ResMap, Resource};
use crate::{Result, codes};

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubjectMode {
    /// Those named `default`.
    #[default]
    DefaultOnly,
    /// All service accounts.
    AllServiceAccounts,
    /// None.
    None,
}

impl SubjectMode {
    /// The names of the modes.
    pub(crate) const NAMES: [&str; 3] = ["defaultOnly", "allServiceAccounts", "none"];

    /// The mode of that name.
    pub(crate) fn parse(name: &str) -> Option<SubjectMode> {
        match name {
            "" | "defaultOnly" => Some(SubjectMode::DefaultOnly),
            "allServiceAccounts" => Some(SubjectMode::AllServiceAccounts),
            "none" => Some(SubjectMode::None),
            _ => None,
        }
    }
}

/// Puts objects into a namespace.
#[derive(Clone, Debug)]
pub(crate) struct NamespaceTransformer<'a> {
    /// The namespace.
    pub(crate) namespace: &'a Text,
    /// The fields that name it, besides `metadata.namespace` and the subjects of role bindings.
    pub(crate) specs: &'a FieldSpecs,
    /// Whether a field that has a value keeps it.
    pub(crate) unset_only: bool,
    /// Which subjects get it.
    pub(crate) subjects: SubjectMode,
    /// Where it is asked for.
    pub(crate) entry: Span,
}

impl NamespaceTransformer<'_> {
    /// Changes all objects. Two that become one are an error.
    pub(crate) fn apply(&self, resources: &mut ResMap) -> Result<()> {
        if self.namespace.is_empty() {
            return Ok(());
        }
        let setter = Setter::new(self);
        for index in 0..resources.len() {
            resources.update(index, |resource| -> Result<()> {
                if resource.is_empty() {
                    return Ok(());
                }
                resource.store_previous_id();
                self.apply_to(resource, &setter)
            })?;
            let Some(resource) = resources.get(index) else {
                continue;
            };
            let same = resources.by_current_id(resource.id());
            if let [first, second, ..] = same[..] {
                return Err(self.conflict(resources, first, second));
            }
        }
        Ok(())
    }

    /// Changes one object, without remembering what it was before.
    pub(crate) fn apply_one(&self, resource: &mut Resource) -> Result<()> {
        self.apply_to(resource, &Setter::new(self))
    }

    fn apply_to(&self, resource: &mut Resource, setter: &Setter<'_>) -> Result<()> {
        let gvk = resource.gvk().clone();
        let cluster_scoped = resource.id().cluster_scoped;
        let is_binding = matches!(&*gvk.kind, "RoleBinding" | "ClusterRoleBinding");
        let result = (|| {
            let node = resource.node_mut();
            if !cluster_scoped {
                setter.set(&setter.metadata, node)?;
            }
            if is_binding {
                self.set_subjects(node, setter)
                    .map_err(|mismatch| (mismatch, "subjects"))?;
            }
            for spec in self.specs.of(&gvk) {
                let skipped = match &*spec.path {
                    "metadata/namespace" => true,
                    "metadata/name" => !(gvk.group.is_empty() && gvk.version == "v1"),
                    "subjects/namespace" => is_binding,
                    _ => false,
                };
                if !skipped {
                    setter.set(spec, node)?;
                }
            }
            Ok(())
        })();
        result.map_err(|(mismatch, path): (Mismatch, &str)| {
            mismatch.into_finding("the namespace", path, resource.subject(), self.entry)
        })
    }

    fn set_subjects(
        &self,
        node: &mut Node,
        setter: &Setter<'_>,
    ) -> std::result::Result<(), Mismatch> {
        let (field, wanted) = match self.subjects {
            SubjectMode::None => return Ok(()),
            SubjectMode::DefaultOnly => ("name", "default"),
            SubjectMode::AllServiceAccounts => ("kind", "ServiceAccount"),
        };
        let Some(subjects) = node.get("subjects").filter(|node| !node.is_null()) else {
            return Ok(());
        };
        let Some(items) = subjects.as_seq() else {
            return Err(Mismatch::new(Expected::List, subjects));
        };
        let mut chosen = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if item.is_null() {
                continue;
            }
            if item.as_map().is_none() {
                return Err(Mismatch::new(Expected::Map, item));
            }
            match item.get(field) {
                Some(value) if value.is_null() => {}
                Some(value) => match value.text() {
                    Some(text) if text == wanted => chosen.push(index),
                    Some(_) => {}
                    None => return Err(Mismatch::new(Expected::Scalar, value)),
                },
                None => {}
            }
        }
        if chosen.is_empty() {
            return Ok(());
        }
        let Some(items) = node.get_mut("subjects").and_then(Node::as_seq_mut) else {
            return Ok(());
        };
        let items = items.items_mut();
        for index in chosen {
            let Some(subject) = items[index].as_map_mut() else {
                continue;
            };
            if subject.get("namespace").is_none() {
                subject.entries_mut().push(Entry {
                    key: Node::str("namespace", setter.place.clone()),
                    value: Node::str("", setter.place.clone()),
                });
            }
            if let Some(namespace) = subject.get_mut("namespace") {
                setter.set_leaf(namespace)?;
            }
        }
        Ok(())
    }

    fn conflict(&self, resources: &ResMap, first: usize, second: usize) -> Box<Diagnostic> {
        let describe = |index| match resources.get(index) {
            Some(resource) => (resource.span(), resource.subject()),
            None => (Span::NONE, Default::default()),
        };
        let (first, _) = describe(first);
        let (second, subject) = describe(second);
        let message = format!(
            "in the namespace {} there would be two objects {subject}",
            self.namespace.as_str()
        );
        Box::new(
            Diagnostic::error(codes::DUPLICATE_OBJECT, second, message)
                .with_label(first, "the other one is here")
                .with_label(self.entry, "the namespace is set here")
                .with_subject(subject)
                .with_help("rename one of them, or take one out of `resources`"),
        )
    }
}

/// Writes the namespace into fields.
struct Setter<'a> {
    namespace: &'a Text,
    place: Place,
    unset_only: bool,
    metadata: FieldSpec,
}

impl<'a> Setter<'a> {
    fn new(transformer: &NamespaceTransformer<'a>) -> Setter<'a> {
        let namespace = transformer.namespace;
        let place = namespace.place.then(StepKind::Namespace, transformer.entry);
        Setter {
            namespace,
            place,
            unset_only: transformer.unset_only,
            metadata: FieldSpec::new(Gvk::default(), "metadata/namespace", true),
        }
    }

    fn set<'s>(
        &self,
        spec: &'s FieldSpec,
        node: &mut Node,
    ) -> std::result::Result<(), (Mismatch, &'s str)> {
        let blank = Blank {
            kind: BlankKind::Scalar(ScalarKind::Str),
            place: &self.place,
        };
        spec.visit(node, Some(&blank), &mut |leaf| self.set_leaf(leaf))
            .map_err(|mismatch| (mismatch, spec.path.as_str()))
    }

    fn set_leaf(&self, leaf: &mut Node) -> std::result::Result<(), Mismatch> {
        let Value::Scalar(scalar) = &leaf.value else {
            return Err(Mismatch::new(Expected::Scalar, leaf));
        };
        let has_value = scalar.kind != ScalarKind::Null && !scalar.text.is_empty();
        if !(self.unset_only && has_value) {
            *leaf = Node::str(self.namespace.text.clone(), self.place.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn objects_get_a_namespace_and_the_cluster_does_not() {
        let files = [(
            "a.yaml",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: old}}\n--- \n\
             {apiVersion: v1, kind: PersistentVolume, metadata: {name: b}}\n---\n\
             {apiVersion: v1, kind: Namespace, metadata: {name: c}}\n",
        )];
        check(
            "resources: [a.yaml]\nnamespace: new\nsortOptions: {order: fifo}\n",
            &files,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: new\n---\n\
             apiVersion: v1\nkind: PersistentVolume\nmetadata:\n  name: b\n---\n\
             apiVersion: v1\nkind: Namespace\nmetadata:\n  name: new\n",
        );
    }

    #[test]
    fn subjects_named_default_get_it() {
        let files = [(
            "a.yaml",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n\
             metadata: {name: a}\nsubjects:\n- {kind: User, name: default}\n\
             - {kind: ServiceAccount, name: other, namespace: x}\n",
        )];
        check(
            "resources: [a.yaml]\nnamespace: new\n",
            &files,
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n\
             metadata:\n  name: a\nsubjects:\n\
             - kind: User\n  name: default\n  namespace: new\n\
             - kind: ServiceAccount\n  name: other\n  namespace: x\n",
        );
    }

    #[test]
    fn two_objects_must_not_become_one() {
        let files = [(
            "a.yaml",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x}}\n---\n\
             {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: y}}\n",
        )];
        check(
            "resources: [a.yaml]\nnamespace: new\n",
            &files,
            "a.yaml:3:52: in the namespace new there would be two objects ConfigMap new/a",
        );
    }

    #[test]
    fn a_field_of_the_wrong_type_is_pointed_at() {
        let files = [(
            "a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: [x]}\n",
        )];
        check(
            "resources: [a.yaml]\nnamespace: new\n",
            &files,
            "a.yaml:3:32: the namespace cannot be set in ConfigMap a: on the path \
             metadata/namespace there is a list where a single value is needed",
        );
    }
}
