//! CustomResourceDefinition.

use rustc_hash::FxHashSet;
use tidegate_yaml::Node;

use super::at::At;
use super::{admission, structure};
use crate::fault::{FaultKind, Faults, shown};
use crate::names::{dns1035_label, dns1123_subdomain};
use crate::opaque::has_opaque;
use crate::path::Path;

pub(super) fn definition(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    // What it defines cannot be told.
    if has_opaque(spec.node()) {
        return;
    }
    let (name, group) = (metadata.field("name"), spec.field("group"));
    let names = spec.field("names");
    let plural = names.field("plural");
    let preserve = spec.field("preserveUnknownFields");
    if preserve.is_true() {
        faults.wrong(&preserve, "cannot set to true");
    }
    let wanted = format!("{}.{}", plural.text(), group.text());
    if !name.text().is_empty() && name.text() != wanted {
        faults.wrong(&name, "must be spec.names.plural+\".\"+spec.group");
    }
    if !group.text().is_empty() {
        faults.all_wrong(&group, dns1123_subdomain(group.text()));
        let is_protected =
            group.text().ends_with(".k8s.io") || group.text().ends_with(".kubernetes.io");
        let annotations = metadata.field("annotations");
        let approval = annotations.key("api-approved.kubernetes.io");
        if is_protected && approval.text().is_empty() {
            faults.missing(&approval, "protected groups must have approval annotation");
        }
        if !group.text().contains('.') {
            faults.wrong(&group, "should be a domain with at least one dot");
        }
    }
    for field in ["plural", "singular", "kind", "listKind"] {
        let field = names.field(field);
        if !field.text().is_empty() {
            faults.all_wrong(&field, dns1035_label(&field.text().to_lowercase()));
        }
    }
    let (kind, list_kind) = (names.field("kind"), names.field("listKind"));
    if !kind.text().is_empty() && kind.text() == list_kind.text() {
        faults.wrong(&list_kind, "kind and listKind may not be the same");
    }
    for list in ["shortNames", "categories"] {
        for name in names.field(list).items() {
            faults.all_wrong(&name, dns1035_label(name.text()));
        }
    }
    conversion(&spec.field("conversion"), faults);
    let scope = spec.field("scope");
    if !scope.text().is_empty() {
        faults.one_of(&scope, &["Cluster", "Namespaced"]);
    }
    let versions = spec.field("versions");
    let mut known = FxHashSet::default();
    if !versions
        .items()
        .all(|version| known.insert(version.field("name").text()))
    {
        faults.wrong(&versions, "must contain unique version names");
    }
    let stored = versions
        .items()
        .filter(|version| version.field("storage").is_true());
    if versions.len() > 0 && stored.count() != 1 {
        faults.wrong(
            &versions,
            "must have exactly one version marked as storage version",
        );
    }
    for version in versions.items() {
        let name = version.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1035_label(name.text()));
        }
        let warning = version.field("deprecationWarning");
        if warning.is_set() && !version.field("deprecated").is_true() {
            faults.wrong(&warning, "can only be set for deprecated versions");
        } else if warning.is_set() && warning.text().is_empty() {
            faults.wrong(&warning, "must not be an empty string");
        }
        let schema = version.field("schema");
        let schema = schema.field("openAPIV3Schema");
        if !schema.is_set() {
            faults.missing(&schema, "because otherwise all fields are pruned");
        }
    }
    parts(&spec, &versions, faults);
}

/// Checks what each version has. What is the same in all of them is of none of them to the server.
fn parts(spec: &At<'_, '_>, versions: &At<'_, '_>, faults: &mut Faults) {
    for (part, called, check) in [
        ("schema", "validation", schema as PartCheck),
        ("subresources", "subresources", subresources),
        (
            "additionalPrinterColumns",
            "additionalPrinterColumns",
            columns,
        ),
        ("selectableFields", "selectableFields", selectable),
    ] {
        let mut all = versions.items().map(|version| {
            let at = version.field(part);
            at.is_set().then(|| shown(at.node()))
        });
        let first = all.next().flatten();
        let is_same = all.all(|other| other.is_some() && other == first);
        for version in versions.items() {
            let at = version.field(part);
            if !at.is_set() {
                continue;
            }
            match is_same {
                true => check(&at, &version, &spec.path.field(called), faults),
                false => check(&at, &version, &at.path, faults),
            }
            if is_same {
                break;
            }
        }
    }
}

/// Checks a part of a version, which the server calls by a path.
type PartCheck = fn(&At<'_, '_>, &At<'_, '_>, &Path<'_>, &mut Faults);

fn schema(at: &At<'_, '_>, _: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    let schema = at.field("openAPIV3Schema");
    if schema.is_set() {
        structure::check(schema.node(), &path.field("openAPIV3Schema"), faults);
    }
}

fn subresources(at: &At<'_, '_>, _: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    let scale = at.field("scale");
    for (field, called, below) in [
        (
            "specReplicasPath",
            "scale.specReplicasPath",
            &[".spec."][..],
        ),
        (
            "statusReplicasPath",
            "scale.statusReplicasPath",
            &[".status."],
        ),
        (
            "labelSelectorPath",
            "scale.labelSelectorPath",
            &[".spec.", ".status."],
        ),
    ] {
        let field = scale.field(field);
        let text = field.text();
        if text.is_empty() {
            continue;
        }
        let path = path.field(called);
        if !text.starts_with('.') {
            let reason = "must be a simple json path starting with .";
            faults.invalid(&path, field.node(), reason);
        } else if !below.iter().any(|start| text.starts_with(start)) {
            let below: Vec<&str> = below
                .iter()
                .map(|start| start.trim_end_matches('.'))
                .collect();
            let reason = format!("should be a json path under {}", below.join(" or "));
            faults.invalid(&path, field.node(), reason);
        }
    }
}

/// What a column can show, and how.
const COLUMNS: [(&str, &[&str]); 2] = [
    ("type", &["boolean", "date", "integer", "number", "string"]),
    (
        "format",
        &[
            "byte",
            "date",
            "date-time",
            "double",
            "float",
            "int32",
            "int64",
            "password",
        ],
    ),
];

fn columns(at: &At<'_, '_>, _: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    for (index, column) in at.items().enumerate() {
        let path = path.index(index);
        for (field, known) in COLUMNS {
            let value = column.field(field);
            if !value.text().is_empty() && !known.contains(&value.text()) {
                let reason = format!("must be one of {}", known.join(","));
                faults.invalid(&path.field(field), value.node(), reason);
            }
        }
        let source = column.field("jsonPath");
        if !source.text().is_empty() && !source.text().starts_with('.') {
            let reason = "must be a simple json path starting with .";
            faults.invalid(&path.field("JSONPath"), source.node(), reason);
        }
    }
}

/// How many fields of a version can be selected by.
const MOST_SELECTABLE: usize = 8;

fn selectable(at: &At<'_, '_>, version: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
    let schema = version.field("schema");
    let schema = schema.field("openAPIV3Schema");
    if !schema.is_set() {
        return;
    }
    let mut known = FxHashSet::default();
    for (index, one) in at.items().enumerate() {
        let field = one.field("jsonPath");
        let path = path.index(index);
        let path = path.field("jsonPath");
        let text = field.text();
        if text.is_empty() {
            continue;
        }
        let found = structure::field_at(schema.node(), text, false);
        let Some(found) = found else {
            faults.invalid(&path, field.node(), "is an invalid path: no such field");
            continue;
        };
        if text.starts_with(".metadata") {
            let reason = "must not point to fields in metadata";
            faults.invalid(&path, field.node(), reason);
        }
        let kind = found.get("type").and_then(Node::text).unwrap_or_default();
        if !matches!(kind, "string" | "boolean" | "integer") {
            let reason = "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
            faults.invalid(&path, field.node(), reason);
        }
        if !known.insert(text) {
            faults.duplicate(&path, field.node());
        }
    }
    if known.len() > MOST_SELECTABLE {
        let message = format!("{}: must have at most {MOST_SELECTABLE} items", known.len());
        faults.push(FaultKind::TooMany, path, at.node(), message);
    }
}

/// How objects of one version become those of another.
fn conversion(at: &At<'_, '_>, faults: &mut Faults) {
    let (strategy, webhook) = (at.field("strategy"), at.field("webhook"));
    if !strategy.text().is_empty() {
        faults.one_of(&strategy, &["None", "Webhook"]);
    }
    let client = webhook.field("clientConfig");
    let path = at.path.field("webhookClientConfig");
    if strategy.text() != "Webhook" {
        if client.is_set() && !strategy.is_unknown() {
            let reason = "should not be set when strategy is not set to Webhook";
            faults.forbidden(&path, client.node(), reason);
        }
        return;
    }
    if !client.is_set() {
        let reason = "required when strategy is set to Webhook";
        faults.required(&path, client.node(), reason);
    } else {
        // The server has another name for it.
        let mut own = Faults::default();
        admission::client(&client, &mut own);
        let before = client.path.to_string();
        for mut fault in own.list {
            fault.path = fault
                .path
                .replacen(&before, "spec.conversion.webhookClientConfig", 1);
            faults.list.push(fault);
        }
    }
    let versions = webhook.field("conversionReviewVersions");
    let path = at.path.field("conversionReviewVersions");
    if versions.len() == 0 {
        faults.required(&path, versions.node(), "");
        return;
    }
    let mut known = FxHashSet::default();
    for (index, version) in versions.items().enumerate() {
        let path = path.index(index);
        if !known.insert(version.text()) {
            faults.invalid(&path, version.node(), "duplicate version");
            continue;
        }
        for reason in dns1035_label(version.text()) {
            faults.invalid(&path, version.node(), reason);
        }
    }
    if !known.contains("v1") && !known.contains("v1beta1") {
        let reason = "must include at least one of v1, v1beta1";
        faults.invalid(&path, versions.node(), reason);
    }
}
