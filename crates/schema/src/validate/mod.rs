//! Checks an object as the API server does when it is applied or created: what it is decoded into,
//! its defaults, its schema, the rules of the schema, and what the server's own code asks for.

mod decode;
mod defaults;
mod lists;
mod metadata;
mod rules;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use metadata::{check_finalizer, check_labels};
use tidegate_yaml::{Node, Value};
pub(crate) use values::structural as check_value;

use crate::catalog::{Catalog, Kind, Lookup};
use crate::fault::{Fault, FaultKind, Faults};
use crate::path::Path;
use crate::registry;

/// How an object gets to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// By a server-side apply, as Flux does it.
    Apply,
    /// By a create.
    Create,
}

/// What was found out about an object.
#[derive(Clone, Debug)]
pub enum Report {
    /// Nothing is known of its kind, so nothing was checked.
    UnknownKind,
    /// What the server would refuse it for; nothing where it takes it.
    Checked(Vec<Fault>),
}

/// Checks an object against the kinds of a catalog.
pub fn validate(catalog: &Catalog, object: &Node, how: How) -> Report {
    let mut faults = Faults::default();
    let Some(map) = object.as_map() else {
        let message = "must be an object";
        faults.push(FaultKind::Decode, &Path::Root, object, message);
        return Report::Checked(faults.list);
    };
    let mut names = ["", ""];
    for (name, key) in names.iter_mut().zip(["apiVersion", "kind"]) {
        let path = Path::Field(&Path::Root, key);
        match map.get(key).map(|value| (value, value.as_str())) {
            Some((_, Some(text))) if !text.is_empty() => *name = text,
            Some((value, None)) if !value.is_null() => {
                faults.push(FaultKind::Decode, &path, value, "must be text");
            }
            _ => faults.required(&path, object, &format!("'{key}' is missing")),
        }
    }
    let [api_version, name] = names;
    if !faults.list.is_empty() {
        return Report::Checked(faults.list);
    }
    let kind = match catalog.find(api_version, name) {
        Lookup::Served(kind) => kind,
        Lookup::Unknown => return Report::UnknownKind,
        Lookup::OtherVersion => {
            let path = Path::Field(&Path::Root, "apiVersion");
            let message = format!("no matches for kind \"{name}\" in version \"{api_version}\"");
            let at = map.get("apiVersion").unwrap_or(object);
            faults.push(FaultKind::Kind, &path, at, message);
            return Report::Checked(faults.list);
        }
    };
    match kind.is_builtin() {
        true => builtin(catalog, kind, object, how, &mut faults),
        false => custom(catalog, kind, object, how, &mut faults),
    }
    Report::Checked(faults.list)
}

/// An object of one of Kubernetes' own kinds.
fn builtin(catalog: &Catalog, kind: &Kind, object: &Node, how: How, faults: &mut Faults) {
    let schema = kind.schema().root();
    decode::native(schema, object, &Path::Root, how, faults);
    if !is_decoded(faults) {
        return;
    }
    if how == How::Apply {
        lists::check(schema, object, &Path::Root, how, faults);
    }
    metadata::check(object, kind, faults);
    values::native(schema, object, &Path::Root, faults);
    registry::check(kind, object, catalog.version(), faults);
}

/// An object of a kind that a CRD defines.
fn custom(catalog: &Catalog, kind: &Kind, object: &Node, how: How, faults: &mut Faults) {
    let schema = kind.schema().root();
    decode::structural(schema, object, &Path::Root, true, faults);
    if let Some(metadata) = object.get("metadata") {
        let path = Path::Field(&Path::Root, "metadata");
        decode::native(catalog.metadata().root(), metadata, &path, how, faults);
    }
    if !is_decoded(faults) {
        return;
    }
    metadata::check(object, kind, faults);
    let defaulted = defaults::fill(schema, object, how);
    let object = defaulted.as_ref().unwrap_or(object);
    values::structural(schema, object, &Path::Root, faults);
    lists::check(schema, object, &Path::Root, how, faults);
    if schema.below().rules && !faults.list.iter().any(|fault| fault.kind.blocks_rules()) {
        rules::check(schema, object, faults);
    }
}

/// Whether there is an object to go on with. The server ends at the first field that it does not know:
/// what else is wrong is found here as well.
fn is_decoded(faults: &Faults) -> bool {
    let mut kinds = faults.list.iter().map(|fault| fault.kind);
    kinds.all(|kind| kind == FaultKind::UnknownField)
}

/// Whether a value is there and is not null.
fn is_set(value: Option<&Node>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

/// The name of the JSON type of a value.
fn type_name(node: &Node) -> &'static str {
    use tidegate_yaml::ScalarKind;
    match &node.value {
        Value::Map(_) => "object",
        Value::Seq(_) => "array",
        Value::Scalar(scalar) => match scalar.kind {
            ScalarKind::Int => "integer",
            ScalarKind::Float => match crate::number::Number::of(scalar) {
                Some(crate::number::Number::Whole(_)) => "integer",
                _ => "number",
            },
            ScalarKind::Bool => "boolean",
            ScalarKind::Null => "null",
            _ => "string",
        },
    }
}
