//! Folders with the variables of a Flux Kustomization put in.

use std::sync::Arc;

use tidegate_core::envsubst::Mode;
use tidegate_core::flux::FluxKustomization;
use tidegate_core::render::{Builder, Defined, DefinitionKind};
use tidegate_kustomize::Object;
use tidegate_source::{SourceMapBuilder, Sources, Span, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

/// Where the variables of a folder are from.
pub(super) enum VariablesOf {
    /// All ConfigMaps that the folder of a cluster renders.
    Cluster(TreePath),
    /// `kustomization.yaml` and `objects.yaml` beside the tree of a case.
    Case,
}

impl VariablesOf {
    /// The objects of a folder with the variables; none where anything fails. What is not defined
    /// becomes empty.
    pub(super) fn put_into(
        &self,
        folder: &TreePath,
        sources: &Arc<Sources>,
    ) -> Option<Arc<Vec<Object>>> {
        let builder = Builder::new(Arc::clone(sources));
        let (kustomization, definitions) = match self {
            VariablesOf::Cluster(cluster) => {
                let build = builder.build_folder(cluster);
                let objects = build.objects.clone().ok()?;
                let nodes = objects.iter().map(|object| object.node.clone());
                let definitions: Vec<Node> = nodes.filter(is_config_map).collect();
                (reading(&definitions, sources)?, definitions)
            }
            VariablesOf::Case => (
                documents("kustomization.yaml", sources)
                    .into_iter()
                    .next()?,
                documents("objects.yaml", sources),
            ),
        };
        let kustomization = FluxKustomization::read(&kustomization);
        let lookup = |kind: DefinitionKind, _: &str, name: &str| {
            let is_it = |object: &&Node| {
                text(object, &["kind"]) == kind.as_str()
                    && text(object, &["metadata", "name"]) == name
            };
            let found = definitions.iter().find(is_it);
            found.map_or(Defined::Missing, Defined::Object)
        };
        let build = builder.build_folder(folder);
        build.objects.as_ref().ok()?;
        let objects = &build.substitutable;
        let substituted = objects.substitute(&kustomization, &lookup, Mode::Lenient, sources);
        substituted.objects
    }
}

/// A Kustomization that takes variables from all of some ConfigMaps.
fn reading(config_maps: &[Node], sources: &Sources) -> Option<Node> {
    let mut yaml = "metadata: {name: all}\nspec:\n  postBuild:\n    substituteFrom:\n".to_owned();
    for config_map in config_maps {
        let name = text(config_map, &["metadata", "name"]);
        yaml.push_str(&format!("    - {{kind: ConfigMap, name: {name}}}\n"));
    }
    let path = TreePath::new("all.yaml").ok()?;
    let map = SourceMapBuilder::new(Span::NONE).finish();
    let file = sources.add_virtual(path, yaml, map);
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    parsed.documents.into_iter().next()?.root
}

fn is_config_map(object: &Node) -> bool {
    text(object, &["kind"]) == "ConfigMap" && object.get("data").is_some()
}

fn documents(name: &str, sources: &Sources) -> Vec<Node> {
    let file = TreePath::new(name).map(|path| sources.load(&path));
    let Ok(Ok(file)) = file else {
        return Vec::new();
    };
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    parsed
        .documents
        .into_iter()
        .filter_map(|one| one.root)
        .collect()
}

fn text<'n>(object: &'n Node, path: &[&str]) -> &'n str {
    object.at(path).and_then(Node::text).unwrap_or_default()
}
