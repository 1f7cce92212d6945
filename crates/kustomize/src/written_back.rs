//! A kustomization file that is read, changed, and written back before it is built: what
//! kustomize-controller does with the file of the folder at `spec.path`.

use tidegate_source::{Diagnostic, SourceFile, TreePath};
use tidegate_yaml::{Dialect, Node, Place, SmolStr};

use crate::accumulate::KustomizationFile;
use crate::decode::{Decoder, Fields, Strictness, Text};
use crate::kustomization::{FILE_NAMES, Image, Kustomization, Patch, each};
use crate::objects::{has_error, of_first_document};
use crate::{Built, Kustomizer, several_kustomizations};

/// What is added to a kustomization file. What is empty changes nothing.
///
/// The nodes are those of the object that asks for it, so that findings and origins lead there.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    /// Takes the place of `namespace`.
    pub namespace: Option<Node>,
    /// Takes the place of `namePrefix`.
    pub name_prefix: Option<Node>,
    /// Takes the place of `nameSuffix`.
    pub name_suffix: Option<Node>,
    /// Entries behind those of `patches`.
    pub patches: Vec<Node>,
    /// Entries behind those of `components`.
    pub components: Vec<Node>,
    /// Entries of `images`: each is merged into the one of the same name, or comes behind all.
    pub images: Vec<Node>,
    /// Takes the place of `buildMetadata`.
    pub build_metadata: Vec<Node>,
}

/// A kustomization file as it is written back. Fields and keys that are lost by that are among the
/// warnings of its build.
#[derive(Debug)]
pub struct WrittenBack {
    file: KustomizationFile,
}

impl Kustomizer {
    /// Reads a kustomization file as Go does where unknown fields do not matter, and adds to it. A
    /// file that was `made` for the build stays without the `buildMetadata` that others get when
    /// they have no `resources`. The error is what is wrong with the file.
    pub fn write_back(
        &self,
        file: &SourceFile,
        made: bool,
        additions: &Additions,
    ) -> Result<WrittenBack, Vec<Diagnostic>> {
        // Kustomizations with other settings read it too.
        let folder = TreePath::root();
        let parsed = self.loader(&folder).parse(file, Dialect::Yaml11);
        let mut findings = of_first_document(&parsed);
        if has_error(&findings) {
            return Err(findings);
        }
        let root = parsed.documents.first();
        let root = root.and_then(|document| document.root.clone());
        let root = root.unwrap_or_else(|| Node::null(Place::default()));
        let (kustomization, found) =
            Kustomization::read_written_back(&root, |fields, kustomization| {
                let resources = fields.get("resources").and_then(Node::as_seq);
                if !made && resources.is_none_or(|list| list.is_empty()) {
                    let text = Text {
                        text: SmolStr::new_static("originAnnotations"),
                        ..Text::default()
                    };
                    kustomization.build_metadata = vec![text];
                }
                additions.add(fields, kustomization);
            })?;
        findings.extend(found);
        let name = file.path().file_name().unwrap_or(FILE_NAMES[0]);
        Ok(WrittenBack {
            file: KustomizationFile {
                name: name.into(),
                kustomization,
                findings,
            },
        })
    }

    /// Builds a folder whose kustomization file was written back.
    pub fn build_written_back(&self, folder: &TreePath, written: &WrittenBack) -> Built {
        let folder = match self.real_folder(folder) {
            Ok(folder) => folder,
            Err(finding) => return Built::failed(vec![*finding]),
        };
        let found = self.kustomization_files(&folder);
        if found.len() > 1 {
            let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
            return Built::failed(vec![*several_kustomizations(&folder, &names)]);
        }
        self.build_with(&folder, &written.file)
    }
}

impl Additions {
    fn add(&self, fields: &Fields<'_>, kustomization: &mut Kustomization) {
        // Whoever fills them in has checked their types.
        let mut decoder = Decoder::new(Strictness::Lenient);
        let d = &mut decoder;
        let mut set = |field: &mut Option<Text>, node: &Option<Node>| {
            let text = node.as_ref().and_then(|node| text_of(d, node));
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                *field = Some(text);
            }
        };
        set(&mut kustomization.namespace, &self.namespace);
        set(&mut kustomization.name_prefix, &self.name_prefix);
        set(&mut kustomization.name_suffix, &self.name_suffix);
        let patches = self.patches.iter();
        kustomization
            .patches
            .extend(patches.filter_map(|patch| Patch::decode(d, patch)));
        let components = self.components.iter();
        kustomization
            .components
            .extend(components.filter_map(|component| text_of(d, component)));
        if !self.images.is_empty() {
            // Those of `imageTags` come last and are not looked at.
            let mut images = each(d, fields, "images", Image::decode);
            for image in &self.images {
                if let Some(image) = Image::decode(d, image) {
                    merge_image(&mut images, image);
                }
            }
            images.extend(each(d, fields, "imageTags", Image::decode));
            kustomization.images = images;
        }
        if !self.build_metadata.is_empty() {
            let options = self.build_metadata.iter();
            let options = options.filter_map(|option| text_of(d, option));
            kustomization.build_metadata = options.collect();
        }
    }
}

fn text_of(d: &mut Decoder, node: &Node) -> Option<Text> {
    d.text_of(node, format_args!("a setting"))
}

/// Merges an image into the first one of its name, or puts it behind all.
fn merge_image(images: &mut Vec<Image>, image: Image) {
    let name = |image: &Image| image.name.as_ref().map(|name| name.text.clone());
    let Some(known) = images.iter_mut().find(|known| name(known) == name(&image)) else {
        images.push(image);
        return;
    };
    if image.new_name.is_some() {
        known.new_name = image.new_name;
    }
    // Tag and digest say the same thing in two ways: one of them takes the place of both.
    if image.new_tag.is_some() || image.digest.is_some() {
        known.new_tag = image.new_tag;
        known.digest = image.digest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, to_yaml};
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources};
    use tidegate_yaml::{ParseOptions, parse};

    /// Builds a folder with one Pod of the image `x:1`, whose kustomization gets these `images`.
    #[track_caller]
    fn check(kustomization: &str, images: &str, expected: &str) {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n\
                   spec: {containers: [{image: 'x:1'}]}\n";
        let system = MemorySystem::new()
            .with(
                "kustomization.yaml",
                format!("resources: [a.yaml]\n{kustomization}"),
            )
            .with("a.yaml", pod)
            .with("images.yaml", images);
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let load = |name: &str| sources.load(&TreePath::new(name).unwrap()).unwrap();
        let parsed = parse(&load("images.yaml"), ParseOptions::new(Dialect::Yaml11));
        let images = parsed.documents[0].root.as_ref().unwrap().as_seq().unwrap();
        let additions = Additions {
            images: images.items().to_vec(),
            ..Additions::default()
        };
        let kustomizer = Kustomizer::new(Arc::clone(&sources), Options::default());
        let written = kustomizer.write_back(&load("kustomization.yaml"), false, &additions);
        let built = kustomizer.build_written_back(&TreePath::root(), &written.unwrap());
        let text = to_yaml(&built.objects.unwrap()).unwrap();
        let image = text.lines().find_map(|line| line.split_once("image: "));
        assert_eq!(image.unwrap().1, expected);
    }

    #[test]
    fn an_image_is_merged_into_the_one_of_its_name() {
        check(
            "images: [{name: x, newName: w}]",
            "[{name: x, newTag: '2'}]",
            "w:2",
        );
        check(
            "images: [{name: x, digest: 'sha256:d'}]",
            "[{name: x, newTag: '2'}]",
            "x:2",
        );
        check(
            "images: [{name: x, newTag: '2'}]",
            "[{name: x, newName: w}]",
            "w:2",
        );
        check(
            "images: [{name: x, newName: w}]",
            "[{name: w, newTag: '2'}]",
            "w:2",
        );
        check(
            "imageTags: [{name: x, newTag: '3'}]",
            "[{name: x, newTag: '2'}]",
            "x:3",
        );
    }
}
