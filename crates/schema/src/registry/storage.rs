//! PersistentVolumeClaim, PersistentVolume, StorageClass.

use super::at::At;
use super::primitives::label_selector;
use crate::fault::Faults;
use crate::names::{dns1123_subdomain, qualified_name};

pub(super) fn volume_claim(object: &At<'_, '_>, faults: &mut Faults) {
    claim(&object.field("spec"), faults);
}

/// The spec of a claim, which StatefulSets have as well.
pub(super) fn claim(spec: &At<'_, '_>, faults: &mut Faults) {
    let modes = spec.field("accessModes");
    if modes.len() == 0 {
        faults.missing(&modes, "at least 1 access mode is required");
    }
    access_modes(&modes, faults);
    label_selector(&spec.field("selector"), faults);
    data_source(spec, faults);
    let resources = spec.field("resources");
    let requests = resources.field("requests");
    let storage = requests.key("storage");
    let at = resources.key("storage");
    match storage.quantity() {
        None if storage.is_unknown() => {}
        None => faults.required(&at.path, requests.node(), ""),
        Some(quantity) if quantity.signum() != 1 => {
            faults.invalid(&at.path, storage.node(), "must be greater than zero");
        }
        Some(_) => {}
    }
    for class in ["storageClassName", "volumeAttributesClassName"] {
        let class = spec.field(class);
        if !class.text().is_empty() {
            faults.all_wrong(&class, dns1123_subdomain(class.text()));
        }
    }
}

/// What a volume is filled from. Of `dataSource`, what is neither a claim nor a snapshot is dropped.
fn data_source(spec: &At<'_, '_>, faults: &mut Faults) {
    let (source, reference) = (spec.field("dataSource"), spec.field("dataSourceRef"));
    let is_kept = matches!(
        (source.field("apiGroup").text(), source.field("kind").text()),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    );
    // One in another namespace is dropped, unless a server is told to look there.
    let is_near = reference.is_set() && !reference.field("namespace").is_set();
    for (at, is_checked) in [(source, is_kept), (reference, is_near)] {
        if !is_checked {
            continue;
        }
        let (group, kind) = (at.field("apiGroup"), at.field("kind"));
        for field in ["name", "kind"] {
            let field = at.field(field);
            if field.text().is_empty() {
                faults.missing(&field, "");
            }
        }
        if !group.text().is_empty() {
            faults.all_wrong(&group, dns1123_subdomain(group.text()));
        } else if !group.is_unknown()
            && !kind.is_unknown()
            && kind.text() != "PersistentVolumeClaim"
        {
            let reason = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            faults.wrong(&at, reason);
        }
    }
}

fn access_modes(modes: &At<'_, '_>, faults: &mut Faults) {
    let known = [
        "ReadOnlyMany",
        "ReadWriteMany",
        "ReadWriteOnce",
        "ReadWriteOncePod",
    ];
    let has = |mode: &str| modes.items().any(|item| item.text() == mode);
    for mode in modes.items() {
        if !known.contains(&mode.text()) {
            faults.unsupported(&modes.path, mode.node(), known.into_iter());
        }
    }
    if has("ReadWriteOncePod") && modes.len() > 1 {
        let reason = "may not use ReadWriteOncePod with other access modes";
        faults.not_allowed(modes, reason);
    }
}

/// Fields of a volume that are no source.
const NOT_SOURCES: [&str; 8] = [
    "capacity",
    "accessModes",
    "claimRef",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
];

pub(super) fn volume(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let modes = spec.field("accessModes");
    if modes.len() == 0 {
        faults.missing(&modes, "");
    }
    access_modes(&modes, faults);
    let capacity = spec.field("capacity");
    let size = capacity.key("storage");
    if capacity.len() == 0 {
        faults.missing(&capacity, "");
    } else if !size.is_set() {
        faults.unsupported(&capacity.path, capacity.node(), std::iter::once("storage"));
    } else if size
        .quantity()
        .is_some_and(|quantity| quantity.signum() != 1)
    {
        faults.wrong(&size, "must be greater than zero");
    }
    let mut sources: Vec<&str> = spec.entries().map(|(key, _)| key).collect();
    sources.retain(|key| !NOT_SOURCES.contains(key) && *key != "volumeAttributesClassName");
    sources.sort_unstable();
    match sources.as_slice() {
        [] => faults.missing(&spec, "must specify a volume type"),
        [_] => {}
        [_, second, ..] => {
            let second = spec.field(second);
            faults.not_allowed(&second, "may not specify more than 1 volume type");
        }
    }
    let path = spec.field("hostPath");
    let path = path.field("path");
    if path.text().split('/').any(|part| part == "..") {
        faults.wrong(&path, "must not contain '..'");
    }
    let affinity = spec.field("nodeAffinity");
    if spec.field("local").is_set() && !affinity.is_set() {
        faults.missing(&affinity, "Local volume requires node affinity");
    }
    let required = affinity.field("required");
    for term in required.field("nodeSelectorTerms").items() {
        super::pod::node_term(&term, faults);
    }
}

pub(super) fn class(object: &At<'_, '_>, faults: &mut Faults) {
    let provisioner = object.field("provisioner");
    if !provisioner.text().is_empty() {
        faults.all_wrong(
            &provisioner,
            qualified_name(&provisioner.text().to_lowercase()),
        );
    }
    let policy = object.field("reclaimPolicy");
    if !policy.text().is_empty() {
        faults.one_of(&policy, &["Delete", "Retain"]);
    }
    for (key, value) in object.field("parameters").entries() {
        if key.is_empty() {
            faults.wrong(&value, "field can not be empty.");
        }
    }
}
