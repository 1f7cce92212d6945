//! Where a Kustomization leads.

use tidegate_source::{Diagnostic, Location, NotRendered, SkipReason, Sources, Span, TreePath};

use crate::flux::FluxKustomization;
use crate::spec_path;
use crate::tree::{Tree, instead_of_folder, is_substituted, join};

/// Where a Kustomization leads, and what is to be said about it.
pub(super) struct Followed {
    pub(super) target: Target,
    pub(super) findings: Vec<Diagnostic>,
    /// What is left out of it.
    pub(super) left_out: Option<NotRendered>,
}

pub(super) enum Target {
    /// A folder of the tree.
    Folder(TreePath),
    /// No folder: Flux would fail.
    NoFolder,
    /// It cannot be told from the tree.
    Unknown(SkipReason),
}

/// Follows `spec.sourceRef` and `spec.path`. `start` and `entries` are what the tree was inferred
/// from.
pub(super) fn follow(
    sources: &Sources,
    tree: &Tree,
    start: &TreePath,
    entries: &[TreePath],
    kustomization: &FluxKustomization,
) -> Followed {
    let FluxKustomization {
        path,
        source,
        subject,
        ..
    } = kustomization;
    if is_substituted(path) {
        let what = format!("{subject} of path {path}");
        return unknown(SkipReason::Substitution, what, kustomization.path_span);
    }
    if !tree.is_own(source) {
        let reason = match is_substituted(&source.to_string()) {
            true => SkipReason::Substitution,
            false => SkipReason::OutsideTree,
        };
        let what = format!("{subject} from {source}");
        return unknown(reason, what, kustomization.source_span);
    }
    let root = &tree.root;
    let (folder, escapes) = join(root, path);
    let mut findings = Vec::new();
    if escapes {
        findings.push(spec_path::escapes(kustomization));
    }
    let system = sources.system();
    let target = match instead_of_folder(system, root, &folder) {
        None => Target::Folder(folder),
        Some(instead) => {
            let mut finding = spec_path::missing(sources, kustomization, root, &folder, instead);
            if let Some(other) = tree.other_root(system, start, entries, path) {
                finding.help = Some(format!(
                    "it exists in `{other}`, but the other paths of this source are relative to \
                     `{root}`"
                ));
                finding.fix = None;
            }
            findings.push(finding);
            Target::NoFolder
        }
    };
    for finding in &mut findings {
        finding.subject = Some(subject.clone());
    }
    let left_out = match target {
        Target::Folder(_) => settings(kustomization),
        _ => None,
    };
    Followed {
        target,
        findings,
        left_out,
    }
}

fn settings(kustomization: &FluxKustomization) -> Option<NotRendered> {
    let settings = kustomization.settings();
    let (_, span) = settings.first()?;
    let fields: Vec<&str> = settings.iter().map(|(field, _)| *field).collect();
    Some(NotRendered {
        reason: SkipReason::FluxSetting,
        what: format!("{} of {}", fields.join(", "), kustomization.subject),
        location: Location::Span(*span),
    })
}

fn unknown(reason: SkipReason, what: String, span: Span) -> Followed {
    Followed {
        target: Target::Unknown(reason),
        findings: Vec::new(),
        left_out: Some(NotRendered {
            reason,
            what,
            location: Location::Span(span),
        }),
    }
}
