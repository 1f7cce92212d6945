//! A native `kustomize build`, equal to v5.8 byte for byte, that reports what is wrong at the line
//! to edit. No global state: many builds run in parallel and share parsed files and built bases.

// Until every module is in use.
#![allow(dead_code)]

pub mod codes;

mod accumulate;
mod config;
mod decode;
mod fieldpath;
mod fieldspec;
mod filters;
mod generators;
mod hash;
mod jsonpatch;
mod kustomization;
mod kv;
mod loader;
mod merge;
mod nameref;
mod openapi;
mod patch;
mod replacement;
mod resource;
pub mod schema;
mod selector;
mod vars;

use std::sync::Arc;

use tidegate_source::{Diagnostic, NotRendered, SourceFile, Sources, TreePath};
use tidegate_yaml::Node;

/// The error of a step that cannot go on. Boxed, as a finding is large and errors are rare.
#[allow(dead_code)]
pub(crate) type Result<T> = std::result::Result<T, Box<Diagnostic>>;

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
}

impl Kustomizer {
    /// A builder.
    pub fn new(sources: Arc<Sources>, options: Options) -> Kustomizer {
        Kustomizer { sources, options }
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
    pub fn build(&self, _folder: &TreePath) -> Built {
        Built::default()
    }

    /// Builds a folder as if `kustomization` were its kustomization file. `check` needs it for the
    /// file that Flux generates where a folder has none: such a file is virtual, and its source
    /// map leads each entry of `resources` to the resource itself.
    pub fn build_as(&self, _folder: &TreePath, _kustomization: &Arc<SourceFile>) -> Built {
        Built::default()
    }
}

impl Built {
    /// The objects as `kustomize build` prints them; none where the build failed.
    pub fn to_yaml(&self) -> Option<String> {
        None
    }
}
