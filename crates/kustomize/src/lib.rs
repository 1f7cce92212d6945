//! A native `kustomize build`, equal to v5.8 byte for byte, that reports what is wrong at the line
//! to edit. No global state: many builds run in parallel and share parsed files and built bases.

pub mod codes;

mod accumulate;
mod build;
mod config;
mod decode;
mod fieldpath;
mod fieldspec;
mod files;
mod filters;
mod generators;
mod hash;
mod jsonpatch;
mod kustomization;
mod kv;
mod left_out;
mod loader;
mod merge;
mod nameref;
mod objects;
mod openapi;
mod order;
mod patch;
mod plugin;
mod post_render;
mod refold;
mod replacement;
mod resource;
pub mod schema;
mod selector;
#[cfg(test)]
mod testing;
mod transform;
mod vars;
mod writable;
mod written_back;

pub use files::ObjectFile;
pub use post_render::PostRenderer;
pub use written_back::{Additions, WrittenBack};

use std::sync::Arc;

use tidegate_source::{
    Diagnostic, EntryKind, FileId, NotRendered, SourceFile, Sources, Span, SystemError, TrailStep,
    TreePath,
};
use tidegate_yaml::{Emitted, Node, SmolStr, Unwritable, emit_go_yaml2};

use crate::accumulate::{
    Accumulated, Base, BaseKey, Failed, KustomizationFile, NoKustomization, ResourceFile,
    SchemaInForce,
};
use crate::config::TransformerConfig;
use crate::kustomization::FILE_NAMES;
use crate::loader::{Loader, ReadCache, Shared, at_folder};
use crate::resource::{Chain, Resource};
use crate::writable::Keys;

/// The error of a step that cannot go on. Boxed, as a finding is large and errors are rare.
pub(crate) type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Whether `kustomize build` would clone what is given to it as its folder.
pub fn is_remote(folder: &str) -> bool {
    loader::is_repository(folder)
}

/// Which files a kustomization may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LoadRestrictor {
    /// Files within the folder of the kustomization only: the default of `kustomize build`.
    #[default]
    RootOnly,
    /// Any file of the tree: what Flux does.
    None,
}

/// How the output is ordered where the kustomization has no `sortOptions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Reorder {
    /// Namespaces and definitions first, webhooks last: the default of `kustomize build`.
    #[default]
    Legacy,
    /// As read: what Flux does.
    None,
}

/// The flags of `kustomize build` that change its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Options {
    /// Which files may be read.
    pub load_restrictor: LoadRestrictor,
    /// The order of the output.
    pub reorder: Reorder,
    /// Adds the label `app.kubernetes.io/managed-by`.
    pub managed_by_label: bool,
}

/// An object that a build made.
#[derive(Clone, Debug)]
pub struct Object {
    /// The object itself.
    pub node: Node,
    chain: Chain,
}

impl Object {
    /// An object that no kustomization names: something else made it.
    pub fn new(node: Node) -> Object {
        Object {
            node,
            chain: Chain::default(),
        }
    }

    /// `apiVersion`; empty where there is none.
    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"])
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.text(&["kind"])
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"])
    }

    /// `metadata.namespace`; empty where there is none.
    pub fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"])
    }

    /// The entries of kustomizations that led to it, the outermost first.
    pub fn trail(&self) -> Vec<TrailStep> {
        self.chain.trail()
    }

    fn unwritable(&self, unwritable: &Unwritable) -> Box<Diagnostic> {
        let mut span = unwritable.place.span();
        if !span.is_some() {
            span = self.node.place.span();
        }
        let message = format!("a value of {} {}", self.kind(), unwritable.reason);
        let finding = Diagnostic::error(codes::UNWRITABLE, span, message);
        Box::new(finding.with_trail(self.trail()))
    }

    fn text(&self, path: &[&str]) -> &str {
        self.node.at(path).and_then(Node::text).unwrap_or_default()
    }
}

/// What a build made of a folder.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The objects in order; none where the build failed.
    pub objects: Option<Arc<Vec<Object>>>,
    /// What is wrong: errors where the build failed, warnings otherwise.
    pub findings: Vec<Diagnostic>,
    /// What was left out because it needs the network or a program.
    pub not_rendered: Vec<NotRendered>,
}

/// Builds kustomizations over one file table. It keeps what it parsed and built, and can be used
/// from many threads.
pub struct Kustomizer {
    sources: Arc<Sources>,
    options: Options,
    root: Option<TreePath>,
    builtin_config: TransformerConfig,
    /// The built-in configuration merged into none, as each build does it first.
    merged_config: TransformerConfig,
    read: ReadCache,
    kustomizations: Shared<TreePath, FoundKustomization>,
    resource_files: Shared<(FileId, Option<SmolStr>), Arc<ResourceFile>>,
    bases: Shared<BaseKey, Arc<Base>>,
}

type FoundKustomization = std::result::Result<Arc<KustomizationFile>, NoKustomization>;

impl Kustomizer {
    /// A builder.
    pub fn new(sources: Arc<Sources>, options: Options) -> Kustomizer {
        let builtin_config = TransformerConfig::builtin();
        let merged = TransformerConfig::default().merged(&builtin_config, Span::NONE);
        Kustomizer {
            sources,
            options,
            root: None,
            // The built-in configuration does not contradict itself.
            merged_config: merged.unwrap_or_else(|_| builtin_config.clone()),
            builtin_config,
            read: ReadCache::default(),
            kustomizations: Shared::default(),
            resource_files: Shared::default(),
            bases: Shared::default(),
        }
    }

    /// The same builder as kustomize-controller has it, for a source whose root is a folder of the
    /// system: a build that reads anything outside of it fails, and so does one that names an
    /// absolute path; kustomize has no version there.
    #[must_use]
    pub fn in_controller(self, root: TreePath) -> Kustomizer {
        Kustomizer {
            root: Some(root),
            ..self
        }
    }

    /// Which keys an object can have.
    pub(crate) fn keys(&self) -> Keys {
        match self.root {
            Some(_) => Keys::Written,
            None => Keys::Text,
        }
    }

    /// The version of kustomize, as the label `app.kubernetes.io/managed-by` has it.
    pub(crate) fn version(&self) -> &'static str {
        match self.root {
            Some(_) => "(devel)",
            None => "v5.8.1",
        }
    }

    /// The file table.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// The options of every build.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Builds the kustomization in a folder.
    pub fn build(&self, folder: &TreePath) -> Built {
        let folder = match self.real_folder(folder) {
            Ok(folder) => folder,
            Err(finding) => return Built::failed(vec![*finding]),
        };
        match self.kustomization_file(&folder) {
            Ok(file) => self.build_with(&folder, &file),
            Err(NoKustomization::Missing) => {
                let message = format!("the folder {folder} has no kustomization.yaml");
                let mut finding = at_folder(codes::MISSING_KUSTOMIZATION, &folder, message);
                finding.help = Some("name a folder that has one".to_owned());
                Built::failed(vec![*finding])
            }
            Err(NoKustomization::NotPacked { message, help }) => {
                let mut finding = at_folder(codes::NOT_PACKED, &folder, message);
                finding.help = Some(help);
                Built::failed(vec![*finding])
            }
            Err(NoKustomization::Several(names)) => {
                Built::failed(vec![*several_kustomizations(&folder, &names)])
            }
        }
    }

    /// What is wrong with the objects of a resource file, as any build that names it would say. The
    /// file is parsed once for both.
    pub fn check_resources(&self, file: &SourceFile) -> Vec<Diagnostic> {
        let read = self.resource_file(file, &SchemaInForce::default());
        read.findings.clone()
    }

    /// Builds a folder as if `kustomization` were its kustomization file. `check` needs it for the
    /// file that Flux generates where a folder has none: such a file is virtual, and its source
    /// map leads each entry of `resources` to the resource itself.
    pub fn build_as(&self, folder: &TreePath, kustomization: &Arc<SourceFile>) -> Built {
        let file = self.parse_kustomization(FILE_NAMES[0], kustomization);
        self.build_with(folder, &file)
    }

    fn build_with(&self, folder: &TreePath, file: &KustomizationFile) -> Built {
        Built::of(self.finish(folder, file))
    }

    fn real_folder(&self, folder: &TreePath) -> Result<TreePath> {
        let system = self.sources.system();
        let refuse = |message| Err(at_folder(codes::MISSING_FILE, folder, message));
        match system.kind(folder) {
            Ok(EntryKind::Folder) => system
                .canonical(folder)
                .or_else(|error| refuse(format!("{folder} cannot be read: {error}"))),
            Ok(_) => refuse(format!("{folder} is a file; a build starts at a folder")),
            Err(SystemError::NotFound) => refuse(format!("there is no folder {folder}")),
            Err(error) => refuse(format!("{folder} cannot be read: {error}")),
        }
    }

    fn loader<'k>(&'k self, folder: &'k TreePath) -> Loader<'k> {
        Loader::new(
            &self.sources,
            &self.read,
            self.options.load_restrictor,
            self.root.as_ref(),
            folder,
        )
    }
}

/// Why a folder cannot be built that has kustomization files of these names.
pub(crate) fn several_kustomizations(folder: &TreePath, names: &[&str]) -> Box<Diagnostic> {
    let message = format!("the folder {folder} has {}", names.join(" and "));
    let mut finding = at_folder(codes::SEVERAL_KUSTOMIZATIONS, folder, message);
    finding.help = Some("keep one of them".to_owned());
    finding
}

impl Built {
    /// What a run came to.
    fn of(run: std::result::Result<Accumulated, Failed>) -> Built {
        let acc = match run {
            Ok(acc) => acc,
            Err(findings) => return Built::failed(findings),
        };
        let objects = acc.resources.into_resources().into_iter();
        Built {
            objects: Some(Arc::new(objects.map(Resource::into_object).collect())),
            findings: acc.warnings,
            not_rendered: acc.not_rendered,
        }
    }

    fn failed(findings: Vec<Diagnostic>) -> Built {
        Built {
            objects: None,
            findings,
            not_rendered: Vec::new(),
        }
    }

    /// The objects as `kustomize build` prints them; none where the build failed. The error is a
    /// value that cannot be written as JSON.
    pub fn to_yaml(&self) -> Option<std::result::Result<String, Box<Diagnostic>>> {
        let objects = self.objects.as_ref()?;
        Some(to_yaml(objects))
    }
}

/// Objects as `kustomize build` prints them, and as `sigs.k8s.io/yaml` does: keys sorted, `---`
/// between them. The error is a value that cannot be written as JSON.
pub fn to_yaml(objects: &[Object]) -> std::result::Result<String, Box<Diagnostic>> {
    let mut out = Emitted::default();
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            out.text.push_str("---\n");
        }
        emit_go_yaml2(&object.node, &mut out, false)
            .map_err(|unwritable| object.unwritable(&unwritable))?;
    }
    Ok(out.text)
}
