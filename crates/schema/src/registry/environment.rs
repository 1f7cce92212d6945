//! Variables of containers, and what they and files can hold of a pod.

use std::cmp::Ordering;

use super::at::At;
use crate::fault::Faults;
use crate::names::{dns1123_subdomain, qualified_name};
use crate::path::Path;
use crate::quantity::Quantity;

/// Fields of a pod that a variable can hold.
const FIELD_PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Checks the variables of a container.
pub(super) fn environment(container: &At<'_, '_>, faults: &mut Faults) {
    for variable in container.field("env").items() {
        let name = variable.field("name");
        let printable = |b: u8| (b' '..=b'~').contains(&b) && b != b'=';
        if !name.text().bytes().all(printable) {
            faults.wrong(
                &name,
                "a valid environment variable name must consist only of printable ASCII characters other than '='",
            );
        }
        let from = variable.field("valueFrom");
        if from.is_set() {
            if !variable.field("value").text().is_empty() {
                faults.wrong(&from, "may not be specified when `value` is not empty");
            }
            let sources = [
                "fieldRef",
                "resourceFieldRef",
                "configMapKeyRef",
                "secretKeyRef",
                "fileKeyRef",
            ];
            match sources.iter().filter(|source| from.field(source).is_set()).count() {
                0 => faults.wrong(&from, "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"),
                1 => {}
                _ => faults.wrong(&from, "may not have more than one field specified at a time"),
            }
            let (field, resource) = (from.field("fieldRef"), from.field("resourceFieldRef"));
            field_ref(&field, &field.path, faults);
            resource_ref(&resource, &resource.path, faults);
            for source in ["configMapKeyRef", "secretKeyRef"] {
                let source = from.field(source);
                let name = source.field("name");
                if source.is_set() && !name.is_unknown() {
                    faults.all_wrong(&name, dns1123_subdomain(name.text()));
                }
                let key = source.field("key");
                let known = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                if !key.text().bytes().all(known) {
                    faults.wrong(&key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.'");
                }
            }
        }
    }
    let list = container.field("envFrom");
    for source in list.items() {
        let (map, secret) = (source.field("configMapRef"), source.field("secretRef"));
        match (map.is_set(), secret.is_set()) {
            (false, false) => {
                let reason = "must specify one of: `configMapRef` or `secretRef`";
                faults.invalid(&list.path, source.node(), reason);
            }
            (true, true) => {
                let reason = "may not have more than one field specified at a time";
                faults.invalid(&list.path, source.node(), reason);
            }
            _ => {}
        }
        for reference in [map, secret] {
            let name = reference.field("name");
            if reference.is_set() && name.text().is_empty() {
                faults.missing(&name, "");
            } else if reference.is_set() {
                faults.all_wrong(&name, dns1123_subdomain(name.text()));
            }
        }
    }
}

/// A variable or a file that holds a field of the pod; `path` is what the server calls it.
pub(super) fn field_ref(reference: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    let (at, version) = (reference.field("fieldPath"), reference.field("apiVersion"));
    let text = at.text();
    if text.is_empty() {
        return;
    }
    let below = path.field("fieldPath");
    if !matches!(version.text(), "" | "v1") {
        let reason = format!(
            "error converting fieldPath: unsupported pod version: {}",
            version.text()
        );
        return faults.invalid(&below, at.node(), reason);
    }
    let subscript = ["metadata.labels['", "metadata.annotations['"]
        .into_iter()
        .find(|start| text.starts_with(start) && text.ends_with("']"));
    if let Some(start) = subscript {
        let key = &text[start.len()..(text.len() - 2).max(start.len())];
        let key = match start {
            "metadata.annotations['" => key.to_lowercase(),
            _ => key.to_owned(),
        };
        for reason in qualified_name(&key) {
            faults.invalid(path, at.node(), reason);
        }
    } else if !FIELD_PATHS.contains(&text)
        && !matches!(text, "metadata.labels" | "metadata.annotations")
    {
        let reason = format!("error converting fieldPath: field label not supported: {text}");
        faults.invalid(&below, at.node(), reason);
    }
}

/// Units that sizes are divided by.
const DIVISORS: [&str; 13] = [
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
];

/// A variable or a file that holds what a container asks for; `path` is what the server calls it.
pub(super) fn resource_ref(reference: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    let resource = reference.field("resource");
    let Some((kind, name)) = resource.text().split_once('.').or(match resource.text() {
        "" => None,
        text => Some(("", text)),
    }) else {
        return;
    };
    let is_huge = name.starts_with("hugepages-");
    let is_known = matches!(name, "cpu" | "memory" | "ephemeral-storage") || is_huge;
    if !matches!(kind, "limits" | "requests") || !is_known {
        let supported = [
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory",
        ];
        let path = path.field("resource");
        return faults.unsupported(&path, resource.node(), supported.into_iter());
    }
    let divisor = reference.field("divisor");
    let Some(size) = divisor.quantity().filter(|size| size.signum() != 0) else {
        return;
    };
    let units: &[&str] = match name {
        "cpu" => &["1m", "1"],
        _ => &DIVISORS,
    };
    let mut units = units.iter().filter_map(|unit| Quantity::parse(unit).ok());
    if !units.any(|unit| unit.compare(&size) == Ordering::Equal) {
        let reason = format!("the divisor is none that is supported with the {name} resource");
        faults.invalid(&path.field("divisor"), divisor.node(), reason);
    }
}
