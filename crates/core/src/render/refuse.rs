//! What kustomize takes and the controller does not.

use tidegate_kustomize::Object;
use tidegate_source::{
    Diagnostic, EntryKind, Location, NotRendered, Severity, SkipReason, System, SystemError,
    TreePath,
};

use super::generate::KUSTOMIZATION_FILES;
use crate::codes;
use crate::flux::subject;

/// What kustomize can build and the controller refuses: charts, which need a program, and objects
/// that the API server could not take.
pub(super) fn refused(
    objects: Option<&Vec<Object>>,
    not_rendered: &mut Vec<NotRendered>,
) -> Vec<Diagnostic> {
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
        let missing = match (object.api_version(), object.name()) {
            ("", _) => "apiVersion",
            // kustomize lets lists pass.
            (_, "") => "metadata.name",
            _ => continue,
        };
        let subject = subject(&object.node);
        let message = match subject.name.as_str() {
            "" => format!("this {} has no `{missing}`", subject.kind),
            _ => format!("{subject} has no `{missing}`"),
        };
        let code = tidegate_kustomize::codes::NOT_A_RESOURCE;
        refused.push(
            Diagnostic::error(code, object.node.place.span(), message)
                .with_help("every object needs an apiVersion, a kind and a name")
                .with_subject(subject)
                .with_trail(object.trail()),
        );
    }
    refused
}

/// Why no kustomization can be written into a folder: there is a folder of its name.
pub(super) fn cannot_be_written(system: &dyn System, folder: &TreePath) -> Option<Diagnostic> {
    let path = folder.join(KUSTOMIZATION_FILES[0]).ok()?;
    let is_taken = system.kind(&path) == Ok(EntryKind::Folder);
    is_taken.then(|| {
        let message = format!("`{path}` is a folder, where Flux writes a kustomization");
        let code = tidegate_kustomize::codes::MISSING_KUSTOMIZATION;
        let location = Location::Path(path);
        Diagnostic::new(code, Severity::Error, location, message).with_help("rename the folder")
    })
}

/// The kustomization file that Flux cannot see, so that it generates one.
pub(super) fn left_out(system: &dyn System, folder: &TreePath) -> Option<Diagnostic> {
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
