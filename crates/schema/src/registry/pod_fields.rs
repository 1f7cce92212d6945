//! Fields of pods and containers that stand for themselves.

use super::at::At;
use super::primitives::unique;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain, qualified_name};

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
    let os = spec.field("os");
    faults.one_of(&os.field("name"), &["linux", "windows"]);
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
            if !name.text().is_empty() {
                faults.all_wrong(&name, qualified_name(name.text()));
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
    let resources = spec.field("resources");
    let claims = resources.field("claims");
    if claims.len() > 0 {
        faults.not_allowed(&claims, "claims may not be set for Resources at pod-level");
    }
    for map in [resources.field("requests"), resources.field("limits")] {
        for (name, value) in map.entries() {
            if !matches!(name, "cpu" | "memory") && !name.starts_with("hugepages-") {
                let known = ["cpu", "hugepages-", "memory"];
                faults.unsupported(&map.path, value.node(), known.into_iter());
            }
        }
    }
}

/// Checks what a container has beside ports, variables, mounts and probes.
pub(super) fn container(container: &At<'_, '_>, faults: &mut Faults) {
    for policy in container.field("resizePolicy").items() {
        faults.one_of(&policy.field("resourceName"), &["cpu", "memory"]);
        let restart = policy.field("restartPolicy");
        faults.one_of(&restart, &["NotRequired", "RestartContainer"]);
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
