//! The result as one JSON document.
//!
//! Fields are added without a new version, and taken away or changed only with one.

use serde_json::{Value, json};
use tidegate_helm::{Manifest, Print, RenderError, Rendered};
use tidegate_source::{Location, Span};

use super::files::Files;

/// The version of the schema.
const VERSION: u32 = 1;

/// What a chart gives.
pub(super) fn rendered(rendered: &Rendered, options: &Print<'_>, text: &str) -> String {
    let hooks = rendered.hooks.iter().filter(|hook| options.prints(hook));
    document(json!({
        "version": VERSION,
        "output": text,
        "manifests": rendered.manifests.iter().map(manifest).collect::<Vec<Value>>(),
        "hooks": hooks.map(manifest).collect::<Vec<Value>>(),
        "notes": rendered.notes.as_ref().map(|notes| &notes.text),
        "not_deterministic": rendered.not_deterministic,
    }))
}

fn manifest(manifest: &Manifest) -> Value {
    let head = &manifest.head;
    json!({
        "template": manifest.template(),
        "apiVersion": head.api_version.as_str(),
        "kind": head.kind.as_str(),
        "name": head.name.as_str(),
        "events": manifest.events().collect::<Vec<String>>(),
        "text": manifest.text(),
    })
}

/// Why a chart gives nothing: `errorKind` is a word, and `message` has the words of Helm.
pub(super) fn refused(error: &RenderError, files: &Files) -> String {
    let frames = error.frames.iter().map(|frame| {
        json!({
            "template": frame.template,
            "source": frame.source,
            "location": at(frame.span, files),
        })
    });
    let location = match &error.location {
        Some(Location::Span(span)) => at(*span, files),
        Some(Location::Path(path)) => json!({ "path": files.shown(path) }),
        None => error
            .frame()
            .map_or(Value::Null, |frame| at(frame.span, files)),
    };
    document(json!({
        "version": VERSION,
        "errorKind": error.kind.as_str(),
        "message": error.message,
        "reason": error.reason,
        "location": location,
        "frames": frames.collect::<Vec<Value>>(),
    }))
}

fn at(span: Span, files: &Files) -> Value {
    let span = files.sources().real(span);
    match files.sources().get(span.file) {
        Some(file) => {
            let start = file.line_col(span.start);
            json!({
                "path": files.shown(file.path()),
                "line": start.line,
                "column": start.column,
            })
        }
        None => Value::Null,
    }
}

fn document(value: Value) -> String {
    format!("{value}\n")
}
