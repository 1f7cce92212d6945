//! Where a Kustomization leads.

use tidegate_source::{
    Diagnostic, Location, NotRendered, Severity, SkipReason, Sources, Span, System, TreePath,
};

use crate::codes;
use crate::flux::FluxKustomization;
use crate::render::Stage;
use crate::spec_path;
use crate::tree::{Tree, instead_of_folder, is_substituted, join_following};

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
    /// Nowhere: Flux would fail.
    Failed(Stage),
    /// It cannot be told from the tree.
    Unknown(SkipReason),
}

/// The folder that `path` leads to in a source whose root is `root`, whether there is one or not: `..`
/// never leads above the root, and links are followed where the system has them.
pub fn source_folder(system: &dyn System, root: &TreePath, path: &str) -> TreePath {
    join_following(system, root, path).0
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
    let mut findings = kustomization.decode();
    findings.extend(lacks_source(kustomization));
    // A field that the API does not have is refused before Flux sees it; what is rendered is what comes
    // once it is taken out.
    let is_fatal = |finding: &Diagnostic| {
        finding.severity == Severity::Error && finding.code != codes::UNKNOWN_KUSTOMIZATION_FIELD
    };
    if findings.iter().any(is_fatal) {
        return Followed {
            target: Target::Failed(Stage::Decode),
            findings,
            left_out: None,
        };
    }
    if is_substituted(path) {
        let what = format!("{subject} of path {path}");
        return unknown(
            SkipReason::Substitution,
            what,
            kustomization.path_span,
            findings,
        );
    }
    if !tree.is_own(source) {
        let reason = match is_substituted(&source.to_string()) {
            true => SkipReason::Substitution,
            false => SkipReason::OutsideTree,
        };
        let what = format!("{subject} from {source}");
        return unknown(reason, what, kustomization.source_span, findings);
    }
    let root = &tree.root;
    let system = sources.system();
    let (folder, escapes) = join_following(system, root, path);
    if escapes {
        findings.push(spec_path::escapes(kustomization));
    }
    let target = match instead_of_folder(system, root, &folder) {
        None => Target::Folder(folder),
        Some(instead) => {
            let mut finding = spec_path::missing(sources, kustomization, root, &folder, instead);
            if let Some(other) = tree.other_root(system, start, entries, path) {
                finding.help = Some(match tree.says_root() {
                    true => format!(
                        "it exists in `{other}`, but the config says that the root is `{root}`"
                    ),
                    false => format!(
                        "it exists in `{other}`, but the other paths of this source are relative \
                         to `{root}`"
                    ),
                });
                finding.fix = None;
            }
            findings.push(finding);
            Target::Failed(Stage::Path)
        }
    };
    for finding in &mut findings {
        finding.subject = Some(subject.clone());
    }
    Followed {
        target,
        findings,
        left_out: None,
    }
}

/// A Kustomization that names no source, which the API server refuses.
fn lacks_source(kustomization: &FluxKustomization) -> Option<Diagnostic> {
    let FluxKustomization {
        source, subject, ..
    } = kustomization;
    let lacking = match (source.kind.is_empty(), source.name.is_empty()) {
        (true, true) => "spec.sourceRef",
        (true, false) => "spec.sourceRef.kind",
        (false, true) => "spec.sourceRef.name",
        (false, false) => return None,
    };
    let message = format!("{subject} has no `{lacking}`");
    let mut finding = Diagnostic::error(
        codes::INVALID_KUSTOMIZATION,
        kustomization.source_span,
        message,
    )
    .with_help("name the source that holds its `spec.path`");
    finding.subject = Some(subject.clone());
    Some(finding)
}

fn unknown(reason: SkipReason, what: String, span: Span, findings: Vec<Diagnostic>) -> Followed {
    Followed {
        target: Target::Unknown(reason),
        findings,
        left_out: Some(NotRendered {
            reason,
            what,
            location: Location::Span(span),
        }),
    }
}
