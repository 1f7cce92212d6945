use std::net::IpAddr;

use rustc_hash::FxHashSet;

use super::at::At;
use super::primitives::{labels, port, port_or_name};
use super::service_addresses;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain, qualified_name};
use crate::net::parse_ip_sloppy;

pub(super) fn service(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    // All else depends on it.
    if spec.field("type").is_unknown() {
        return;
    }
    let kind = match spec.field("type").text() {
        "" => "ClusterIP",
        kind => kind,
    };
    let ports = spec.field("ports");
    let cluster_ip = spec.field("clusterIP");
    let is_headless = cluster_ip.text() == "None";
    if ports.len() == 0 && kind != "ExternalName" && !is_headless {
        faults.missing(&ports, "");
    }
    let mut names = FxHashSet::default();
    let mut numbers = FxHashSet::default();
    let mut node_ports = FxHashSet::default();
    for item in ports.items() {
        let name = item.field("name");
        if name.text().is_empty() {
            if ports.len() > 1 {
                faults.missing(&name, "");
            }
        } else {
            faults.all_wrong(&name, dns1123_label(name.text()));
            if !names.insert(name.text()) {
                faults.twice(&name);
            }
        }
        let number = item.field("port");
        port(&number, faults);
        let is_unknown = number.is_unknown() || item.field("protocol").is_unknown();
        let protocol = match item.field("protocol").text() {
            "" => "TCP",
            protocol => protocol,
        };
        if number.is_set() && !is_unknown && !numbers.insert((number.int(), protocol)) {
            faults.twice(&item);
        }
        let target = item.field("targetPort");
        if target.int() != Some(0) && !(target.is_text() && target.text().is_empty()) {
            port_or_name(&target, faults);
        }
        let application = item.field("appProtocol");
        if application.is_set() {
            faults.all_wrong(&application, qualified_name(application.text()));
        }
        let node_port = item.field("nodePort");
        let taken = (node_port.int(), protocol);
        if node_port.int().is_some_and(|port| port != 0) && !is_unknown && !node_ports.insert(taken)
        {
            faults.twice(&node_port);
        }
        if kind == "ClusterIP" && node_port.int().is_some_and(|port| port != 0) {
            faults.not_allowed(&node_port, "may not be used when `type` is 'ClusterIP'");
        }
    }
    labels(&spec.field("selector"), faults);
    addresses(&spec, kind, faults);
    if kind == "ExternalName" {
        for field in ["ipFamilyPolicy", "ipFamilies"] {
            let field = spec.field(field);
            if field.is_set() {
                faults.not_allowed(&field, "may not be set for ExternalName services");
            }
        }
        let addresses = spec.field("clusterIPs");
        if addresses.len() > 0 && spec.field("clusterIP").text().is_empty() {
            let reason = "may not be set for ExternalName services";
            faults.not_allowed(&addresses, reason);
        }
        let name = spec.field("externalName");
        match name.text() {
            "" => faults.missing(&name, ""),
            text => {
                let text = text.trim_end_matches('.');
                faults.all_wrong(&name, dns1123_subdomain(text));
            }
        }
    }
    let class = spec.field("loadBalancerClass");
    if kind == "LoadBalancer" && !class.text().is_empty() {
        faults.all_wrong(&class, qualified_name(class.text()));
    }
    if kind != "LoadBalancer" {
        if class.is_set() {
            faults.not_allowed(&class, "may only be used when `type` is 'LoadBalancer'");
        }
        let ranges = spec.field("loadBalancerSourceRanges");
        if ranges.len() > 0 {
            let path = spec.path.field("LoadBalancerSourceRanges");
            let reason = "may only be used when `type` is 'LoadBalancer'";
            faults.forbidden(&path, ranges.node(), reason);
        }
    }
    // The server names the field as it once was.
    let ranges = spec.path.field("LoadBalancerSourceRanges");
    for (index, range) in spec.field("loadBalancerSourceRanges").items().enumerate() {
        if crate::net::parse_cidr_sloppy(range.text().trim()).is_none() {
            let reason = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            faults.invalid(&ranges.index(index), range.node(), reason);
        }
    }
    let node_ports = spec.field("allocateLoadBalancerNodePorts");
    if kind != "LoadBalancer" && node_ports.is_set() {
        let reason = "may only be used when `type` is 'LoadBalancer'";
        faults.not_allowed(&node_ports, reason);
    }
    let health = spec.field("healthCheckNodePort");
    let is_port = |number: i64| number == 0 || (1..=65535).contains(&number);
    if health.int().is_some_and(|number| !is_port(number)) {
        faults.wrong(&health, "must be between 1 and 65535, inclusive");
    }
    let is_local = spec.field("externalTrafficPolicy").text() == "Local";
    if health.int().is_some_and(|port| port != 0) && !(kind == "LoadBalancer" && is_local) {
        let reason =
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        faults.wrong(&health, reason);
    }
    let distribution = spec.field("trafficDistribution");
    faults.one_of(
        &distribution,
        &["PreferClose", "PreferSameNode", "PreferSameZone"],
    );
    if kind != "ExternalName" {
        service_addresses::check(&spec, kind, faults);
    }
    if !matches!(kind, "LoadBalancer" | "NodePort") {
        let policy = spec.field("externalTrafficPolicy");
        let has_external_ips = spec.field("externalIPs").len() > 0;
        if !policy.text().is_empty() && !has_external_ips {
            let reason = "may only be set for externally-accessible services";
            faults.wrong(&policy, reason);
        }
    }
    let affinity = spec.field("sessionAffinityConfig");
    let client = affinity.field("clientIP");
    let timeout = client.field("timeoutSeconds");
    if timeout
        .int()
        .is_some_and(|seconds| !(1..=86400).contains(&seconds))
    {
        faults.wrong(&timeout, "must be greater than 0 and less than 86400");
    }
}

fn addresses(spec: &At<'_, '_>, kind: &str, faults: &mut Faults) {
    let single = spec.field("clusterIP");
    let list = spec.field("clusterIPs");
    if kind == "ExternalName" && !single.text().is_empty() && single.text() != "None" {
        faults.not_allowed(&list, "may not be set when `type` is 'ExternalName'");
    }
    for address in spec.field("externalIPs").items() {
        reachable(&address, faults);
    }
}

/// Refuses what is no address, and addresses that traffic cannot be sent to.
pub(super) fn reachable(address: &At<'_, '_>, faults: &mut Faults) {
    match parse_ip_sloppy(address.text()) {
        None => {
            let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            faults.wrong(address, reason);
        }
        Some(ip) => {
            if let Some(reason) = special(ip) {
                faults.wrong(address, reason);
            }
        }
    }
}

/// What an address from outside may not be.
pub(super) fn special(ip: IpAddr) -> Option<&'static str> {
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.segments()[0] & 0xff0f == 0xff02,
    };
    if ip.is_unspecified() {
        Some("may not be unspecified (0.0.0.0 or ::)")
    } else if ip.is_loopback() {
        Some("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    } else if is_link_local {
        Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    } else {
        None
    }
}
