use serde_json::{Map, Value, json};
use tidegate_core::diff::{Change, path_text};

use super::shown::{Shown, ShownField, ShownObject};

/// The version of the schema. Fields are added without a new one, and taken away or changed only with
/// one.
const VERSION: u32 = 1;

/// One document, for machines.
pub(super) fn text(shown: &Shown) -> String {
    let totals = shown.totals();
    let dangers = totals.dangers.iter();
    let dangers: Map<String, Value> = dangers
        .map(|(kind, count)| (kind.as_str().to_owned(), json!(count)))
        .collect();
    let variables = shown.variables.iter().map(|one| {
        json!({
            "name": one.name,
            "before": one.before,
            "after": one.after,
            "beforeAt": one.at.0,
            "afterAt": one.at.1,
            "fields": one.fields,
            "objects": one.objects,
        })
    });
    let not_compared = shown.not_compared.iter();
    let not_compared =
        not_compared.map(|(what, objects)| json!({"what": what, "objects": objects}));
    let document = json!({
        "version": VERSION,
        "before": shown.names.0,
        "after": shown.names.1,
        "clusters": shown.clusters,
        "onlyBefore": shown.only_before,
        "onlyAfter": shown.only_after,
        "changes": shown.objects.iter().map(|one| object(one, shown)).collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
        "notCompared": not_compared.collect::<Vec<_>>(),
        "notRendered": shown.not_rendered,
        "summary": {
            "added": totals.added,
            "removed": totals.removed,
            "changed": totals.changed,
            "renamed": totals.renamed,
            "moved": totals.moved,
            "dangers": dangers,
        },
    });
    format!("{document}\n")
}

fn object(object: &ShownObject, shown: &Shown) -> Value {
    let clusters = object
        .clusters
        .iter()
        .map(|at| shown.clusters[*at].as_str());
    let change = match object.change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
        Change::Renamed => "renamed",
        Change::Moved => "moved",
    };
    let dangers = object.dangers.iter().map(|danger| {
        json!({
            "kind": danger.kind.as_str(),
            "path": path_text(&danger.path),
            "message": danger.message,
        })
    });
    json!({
        "change": change,
        "apiVersion": object.subject.api_version,
        "kind": object.subject.kind,
        "namespace": object.subject.namespace,
        "name": object.subject.name,
        "was": object.was.as_ref().map(ToString::to_string),
        "clusters": clusters.collect::<Vec<_>>(),
        "appliedBefore": object.by.0,
        "appliedAfter": object.by.1,
        "beforeAt": object.at.0,
        "afterAt": object.at.1,
        "fields": object.fields.iter().map(field).collect::<Vec<_>>(),
        "dangers": dangers.collect::<Vec<_>>(),
    })
}

fn field(field: &ShownField) -> Value {
    json!({
        "path": field.path,
        "before": field.before,
        "after": field.after,
        "beforeAt": field.at.0,
        "afterAt": field.at.1,
        "secret": field.secret,
        "danger": field.danger.map(|kind| kind.as_str()),
    })
}
