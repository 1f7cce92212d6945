//! Ingress, IngressClass, NetworkPolicy, EndpointSlice.

use std::net::IpAddr;

use super::at::At;
use super::primitives::{label_selector, port, port_name, port_or_name};
use crate::fault::Faults;
use crate::names::{
    dns1035_label, dns1123_label, dns1123_subdomain, label_value, path_segment, qualified_name,
};
use crate::net::{parse_cidr_sloppy, parse_ip_sloppy};

const NOT_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

pub(super) fn ingress(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let (rules, default) = (spec.field("rules"), spec.field("defaultBackend"));
    if rules.len() == 0 && !default.is_set() {
        faults.wrong(
            &spec,
            "either `defaultBackend` or `rules` must be specified",
        );
    }
    if default.is_set() {
        backend(&default, faults);
    }
    for tls in spec.field("tls").items() {
        let secret = tls.field("secretName");
        if !secret.text().is_empty() {
            faults.all_wrong(&secret, dns1123_subdomain(secret.text()));
        }
        for name in tls.field("hosts").items() {
            host_name(&name, faults);
        }
    }
    for rule in rules.items() {
        let host = rule.field("host");
        if !host.text().is_empty() {
            if parse_ip_sloppy(host.text()).is_some() {
                faults.wrong(&host, "must be a DNS name, not an IP address");
            } else {
                host_name(&host, faults);
            }
        }
        let http = rule.field("http");
        for path in http.field("paths").items() {
            http_path(&path, faults);
        }
    }
    let class = spec.field("ingressClassName");
    if class.is_set() {
        faults.all_wrong(&class, dns1123_subdomain(class.text()));
    }
}

fn host_name(at: &At<'_, '_>, faults: &mut Faults) {
    let text = at.text();
    if !text.contains('*') {
        return faults.all_wrong(at, dns1123_subdomain(text));
    }
    let rest = text.strip_prefix("*.").unwrap_or("*");
    if !dns1123_subdomain(rest).is_empty() {
        faults.wrong(
            at,
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        );
    }
}

fn http_path(at: &At<'_, '_>, faults: &mut Faults) {
    let (path, kind) = (at.field("path"), at.field("pathType"));
    let text = path.text();
    match kind.text() {
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                faults.wrong(&path, "must be an absolute path");
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(part) {
                    faults.wrong(&path, format!("must not contain '{part}'"));
                }
            }
            for end in ["/..", "/."] {
                if text.ends_with(end) {
                    faults.wrong(&path, format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" if !text.is_empty() && !text.starts_with('/') => {
            faults.wrong(&path, "must be an absolute path");
        }
        _ => {}
    }
    let target = at.field("backend");
    if target.is_set() {
        backend(&target, faults);
    }
}

fn backend(at: &At<'_, '_>, faults: &mut Faults) {
    let (service, resource) = (at.field("service"), at.field("resource"));
    match (service.is_set(), resource.is_set()) {
        (true, true) => faults.wrong(at, "cannot set both resource and service backends"),
        (false, false) => faults.wrong(at, "resource or service backend is required"),
        (true, false) => {
            let name = service.field("name");
            match name.text() {
                "" => faults.missing(&name, ""),
                text => faults.all_wrong(&name, dns1035_label(text)),
            }
            let target = service.field("port");
            let (name, number) = (target.field("name"), target.field("number"));
            let has_number = number.int().is_some_and(|number| number != 0);
            match (!name.text().is_empty(), has_number) {
                (true, true) => faults.wrong(at, "cannot set both port name & port number"),
                (false, false) if name.is_unknown() || number.is_unknown() => {}
                (false, false) => faults.missing(at, "port name or number is required"),
                (true, false) => faults.all_wrong(&name, port_name(name.text())),
                (false, true) => port(&number, faults),
            }
        }
        (false, true) => reference(&resource, faults),
    }
}

/// An object of any kind, in the namespace or the cluster of who refers to it.
fn reference(at: &At<'_, '_>, faults: &mut Faults) {
    let group = at.field("apiGroup");
    if group.is_set() && !group.is_unknown() {
        faults.all_wrong(&group, dns1123_subdomain(group.text()));
    }
    for field in ["kind", "name"] {
        let field = at.field(field);
        if !field.text().is_empty() {
            faults.all_wrong(&field, path_segment(field.text()));
        }
    }
}

pub(super) fn ingress_class(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    reference(&spec.field("parameters"), faults);
    let controller = spec.field("controller");
    let text = controller.text();
    if text.is_empty() {
        faults.missing(&controller, "");
    }
    let valid = text
        .split_once('/')
        .is_some_and(|(domain, path)| dns1123_subdomain(domain).is_empty() && !path.is_empty());
    if !text.is_empty() && !valid {
        faults.wrong(
            &controller,
            "must be a domain-prefixed path (such as \"acme.io/foo\")",
        );
    }
    let parameters = spec.field("parameters");
    let (scope, namespace) = (parameters.field("scope"), parameters.field("namespace"));
    faults.one_of(&scope, &["Cluster", "Namespace"]);
    match scope.text() {
        "Namespace" if namespace.text().is_empty() => {
            faults.missing(&namespace, "`parameters.scope` is set to 'Namespace'");
        }
        "Namespace" => faults.all_wrong(&namespace, dns1123_label(namespace.text())),
        _ if !namespace.text().is_empty() => {
            faults.not_allowed(&namespace, "`parameters.scope` is set to 'Cluster'");
        }
        _ => {}
    }
}

pub(super) fn network_policy(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    label_selector(&spec.field("podSelector"), faults);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.field(direction).items() {
            for item in rule.field("ports").items() {
                policy_port(&item, faults);
            }
            for peer in rule.field(peers).items() {
                policy_peer(&peer, faults);
            }
        }
    }
    let types = spec.field("policyTypes");
    if types.len() > 2 {
        faults.wrong(&types, "may not specify more than two policyTypes");
        return;
    }
    for kind in types.items() {
        faults.one_of(&kind, &["Ingress", "Egress"]);
    }
}

fn policy_port(item: &At<'_, '_>, faults: &mut Faults) {
    let (number, end) = (item.field("port"), item.field("endPort"));
    faults.one_of(&item.field("protocol"), &["TCP", "UDP", "SCTP"]);
    port_or_name(&number, faults);
    if !end.is_set() || number.is_unknown() {
        return;
    }
    if number.is_text() {
        faults.wrong(&end, "may not be specified when `port` is non-numeric");
    } else if !number.is_set() {
        faults.missing(&number, "must be specified when `endPort` is set");
    } else if end.int() < number.int() {
        faults.wrong(&end, "must be greater than or equal to `port`");
    } else {
        port(&end, faults);
    }
}

fn policy_peer(peer: &At<'_, '_>, faults: &mut Faults) {
    let [pods, namespaces, block] =
        ["podSelector", "namespaceSelector", "ipBlock"].map(|field| peer.field(field).is_set());
    label_selector(&peer.field("podSelector"), faults);
    label_selector(&peer.field("namespaceSelector"), faults);
    if !pods && !namespaces && !block {
        faults.missing(peer, "must specify a peer");
    } else if block && (pods || namespaces) {
        faults.not_allowed(peer, "may not specify both ipBlock and another peer");
    }
    let block = peer.field("ipBlock");
    let cidr = block.field("cidr");
    if cidr.text().is_empty() {
        return;
    }
    let Some((address, bits)) = parse_cidr_sloppy(cidr.text()) else {
        return faults.wrong(&cidr, NOT_CIDR);
    };
    for except in block.field("except").items() {
        match parse_cidr_sloppy(except.text()) {
            None => faults.wrong(&except, NOT_CIDR),
            Some((inner, inner_bits)) => {
                if inner_bits <= bits || !shares(address, inner, bits) {
                    faults.wrong(&except, "must be a strict subset of `cidr`");
                }
            }
        }
    }
}

/// Whether two addresses are the same in their first bits.
fn shares(a: IpAddr, b: IpAddr, bits: u8) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            u32::from(a) & mask == u32::from(b) & mask
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            u128::from(a) & mask == u128::from(b) & mask
        }
        _ => false,
    }
}

pub(super) fn endpoint_slice(object: &At<'_, '_>, faults: &mut Faults) {
    let kind = object.field("addressType");
    for endpoint in object.field("endpoints").items() {
        let list = endpoint.field("addresses");
        if list.len() > 100 {
            let message = format!("{}: must have at most 100 items", list.len());
            faults.push(
                crate::fault::FaultKind::TooMany,
                &list.path,
                list.node(),
                message,
            );
        }
        let node = endpoint.field("nodeName");
        if node.is_set() && !node.is_unknown() {
            faults.all_wrong(&node, dns1123_subdomain(node.text()));
        }
        hints(&endpoint.field("hints"), faults);
        let host = endpoint.field("hostname");
        if host.is_set() {
            faults.all_wrong(&host, dns1123_label(host.text()));
        }
        for address in list.items() {
            match (kind.text(), parse_ip_sloppy(address.text())) {
                ("FQDN", _) => faults.all_wrong(&address, dns1123_subdomain(address.text())),
                (_, None) => {
                    let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
                    faults.wrong(&address, reason);
                }
                ("IPv4", Some(ip)) if !ip.is_ipv4() => {
                    faults.invalid(&list.path, address.node(), "must be an IPv4 address");
                }
                ("IPv6", Some(ip)) if !ip.is_ipv6() => {
                    faults.invalid(&list.path, address.node(), "must be an IPv6 address");
                }
                (_, Some(ip)) => {
                    if let Some(reason) = super::service::special(ip) {
                        faults.wrong(&address, reason);
                    }
                }
            }
        }
    }
    let ports = object.field("ports");
    super::primitives::unique(&ports, "name", faults);
    for item in ports.items() {
        let name = item.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1123_label(name.text()));
        }
        let application = item.field("appProtocol");
        if application.is_set() {
            faults.all_wrong(&application, qualified_name(application.text()));
        }
    }
}

/// For which zones and nodes an endpoint is.
fn hints(at: &At<'_, '_>, faults: &mut Faults) {
    for list in ["forZones", "forNodes"] {
        let list = at.field(list);
        if list.len() > 8 {
            let message = format!("{}: must have at most 8 items", list.len());
            let kind = crate::fault::FaultKind::TooMany;
            faults.push(kind, &list.path, list.node(), message);
        }
        super::primitives::unique(&list, "name", faults);
    }
    for zone in at.field("forZones").items() {
        let name = zone.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, label_value(name.text()));
        }
    }
    for node in at.field("forNodes").items() {
        let name = node.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1123_subdomain(name.text()));
        }
    }
}
