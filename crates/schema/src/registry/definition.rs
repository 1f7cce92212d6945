//! CustomResourceDefinition.

use tidegate_yaml::Node;

use super::at::At;
use crate::cel::{Budget, Verdict, check_rule};
use crate::fault::Faults;
use crate::names::{dns1035_label, dns1123_subdomain};
use crate::opaque::has_opaque;
use crate::path::Path;
use crate::structural::{Schema, SchemaRef};
use crate::validate::check_value;

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
    for list in ["shortNames", "categories"] {
        for name in names.field(list).items() {
            faults.all_wrong(&name, dns1035_label(name.text()));
        }
    }
    let conversion = spec.field("conversion");
    let strategy = conversion.field("strategy");
    if !strategy.text().is_empty() {
        faults.one_of(&strategy, &["None", "Webhook"]);
    }
    let scope = spec.field("scope");
    if !scope.text().is_empty() {
        faults.one_of(&scope, &["Cluster", "Namespaced"]);
    }
    let versions = spec.field("versions");
    super::primitives::unique(&versions, "name", faults);
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
        }
        for column in version.field("additionalPrinterColumns").items() {
            let kind = column.field("type");
            if !kind.text().is_empty() {
                faults.one_of(&kind, &["boolean", "date", "integer", "number", "string"]);
            }
        }
        let schema = version.field("schema");
        let schema = schema.field("openAPIV3Schema");
        if !schema.is_set() {
            faults.missing(&schema, "");
            continue;
        }
        structure(schema.node(), faults);
    }
}

/// Checks that a schema is structural.
fn structure(node: &Node, faults: &mut Faults) {
    let spec = Path::Field(&Path::Root, "spec");
    let validation = spec.field("validation");
    let path = validation.field("openAPIV3Schema");
    if node.get("type").is_none() {
        faults.required(&path.field("type"), node, "must not be empty at the root");
    } else if node.get("type").and_then(Node::text) != Some("object") {
        let at = node.get("type").unwrap_or(node);
        faults.invalid(&path.field("type"), at, "must be object at the root");
    }
    let before = faults.list.len();
    walk(node, &path, Place::Root, faults);
    if faults.list.len() > before {
        return;
    }
    let schema = Schema::from_openapi(node);
    values(schema.root(), node, &path, true, faults);
}

/// What a schema is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Field,
    Item,
}

fn walk(node: &Node, path: &Path<'_>, place: Place, faults: &mut Faults) {
    if let Some(reference) = node.get("$ref") {
        faults.forbidden(&path.field("$ref"), reference, "$ref is not supported");
    }
    let is_true = |key: &str| node.get(key).and_then(Node::text) == Some("true");
    let untyped =
        is_true("x-kubernetes-int-or-string") || is_true("x-kubernetes-preserve-unknown-fields");
    let kind = node.get("type").and_then(Node::text).unwrap_or_default();
    if kind.is_empty() && !untyped && place != Place::Root {
        let what = match place {
            Place::Item => "must not be empty for specified array items",
            _ => "must not be empty for specified object fields",
        };
        faults.required(&path.field("type"), node, what);
    }
    let kinds = ["array", "boolean", "integer", "number", "object", "string"];
    if !kind.is_empty() && !kinds.contains(&kind) {
        let at = node.get("type").unwrap_or(node);
        faults.unsupported(&path.field("type"), at, kinds.into_iter());
    }
    if kind == "array" && node.get("items").is_none() {
        faults.required(&path.field("items"), node, "must be specified");
    }
    if node.get("x-kubernetes-list-type").and_then(Node::text) == Some("map") {
        let keys = node
            .get("x-kubernetes-list-map-keys")
            .and_then(Node::as_seq);
        let path = path.field("x-kubernetes-list-map-keys");
        if keys.is_none_or(|keys| keys.is_empty()) {
            let reason = "must not be empty if x-kubernetes-list-type is map";
            faults.required(&path, node, reason);
        }
    }
    if let (Some(_), Some(at)) = (node.get("properties"), node.get("additionalProperties"))
        && place != Place::Root
    {
        let reason = "additionalProperties and properties are mutual exclusive";
        faults.forbidden(&path.field("additionalProperties"), at, reason);
    }
    let properties = path.field("properties");
    for entry in node
        .get("properties")
        .and_then(Node::as_map)
        .into_iter()
        .flatten()
    {
        if let Some(key) = entry.key.text() {
            walk(&entry.value, &properties.key(key), Place::Field, faults);
        }
    }
    for (key, place) in [
        ("items", Place::Item),
        ("additionalProperties", Place::Field),
    ] {
        if let Some(part) = node.get(key).filter(|part| part.as_map().is_some()) {
            walk(part, &path.field(key), place, faults);
        }
    }
}

/// Checks defaults against their own schemas, and compiles rules.
fn values(schema: SchemaRef<'_>, node: &Node, path: &Path<'_>, root: bool, faults: &mut Faults) {
    if let Some(default) = node.get("default") {
        check_value(schema, default, &path.field("default"), faults);
    }
    let rules = path.field("x-kubernetes-validations");
    let written = node.get("x-kubernetes-validations").and_then(Node::as_seq);
    for (index, rule) in schema.node().rules.iter().enumerate() {
        let mut budget = Budget::default();
        let null = Node::null(node.place.clone());
        let verdict = check_rule(rule, schema, root, &null, None, &mut budget);
        let Verdict::CompileError(reason) = verdict else {
            continue;
        };
        let rules = rules.index(index);
        let at = written.and_then(|rules| rules.get(index)?.get("rule"));
        faults.invalid(&rules.field("rule"), at.unwrap_or(node), reason);
    }
    let properties = path.field("properties");
    for entry in node
        .get("properties")
        .and_then(Node::as_map)
        .into_iter()
        .flatten()
    {
        let key = entry.key.text().unwrap_or_default();
        if let Some(part) = schema.property(key) {
            values(
                part,
                &entry.value,
                &properties.key(key),
                part.embedded,
                faults,
            );
        }
    }
    if let (Some(part), Some(node)) = (schema.items(), node.get("items")) {
        values(part, node, &path.field("items"), part.embedded, faults);
    }
    if let (Some(part), Some(node)) = (schema.additional(), node.get("additionalProperties")) {
        values(
            part,
            node,
            &path.field("additionalProperties"),
            part.embedded,
            faults,
        );
    }
}
