//! What came of the build of a folder.

use std::sync::Arc;

use tidegate_kustomize::{Built, Object};
use tidegate_source::{Code, Diagnostic, Location, NotRendered, Severity, TreePath};

use super::{ReadObjects, Stage, Substitutable};
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
    /// The objects as they go into the server-side apply where no variables are put in; nothing
    /// where the build failed.
    pub read: ReadObjects,
    /// What is wrong: errors where the build failed, warnings and what is lost on the way to the
    /// cluster otherwise. Their trails start at the folder: who asked for it is not in them.
    pub findings: Vec<Diagnostic>,
    /// What was left out.
    pub not_rendered: Vec<NotRendered>,
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
    pub(super) fn new(folder: &TreePath, stage: Stage, built: Built) -> FolderBuild {
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
