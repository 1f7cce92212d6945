//! The words of Helm for the errors of Go's templates.
//!
//! Source: `reformatExecErrorMsg` and `cleanupParseError` of `helm.sh/helm/v4/pkg/engine`.

use tidegate_gotemplate::{Error, ErrorKind};

/// An error that a text could not be read as a template with.
pub(super) fn parsing(error: &Error) -> String {
    let parts: Vec<&str> = error.message.split(": ").collect();
    match parts.as_slice() {
        [_, location, .., last] => format!("parse error at ({location}): {last}"),
        _ => error.message.clone(),
    }
}

/// An error of an execution: where `fail` or `required` were called; or one entry for each template on the way; or, where
/// any part of it has other words than Go's templates use, the error as it is.
pub(super) fn executing(error: &Error) -> String {
    let location = error.message.split(": ").nth(1).unwrap_or_default();
    if matches!(error.kind, ErrorKind::Fail | ErrorKind::Required) {
        let said = error.chain().last().unwrap_or_default();
        return format!("execution error at ({location}): {said}");
    }
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for text in error.chain() {
        let Some(entry) = Entry::of(text) else {
            return error.message.clone();
        };
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    let text: String = entries.iter().map(Entry::text).collect();
    text.trim().to_owned()
}

/// What one template has to say.
#[derive(PartialEq, Eq)]
struct Entry<'e> {
    location: &'e str,
    executing: Option<(&'e str, &'e str)>,
    message: &'e str,
}

impl<'e> Entry<'e> {
    fn of(text: &'e str) -> Option<Entry<'e>> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Entry {
                location: "",
                executing: None,
                message: text,
            });
        }
        Entry::with_place(rest).or_else(|| {
            let (location, message) = rest.rsplit_once(": ")?;
            Some(Entry {
                location,
                executing: None,
                message: before_next(message),
            })
        })
    }

    fn with_place(text: &'e str) -> Option<Entry<'e>> {
        let (location, rest) = text.split_once(": executing ")?;
        let (template, rest) = rest.strip_prefix('"')?.split_once('"')?;
        let (place, message) = rest.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Entry {
            location,
            executing: Some((template, place)),
            message: before_next(message),
        })
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if !self.location.is_empty() {
            out.push_str(&format!("{}\n  ", self.location));
        }
        if let Some((template, place)) = self.executing {
            out.push_str(&format!("executing \"{template}\" at <{place}>:\n    "));
        }
        if !self.message.is_empty() {
            out.push_str(&format!("{}\n", self.message));
        }
        out
    }
}

/// The message without the error of the next template that goes on behind it.
fn before_next(message: &str) -> &str {
    message
        .split_once(" template:")
        .map_or(message, |(before, _)| before)
}
