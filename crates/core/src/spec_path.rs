//! Findings about the `spec.path` of a Flux Kustomization.

use tidegate_source::{Diagnostic, Edit, Fix, Sources, TreePath};

use crate::codes;
use crate::flux::FluxKustomization;
use crate::tree::{Instead, similar_folder};

/// `spec.path` leads above the root of its source.
pub(crate) fn escapes(kustomization: &FluxKustomization) -> Diagnostic {
    let FluxKustomization { subject, path, .. } = kustomization;
    let message = format!("`spec.path` of {subject} leads above the root of its source: `{path}`");
    Diagnostic::warning(codes::PATH_ESCAPES, kustomization.path_span, message).with_help(
        "Flux stops at the root without a word: write the path relative to the root of the source",
    )
}

/// `spec.path` leads to `folder`, relative to `root`, and that is no folder.
pub(crate) fn missing(
    sources: &Sources,
    kustomization: &FluxKustomization,
    root: &TreePath,
    folder: &TreePath,
    instead: Instead,
) -> Diagnostic {
    let FluxKustomization { subject, path, .. } = kustomization;
    let finding = |rest: &str| {
        let message = format!("`spec.path` of {subject} names `{path}`, {rest}");
        Diagnostic::error(codes::PATH_MISSING, kustomization.path_span, message)
    };
    // Relative to the root of the source, as `spec.path` is written.
    let shown = |folder: &TreePath| folder.relative_to(root);
    match instead {
        Instead::File => finding("which is not a folder").with_help(
            "`spec.path` takes a folder; Flux applies the kustomization or the YAML files in it",
        ),
        Instead::Link => finding("which a symbolic link leads to")
            .with_help("Flux leaves symbolic links out of its artifacts: name the folder itself"),
        Instead::Ignored(rule) => {
            let back = format!("`!/{}/`", shown(folder));
            finding(&format!("which is left out of the artifact by {rule}")).with_help(format!(
                "change the rule, or bring it back with a later one: {back}"
            ))
        }
        Instead::Unknown(error) => {
            finding("which cannot be looked at").with_note(error.to_string())
        }
        Instead::Nothing {
            existing,
            name,
            folders,
        } => {
            let finding = finding("which does not exist");
            if let Some(similar) =
                similar_folder(sources.system(), folder, &existing, &name, &folders)
            {
                let dot = if path.starts_with("./") { "./" } else { "" };
                let similar = format!("{dot}{}", shown(&similar));
                let help = format!("did you mean `{similar}`?");
                return with_fix(sources, finding.with_help(help), kustomization, similar);
            }
            let help = match folders.is_empty() {
                true => format!("`{}` has no folder in it", shown(&existing)),
                false => format!(
                    "paths are relative to the root of the source (`{root}`); `{}` has the \
                     folders {}",
                    shown(&existing),
                    listed(&folders)
                ),
            };
            finding.with_help(help)
        }
    }
}

/// Offers to write another path, where the path is written in one piece.
fn with_fix(
    sources: &Sources,
    mut finding: Diagnostic,
    kustomization: &FluxKustomization,
    path: String,
) -> Diagnostic {
    let span = sources.real(kustomization.path_span);
    let file = sources.get(span.file);
    let written = file.as_ref().and_then(|file| {
        let range = span.start as usize..span.end as usize;
        file.text().ok()?.get(range)
    });
    if written == Some(kustomization.path.as_str()) {
        finding.fix = Some(Fix {
            title: format!("Change the path to `{path}`"),
            edits: vec![Edit { span, text: path }],
        });
    }
    finding
}

/// Names for a sentence: the first few of them.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
