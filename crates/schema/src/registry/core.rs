//! ConfigMap, Secret, Namespace, LimitRange, ResourceQuota.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::at::At;
use crate::fault::Faults;
use crate::names::qualified_name;
use crate::quantity::Quantity;
use crate::validate::check_finalizer;

/// How large the data of a ConfigMap or a Secret may be, in bytes.
const DATA: usize = 1024 * 1024;

pub(super) fn config_map(object: &At<'_, '_>, faults: &mut Faults) {
    let (data, binary) = (object.field("data"), object.field("binaryData"));
    let binary_keys = binary.by_key();
    for (key, value) in data.entries() {
        data_key(key, &value, faults);
        if binary_keys.contains_key(key) {
            faults.wrong(
                &value,
                format!("duplicate of key present in binaryData: {key}"),
            );
        }
    }
    for (key, value) in binary.entries() {
        data_key(key, &value, faults);
    }
    size(&[data, binary], object, faults);
}

fn size(maps: &[At<'_, '_>], object: &At<'_, '_>, faults: &mut Faults) {
    let sizes = maps
        .iter()
        .flat_map(|map| map.entries().map(|(_, value)| value.text().len()));
    if sizes.sum::<usize>() > DATA {
        let message = format!("may not be more than {DATA} bytes");
        let kind = crate::fault::FaultKind::TooLong;
        faults.push(kind, &object.path, object.node(), message);
    }
}

fn data_key(key: &str, at: &At<'_, '_>, faults: &mut Faults) {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    if key.len() > 253 {
        faults.wrong(at, "must be no more than 253 characters");
    }
    if key.is_empty() || !key.bytes().all(known) {
        faults.wrong(
            at,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        );
    } else if matches!(key, "." | "..") {
        faults.wrong(at, format!("must not be '{key}'"));
    } else if key.starts_with("..") {
        faults.wrong(at, "must not start with '..'");
    }
}

pub(super) fn secret(object: &At<'_, '_>, faults: &mut Faults) {
    let (data, plain) = (object.field("data"), object.field("stringData"));
    for (key, value) in data.entries().chain(plain.entries()) {
        data_key(key, &value, faults);
    }
    size(&[data, plain], object, faults);
    let has = |key: &str| {
        data.entries()
            .chain(plain.entries())
            .any(|(known, _)| known == key)
    };
    let needed: &[&str] = match object.field("type").text() {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            &["username", "password"]
        }
        _ => &[],
    };
    for key in needed {
        let value = data.key(key);
        match has(key) {
            false => faults.missing(&value, ""),
            true if key.starts_with(".docker") => docker_config(key, &data, &plain, faults),
            true => {}
        }
    }
    if object.field("type").text() == "kubernetes.io/service-account-token" {
        let (metadata, key) = (
            object.field("metadata"),
            "kubernetes.io/service-account.name",
        );
        let annotations = metadata.field("annotations");
        let name = annotations.key(key);
        if name.text().is_empty() {
            faults.missing(&name, "");
        }
    }
}

/// The credentials of registries must be JSON.
fn docker_config(key: &str, data: &At<'_, '_>, plain: &At<'_, '_>, faults: &mut Faults) {
    use base64::Engine;
    let given = plain.key(key);
    let (at, text) = match given.is_set() {
        true => (given, given.text().as_bytes().to_vec()),
        false => {
            let value = data.key(key);
            let text: String = value.text().split_whitespace().collect();
            let decoded = base64::engine::general_purpose::STANDARD.decode(text);
            (value, decoded.unwrap_or_default())
        }
    };
    if !crate::json::is_valid(&text) {
        let message = "must be JSON";
        let kind = crate::fault::FaultKind::Invalid;
        faults.push(kind, &data.key(key).path, at.node(), message);
    }
}

pub(super) fn namespace(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let list = spec.field("finalizers");
    for finalizer in list.items() {
        check_finalizer(finalizer.node(), &list.path, faults);
    }
    for (key, value) in metadata.field("labels").entries() {
        let Some(rule) = key.strip_prefix("pod-security.kubernetes.io/") else {
            continue;
        };
        match rule {
            "enforce" | "audit" | "warn"
                if !["privileged", "baseline", "restricted"].contains(&value.text()) =>
            {
                faults.wrong(&value, "must be one of privileged, baseline, restricted");
            }
            "enforce-version" | "audit-version" | "warn-version" => {
                let minor = value.text().strip_prefix("v1.");
                let is_minor =
                    minor.is_some_and(|m| m.parse::<u32>().is_ok() && !m.starts_with('+'));
                if value.text() != "latest" && !is_minor {
                    faults.wrong(&value, "must be \"latest\" or \"v1.x\"");
                }
            }
            _ => {}
        }
    }
}

pub(super) fn limit_range(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let limits = spec.field("limits");
    super::primitives::unique(&limits, "type", faults);
    for limit in limits.items() {
        let kind = limit.field("type");
        let is_known = matches!(
            kind.text(),
            "" | "Pod" | "Container" | "PersistentVolumeClaim"
        );
        if !is_known {
            faults.all_wrong(&kind, qualified_name(kind.text()));
            if !kind.text().contains('/') {
                faults.wrong(&kind, "must be a standard limit type or fully qualified");
            }
        }
        for field in [
            "max",
            "min",
            "default",
            "defaultRequest",
            "maxLimitRequestRatio",
        ] {
            for (name, value) in limit.field(field).entries() {
                limited_name(kind.text(), name, &value, faults);
            }
        }
        for field in ["default", "defaultRequest"] {
            let field = limit.field(field);
            if kind.text() == "Pod" && field.len() > 0 {
                faults.not_allowed(&field, "may not be specified when `type` is 'Pod'");
            }
        }
        let bounds = ["min", "max"];
        let bounded = bounds
            .iter()
            .any(|field| limit.field(field).key("storage").is_set());
        if kind.text() == "PersistentVolumeClaim" && !bounded {
            faults.missing(
                &limit,
                "either minimum or maximum storage value is required, but neither was provided",
            );
        }
        for (_, ratio) in limit.field("maxLimitRequestRatio").entries() {
            let one = Quantity::from_i64(1);
            if ratio
                .quantity()
                .is_some_and(|ratio| ratio.compare(&one) == Ordering::Less)
            {
                faults.wrong(&ratio, "ratio is less than 1");
            }
        }
        let less = |a: &Option<Quantity>, b: &Option<Quantity>| match (a, b) {
            (Some(a), Some(b)) => a.compare(b) == Ordering::Less,
            _ => false,
        };
        let fields = ["max", "min", "default", "defaultRequest"].map(|field| limit.field(field));
        let maps = fields.each_ref().map(At::by_key);
        let mut keys: Vec<&str> = maps.iter().flat_map(|map| map.keys().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let of = |map: &FxHashMap<&str, At<'_, '_>>| map.get(key)?.quantity();
            let [max, min, default, request] = maps.each_ref().map(of);
            let mut wrong = |field: &str, reason: &str| {
                faults.wrong(&limit.field(field).key(key), reason);
            };
            if less(&max, &min) {
                wrong("min", "min value is greater than max value");
            }
            if less(&request, &min) {
                wrong(
                    "defaultRequest",
                    "min value is greater than default request value",
                );
            }
            if less(&max, &request) {
                wrong(
                    "defaultRequest",
                    "default request value is greater than max value",
                );
            }
            if less(&default, &request) {
                let reason = "default request value is greater than default limit value";
                wrong("defaultRequest", reason);
            }
            if less(&default, &min) {
                wrong("default", "min value is greater than default value");
            }
            if less(&max, &default) {
                wrong("default", "default value is greater than max value");
            }
        }
    }
}

/// Checks the name of what is limited.
fn limited_name(kind: &str, name: &str, at: &At<'_, '_>, faults: &mut Faults) {
    let wrong = qualified_name(name);
    let is_wrong = !wrong.is_empty();
    faults.all_wrong(at, wrong);
    let of_containers = matches!(kind, "Pod" | "Container");
    let is_known = matches!(name, "cpu" | "memory" | "ephemeral-storage")
        || name.starts_with("hugepages-")
        || (!of_containers && (name == "storage" || is_quota(name)));
    if is_wrong || is_known || name.contains('/') {
        return;
    }
    faults.wrong(
        at,
        match kind {
            "Pod" | "Container" => "must be a standard resource for containers",
            _ => "must be a standard resource type or fully qualified",
        },
    );
}

/// Resources that quotas count.
const COUNTED: [&str; 9] = [
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Whether a quota can be of a resource.
fn is_quota(name: &str) -> bool {
    let measured = |name: &str| {
        matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-")
    };
    let limited = name
        .strip_prefix("requests.")
        .or_else(|| name.strip_prefix("limits."));
    name.contains('/')
        || COUNTED.contains(&name)
        || measured(name)
        || name == "requests.storage"
        || limited.is_some_and(measured)
}

/// Scopes of a quota that exclude each other.
const CONFLICTS: [(&str, &str); 2] = [
    ("BestEffort", "NotBestEffort"),
    ("Terminating", "NotTerminating"),
];

pub(super) fn resource_quota(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let hard = spec.field("hard");
    for (name, value) in hard.entries() {
        if !is_quota(name) {
            faults.wrong(&value, "must be a standard resource for quota");
        }
        let counts = COUNTED.contains(&name) || name.starts_with("count/");
        if counts
            && value
                .quantity()
                .is_some_and(|quantity| !quantity.is_whole())
        {
            faults.wrong(&value, "must be an integer");
        }
        if value
            .quantity()
            .is_some_and(|quantity| quantity.signum() < 0)
        {
            faults.wrong(&value, "must be greater than or equal to 0");
        }
    }
    let scopes = spec.field("scopes");
    let known = [
        "BestEffort",
        "NotBestEffort",
        "Terminating",
        "NotTerminating",
        "PriorityClass",
        "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    ];
    let has = |scope: &str| scopes.items().any(|item| item.text() == scope);
    for scope in scopes.items() {
        if !known.contains(&scope.text()) {
            faults.invalid(&scopes.path, scope.node(), "unsupported scope");
        } else if hard
            .entries()
            .any(|(name, _)| !is_scoped(scope.text(), name))
        {
            let reason = "unsupported scope applied to resource";
            faults.invalid(&scopes.path, scope.node(), reason);
        }
    }
    if CONFLICTS.iter().any(|(a, b)| has(a) && has(b)) {
        faults.wrong(&scopes, "conflicting scopes");
    }
    let selector = spec.field("scopeSelector");
    let list = selector.field("matchExpressions");
    for requirement in list.items() {
        let [name, operator, values] =
            ["scopeName", "operator", "values"].map(|field| requirement.field(field));
        let scope = name.text();
        if !scope.is_empty() && !known.contains(&scope) {
            let path = list.path.field("scopeName");
            faults.invalid(&path, name.node(), "unsupported scope");
        } else if hard.entries().any(|(name, _)| !is_scoped(scope, name)) {
            let reason = "unsupported scope applied to resource";
            faults.invalid(&list.path, name.node(), reason);
        }
        let only_exists = !matches!(scope, "" | "PriorityClass" | "VolumeAttributesClass");
        if only_exists && known.contains(&scope) && operator.text() != "Exists" {
            let path = list.path.field("operator");
            let reason = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            faults.invalid(&path, operator.node(), reason);
        }
        let path = list.path.field("values");
        match operator.text() {
            "In" | "NotIn" if values.len() == 0 => {
                let reason = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                faults.required(&path, requirement.node(), reason);
            }
            "Exists" | "DoesNotExist" if values.len() > 0 => {
                let reason = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                faults.invalid(&path, values.node(), reason);
            }
            _ => {}
        }
    }
    let chosen = |scope: &str| {
        list.items()
            .any(|item| item.field("scopeName").text() == scope)
    };
    if CONFLICTS.iter().any(|(a, b)| chosen(a) && chosen(b)) {
        faults.wrong(&list, "conflicting scopes");
    }
}

/// Whether a scope can be of a resource.
fn is_scoped(scope: &str, resource: &str) -> bool {
    let is_storage = matches!(resource, "persistentvolumeclaims" | "requests.storage");
    let is_pods = resource == "pods";
    let is_compute = matches!(
        resource,
        "cpu" | "memory" | "limits.cpu" | "limits.memory" | "requests.cpu" | "requests.memory"
    );
    let is_standard = COUNTED.contains(&resource)
        || is_compute
        || is_storage
        || resource.ends_with("ephemeral-storage");
    !is_standard
        || match scope {
            "BestEffort" => is_pods,
            "VolumeAttributesClass" => is_storage,
            _ => is_pods || is_compute,
        }
}
