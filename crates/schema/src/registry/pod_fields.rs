//! Fields of pods and containers that stand for themselves.

use super::at::At;
use super::primitives::unique;
use crate::fault::Faults;
use crate::names::{
    dns1123_label, dns1123_subdomain, dns1123_subdomain_with_underscore, qualified_name,
};

/// How long the last hook of a pod may take, where the pod does not say, in seconds.
const GRACE: i64 = 30;

/// Checks what a pod or its template has beside containers and volumes.
pub(super) fn pod(spec: &At<'_, '_>, faults: &mut Faults) {
    for field in ["nodeName", "hostnameOverride", "serviceAccount"] {
        let name = spec.field(field);
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1123_subdomain(name.text()));
        }
    }
    let claims = spec.field("resourceClaims");
    unique(&claims, "name", faults);
    for claim in claims.items() {
        let name = claim.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1123_label(name.text()));
        }
        let given = ["resourceClaimName", "resourceClaimTemplateName"]
            .iter()
            .filter(|field| claim.field(field).is_set());
        if given.count() != 1 {
            let reason = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
            faults.wrong(&claim, reason);
        }
    }
    for (list, field) in [
        ("readinessGates", "conditionType"),
        ("schedulingGates", "name"),
    ] {
        for gate in spec.field(list).items() {
            let name = gate.field(field);
            // The server names the gate itself.
            let path = match list {
                "schedulingGates" => gate.path,
                _ => name.path,
            };
            for reason in qualified_name(name.text()) {
                if !name.text().is_empty() {
                    faults.invalid(&path, name.node(), reason);
                }
            }
        }
    }
    for constraint in spec.field("topologySpreadConstraints").items() {
        let domains = constraint.field("minDomains");
        let when = constraint.field("whenUnsatisfiable");
        if domains.is_set() && when.text() == "ScheduleAnyway" {
            let reason = "can only use minDomains if whenUnsatisfiable=DoNotSchedule";
            faults.wrong(&domains, reason);
        }
    }
    resources(spec, faults);
    let overhead = spec.field("overhead");
    // The server takes it for limits.
    let limits = overhead.path.field("limits");
    let mut own = Faults::default();
    super::resources::sizes(&overhead, &mut own);
    let (before, after) = (overhead.path.to_string(), limits.to_string());
    for mut fault in own.list {
        fault.path = fault.path.replacen(&before, &after, 1);
        faults.list.push(fault);
    }
}

/// Checks what all containers of a pod may use together.
fn resources(spec: &At<'_, '_>, faults: &mut Faults) {
    let resources = spec.field("resources");
    let claims = resources.field("claims");
    if claims.is_set() {
        faults.not_allowed(&claims, "claims may not be set for Resources at pod-level");
    }
    for map in [resources.field("requests"), resources.field("limits")] {
        for (name, value) in map.entries() {
            if !matches!(name, "cpu" | "memory") && !name.starts_with("hugepages-") {
                let known = ["cpu", "hugepages-", "memory"];
                faults.unsupported(&value.path, value.node(), known.into_iter());
            }
            if value.quantity().is_some_and(|size| size.signum() < 0) {
                faults.wrong(&value, "must be greater than or equal to 0");
            }
        }
    }
    super::resources::compare(&resources, faults);
}

/// Checks how names are looked up in a pod.
pub(super) fn dns(spec: &At<'_, '_>, faults: &mut Faults) {
    let config = spec.field("dnsConfig");
    let (servers, searches) = (config.field("nameservers"), config.field("searches"));
    if spec.field("dnsPolicy").text() == "None" && servers.len() == 0 {
        let at = match config.is_set() {
            true => servers,
            false => config,
        };
        let reason = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        return faults.missing(&at, reason);
    }
    if servers.len() > 3 {
        faults.wrong(&servers, "must not have more than 3 nameservers");
    }
    for address in servers.items() {
        if crate::net::parse_ip_sloppy(address.text()).is_none() {
            let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            faults.wrong(&address, reason);
        }
    }
    if searches.len() > 32 {
        faults.wrong(&searches, "must not have more than 32 search paths");
    }
    let length: usize = searches.items().map(|name| name.text().len() + 1).sum();
    if length > 2049 {
        let reason =
            "must not have more than 2048 characters (including spaces) in the search list";
        faults.wrong(&searches, reason);
    }
    for name in searches.items() {
        let text = name.text().strip_suffix('.').unwrap_or(name.text());
        if name.text() != "." && !name.is_unknown() {
            faults.all_wrong(&name, dns1123_subdomain_with_underscore(text));
        }
    }
    for option in config.field("options").items() {
        let name = option.field("name");
        if name.text().is_empty() && !name.is_unknown() {
            faults.missing(&option, "must not be empty");
        }
    }
}

/// What annotations that name a container begin with.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Checks the annotations that the server reads of a pod.
pub(super) fn annotations(at: &At<'_, '_>, spec: &At<'_, '_>, faults: &mut Faults) {
    for (key, value) in at.entries() {
        let Some(name) = key.strip_prefix(APP_ARMOR) else {
            continue;
        };
        let is_container = ["containers", "initContainers", "ephemeralContainers"]
            .iter()
            .any(|list| {
                let list = spec.field(list);
                list.items().any(|item| {
                    item.field("name").is_unknown() || item.field("name").text() == name
                })
            });
        if !is_container {
            faults.wrong(&value, "container not found");
        }
        let profile = value.text();
        let is_known = matches!(profile, "" | "runtime/default" | "unconfined");
        if !is_known && !profile.starts_with("localhost/") {
            faults.wrong(
                &value,
                format!("invalid AppArmor profile name: \"{profile}\""),
            );
        }
    }
}

/// Checks what a container has beside ports, variables, mounts and probes.
pub(super) fn container(container: &At<'_, '_>, faults: &mut Faults) {
    let resize = container.field("resizePolicy");
    for policy in resize.items() {
        // The server names the list.
        for (field, known) in [
            ("resourceName", ["cpu", "memory"]),
            ("restartPolicy", ["NotRequired", "RestartContainer"]),
        ] {
            let field = policy.field(field);
            if field.is_set() && !known.contains(&field.text()) {
                faults.unsupported(&resize.path, field.node(), known.into_iter());
            }
        }
    }
    let rules = container.field("restartPolicyRules");
    let restart = container.field("restartPolicy");
    if rules.len() > 0 && !restart.is_set() {
        faults.missing(
            &restart,
            "must specify restartPolicy when restart rules are used",
        );
    }
    for rule in rules.items() {
        let codes = rule.field("exitCodes");
        if !codes.is_set() {
            faults.missing(&codes, "must be specified");
        }
        faults.one_of(&rule.field("action"), &["Restart"]);
        faults.one_of(&codes.field("operator"), &["In", "NotIn"]);
    }
    let context = container.field("securityContext");
    for mount in container.field("volumeMounts").items() {
        let propagation = mount.field("mountPropagation");
        let privileged = context.field("privileged");
        let may = privileged.is_true() || privileged.is_unknown();
        if propagation.text() == "Bidirectional" && !may {
            let reason =
                "Bidirectional mount propagation is available only to privileged containers";
            faults.not_allowed(&propagation, reason);
        }
    }
}

/// Checks how long the hooks of a container sleep.
pub(super) fn sleep(container: &At<'_, '_>, spec: &At<'_, '_>, faults: &mut Faults) {
    let grace = spec.field("terminationGracePeriodSeconds");
    if grace.is_unknown() {
        return;
    }
    let grace = grace.long().unwrap_or(GRACE);
    let lifecycle = container.field("lifecycle");
    for hook in ["postStart", "preStop"] {
        let hook = lifecycle.field(hook);
        let sleep = hook.field("sleep");
        let seconds = sleep.field("seconds");
        let is_wrong = |seconds: i64| seconds < 0 || seconds > grace;
        if seconds.long().is_some_and(is_wrong) {
            let reason = format!(
                "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            );
            faults.wrong(&sleep, reason);
        }
    }
}
