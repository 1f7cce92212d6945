//! Endpoints, IPAddress, ServiceCIDR.

use super::at::At;
use super::primitives::port;
use super::service::reachable;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain, path_segment, qualified_name};
use crate::net::parse_cidr_sloppy;

pub(super) fn endpoints(object: &At<'_, '_>, faults: &mut Faults) {
    for subset in object.field("subsets").items() {
        let (ready, others) = (subset.field("addresses"), subset.field("notReadyAddresses"));
        if ready.len() + others.len() == 0 {
            faults.missing(&subset, "must specify `addresses` or `notReadyAddresses`");
        }
        for address in ready.items().chain(others.items()) {
            endpoint(&address, faults);
        }
        let ports = subset.field("ports");
        for item in ports.items() {
            let name = item.field("name");
            match name.text() {
                "" if ports.len() > 1 && !name.is_unknown() => faults.missing(&name, ""),
                "" => {}
                text => faults.all_wrong(&name, dns1123_label(text)),
            }
            port(&item.field("port"), faults);
            let application = item.field("appProtocol");
            if application.is_set() {
                faults.all_wrong(&application, qualified_name(application.text()));
            }
        }
    }
}

fn endpoint(address: &At<'_, '_>, faults: &mut Faults) {
    let [ip, host, node] = ["ip", "hostname", "nodeName"].map(|field| address.field(field));
    if !ip.text().is_empty() {
        reachable(&ip, faults);
    }
    if !host.text().is_empty() {
        faults.all_wrong(&host, dns1123_label(host.text()));
    }
    if node.is_set() && !node.is_unknown() {
        faults.all_wrong(&node, dns1123_subdomain(node.text()));
    }
}

/// Whether an address is written as the server would write it.
fn is_canonical(text: &str) -> bool {
    let address = text.parse::<std::net::IpAddr>();
    address.is_ok_and(|address| address.to_string() == text)
}

pub(super) fn ip_address(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let name = metadata.field("name");
    if !name.text().is_empty() && !is_canonical(name.text()) {
        let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        faults.wrong(&name, reason);
    }
    let parent = spec.field("parentRef");
    let group = parent.field("group");
    if !group.text().is_empty() {
        faults.all_wrong(&group, dns1123_subdomain(group.text()));
    }
    for field in ["resource", "name", "namespace"] {
        let field = parent.field(field);
        faults.all_wrong(&field, path_segment(field.text()));
    }
}

pub(super) fn service_range(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let list = spec.field("cidrs");
    match list.len() {
        0 => return faults.missing(&list, "at least one CIDR required"),
        1 | 2 => {}
        _ => return faults.wrong(&list, "may only hold up to 2 values"),
    }
    let mut families = Vec::new();
    for range in list.items() {
        let is_strict = |text: &str| {
            let (address, length) = text.split_once('/')?;
            let strict = address.parse::<std::net::IpAddr>().is_ok();
            (strict && (length == "0" || !length.starts_with('0'))).then_some(())
        };
        match parse_cidr_sloppy(range.text()).filter(|_| is_strict(range.text()).is_some()) {
            Some((address, _)) => families.push(address.is_ipv4()),
            None => {
                let reason = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
                faults.wrong(&range, reason);
            }
        }
    }
    if matches!(families.as_slice(), [a, b] if a == b) {
        let reason = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        faults.wrong(&list, reason);
    }
}
