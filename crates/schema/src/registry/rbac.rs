//! Roles and their bindings.

use super::at::At;
use super::primitives::label_selector;
use crate::fault::Faults;
use crate::names::path_segment;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn role(object: &At<'_, '_>, faults: &mut Faults) {
    for rule in object.field("rules").items() {
        policy_rule(&rule, true, faults);
    }
}

pub(super) fn cluster_role(object: &At<'_, '_>, faults: &mut Faults) {
    for rule in object.field("rules").items() {
        policy_rule(&rule, false, faults);
    }
    let aggregation = object.field("aggregationRule");
    let selectors = aggregation.field("clusterRoleSelectors");
    if aggregation.is_set() && selectors.len() == 0 {
        let reason = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        faults.missing(&selectors, reason);
    }
    for selector in selectors.items() {
        label_selector(&selector, faults);
    }
}

fn policy_rule(rule: &At<'_, '_>, namespaced: bool, faults: &mut Faults) {
    let [groups, resources, names, urls] =
        ["apiGroups", "resources", "resourceNames", "nonResourceURLs"].map(|f| rule.field(f).len());
    let at = rule.field("nonResourceURLs");
    if urls > 0 {
        if namespaced {
            faults.wrong(&at, "namespaced rules cannot apply to non-resource URLs");
        } else if groups + resources + names > 0 {
            faults.wrong(
                &at,
                "rules cannot apply to both regular resources and non-resource URLs",
            );
        }
        return;
    }
    if groups == 0 {
        let at = rule.field("apiGroups");
        faults.missing(&at, "resource rules must supply at least one api group");
    }
    if resources == 0 {
        let at = rule.field("resources");
        faults.missing(&at, "resource rules must supply at least one resource");
    }
}

pub(super) fn role_binding(object: &At<'_, '_>, faults: &mut Faults) {
    binding(object, &["Role", "ClusterRole"], false, faults);
}

pub(super) fn cluster_role_binding(object: &At<'_, '_>, faults: &mut Faults) {
    binding(object, &["ClusterRole"], true, faults);
}

fn binding(object: &At<'_, '_>, kinds: &[&str], cluster: bool, faults: &mut Faults) {
    let reference = object.field("roleRef");
    let group = reference.field("apiGroup");
    if !group.text().is_empty() {
        faults.one_of(&group, &[GROUP]);
    }
    let kind = reference.field("kind");
    if !kind.text().is_empty() {
        faults.one_of(&kind, kinds);
    }
    let name = reference.field("name");
    faults.all_wrong(&name, path_segment(name.text()));
    for subject in object.field("subjects").items() {
        let (kind, group) = (subject.field("kind"), subject.field("apiGroup"));
        match kind.text() {
            "" => {}
            "ServiceAccount" => {
                if !group.text().is_empty() {
                    faults.one_of(&group, &[""]);
                }
                let name = subject.field("name");
                if !name.text().is_empty() {
                    let wrong = crate::names::dns1123_subdomain(name.text());
                    faults.all_wrong(&name, wrong);
                }
                let namespace = subject.field("namespace");
                if cluster && namespace.text().is_empty() {
                    faults.missing(&namespace, "");
                }
            }
            "User" | "Group" => {
                if !group.text().is_empty() {
                    faults.one_of(&group, &[GROUP]);
                }
            }
            _ => faults.one_of(&kind, &["ServiceAccount", "User", "Group"]),
        }
    }
}
