use tidegate_source::{Diagnostic, NotRendered, Severity, SkipReason};

use crate::codes;

/// The error for what was not rendered, for those to whom an incomplete result is none.
pub fn not_rendered_error(item: &NotRendered) -> Diagnostic {
    let reason = item.reason.as_str();
    let message = match item.what.is_empty() {
        true => format!("not rendered: {reason}"),
        false => format!("not rendered: {reason} `{}`", item.what),
    };
    let location = item.location.clone();
    let finding = Diagnostic::new(codes::NOT_RENDERED, Severity::Error, location, message);
    match item.reason {
        SkipReason::Remote => {
            finding.with_help("tidegate fetches nothing: keep a copy of the resource in the tree")
        }
        SkipReason::Exec => finding.with_help("tidegate starts no program from a tree"),
        _ => finding,
    }
}
