//! PersistentVolumeClaim, PersistentVolume, StorageClass.

use super::at::At;
use super::persistent;
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
    // One in another namespace is dropped, unless a server is told to look there.
    let has_reference = reference.is_set() && reference.field("namespace").text().is_empty();
    let is_kept = has_reference
        || matches!(
            (source.field("apiGroup").text(), source.field("kind").text()),
            ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
        );
    for (at, is_checked) in [
        (source, source.is_set() && is_kept),
        (reference, has_reference),
    ] {
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
    let differs = |field| source.field(field).text() != reference.field(field).text();
    if source.is_set() && has_reference && ["apiGroup", "kind", "name"].into_iter().any(differs) {
        faults.invalid(&spec.path, source.node(), "must match dataSourceRef");
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
    let has_other = |mode: &&str| *mode != "ReadWriteOncePod" && has(mode);
    if has("ReadWriteOncePod") && known.iter().any(has_other) {
        let reason = "may not use ReadWriteOncePod with other access modes";
        faults.not_allowed(modes, reason);
    }
}

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
    persistent::check(&spec, object.at(&["metadata", "name"]), faults);
    let name = spec.field("storageClassName");
    if !name.text().is_empty() {
        faults.all_wrong(&name, dns1123_subdomain(name.text()));
    }
    let affinity = spec.field("nodeAffinity");
    if spec.field("local").is_set() && !affinity.is_set() {
        faults.missing(&affinity, "Local volume requires node affinity");
    }
    let required = affinity.field("required");
    if affinity.is_set() && !required.is_set() {
        faults.missing(&required, "must specify required node constraints");
    }
    for term in required.field("nodeSelectorTerms").items() {
        super::pod::node_term(&term, true, faults);
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
    topologies(&object.field("allowedTopologies"), faults);
    for (key, value) in object.field("parameters").entries() {
        if key.is_empty() {
            faults.wrong(&value, "field can not be empty.");
        }
    }
}

/// Where volumes of a class may be.
fn topologies(list: &At<'_, '_>, faults: &mut Faults) {
    let mut seen = rustc_hash::FxHashSet::default();
    for term in list.items() {
        let requirements = term.field("matchLabelExpressions");
        let mut terms = Vec::new();
        for requirement in requirements.items() {
            let (key, values) = (requirement.field("key"), requirement.field("values"));
            if !key.is_unknown() {
                faults.all_wrong(&key, qualified_name(key.text()));
            }
            let mut texts: Vec<&str> = values.items().map(|value| value.text()).collect();
            let mut known = rustc_hash::FxHashSet::default();
            for value in values.items() {
                if !value.is_unknown() && !known.insert(value.text()) {
                    faults.twice(&value);
                }
            }
            if terms.iter().any(|(other, _)| *other == key.text()) {
                faults.twice(&key);
            }
            texts.sort_unstable();
            terms.push((key.text(), texts));
        }
        terms.sort_unstable();
        // Nothing at all is a duplicate to the server, as is what was there.
        if terms.is_empty() || !seen.insert(terms) {
            faults.duplicate(&requirements.path, term.node());
        }
    }
}
