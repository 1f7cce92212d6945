use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::at::At;
use super::primitives::{port, port_name, port_or_name, unique};
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain, qualified_name};

/// What containers need to know of their pod.
pub(super) struct Pod<'a, 'n> {
    pub(super) volumes: &'a FxHashSet<&'n str>,
    /// Whether there is a volume whose name is not known.
    pub(super) any_volume: bool,
    /// Names of what the pod claims.
    pub(super) claims: FxHashSet<&'n str>,
    pub(super) host_network: bool,
    pub(super) windows: bool,
}

/// Checks a container.
pub(super) fn check(container: &At<'_, '_>, is_init: bool, pod: &Pod<'_, '_>, faults: &mut Faults) {
    let name = container.field("name");
    if !name.text().is_empty() {
        faults.all_wrong(&name, dns1123_label(name.text()));
    }
    let image = container.field("image");
    match image.text() {
        "" => faults.missing(&image, ""),
        text if text.trim() != text => {
            faults.wrong(&image, "must not have leading or trailing whitespace");
        }
        _ => {}
    }
    ports(container, pod, faults);
    environment(container, faults);
    let needs = container.field("resources");
    resources(&needs, faults);
    for claim in needs.field("claims").items() {
        if !pod.claims.contains(claim.field("name").text()) {
            faults.not_found(&claim);
        }
    }
    mounts(container, pod, faults);
    let policy = container.field("restartPolicy");
    faults.one_of(&policy, &["Always", "Never", "OnFailure"]);
    let is_sidecar = container.field("restartPolicy").text() == "Always";
    for (field, is_liveness) in [
        ("livenessProbe", true),
        ("startupProbe", true),
        ("readinessProbe", false),
    ] {
        let field = container.field(field);
        if !field.is_set() {
            continue;
        }
        if is_init && !is_sidecar {
            faults.not_allowed(
                &field,
                "may not be set for init containers without restartPolicy=Always",
            );
            continue;
        }
        probe(&field, is_liveness, faults);
    }
    let lifecycle = container.field("lifecycle");
    for hook in ["postStart", "preStop"] {
        let hook = lifecycle.field(hook);
        if hook.is_set() && is_init && !is_sidecar {
            let reason = "may not be set for init containers without restartPolicy=Always";
            faults.not_allowed(&lifecycle, reason);
        } else if hook.is_set() {
            handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], faults);
        }
    }
    let context = container.field("securityContext");
    users(&context, pod.windows, faults);
    seccomp(&context, faults);
    let escalation = context.field("allowPrivilegeEscalation");
    if context.field("privileged").is_true() && escalation.is_set() && !escalation.is_true() {
        let reason = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        faults.wrong(&context, reason);
    }
}

fn ports(container: &At<'_, '_>, pod: &Pod<'_, '_>, faults: &mut Faults) {
    let list = container.field("ports");
    unique(&list, "name", faults);
    for item in list.items() {
        let name = item.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, port_name(name.text()));
        }
        let number = item.field("containerPort");
        match number.int() {
            Some(0) => faults.missing(&number, ""),
            _ => port(&number, faults),
        }
        let host = item.field("hostPort");
        if host.int().is_some_and(|host| host != 0) {
            port(&host, faults);
            if pod.host_network && host.int() != number.int() {
                faults.wrong(
                    &host,
                    "must match `containerPort` when `hostNetwork` is true",
                );
            }
        }
    }
}

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

fn environment(container: &At<'_, '_>, faults: &mut Faults) {
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
            field_ref(&from.field("fieldRef"), faults);
            resource_ref(&from.field("resourceFieldRef"), faults);
            for source in ["configMapKeyRef", "secretKeyRef"] {
                let source = from.field(source);
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

/// A variable or a file that holds a field of the pod.
pub(super) fn field_ref(reference: &At<'_, '_>, faults: &mut Faults) {
    let path = reference.field("fieldPath");
    let text = path.text();
    if text.is_empty() {
        return;
    }
    let subscript = ["metadata.labels['", "metadata.annotations['"]
        .into_iter()
        .any(|start| text.starts_with(start) && text.ends_with("']"));
    if !subscript && !FIELD_PATHS.contains(&text) {
        faults.wrong(
            &path,
            format!("error converting fieldPath: field label not supported: {text}"),
        );
    }
}

/// A variable or a file that holds what a container asks for.
pub(super) fn resource_ref(reference: &At<'_, '_>, faults: &mut Faults) {
    let resource = reference.field("resource");
    let known = resource.text().split_once('.').is_some_and(|(kind, name)| {
        matches!(kind, "limits" | "requests")
            && (matches!(name, "cpu" | "memory" | "ephemeral-storage")
                || name.starts_with("hugepages-"))
    });
    if !resource.text().is_empty() && !known {
        let supported = [
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory",
        ];
        faults.unsupported(&resource.path, resource.node(), supported.into_iter());
    }
}

/// Checks requests and limits.
pub(super) fn resources(resources: &At<'_, '_>, faults: &mut Faults) {
    let (limits, requests) = (resources.field("limits"), resources.field("requests"));
    let names = ["cpu", "memory", "ephemeral-storage"];
    for map in [limits, requests] {
        for (name, value) in map.entries() {
            let Some(quantity) = value.quantity() else {
                continue;
            };
            let is_extended = is_extended(name);
            let is_huge = name.starts_with("hugepages-");
            if !names.contains(&name) && !is_huge && !name.contains('/') {
                let reason = "must be a standard resource for containers";
                faults.wrong(&value, reason);
            } else {
                faults.all_wrong(&value, qualified_name(name));
            }
            if quantity.signum() < 0 {
                faults.wrong(&value, "must be greater than or equal to 0");
            } else if is_extended && !quantity.is_whole() {
                faults.wrong(&value, "must be an integer");
            }
        }
    }
    let mut has_huge = false;
    let mut has_cpu_or_memory = false;
    for map in [limits, requests] {
        for (name, _) in map.entries() {
            has_huge |= name.starts_with("hugepages-");
            has_cpu_or_memory |= matches!(name, "cpu" | "memory");
        }
    }
    let by_name = limits.by_key();
    for (name, request) in requests.entries() {
        let limit = by_name.get(name).copied().unwrap_or_else(|| limits.key(""));
        let must_equal = is_extended(name) || name.starts_with("hugepages-");
        match (request.quantity(), limit.quantity()) {
            (Some(request_size), Some(limit_size)) => match request_size.compare(&limit_size) {
                Ordering::Greater => {
                    let reason = format!(
                        "must be less than or equal to {name} limit of {}",
                        limit.text()
                    );
                    faults.invalid(&requests.path, request.node(), reason);
                }
                Ordering::Less if must_equal => {
                    let reason = format!("must be equal to {name} limit of {}", limit.text());
                    faults.invalid(&requests.path, request.node(), reason);
                }
                _ => {}
            },
            (Some(_), None) if must_equal && !limit.is_unknown() => {
                let reason = "Limit must be set for non overcommitable resources";
                faults.required(&limits.path, request.node(), reason);
            }
            _ => {}
        }
    }
    if has_huge && !has_cpu_or_memory {
        faults.not_allowed(resources, "HugePages require cpu or memory");
    }
}

/// Resources that others provide: their numbers are whole, and what is asked for is given.
fn is_extended(name: &str) -> bool {
    let domain = name.split_once('/').map(|(domain, _)| domain);
    domain.is_some_and(|domain| !domain.ends_with("kubernetes.io"))
}

/// How deep a mount is read-only.
const RECURSIVE: [&str; 3] = ["Disabled", "Enabled", "IfPossible"];

fn mounts(container: &At<'_, '_>, pod: &Pod<'_, '_>, faults: &mut Faults) {
    let list = container.field("volumeMounts");
    unique(&list, "mountPath", faults);
    for mount in list.items() {
        let name = mount.field("name");
        let is_there = pod.any_volume || pod.volumes.contains(name.text());
        if !name.text().is_empty() && !is_there {
            faults.not_found(&name);
        }
        let read_only = mount.field("recursiveReadOnly");
        if read_only.is_set() && !RECURSIVE.contains(&read_only.text()) {
            let path = list.path.field("recursiveReadOnly");
            faults.unsupported(&path, read_only.node(), RECURSIVE.into_iter());
        }
        for field in ["subPath", "subPathExpr"] {
            let path = list.path.field(field);
            relative(&mount.field(field), &path, faults);
        }
        if !mount.field("subPath").text().is_empty()
            && !mount.field("subPathExpr").text().is_empty()
        {
            let expression = mount.field("subPathExpr");
            faults.wrong(
                &expression,
                "subPathExpr and subPath are mutually exclusive",
            );
        }
    }
    for device in container.field("volumeDevices").items() {
        let name = device.field("name");
        if !pod.any_volume && !pod.volumes.contains(name.text()) {
            faults.not_found(&name);
        }
    }
}

/// A path that stays below where it begins.
pub(super) fn relative(at: &At<'_, '_>, path: &crate::path::Path<'_>, faults: &mut Faults) {
    let text = at.text();
    if text.starts_with('/') {
        faults.invalid(path, at.node(), "must be a relative path");
    }
    if text.split('/').any(|part| part == "..") {
        faults.invalid(path, at.node(), "must not contain '..'");
    }
}

fn probe(probe: &At<'_, '_>, is_liveness: bool, faults: &mut Faults) {
    handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"], faults);
    for field in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        faults.not_negative(&probe.field(field));
    }
    let threshold = probe.field("successThreshold");
    if is_liveness && threshold.int().is_some_and(|threshold| threshold > 1) {
        faults.wrong(&threshold, "must be 1");
    }
    let grace = probe.field("terminationGracePeriodSeconds");
    if grace.is_set() && !is_liveness {
        faults.wrong(&grace, "must not be set for readinessProbes");
    } else if grace.long().is_some_and(|grace| grace <= 0) {
        faults.wrong(&grace, "must be greater than 0");
    }
}

/// What a probe or a hook does: exactly one thing.
fn handler(at: &At<'_, '_>, kinds: &[&str], faults: &mut Faults) {
    let mut given = kinds.iter().filter(|kind| at.field(kind).is_set());
    match (given.next(), given.next()) {
        (None, _) => faults.missing(at, "must specify a handler type"),
        (_, Some(second)) => {
            let second = at.field(second);
            faults.not_allowed(&second, "may not specify more than 1 handler type");
        }
        _ => {}
    }
    for kind in ["httpGet", "tcpSocket", "grpc"] {
        let kind = at.field(kind);
        port_or_name(&kind.field("port"), faults);
    }
    let get = at.field("httpGet");
    let headers = get.field("httpHeaders");
    for header in headers.items() {
        let name = header.field("name");
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let is_wrong = name.text().is_empty() || !name.text().bytes().all(known);
        if name.is_set() && is_wrong {
            let reason = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
            faults.invalid(&headers.path, name.node(), reason);
        }
    }
    let exec = at.field("exec");
    let command = exec.field("command");
    if exec.is_set() && command.len() == 0 {
        faults.missing(&command, "");
    }
}

/// User and group of a security context.
pub(super) fn users(context: &At<'_, '_>, windows: bool, faults: &mut Faults) {
    for field in ["runAsUser", "runAsGroup"] {
        let field = context.field(field);
        faults.within(&field, 0, i64::from(i32::MAX));
        if windows && field.is_set() {
            faults.not_allowed(&field, "cannot be set for a windows pod");
        }
    }
}

/// The seccomp profile of a security context.
pub(super) fn seccomp(context: &At<'_, '_>, faults: &mut Faults) {
    let profile = context.field("seccompProfile");
    let localhost = profile.field("localhostProfile");
    match profile.field("type").text() {
        "Localhost" if localhost.text().is_empty() => {
            faults.missing(&localhost, "must be set when seccomp type is Localhost");
        }
        "Localhost" | "" => {}
        _ if localhost.is_set() => {
            faults.wrong(&localhost, "can only be set when seccomp type is Localhost");
        }
        _ => {}
    }
}
