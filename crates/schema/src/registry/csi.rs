//! What drivers of volumes and their controllers keep: CSIDriver, CSINode, CSIStorageCapacity,
//! VolumeAttachment, VolumeAttributesClass.

use rustc_hash::FxHashSet;

use super::at::At;
use super::primitives::label_selector;
use super::volume::driver;
use crate::fault::Faults;
use crate::names::{dns1123_subdomain, qualified_name};

pub(super) fn csi_driver(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    faults.one_of(
        &spec.field("fsGroupPolicy"),
        &["File", "None", "ReadWriteOnceWithFSType"],
    );
    let modes = spec.field("volumeLifecycleModes");
    for mode in modes.items() {
        let known = ["Persistent", "Ephemeral"];
        if !known.contains(&mode.text()) {
            faults.unsupported(&modes.path, mode.node(), known.into_iter());
        }
    }
    let mut audiences = FxHashSet::default();
    for request in spec.field("tokenRequests").items() {
        let (audience, seconds) = (
            request.field("audience"),
            request.field("expirationSeconds"),
        );
        if !audience.is_unknown() && !audiences.insert(audience.text()) {
            faults.twice(&audience);
            continue;
        }
        if seconds.long().is_some_and(|seconds| seconds < 600) {
            faults.wrong(&seconds, "may not specify a duration less than 10 minutes");
        } else if seconds.long().is_some_and(|seconds| seconds > 1 << 32) {
            let reason = "may not specify a duration larger than 2^32 seconds";
            faults.wrong(&seconds, reason);
        }
    }
    let period = spec.field("nodeAllocatableUpdatePeriodSeconds");
    if period.long().is_some_and(|seconds| seconds < 10) {
        faults.wrong(&period, "must be greater than or equal to 10 seconds");
    }
}

pub(super) fn csi_node(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let list = spec.field("drivers");
    super::primitives::unique(&list, "name", faults);
    for one in list.items() {
        driver(&one.field("name"), faults);
        let node = one.field("nodeID");
        if node.text().len() > 256 {
            faults.wrong(&node, "must be 256 characters or less");
        }
        let allocatable = one.field("allocatable");
        faults.not_negative(&allocatable.field("count"));
        let mut keys = FxHashSet::default();
        for key in one.field("topologyKeys").items() {
            if !keys.insert(key.text()) {
                faults.duplicate(&one.path, key.node());
            }
            for reason in qualified_name(key.text()) {
                faults.invalid(&one.path, key.node(), reason);
            }
        }
    }
}

pub(super) fn storage_capacity(object: &At<'_, '_>, faults: &mut Faults) {
    label_selector(&object.field("nodeTopology"), faults);
    let class = object.field("storageClassName");
    if !class.text().is_empty() {
        faults.all_wrong(&class, dns1123_subdomain(class.text()));
    }
    let capacity = object.field("capacity");
    if capacity.quantity().is_some_and(|size| size.signum() < 0) {
        faults.wrong(&capacity, "must be greater than or equal to 0");
    }
}

pub(super) fn attachment(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    driver(&spec.field("attacher"), faults);
    let source = spec.field("source");
    let (name, inline) = (
        source.field("persistentVolumeName"),
        source.field("inlineVolumeSpec"),
    );
    let reason = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (name.is_set(), inline.is_set()) {
        (false, false) => faults.missing(&source, reason),
        (true, true) => faults.not_allowed(&source, reason),
        _ => {}
    }
    if name.is_set() && !name.is_unknown() {
        faults.all_wrong(&name, dns1123_subdomain(name.text()));
    }
    let node = spec.field("nodeName");
    if !node.text().is_empty() {
        faults.all_wrong(&node, dns1123_subdomain(node.text()));
    }
}

pub(super) fn attributes_class(object: &At<'_, '_>, faults: &mut Faults) {
    let name = object.field("driverName");
    if !name.text().is_empty() {
        faults.all_wrong(&name, qualified_name(&name.text().to_lowercase()));
    }
    let parameters = object.field("parameters");
    if parameters.len() == 0 {
        faults.missing(&parameters, "must contain at least one key/value pair");
    }
}
