//! Containers.

use rustc_hash::FxHashSet;

use super::at::At;
use super::environment::environment;
use super::primitives::{port, port_name, port_or_name, unique};
use super::resources::resources;
use crate::fault::Faults;
use crate::names::dns1123_label;
use crate::path::Path;

/// What containers need to know of their pod.
pub(super) struct Pod<'a, 'n> {
    pub(super) volumes: &'a FxHashSet<&'n str>,
    /// Whether there is a volume whose name is not known.
    pub(super) any_volume: bool,
    /// Those of them that a claim is behind, which can be block devices.
    pub(super) claimed: FxHashSet<&'n str>,
    /// Names of what the pod claims.
    pub(super) claims: FxHashSet<&'n str>,
    pub(super) host_network: bool,
    pub(super) windows: bool,
    /// Whether users of the pod are those of the node.
    pub(super) host_users: bool,
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
    let mut claimed = FxHashSet::default();
    for claim in needs.field("claims").items() {
        let (name, request) = (claim.field("name"), claim.field("request"));
        if !name.is_unknown() && !pod.claims.contains(name.text()) {
            faults.not_found(&claim);
        }
        if !request.text().is_empty() {
            faults.all_wrong(&request, dns1123_label(request.text()));
        }
        if !claimed.insert((name.text(), request.text())) {
            faults.twice(&claim);
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
    app_armor(&context, faults);
    let mount = context.field("procMount");
    if mount.text() == "Unmasked" && pod.host_users {
        faults.wrong(&mount, "`hostUsers` must be false to use `Unmasked`");
    }
    let escalation = context.field("allowPrivilegeEscalation");
    if !escalation.is_set() || escalation.is_true() || escalation.is_unknown() {
        return;
    }
    if context.field("privileged").is_true() {
        let reason = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        faults.wrong(&context, reason);
    }
    let capabilities = context.field("capabilities");
    let added = capabilities.field("add");
    if added.items().any(|added| added.text() == "CAP_SYS_ADMIN") {
        let reason =
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
        faults.invalid(&context.path, added.node(), reason);
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
    devices(container, pod, faults);
}

fn devices(container: &At<'_, '_>, pod: &Pod<'_, '_>, faults: &mut Faults) {
    let mounts = container.field("volumeMounts");
    let mounted: FxHashSet<&str> = mounts
        .items()
        .map(|mount| mount.field("name").text())
        .collect();
    let mounted_at: FxHashSet<&str> = mounts
        .items()
        .map(|mount| mount.field("mountPath").text())
        .collect();
    let mut names = FxHashSet::default();
    for device in container.field("volumeDevices").items() {
        let (name, path) = (device.field("name"), device.field("devicePath"));
        if !name.is_unknown() && !pod.any_volume {
            if !pod.volumes.contains(name.text()) {
                faults.not_found(&name);
            } else if !pod.claimed.contains(name.text()) {
                let reason = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                faults.wrong(&name, reason);
            }
        }
        if !name.text().is_empty() && !names.insert(name.text()) {
            faults.wrong(&name, "must be unique");
        }
        if !name.text().is_empty() && mounted.contains(name.text()) {
            faults.wrong(&name, "must not already exist in volumeMounts");
        }
        if path.text().split('/').any(|part| part == "..") {
            faults.wrong(&path, "can not contain backsteps ('..')");
        }
        if !path.text().is_empty() && mounted_at.contains(path.text()) {
            faults.wrong(&path, "must not already exist as a path in volumeMounts");
        }
    }
}

/// A path that stays below where it begins.
pub(super) fn relative(at: &At<'_, '_>, path: &Path<'_>, faults: &mut Faults) {
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

/// The AppArmor profile of a security context.
pub(super) fn app_armor(context: &At<'_, '_>, faults: &mut Faults) {
    let profile = context.field("appArmorProfile");
    let localhost = profile.field("localhostProfile");
    let text = localhost.text();
    match profile.field("type").text() {
        "Localhost" if text.trim() != text => {
            faults.wrong(&localhost, "must not be padded with whitespace");
        }
        "Localhost" if text.is_empty() && !localhost.is_unknown() => {
            faults.missing(&localhost, "must be set when AppArmor type is Localhost");
        }
        "Localhost" | "" => {}
        _ if localhost.is_set() => {
            let reason = "can only be set when AppArmor type is Localhost";
            faults.wrong(&localhost, reason);
        }
        _ => {}
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
