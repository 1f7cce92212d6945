//! The addresses of a Service within the cluster, and their families.

use rustc_hash::FxHashSet;

use super::at::At;
use crate::fault::Faults;
use crate::net::parse_ip_sloppy;

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];

/// Checks the addresses of a Service that has some.
pub(super) fn check(spec: &At<'_, '_>, kind: &str, faults: &mut Faults) {
    let (single, list) = (spec.field("clusterIP"), spec.field("clusterIPs"));
    if single.is_unknown() || list.items().any(|one| one.is_unknown()) {
        return;
    }
    let first = list.items().next().map(|first| first.text());
    match first {
        Some(_) if single.text().is_empty() => {
            faults.wrong(&list, "must be empty when `clusterIP` is not specified");
        }
        Some(first) if first != single.text() => {
            faults.wrong(&list, "first value must match `clusterIP`");
        }
        _ => {}
    }
    let families = spec.field("ipFamilies");
    let mut seen = FxHashSet::default();
    for family in families.items() {
        if !FAMILIES.contains(&family.text()) {
            faults.unsupported(&family.path, family.node(), FAMILIES.into_iter());
        }
        if !seen.insert(family.text()) {
            faults.twice(&family);
        }
    }
    if families.len() > 2 {
        faults.wrong(&families, "may only hold up to 2 values");
    }
    // A single address is the first of the list.
    let addresses: Vec<At<'_, '_>> = match list.len() {
        0 => std::iter::once(single)
            .filter(|one| !one.text().is_empty())
            .collect(),
        _ => list.items().collect(),
    };
    let is_headless = addresses
        .first()
        .is_some_and(|first| first.text() == "None");
    if is_headless && matches!(kind, "LoadBalancer" | "NodePort") {
        let reason = format!("may not be set to 'None' for {kind} services");
        faults.invalid(&list.path.index(0), addresses[0].node(), reason);
    }
    if is_headless && addresses.len() > 1 {
        faults.wrong(&list, "'None' must be the first and only value");
        return;
    }
    if is_headless {
        return;
    }
    let mut parsed = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        match parse_ip_sloppy(address.text()) {
            Some(ip) => parsed.push(ip),
            None => {
                let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
                faults.invalid(&list.path.index(index), address.node(), reason);
            }
        }
    }
    if addresses.len() > 2 {
        faults.wrong(&list, "may only hold up to 2 values");
    }
    if parsed.len() < addresses.len() {
        return;
    }
    if let [a, b, ..] = parsed.as_slice()
        && a.is_ipv4() == b.is_ipv4()
    {
        let reason = "may specify no more than one IP for each IP family";
        faults.wrong(&list, reason);
    }
    let pairs = parsed.iter().zip(families.items()).zip(&addresses);
    for (index, ((ip, family), address)) in pairs.enumerate() {
        let fits = match family.text() {
            "IPv4" => ip.is_ipv4(),
            "IPv6" => ip.is_ipv6(),
            _ => true,
        };
        if !fits {
            let reason = format!(
                "expected an {} value as indicated by `ipFamilies[{index}]`",
                family.text()
            );
            faults.invalid(&list.path.index(index), address.node(), reason);
        }
    }
}
