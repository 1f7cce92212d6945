use tidegate_source::{
    Diagnostic, NotChecked, NotCheckedReason, NotRendered, Severity, SkipReason,
};

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
        reason,
        api_version,
        kind,
        name,
        objects,
        location,
    } = item;
    let objects = match objects {
        1 => "1 object was".to_owned(),
        count => format!("{count} objects were"),
    };
    let (message, help) = match reason {
        NotCheckedReason::UnknownKind => (
            format!("{objects} not checked: there is no schema of {kind} in {api_version}"),
            "add its CustomResourceDefinition to the tree, or name a file that has it in `schemas` of \
             tidegate.toml",
        ),
        NotCheckedReason::OtherCluster => (
            format!("{objects} not checked: {kind} {name} applies them to another cluster"),
            "check them in the tree of that cluster",
        ),
        NotCheckedReason::ValuesSchema => (
            format!(
                "the values of {kind} {name} were not checked: the schema of its chart needs the network"
            ),
            "tidegate fetches no schemas",
        ),
    };
    let location = location.clone();
    Diagnostic::new(codes::NOT_CHECKED, Severity::Error, location, message).with_help(help)
}
