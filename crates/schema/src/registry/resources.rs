//! What containers ask for, and what they may use at most.

use std::cmp::Ordering;

use super::at::At;
use crate::fault::Faults;
use crate::names::qualified_name;

/// Checks the names and sizes of what a container may use.
pub(super) fn sizes(map: &At<'_, '_>, faults: &mut Faults) {
    let names = ["cpu", "memory", "ephemeral-storage"];
    for (name, value) in map.entries() {
        let Some(quantity) = value.quantity() else {
            continue;
        };
        let is_huge = name.starts_with("hugepages-");
        if !names.contains(&name) && !is_huge && !name.contains('/') {
            let reason = "must be a standard resource for containers";
            faults.wrong(&value, reason);
        } else {
            faults.all_wrong(&value, qualified_name(name));
        }
        if quantity.signum() < 0 {
            faults.wrong(&value, "must be greater than or equal to 0");
        } else if is_extended(name) && !quantity.is_whole() {
            faults.wrong(&value, "must be an integer");
        }
    }
}

/// Checks requests and limits.
pub(super) fn resources(resources: &At<'_, '_>, faults: &mut Faults) {
    let (limits, requests) = (resources.field("limits"), resources.field("requests"));
    for map in [limits, requests] {
        sizes(&map, faults);
    }
    compare(resources, faults);
}

/// Checks requests against limits.
pub(super) fn compare(resources: &At<'_, '_>, faults: &mut Faults) {
    let (limits, requests) = (resources.field("limits"), resources.field("requests"));
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
