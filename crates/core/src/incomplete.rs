use tidegate_source::{Diagnostic, NotChecked, NotRendered, Severity, SkipReason};

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

/// The error for objects of an unknown kind, for those to whom an incomplete result is none.
pub fn not_checked_error(item: &NotChecked) -> Diagnostic {
    let NotChecked {
        api_version,
        kind,
        objects,
        location,
    } = item;
    let objects = match objects {
        1 => "1 object was".to_owned(),
        count => format!("{count} objects were"),
    };
    let message = format!("{objects} not checked: there is no schema of {kind} in {api_version}");
    Diagnostic::new(
        codes::NOT_CHECKED,
        Severity::Error,
        location.clone(),
        message,
    )
    .with_help(
        "add its CustomResourceDefinition to the tree, or name a file that has it in `schemas` of \
         tidegate.toml",
    )
}
