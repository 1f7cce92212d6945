//! Volumes of pods.

use rustc_hash::FxHashSet;

use super::at::At;
use super::container::relative;
use super::environment::{field_ref, resource_ref};
use super::pod::template_metadata;
use super::projected;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain};

/// Checks the volumes of a pod; their names, where they are valid.
pub(super) fn check<'n>(spec: &At<'n, '_>, faults: &mut Faults) -> FxHashSet<&'n str> {
    let mut names = FxHashSet::default();
    for volume in spec.field("volumes").items() {
        let name = volume.field("name");
        let wrong = match name.text() {
            "" => Vec::new(),
            text => dns1123_label(text),
        };
        if !wrong.is_empty() {
            faults.all_wrong(&name, wrong);
        } else if !name.text().is_empty() && !names.insert(name.text()) {
            faults.twice(&name);
        }
        source(&volume, faults);
    }
    names
}

/// The sources of a volume in the order in which the server looks at them, and what it calls each when
/// it is one too many.
const SOURCES: [(&str, &str); 30] = [
    ("emptyDir", "emptyDir"),
    ("hostPath", "hostPath"),
    ("gitRepo", "gitRepo"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("quobyte", "quobyte"),
    ("downwardAPI", "downwarAPI"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("configMap", "configMap"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("scaleIO", "scaleIO"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
    ("image", "image"),
];

/// Refuses sources besides the first. Each is where the server looks, and what it calls it.
pub(super) fn too_many<'s>(
    volume: &At<'_, '_>,
    others: impl Iterator<Item = &'s (&'s str, &'s str)>,
    faults: &mut Faults,
) {
    for (field, called) in others {
        let second = volume.field(field);
        let path = volume.path.field(called);
        faults.forbidden(
            &path,
            second.node(),
            "may not specify more than 1 volume type",
        );
    }
}

fn source(volume: &At<'_, '_>, faults: &mut Faults) {
    let mut given = SOURCES
        .iter()
        .filter(|(field, _)| volume.field(field).is_set());
    // Nothing at all is an empty folder. What is one too many is not looked into.
    let Some((kind, _)) = given.next() else {
        return;
    };
    too_many(volume, given, faults);
    let at = volume.field(kind);
    match *kind {
        "emptyDir" => {
            let limit = at.field("sizeLimit");
            if limit.quantity().is_some_and(|size| size.signum() < 0) {
                faults.not_allowed(&limit, "SizeLimit field must be a valid resource quantity");
            }
        }
        "hostPath" => no_backsteps(&at.field("path"), faults),
        "gitRepo" => relative(&at.field("directory"), &at.path.field("directory"), faults),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            let path = volume.path.field(match *kind {
                "gcePersistentDisk" => "persistentDisk",
                kind => kind,
            });
            partition(&at, &path, faults);
        }
        "secret" | "configMap" => {
            let name = at.field(match *kind {
                "secret" => "secretName",
                _ => "name",
            });
            if name.text().is_empty() {
                faults.missing(&name, "");
            }
            items(&at, faults);
            mode(&at.field("defaultMode"), faults);
        }
        "nfs" => {
            let path = at.field("path");
            if !path.text().is_empty() && !path.text().starts_with('/') {
                faults.wrong(&path, "must be an absolute path");
            }
        }
        "iscsi" => iscsi(
            &at,
            "must be valid format starting with iqn, eui, or naa",
            faults,
        ),
        "fc" => fibre_channel(&at, faults),
        "flocker" => flocker(&at, faults),
        "azureDisk" => azure_disk(&at, faults),
        "quobyte" => quobyte(&at, faults),
        "downwardAPI" => {
            for item in at.field("items").items() {
                file(&item, &at, faults);
            }
            mode(&at.field("defaultMode"), faults);
        }
        "storageos" => storageos(&at, faults),
        "projected" => {
            mode(&at.field("defaultMode"), faults);
            projected::sources(&at, faults);
        }
        "scaleIO" => {
            let name = at.field("volumeName");
            if name.text().is_empty() {
                faults.missing(&name, "");
            }
        }
        "csi" => {
            driver(&at.field("driver"), faults);
            let secret = at.field("nodePublishSecretRef");
            let name = secret.field("name");
            if secret.is_set() && name.text().is_empty() {
                faults.missing(&name, "");
            } else if secret.is_set() {
                for reason in dns1123_subdomain(name.text()) {
                    faults.invalid(&at.path.field("name"), name.node(), reason);
                }
            }
        }
        "ephemeral" => {
            let template = at.field("volumeClaimTemplate");
            if !template.is_set() {
                return faults.missing(&template, "");
            }
            template_metadata(&template.field("metadata"), faults);
            super::storage::claim(&template.field("spec"), faults);
        }
        _ => {}
    }
}

/// A path that does not go up.
pub(super) fn no_backsteps(path: &At<'_, '_>, faults: &mut Faults) {
    if path.text().split('/').any(|part| part == "..") {
        faults.wrong(path, "must not contain '..'");
    }
}

/// The partition of a disk; `path` is what the server calls the disk.
pub(super) fn partition(disk: &At<'_, '_>, path: &crate::path::Path<'_>, faults: &mut Faults) {
    let partition = disk.field("partition");
    if partition
        .int()
        .is_some_and(|number| !(0..=255).contains(&number))
    {
        let reason = "must be between 0 and 255, inclusive";
        faults.invalid(&path.field("partition"), partition.node(), reason);
    }
}

/// A volume of iSCSI; `prefix` is what is said of a name that begins with nothing known.
pub(super) fn iscsi(at: &At<'_, '_>, prefix: &str, faults: &mut Faults) {
    for (field, called) in [("iqn", "iqn"), ("initiatorName", "initiatorname")] {
        let name = at.field(field);
        if !name.is_set() || name.is_unknown() || (field == "iqn" && name.text().is_empty()) {
            continue;
        }
        let known = ["iqn", "eui", "naa"];
        let path = at.path.field(called);
        if !known.iter().any(|start| name.text().starts_with(start)) {
            faults.invalid(&path, name.node(), prefix);
        } else if !is_iscsi_name(name.text()) {
            faults.invalid(&path, name.node(), "must be valid format");
        }
    }
    let lun = at.field("lun");
    if lun.int().is_some_and(|number| !(0..=255).contains(&number)) {
        faults.wrong(&lun, "must be between 0 and 255, inclusive");
    }
    let authenticates = ["chapAuthDiscovery", "chapAuthSession"]
        .iter()
        .any(|field| at.field(field).is_true());
    let secret = at.field("secretRef");
    if authenticates && !secret.is_set() {
        faults.missing(&secret, "");
    }
}

/// `iqn.YYYY-MM.DOMAIN:NAME`, `eui.` and 16 characters, or `naa.` and 32.
fn is_iscsi_name(name: &str) -> bool {
    let is_alnum = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    if let Some(rest) = name.strip_prefix("eui.") {
        return rest.len() == 16 && is_alnum(rest);
    }
    if let Some(rest) = name.strip_prefix("naa.") {
        return rest.len() == 32 && is_alnum(rest);
    }
    let rest = name.strip_prefix("iqn.").unwrap_or_default();
    let (Some(date), Some(rest)) = (rest.get(..8), rest.get(8..)) else {
        return false;
    };
    let is_date = date.bytes().enumerate().all(|(index, b)| match index {
        4 => b == b'-',
        7 => b == b'.',
        _ => b.is_ascii_digit(),
    });
    let in_domain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let in_name = |c: char| !",;*&$|".contains(c) && !c.is_ascii_whitespace();
    rest.split_once(':').is_some_and(|(domain, own)| {
        let is_domain = !domain.is_empty() && domain.bytes().all(in_domain);
        is_date && is_domain && !own.is_empty() && own.chars().all(in_name)
    })
}

/// A volume of Fibre Channel.
pub(super) fn fibre_channel(at: &At<'_, '_>, faults: &mut Faults) {
    let (names, lun) = (at.field("targetWWNs"), at.field("lun"));
    match (names.len() > 0, at.field("wwids").len() > 0) {
        (false, false) => {
            let reason = "must specify either targetWWNs or wwids, but not both";
            faults.missing(&names, reason);
        }
        (true, true) => {
            let reason = "targetWWNs and wwids can not be specified simultaneously";
            faults.wrong(&names, reason);
        }
        _ => {}
    }
    if names.len() > 0 && !lun.is_set() {
        faults.missing(&lun, "lun is required if targetWWNs is specified");
    } else if names.len() > 0 {
        faults.within(&lun, 0, 255);
    }
}

/// A volume of Flocker, by its name or its identity.
pub(super) fn flocker(at: &At<'_, '_>, faults: &mut Faults) {
    let (name, identity) = (at.field("datasetName"), at.field("datasetUUID"));
    match (name.text().is_empty(), identity.text().is_empty()) {
        (true, true) => {
            faults.missing(at, "one of datasetName and datasetUUID is required");
        }
        (false, false) => {
            let reason =
                "resource: datasetName and datasetUUID can not be specified simultaneously";
            faults.wrong(at, reason);
        }
        _ => {}
    }
    if name.text().contains('/') {
        faults.wrong(&name, "must not contain '/'");
    }
}

/// A disk of Azure.
pub(super) fn azure_disk(at: &At<'_, '_>, faults: &mut Faults) {
    let address = at.field("diskURI");
    let text = address.text();
    if text.is_empty() {
        return;
    }
    let is_managed = at.field("kind").text() == "Managed";
    if is_managed && !text.starts_with("/subscriptions/") {
        faults.unsupported(
            &address.path,
            address.node(),
            std::iter::once("/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"),
        );
    } else if !is_managed && !text.starts_with("https://") {
        let example =
            "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
        faults.unsupported(&address.path, address.node(), std::iter::once(example));
    }
}

/// A volume of Quobyte: where its registry is.
pub(super) fn quobyte(at: &At<'_, '_>, faults: &mut Faults) {
    let registry = at.field("registry");
    let mut hosts = registry.text().split(',');
    if !registry.text().is_empty() && !hosts.all(|host| host.split(':').count() == 2) {
        let reason = "registry must be a host:port pair or multiple pairs separated by commas";
        faults.wrong(&registry, reason);
    }
}

/// A volume of StorageOS.
pub(super) fn storageos(at: &At<'_, '_>, faults: &mut Faults) {
    let name = at.field("volumeName");
    match name.text() {
        "" => faults.missing(&name, ""),
        text => faults.all_wrong(&name, dns1123_label(text)),
    }
    let namespace = at.field("volumeNamespace");
    if !namespace.text().is_empty() {
        faults.all_wrong(&namespace, dns1123_label(namespace.text()));
    }
}

/// The name of a driver of volumes.
pub(super) fn driver(at: &At<'_, '_>, faults: &mut Faults) {
    let name = at.text();
    if name.len() > 63 {
        let kind = crate::fault::FaultKind::TooLong;
        faults.push(kind, &at.path, at.node(), "may not be more than 63 bytes");
    }
    if !name.is_empty() {
        faults.all_wrong(at, dns1123_subdomain(&name.to_lowercase()));
    }
}

/// A file that holds a field of the pod; the server names the list `owner` and not the file.
pub(super) fn file(item: &At<'_, '_>, owner: &At<'_, '_>, faults: &mut Faults) {
    let path = item.field("path");
    relative(&path, &owner.path.field("path"), faults);
    let (field, resource) = (item.field("fieldRef"), item.field("resourceFieldRef"));
    if field.is_set() {
        field_ref(&field, &owner.path.field("fieldRef"), faults);
        if resource.is_set() {
            let reason = "fieldRef and resourceFieldRef can not be specified simultaneously";
            faults.invalid(&owner.path, item.node(), reason);
        }
    } else if resource.is_set() {
        let path = owner.path.field("resourceFieldRef");
        let container = resource.field("containerName");
        if container.text().is_empty() && !container.is_unknown() {
            faults.required(&path.field("containerName"), resource.node(), "");
        } else {
            resource_ref(&resource, &path, faults);
        }
    } else {
        let reason = "one of fieldRef and resourceFieldRef is required";
        faults.required(&owner.path, item.node(), reason);
    }
    let bits = item.field("mode");
    if bits.int().is_some_and(|bits| !(0..=0o777).contains(&bits)) {
        faults.invalid(&owner.path.field("mode"), bits.node(), MODE);
    }
}

const MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";

/// Keys that become files.
pub(super) fn items(source: &At<'_, '_>, faults: &mut Faults) {
    for item in source.field("items").items() {
        let path = item.field("path");
        relative(&path, &path.path, faults);
        mode(&item.field("mode"), faults);
    }
}

/// The bits of a file.
pub(super) fn mode(at: &At<'_, '_>, faults: &mut Faults) {
    if at.int().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        faults.wrong(at, MODE);
    }
}
