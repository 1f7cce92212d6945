//! Builds the folder of a Kustomization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Object, Options, Reorder};
use tidegate_source::{
    Diagnostic, FileId, Location, NotRendered, Severity, Sources, System, SystemError, TreePath,
};

use super::generate::{KUSTOMIZATION_FILES, generate, kustomization_file};
use super::{Stage, Substitutable};
use crate::flux::FluxKustomization;

/// What the build of a folder gave, before variables are put in. It is shared by all Kustomizations
/// that ask for the same.
#[derive(Debug)]
pub struct FolderBuild {
    /// The folder.
    pub folder: TreePath,
    /// The objects in the order of the build, or the stage that failed.
    pub objects: Result<Arc<Vec<Object>>, Stage>,
    /// The same objects, to put variables in; none where the build failed.
    pub substitutable: Substitutable,
    /// What is wrong: errors where the build failed, warnings otherwise. Their trails start at the
    /// folder: who asked for it is not in them.
    pub findings: Vec<Diagnostic>,
    /// What was left out.
    pub not_rendered: Vec<NotRendered>,
}

/// Builds folders with the settings of Kustomizations, each combination once. It can be used from
/// many threads.
pub struct Builder {
    sources: Arc<Sources>,
    kustomizer: Kustomizer,
    /// A cell for each, so that threads that ask for the same build wait for one.
    builds: Mutex<HashMap<Key, BuildCell, FxBuildHasher>>,
}

type BuildCell = Arc<OnceLock<Arc<FolderBuild>>>;

/// What makes a build differ from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    folder: TreePath,
}

impl Builder {
    /// A builder over a file table.
    pub fn new(sources: Arc<Sources>) -> Builder {
        // The options of kustomize-controller.
        let options = Options {
            load_restrictor: LoadRestrictor::None,
            reorder: Reorder::None,
            managed_by_label: false,
        };
        Builder {
            kustomizer: Kustomizer::new(Arc::clone(&sources), options),
            sources,
            builds: Mutex::default(),
        }
    }

    /// The file table.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Builds `folder` with the settings of a Kustomization.
    pub fn build(&self, folder: &TreePath, kustomization: &FluxKustomization) -> Arc<FolderBuild> {
        let _ = kustomization;
        self.build_folder(folder)
    }

    /// Builds a folder that no Kustomization is known for, such as the entry of a cluster, as one
    /// without settings would.
    pub fn build_folder(&self, folder: &TreePath) -> Arc<FolderBuild> {
        let key = Key {
            folder: folder.clone(),
        };
        let cell = {
            let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(builds.entry(key).or_default())
        };
        Arc::clone(cell.get_or_init(|| Arc::new(self.build_new(folder))))
    }

    fn build_new(&self, folder: &TreePath) -> FolderBuild {
        let built = match kustomization_file(self.sources.system(), folder) {
            Some(file) => allow_empty(self.kustomizer.build(folder), &file, &self.sources),
            None => match generate(&self.sources, folder) {
                Ok(Some(generated)) => {
                    let mut built = self.kustomizer.build_as(folder, &generated);
                    for finding in &mut built.findings {
                        name_generated(finding, folder, generated.id());
                    }
                    built
                        .findings
                        .extend(left_out(self.sources.system(), folder));
                    built
                }
                Ok(None) => Built {
                    objects: Some(Arc::default()),
                    ..Built::default()
                },
                Err((path, error)) => Built {
                    findings: vec![unreadable(path, &error)],
                    ..Built::default()
                },
            },
        };
        let Built {
            objects,
            mut findings,
            not_rendered,
        } = built;
        for finding in &mut findings {
            // What is wrong with a generated kustomization has no place but the folder.
            if matches!(finding.primary, Location::Span(span) if !span.is_some()) {
                finding.primary = Location::Path(folder.clone());
            }
        }
        let substitutable = Substitutable::new(objects.clone().unwrap_or_default());
        FolderBuild {
            folder: folder.clone(),
            substitutable,
            objects: objects.ok_or(Stage::Build),
            findings,
            not_rendered,
        }
    }
}

/// Where `kustomize build` refuses a kustomization that asks for nothing, Flux applies nothing: it
/// adds a field to the file before the build. That is so for the folder it builds, not for bases.
fn allow_empty(built: Built, file: &TreePath, sources: &Sources) -> Built {
    let of_the_file = |finding: &Diagnostic| {
        finding.code == tidegate_kustomize::codes::EMPTY_KUSTOMIZATION
            && (finding.primary.path(sources).as_ref() == Some(file)
                || finding.primary.path(sources) == file.parent())
    };
    if built.findings.is_empty() || !built.findings.iter().all(of_the_file) {
        return built;
    }
    Built {
        objects: Some(Arc::default()),
        ..Built::default()
    }
}

/// Says in the trail of a finding that a kustomization was generated, as no one can look it up.
fn name_generated(finding: &mut Diagnostic, folder: &TreePath, generated: FileId) {
    for step in &mut finding.trail {
        if matches!(step.location, Location::Span(span) if span.file == generated) {
            step.location = Location::Path(folder.clone());
            step.text = "all YAML files, as there is no kustomization.yaml".to_owned();
        }
    }
}

/// The kustomization file that Flux cannot see, so that it generates one.
fn left_out(system: &dyn System, folder: &TreePath) -> Option<Diagnostic> {
    let paths = KUSTOMIZATION_FILES
        .iter()
        .filter_map(|name| folder.join(name).ok());
    let mut left_out = paths.filter_map(|path| match system.kind(&path) {
        Err(error @ (SystemError::Ignored(_) | SystemError::Link)) => Some((path, error)),
        _ => None,
    });
    let (path, error) = left_out.next()?;
    let why = match error {
        SystemError::Ignored(rule) => format!("is left out of the artifact by {rule}"),
        _ => "is a symbolic link, which Flux leaves out of its artifacts".to_owned(),
    };
    let message = format!("`{path}` {why}: Flux applies all YAML files of the folder instead");
    let code = tidegate_kustomize::codes::NOT_PACKED;
    Some(Diagnostic::new(
        code,
        Severity::Warning,
        Location::Path(path),
        message,
    ))
}

fn unreadable(path: TreePath, error: &SystemError) -> Diagnostic {
    let message = format!("`{path}` cannot be read: {error}");
    Diagnostic::new(
        tidegate_kustomize::codes::MISSING_FILE,
        Severity::Error,
        Location::Path(path),
        message,
    )
}
