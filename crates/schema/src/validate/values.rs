use tidegate_yaml::{Node, ScalarKind, Value};

use super::{is_set, type_name};
use crate::fault::{FaultKind, Faults, shown};
use crate::formats::has_format;
use crate::number::{Number, is_text};
use crate::opaque::{has_opaque, is_opaque};
use crate::path::Path;
use crate::structural::{Checks, SchemaRef, ValueType};

/// Checks a value against the schema of a CRD, as far as it can be told value by value.
pub(crate) fn structural(schema: SchemaRef<'_>, node: &Node, path: &Path<'_>, faults: &mut Faults) {
    if is_opaque(node) {
        return;
    }
    if node.is_null() {
        // What is missing is said by what it is missing from.
        if !schema.nullable && (schema.value_type.is_some() || schema.int_or_string) {
            mistyped(schema, node, path, faults);
        }
        return;
    }
    if !has_type(schema, node) {
        mistyped(schema, node, path, faults);
        return;
    }
    if let (Some(ValueType::String) | None, Value::Scalar(scalar)) =
        (schema.value_type, &node.value)
        && is_text(scalar)
        && !schema.format.is_empty()
        && !has_format(&schema.format, &scalar.text)
    {
        let reason = format!("must be of type {}", schema.format);
        faults.invalid(path, node, reason);
    }
    if let Some(checks) = &schema.node().checks {
        self::checks(schema, checks, node, path, faults);
    }
    match &node.value {
        Value::Map(map) => {
            for name in &schema.node().required {
                if !is_set(map.get(name)) && !is_nullable_null(schema, name, map.get(name)) {
                    let at = map.get(name).unwrap_or(node);
                    faults.required(&path.field(name), at, "");
                }
            }
            for entry in map {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                let part = schema.property(key).or_else(|| schema.additional());
                let is_missing = entry.value.is_null() && schema.required.iter().any(|r| r == key);
                if let (Some(part), false) = (part, is_missing) {
                    structural(part, &entry.value, &path.field(key), faults);
                }
            }
        }
        Value::Seq(seq) => {
            if let Some(items) = schema.items() {
                for (index, item) in seq.iter().enumerate() {
                    structural(items, item, &path.index(index), faults);
                }
            }
        }
        Value::Scalar(_) => {}
    }
}

/// Whether a value is a null that its schema allows.
fn is_nullable_null(schema: SchemaRef<'_>, name: &str, value: Option<&Node>) -> bool {
    value.is_some() && schema.property(name).is_some_and(|part| part.nullable)
}

fn has_type(schema: SchemaRef<'_>, node: &Node) -> bool {
    let found = type_name(node);
    if schema.int_or_string {
        return matches!(found, "integer" | "string");
    }
    match schema.value_type {
        None => true,
        Some(ValueType::Number) => matches!(found, "integer" | "number"),
        Some(wanted) => wanted.as_str() == found,
    }
}

fn mistyped(schema: SchemaRef<'_>, node: &Node, path: &Path<'_>, faults: &mut Faults) {
    let wanted = match (schema.int_or_string, schema.value_type) {
        (true, _) => "integer,string",
        (false, wanted) => wanted.map_or("object", ValueType::as_str),
    };
    let found = type_name(node);
    faults.mistyped(path, node, format!("must be of type {wanted}, not {found}"));
}

fn checks(
    schema: SchemaRef<'_>,
    checks: &Checks,
    node: &Node,
    path: &Path<'_>,
    faults: &mut Faults,
) {
    if !checks.one_of_values.is_empty()
        && !checks.one_of_values.iter().any(|value| same(value, node))
    {
        let supported = checks.one_of_values.iter();
        let supported = supported.map(|value| value.text().unwrap_or_default());
        faults.unsupported(path, node, supported);
    }
    let mut invalid = |reason: String| faults.invalid(path, node, reason);
    let too_many =
        |count: u64, most: u64, thing: &str| format!("{count}: must have at most {most} {thing}");
    match &node.value {
        Value::Map(map) => {
            let count = map.len() as u64;
            if let Some(least) = checks.min_properties.filter(|least| count < *least) {
                invalid(format!("should have at least {least} properties"));
            }
            if let Some(most) = checks.max_properties.filter(|most| count > *most) {
                faults.push(
                    FaultKind::TooMany,
                    path,
                    node,
                    too_many(count, most, "items"),
                );
            }
        }
        Value::Seq(seq) => {
            let count = seq.len() as u64;
            if let Some(least) = checks.min_items.filter(|least| count < *least) {
                invalid(format!("should have at least {least} items"));
            }
            if checks.unique_items {
                let mut seen = rustc_hash::FxHashSet::default();
                if !seq.iter().all(|item| seen.insert(shown(item))) {
                    invalid("shouldn't contain duplicates".to_owned());
                }
            }
            if let Some(most) = checks.max_items.filter(|most| count > *most) {
                faults.push(
                    FaultKind::TooMany,
                    path,
                    node,
                    too_many(count, most, "items"),
                );
            }
        }
        Value::Scalar(scalar) => match Number::of(scalar) {
            Some(number) => {
                if let Some(reason) = out_of_range(checks, number.as_f64()) {
                    invalid(reason);
                }
            }
            None if type_name(node) == "string" => {
                let length = scalar.text.chars().count() as u64;
                if let Some(least) = checks.min_length.filter(|least| length < *least) {
                    invalid(format!("should be at least {least} chars long"));
                }
                if !checks.pattern.is_empty() {
                    let regex = checks
                        .regex
                        .get_or_init(|| tidegate_golang::regexp::compile(&checks.pattern).ok());
                    if regex
                        .as_ref()
                        .is_some_and(|regex| !regex.is_match(scalar.text.as_bytes()))
                    {
                        invalid(format!("should match '{}'", checks.pattern));
                    }
                }
                if let Some(most) = checks.max_length.filter(|most| length > *most) {
                    let message = format!("may not be more than {most} bytes");
                    faults.push(FaultKind::TooLong, path, node, message);
                }
            }
            None => {}
        },
    }
    combined(schema, checks, node, path, faults);
}

fn out_of_range(checks: &Checks, value: f64) -> Option<String> {
    if let Some(least) = checks.minimum {
        match checks.exclusive_minimum {
            true if value <= least => return Some(format!("should be greater than {least}")),
            false if value < least => {
                return Some(format!("should be greater than or equal to {least}"));
            }
            _ => {}
        }
    }
    if let Some(most) = checks.maximum {
        match checks.exclusive_maximum {
            true if value >= most => return Some(format!("should be less than {most}")),
            false if value > most => {
                return Some(format!("should be less than or equal to {most}"));
            }
            _ => {}
        }
    }
    let factor = checks.multiple_of?;
    let is_multiple = factor == 0.0 || (value / factor).fract() == 0.0;
    (!is_multiple).then(|| format!("should be a multiple of {factor}"))
}

/// `allOf`, `anyOf`, `oneOf` and `not`.
fn combined(
    schema: SchemaRef<'_>,
    checks: &Checks,
    node: &Node,
    path: &Path<'_>,
    faults: &mut Faults,
) {
    for id in &checks.all_of {
        structural(schema.other(*id), node, path, faults);
    }
    let outcome = |id: &crate::structural::SchemaId| {
        let mut faults = Faults::default();
        structural(schema.other(*id), node, path, &mut faults);
        faults
    };
    let mut failed = |reason: &str, of_branch: Option<Faults>| {
        faults.push(FaultKind::Invalid, path, node, reason);
        faults
            .list
            .extend(of_branch.into_iter().flat_map(|faults| faults.list));
    };
    let best = |mut outcomes: Vec<Faults>| {
        outcomes.sort_by_key(|faults| faults.list.len());
        outcomes.into_iter().next()
    };
    // An int-or-string says its two types again.
    if !checks.any_of.is_empty() && !schema.int_or_string {
        let outcomes: Vec<Faults> = checks.any_of.iter().map(outcome).collect();
        if outcomes.iter().all(|faults| !faults.list.is_empty()) {
            failed("must validate at least one schema (anyOf)", best(outcomes));
        }
    }
    if !checks.one_of.is_empty() {
        let outcomes: Vec<Faults> = checks.one_of.iter().map(outcome).collect();
        let valid = outcomes
            .iter()
            .filter(|faults| faults.list.is_empty())
            .count();
        match valid {
            1 => {}
            0 => failed(
                "must validate one and only one schema (oneOf). Found none valid",
                best(outcomes),
            ),
            _ if has_opaque(node) => {}
            _ => failed(
                &format!(
                    "must validate one and only one schema (oneOf). Found {valid} valid alternatives"
                ),
                None,
            ),
        }
    }
    if let Some(id) = &checks.not
        && outcome(id).list.is_empty()
        && !has_opaque(node)
    {
        failed("must not validate the schema (not)", None);
    }
}

/// Whether two values are the same to JSON.
fn same(a: &Node, b: &Node) -> bool {
    match (a.as_scalar(), b.as_scalar()) {
        (Some(x), Some(y)) => match (Number::of(x), Number::of(y)) {
            (Some(x), Some(y)) => x.as_f64() == y.as_f64(),
            (None, None) => type_name(a) == type_name(b) && x.text == y.text,
            _ => false,
        },
        _ => shown(a) == shown(b),
    }
}

/// Required fields of which the server has a default, or which may be empty: where OpenAPI says more
/// than the server asks for.
const NOT_REQUIRED: [(&str, &str); 17] = [
    ("endpoints", "addressType"),
    ("value", "globalDefault"),
    ("serviceName", "volumeClaimTemplates"),
    ("apiGroup", "kind"),
    ("podSelector", "policyTypes"),
    ("rules", "rules"),
    ("limits", "limits"),
    ("drivers", "drivers"),
    ("spec", "spec"),
    ("value", "name"),
    ("involvedObject", "involvedObject"),
    ("revision", "data"),
    ("secretRef", "gateway"),
    ("lun", "iqn"),
    ("audience", "expirationSeconds"),
    ("generation", "resourceSliceCount"),
    ("value", "requestPolicy"),
];

/// Fields that the server does not check by their schema.
const NOT_LOOKED_AT: [&str; 9] = [
    "metadata",
    "stopSignal",
    "dataSource",
    "dataSourceRef",
    "workloadRef",
    "clusterTrustBundle",
    "podCertificate",
    "configSource",
    "forZones",
];

/// Checks a value of one of Kubernetes' own kinds: required fields and enums, which the server checks
/// in its own code.
pub(super) fn native(schema: SchemaRef<'_>, node: &Node, path: &Path<'_>, faults: &mut Faults) {
    match &node.value {
        Value::Map(map) => {
            for name in &schema.node().required {
                let value = map.get(name);
                let has_default = NOT_REQUIRED
                    .iter()
                    .any(|(field, beside)| field == name && schema.property(beside).is_some());
                if !has_default && is_empty(value, schema.property(name)) {
                    let at = value.unwrap_or(node);
                    faults.required(&path.field(name), at, "");
                }
            }
            // A spec that is missing is an empty one.
            if let (Path::Root, Some(spec)) = (path, schema.property("spec"))
                && !is_set(map.get("spec"))
            {
                empty(spec, node, &path.field("spec"), faults);
            }
            for entry in map {
                let Some(key) = entry.key.text() else {
                    continue;
                };
                if let Some(part) = schema.property(key) {
                    // What a server or a controller says of an object is not looked at, nor what a
                    // feature that is off by default leaves out.
                    let is_status = matches!((path, key), (Path::Root, "status"));
                    if !is_status && !NOT_LOOKED_AT.contains(&key) {
                        native(part, &entry.value, &path.field(key), faults);
                    }
                } else if let Some(values) = schema.additional() {
                    native(values, &entry.value, &path.key(key), faults);
                }
            }
        }
        Value::Seq(seq) => {
            if let Some(items) = schema.items() {
                for (index, item) in seq.iter().enumerate() {
                    let path = path.index(index);
                    match item.is_null() {
                        true => empty(items, item, &path, faults),
                        false => native(items, item, &path, faults),
                    }
                }
            }
        }
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Opaque => {}
        Value::Scalar(scalar) => {
            let values = schema
                .checks
                .as_ref()
                .map_or(&[][..], |checks| &checks.one_of_values);
            let known = values
                .iter()
                .any(|value| value.text() == Some(&scalar.text));
            if !values.is_empty() && !known && !scalar.text.is_empty() && !node.is_null() {
                let supported = values.iter().map(|value| value.text().unwrap_or_default());
                faults.unsupported(path, node, supported);
            }
        }
    }
}

/// Checks the value that Go has where there is none: an empty object, or an empty text, which is none
/// of those that an enum has.
fn empty(schema: SchemaRef<'_>, owner: &Node, path: &Path<'_>, faults: &mut Faults) {
    match schema.value_type {
        Some(ValueType::Object) => {
            let object = Node::map(Vec::new(), owner.place.clone());
            native(schema, &object, path, faults);
        }
        Some(ValueType::String) => {
            let values = schema
                .checks
                .as_ref()
                .map_or(&[][..], |checks| &checks.one_of_values);
            if !values.is_empty() {
                let supported = values.iter().map(|value| value.text().unwrap_or_default());
                faults.unsupported(path, owner, supported);
            }
        }
        _ => {}
    }
}

/// Whether a required value is as good as missing.
fn is_empty(value: Option<&Node>, schema: Option<SchemaRef<'_>>) -> bool {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        // Where there is no truth value, it is false.
        return schema.is_none_or(|schema| schema.value_type != Some(ValueType::Boolean));
    };
    match (&value.value, schema.and_then(|schema| schema.value_type)) {
        (Value::Seq(seq), _) => seq.is_empty(),
        (Value::Scalar(scalar), Some(ValueType::String)) => scalar.text.is_empty(),
        _ => false,
    }
}
