//! A file for each object: what `kustomize build -o FOLDER` writes.

use std::collections::BTreeSet;

use tidegate_source::Diagnostic;
use tidegate_yaml::{Emitted, emit_go_yaml2};

use crate::resource::{Gvk, ResId};
use crate::schema::Schema;
use crate::{Built, Object, codes};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    /// Its name, such as `shop_apps_v1_deployment_web.yaml`. It has no `/` in it.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Built {
    /// The objects as files, named as kustomize names them: by group, version, kind and name, with
    /// the namespace in front where there are several; none where the build failed. The error is
    /// a value that cannot be written as JSON, or two objects whose files would have one name.
    pub fn to_files(&self) -> Option<Result<Vec<ObjectFile>, Box<Diagnostic>>> {
        let objects = self.objects.as_ref()?;
        Some(files(objects))
    }
}

fn files(objects: &[Object]) -> Result<Vec<ObjectFile>, Box<Diagnostic>> {
    let schema = Schema::kubernetes();
    let ids: Vec<ResId> = objects.iter().map(|object| id(object, &schema)).collect();
    let namespaces: BTreeSet<&str> = ids
        .iter()
        .filter(|id| !id.cluster_scoped)
        .map(ResId::effective_namespace)
        .collect();
    let mut names = BTreeSet::new();
    let mut files = Vec::with_capacity(objects.len());
    for (object, id) in objects.iter().zip(&ids) {
        let name = file_name(id, namespaces.len() > 1);
        if !names.insert(name.clone()) {
            let message = format!(
                "{} {} would be written to {name}, as another object is",
                id.gvk.kind, id.name
            );
            let place = object.node.at(&["metadata", "name"]);
            let span = place.unwrap_or(&object.node).place.span();
            return Err(Box::new(
                Diagnostic::error(codes::DUPLICATE_OBJECT, span, message)
                    .with_help("name a file as the output, to write all objects to it")
                    .with_trail(object.trail()),
            ));
        }
        let mut out = Emitted::default();
        emit_go_yaml2(&object.node, &mut out, false)
            .map_err(|unwritable| object.unwritable(&unwritable))?;
        files.push(ObjectFile {
            name,
            text: out.text,
        });
    }
    Ok(files)
}

fn id(object: &Object, schema: &Schema) -> ResId {
    let gvk = Gvk::new(object.api_version(), object.kind());
    ResId {
        cluster_scoped: schema.is_cluster_scoped(&gvk),
        name: object.name().into(),
        namespace: object.namespace().into(),
        gvk,
    }
}

fn file_name(id: &ResId, with_namespace: bool) -> String {
    let namespace = match with_namespace && !id.cluster_scoped {
        true => id.effective_namespace(),
        false => "",
    };
    let Gvk {
        group,
        version,
        kind,
    } = &id.gvk;
    let parts = [namespace, group, version, kind, &id.name];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    // A name could lead out of the folder.
    format!("{}.yaml", parts.join("_").to_lowercase().replace('/', "_"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Kustomizer, Options};
    use tidegate_source::{MemorySystem, Sources, TreePath};

    fn check(resources: &str, expected: &[&str]) {
        let system = MemorySystem::new()
            .with("kustomization.yaml", "resources: [a.yaml]\n")
            .with("a.yaml", resources);
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let built = Kustomizer::new(sources, Options::default()).build(&TreePath::root());
        let names = match built.to_files().unwrap() {
            Ok(files) => files.into_iter().map(|file| file.name).collect(),
            Err(finding) => vec![finding.message],
        };
        assert_eq!(names, expected);
    }

    #[test]
    fn files_are_named_after_their_objects() {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n";
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n";
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A.b}\n";
        check(
            &[namespace, map, deployment].join("---\n"),
            &[
                "v1_namespace_ns.yaml",
                "v1_configmap_a.b.yaml",
                "apps_v1_deployment_b.yaml",
            ],
        );
        let map = map.replace("A.b", "A.b, namespace: X");
        check(
            &[namespace, &map, deployment].join("---\n"),
            &[
                "v1_namespace_ns.yaml",
                "x_v1_configmap_a.b.yaml",
                "default_apps_v1_deployment_b.yaml",
            ],
        );
    }

    #[test]
    fn no_file_is_lost_and_none_is_outside() {
        let map =
            |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        check(
            &[map("a"), map("A")].join("---\n"),
            &["ConfigMap a would be written to v1_configmap_a.yaml, as another object is"],
        );
        check(&map("../../up"), &["v1_configmap_.._.._up.yaml"]);
    }
}
