//! Builds the folder of a Kustomization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Object, Options, Reorder};
use tidegate_source::{
    Code, Diagnostic, FileId, Location, NotRendered, Severity, SkipReason, Sources, System,
    SystemError, TreePath,
};

use super::generate::{
    KUSTOMIZATION_FILES, generate, generated_step, kustomization_file, unreadable,
};
use super::prepare::{Settings, SettingsKey};
use super::read_objects::{ReadObjects, Reading, losses};
use super::{Stage, Substitutable};
use crate::codes;
use crate::flux::{FluxKustomization, subject};

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
    /// The objects as they go into the server-side apply where no variables are put in; nothing
    /// where the build failed.
    pub read: ReadObjects,
    /// What is wrong: errors where the build failed, warnings and what is lost on the way to the
    /// cluster otherwise. Their trails start at the folder: who asked for it is not in them.
    pub findings: Vec<Diagnostic>,
    /// What was left out.
    pub not_rendered: Vec<NotRendered>,
}

/// Builds folders with the settings of Kustomizations, each combination once. It can be used from
/// many threads.
pub struct Builder {
    sources: Arc<Sources>,
    /// One for each root of a source: a build must not leave it.
    kustomizers: Mutex<HashMap<TreePath, Arc<Kustomizer>, FxBuildHasher>>,
    /// A cell for each, so that threads that ask for the same build wait for one.
    builds: Mutex<HashMap<Key, BuildCell, FxBuildHasher>>,
}

type BuildCell = Arc<OnceLock<Arc<FolderBuild>>>;

/// What makes a build differ from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    root: TreePath,
    folder: TreePath,
    settings: SettingsKey,
}

impl Builder {
    /// A builder over a file table.
    pub fn new(sources: Arc<Sources>) -> Builder {
        Builder {
            sources,
            kustomizers: Mutex::default(),
            builds: Mutex::default(),
        }
    }

    /// The file table.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Builds `folder` with the settings of a Kustomization that could be decoded. `root` is the
    /// folder that its source was packed from.
    pub fn build(
        &self,
        root: &TreePath,
        folder: &TreePath,
        kustomization: &FluxKustomization,
    ) -> Arc<FolderBuild> {
        let settings = Settings::read(kustomization, self.sources.system(), root, folder);
        self.build_with(root, folder, &settings)
    }

    /// Builds the entry of a cluster, whose Kustomization is not known yet, as one without settings
    /// would.
    pub fn build_entry(&self, folder: &TreePath) -> Arc<FolderBuild> {
        self.build_with(&TreePath::root(), folder, &Settings::default())
    }

    /// Builds a folder as kustomize does, without Flux.
    pub fn build_folder(&self, folder: &TreePath) -> Arc<FolderBuild> {
        let built = self.kustomizer(&TreePath::root()).build(folder);
        Arc::new(FolderBuild::new(folder, Stage::Build, built))
    }

    /// The objects of a Kustomization as they go into the server-side apply, once its variables are
    /// put in.
    pub fn read_objects(
        &self,
        objects: &Arc<Vec<Object>>,
        kustomization: &FluxKustomization,
    ) -> ReadObjects {
        Reading::of(kustomization).read(objects)
    }

    fn build_with(
        &self,
        root: &TreePath,
        folder: &TreePath,
        settings: &Settings,
    ) -> Arc<FolderBuild> {
        let key = Key {
            root: root.clone(),
            folder: folder.clone(),
            settings: settings.key(),
        };
        let cell = {
            let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(builds.entry(key).or_default())
        };
        let new = || Arc::new(self.build_new(root, folder, settings));
        Arc::clone(cell.get_or_init(new))
    }

    fn kustomizer(&self, root: &TreePath) -> Arc<Kustomizer> {
        let mut kustomizers = self
            .kustomizers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || {
            // The options of kustomize-controller.
            let options = Options {
                load_restrictor: LoadRestrictor::None,
                reorder: Reorder::None,
                managed_by_label: false,
            };
            let sources = Arc::clone(&self.sources);
            Arc::new(Kustomizer::new(sources, options).in_controller(root.clone()))
        };
        Arc::clone(kustomizers.entry(root.clone()).or_insert_with(new))
    }

    fn build_new(&self, root: &TreePath, folder: &TreePath, settings: &Settings) -> FolderBuild {
        let kustomizer = self.kustomizer(root);
        let system = self.sources.system();
        let own = kustomization_file(system, folder);
        let made = own.is_none();
        let written = match own {
            Some(path) => match self.sources.load(&path) {
                Ok(file) => Ok(file),
                Err(failed) => Err(vec![unreadable(path, &failed.error)]),
            },
            None => generate(&kustomizer, folder),
        };
        let written = written.and_then(|file| {
            let id = file.id();
            let written = settings.write(&kustomizer, &file, made)?;
            Ok((id, written))
        });
        let (stage, built) = match written {
            Ok((id, written)) => {
                let mut built = kustomizer.build_written_back(folder, &written);
                for finding in &mut built.findings {
                    if made {
                        name_generated(finding, folder, id);
                    }
                    name_dropped(finding);
                }
                (Stage::Build, built)
            }
            Err(findings) => {
                let built = Built {
                    findings,
                    ..Built::default()
                };
                (Stage::Generate, built)
            }
        };
        let Built {
            mut objects,
            mut findings,
            mut not_rendered,
        } = built;
        let refused = refused(objects.as_deref(), &mut not_rendered);
        if !refused.is_empty() {
            objects = None;
            findings.retain(|finding| finding.severity == Severity::Error);
            findings.extend(refused);
        }
        if made {
            findings.extend(left_out(system, folder));
        }
        let warnings = settings.findings.iter().cloned();
        findings.extend(warnings.filter(|finding| finding.severity == Severity::Warning));
        let mut build = FolderBuild::new(
            folder,
            stage,
            Built {
                objects,
                findings,
                not_rendered,
            },
        );
        if let Ok(objects) = &build.objects {
            build.findings.extend(losses(objects));
            build.read = settings.reading.read(objects);
        }
        build
    }
}

impl FolderBuild {
    /// The stage at which a Kustomization fails with this build. Where variables are put in, the
    /// objects are written for that, and it is then that what cannot be written is found.
    pub fn failed(&self, kustomization: Option<&FluxKustomization>) -> Option<Stage> {
        const NOT_WRITTEN: [Code; 3] = [
            tidegate_kustomize::codes::UNWRITABLE,
            tidegate_yaml::codes::DUPLICATE_KEY,
            tidegate_yaml::codes::KEY_NOT_TEXT,
        ];
        let stage = *self.objects.as_ref().err()?;
        let errors = self.findings.iter();
        let mut errors = errors.filter(|finding| finding.severity == Severity::Error);
        let is_written = kustomization.is_some_and(|one| one.post_build().is_some())
            && stage == Stage::Build
            && errors.all(|error| NOT_WRITTEN.contains(&error.code));
        Some(if is_written { Stage::Substitute } else { stage })
    }

    /// A build whose failure is one of `stage`.
    fn new(folder: &TreePath, stage: Stage, built: Built) -> FolderBuild {
        let mut findings = built.findings;
        for finding in &mut findings {
            // What is wrong with a generated kustomization has no place but the folder.
            if matches!(finding.primary, Location::Span(span) if !span.is_some()) {
                finding.primary = Location::Path(folder.clone());
            }
        }
        let objects = built.objects.clone().unwrap_or_default();
        FolderBuild {
            folder: folder.clone(),
            objects: built.objects.ok_or(stage),
            read: ReadObjects {
                objects: Arc::clone(&objects),
                refused: Vec::new(),
            },
            substitutable: Substitutable::new(objects),
            findings,
            not_rendered: built.not_rendered,
        }
    }
}

/// Says in the trail of a finding that a kustomization was generated, as no one can look it up.
fn name_generated(finding: &mut Diagnostic, folder: &TreePath, generated: FileId) {
    for step in &mut finding.trail {
        if matches!(step.location, Location::Span(span) if span.file == generated) {
            *step = generated_step(folder);
        }
    }
}

/// An unknown field is an error wherever kustomize reads it, and lost where Flux writes the file
/// first.
fn name_dropped(finding: &mut Diagnostic) {
    if finding.code == tidegate_kustomize::codes::UNKNOWN_FIELD
        && finding.severity == Severity::Warning
    {
        finding.code = codes::DROPPED_FIELD;
    }
}

/// What kustomize can build and the controller refuses: charts, which need a program, and objects
/// that the API server could not take.
fn refused(objects: Option<&Vec<Object>>, not_rendered: &mut Vec<NotRendered>) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    not_rendered.retain(|left_out| {
        let is_refused = matches!(left_out.reason, SkipReason::Chart | SkipReason::Exec);
        if is_refused {
            let what = &left_out.what;
            let message = format!("Flux does not run helm for the chart {what}, and fails");
            let location = left_out.location.clone();
            let code = codes::CHART_IN_KUSTOMIZATION;
            let finding = Diagnostic::new(code, Severity::Error, location, message);
            refused.push(finding.with_help("write a HelmRelease for the chart"));
        }
        !is_refused
    });
    for object in objects.into_iter().flatten() {
        if object.api_version().is_empty() {
            let subject = subject(&object.node);
            let message = format!("{subject} has no apiVersion");
            let code = tidegate_kustomize::codes::NOT_A_RESOURCE;
            refused.push(
                Diagnostic::error(code, object.node.place.span(), message)
                    .with_help("every object needs an apiVersion, a kind and a name")
                    .with_subject(subject)
                    .with_trail(object.trail()),
            );
        }
    }
    refused
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
