//! What helm-controller has kustomize do with the output of a chart.

use std::collections::BTreeSet;

use tidegate_source::{Diagnostic, TreePath};
use tidegate_yaml::{Node, Place};

use crate::accumulate::{Accumulated, Failed, KustomizationFile, SchemaInForce};
use crate::decode::{Decoder, Strictness};
use crate::kustomization::{FILE_NAMES, Image, Kustomization, Patch};
use crate::objects::{first_error, listed};
use crate::resource::{ResMap, Resource};
use crate::{Built, Kustomizer};

/// An entry of `postRenderers`: what its `kustomize` asks for. The nodes are those of the HelmRelease,
/// so that findings and origins lead there.
#[derive(Clone, Copy, Debug, Default)]
pub struct PostRenderer<'n> {
    /// `patches`, each with `patch` and `target`.
    pub patches: &'n [Node],
    /// `images`.
    pub images: &'n [Node],
}

impl Kustomizer {
    /// Reads documents as kustomize reads the objects of a file, and has each of `renderers` change
    /// them in turn. Without any, they are still looked at: two objects of one identity, or one
    /// without a name, are an error.
    ///
    /// Files are not read: a patch that names one fails.
    pub fn post_render(&self, documents: Vec<Node>, renderers: &[PostRenderer<'_>]) -> Built {
        Built::of(self.rendered(documents, renderers))
    }

    fn rendered(
        &self,
        documents: Vec<Node>,
        renderers: &[PostRenderer<'_>],
    ) -> Result<Accumulated, Failed> {
        let mut acc = Accumulated {
            resources: self.resources(documents)?,
            ..Accumulated::default()
        };
        let folder = TreePath::root();
        for renderer in renderers {
            let mut next = Accumulated {
                visited: BTreeSet::from([folder.clone()]),
                height: 1,
                warnings: std::mem::take(&mut acc.warnings),
                ..Accumulated::default()
            };
            // Each one starts from text: what objects were called before is forgotten.
            for resource in acc.resources.into_resources() {
                let node = resource.into_object().node;
                let resource = Resource::new(node, &SchemaInForce::default().schema);
                next.resources.append(resource).map_err(|one| vec![*one])?;
            }
            let file = renderer.file()?;
            acc = self.accumulate_onto(&folder, &file, next)?;
            self.complete(&mut acc, &file.kustomization)
                .map_err(|finding| vec![*finding])?;
        }
        Ok(acc)
    }

    /// The objects of documents, each identity once.
    fn resources(&self, documents: Vec<Node>) -> Result<ResMap, Failed> {
        let (nodes, mut errors) = listed(documents);
        let schema = SchemaInForce::default().schema;
        let mut resources = ResMap::default();
        for node in nodes {
            if let Err(finding) = resources.append(Resource::new(node, &schema)) {
                errors.push(*finding);
            }
        }
        match first_error(&errors) {
            Some(_) => Err(errors),
            None => Ok(resources),
        }
    }
}

impl PostRenderer<'_> {
    /// The kustomization that says the same.
    fn file(&self) -> Result<KustomizationFile, Vec<Diagnostic>> {
        let mut decoder = Decoder::new(Strictness::Lenient);
        let d = &mut decoder;
        let patches = self.patches.iter();
        let patches: Vec<Patch> = patches.filter_map(|one| Patch::decode(d, one)).collect();
        let images = self.images.iter();
        let images: Vec<Image> = images.filter_map(|one| Image::decode(d, one)).collect();
        let nothing = Node::map(Vec::new(), Place::default());
        let (kustomization, findings) =
            Kustomization::read_written_back(&nothing, |_, kustomization| {
                kustomization.patches = patches;
                kustomization.images = images;
            })?;
        Ok(KustomizationFile {
            name: FILE_NAMES[0].into(),
            kustomization,
            findings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, to_yaml};
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources};
    use tidegate_yaml::{Dialect, ParseOptions, parse};

    /// Post-renders `text` with the entries of a list, each with `patches` and `images`.
    #[track_caller]
    fn check(text: &str, renderers: &str, expected: &str) {
        let system = MemorySystem::new()
            .with("objects.yaml", text)
            .with("renderers.yaml", renderers);
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let read = |name: &str| -> Vec<Node> {
            let file = sources.load(&TreePath::new(name).unwrap()).unwrap();
            let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
            assert_eq!(parsed.findings, []);
            let documents = parsed.documents.into_iter();
            documents.filter_map(|document| document.root).collect()
        };
        let list = read("renderers.yaml");
        let items = |node: &'_ Node, field: &str| -> Vec<Node> {
            let list = node.get(field).and_then(Node::as_seq);
            list.map_or_else(Vec::new, |list| list.items().to_vec())
        };
        let renderers = list.first().and_then(Node::as_seq);
        let renderers: Vec<(Vec<Node>, Vec<Node>)> = renderers
            .into_iter()
            .flatten()
            .map(|one| (items(one, "patches"), items(one, "images")))
            .collect();
        let renderers: Vec<PostRenderer<'_>> = renderers
            .iter()
            .map(|(patches, images)| PostRenderer { patches, images })
            .collect();
        let kustomizer = Kustomizer::new(Arc::clone(&sources), Options::default());
        let built = kustomizer.post_render(read("objects.yaml"), &renderers);
        let found = match built.objects {
            Some(objects) => to_yaml(&objects).unwrap(),
            None => built.findings[0].message.clone(),
        };
        assert_eq!(found, expected);
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  \
                       - image: x:1\n    name: c\n";

    #[test]
    fn each_renderer_works_on_what_the_one_before_made() {
        check(
            POD,
            "- images: [{name: x, newName: y}]\n- images: [{name: y, newTag: '2'}]\n",
            &POD.replace("x:1", "y:2"),
        );
        check(
            POD,
            "- patches:\n  - target: {kind: Pod}\n    patch: |\n      - op: replace\n        \
             path: /metadata/name\n        value: q\n  images: [{name: x, newTag: '2'}]\n\
             - patches:\n  - patch: |\n      apiVersion: v1\n      kind: Pod\n      \
             metadata: {name: q, labels: {a: b}}\n",
            &POD.replace("  name: p\n", "  labels:\n    a: b\n  name: q\n")
                .replace("x:1", "x:2"),
        );
    }

    #[test]
    fn objects_are_looked_at_even_if_nothing_changes_them() {
        check(POD, "[]\n", POD);
        check(
            &format!("{POD}---\n{POD}"),
            "[]\n",
            "Pod p is there already",
        );
    }
}
