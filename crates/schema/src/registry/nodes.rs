//! Node, RuntimeClass, PodTemplate.

use rustc_hash::FxHashSet;

use super::at::At;
use super::pod::{Given, subdomain, template, tolerations};
use super::primitives::labels;
use super::resources::sizes;
use crate::fault::Faults;
use crate::names::{dns1123_label, label_value, qualified_name};
use crate::net::parse_cidr_sloppy;

pub(super) fn node(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    // The server takes taints for metadata.
    let path = crate::path::Path::Field(&crate::path::Path::Root, "metadata");
    let path = path.field("taints");
    let mut seen = FxHashSet::default();
    for (index, taint) in spec.field("taints").items().enumerate() {
        let path = path.index(index);
        let [key, value, effect] = ["key", "value", "effect"].map(|field| taint.field(field));
        if !key.is_unknown() {
            for reason in qualified_name(key.text()) {
                faults.invalid(&path.field("key"), key.node(), reason);
            }
        }
        for reason in label_value(value.text()) {
            faults.invalid(&path.field("value"), value.node(), reason);
        }
        let known = ["NoExecute", "NoSchedule", "PreferNoSchedule"];
        if !effect.text().is_empty() && !known.contains(&effect.text()) {
            faults.unsupported(&path.field("effect"), effect.node(), known.into_iter());
        }
        if !seen.insert((key.text(), effect.text())) {
            faults.duplicate(&path, taint.node());
        }
    }
    let (ranges, first) = (spec.field("podCIDRs"), spec.field("podCIDR"));
    let mut families = Vec::new();
    for (index, range) in ranges.items().enumerate() {
        // The older field counts, where both are given.
        let range = match index {
            0 if !first.text().is_empty() => first,
            _ => range,
        };
        match parse_cidr_sloppy(range.text()) {
            Some((address, _)) => families.push(address.is_ipv4()),
            None => {
                let reason = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
                faults.invalid(&ranges.path.index(index), range.node(), reason);
            }
        }
    }
    families.sort_unstable();
    if families.len() > 2 || families.windows(2).any(|pair| pair[0] == pair[1]) {
        let reason = "may specify no more than one CIDR for each IP family";
        faults.wrong(&ranges, reason);
    }
}

pub(super) fn runtime_class(object: &At<'_, '_>, faults: &mut Faults) {
    let handler = object.field("handler");
    if !handler.text().is_empty() {
        faults.all_wrong(&handler, dns1123_label(handler.text()));
    }
    let overhead = object.field("overhead");
    // The server takes them for limits.
    let fixed = overhead.field("podFixed");
    let mut own = Faults::default();
    sizes(&fixed, &mut own);
    for mut fault in own.list {
        fault.path = fault.path.replacen("podFixed", "limits", 1);
        faults.list.push(fault);
    }
    let scheduling = object.field("scheduling");
    labels(&scheduling.field("nodeSelector"), faults);
    let list = scheduling.field("tolerations");
    tolerations(&list, faults);
    let mut seen = FxHashSet::default();
    for one in list.items() {
        let key = ["key", "operator", "value", "effect"].map(|field| one.field(field).text());
        if !seen.insert(key) {
            faults.twice(&one);
        }
    }
}

pub(super) fn pod_template(object: &At<'_, '_>, faults: &mut Faults) {
    let pod = object.field("template");
    template(&pod, &Given::default(), faults);
    subdomain(&pod.field("spec"), faults);
}
