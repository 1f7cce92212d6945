//! What a PersistentVolume is made of.

use super::at::At;
use super::volume::{
    azure_disk, driver, fibre_channel, flocker, iscsi, no_backsteps, partition, quobyte, too_many,
};
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain};

/// The sources of a volume in the order in which the server looks at them, and what it calls each when
/// it is one too many.
const SOURCES: [(&str, &str); 22] = [
    ("hostPath", "hostPath"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("nfs", "nfs"),
    ("rbd", "rbd"),
    ("quobyte", "quobyte"),
    ("cephfs", "cephFS"),
    ("iscsi", "iscsi"),
    ("cinder", "cinder"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("scaleIO", "scaleIO"),
    ("local", "local"),
    ("storageos", "storageos"),
    ("csi", "csi"),
];

/// Checks the source of a volume.
pub(super) fn check(spec: &At<'_, '_>, name: &str, faults: &mut Faults) {
    let mut given = SOURCES
        .iter()
        .filter(|(field, _)| spec.field(field).is_set());
    let Some((kind, _)) = given.next() else {
        return faults.missing(spec, "must specify a volume type");
    };
    let others = given.filter(|(field, _)| *field != "flexVolume");
    too_many(spec, others, faults);
    let at = spec.field(kind);
    match *kind {
        "hostPath" => {
            let path = at.field("path");
            no_backsteps(&path, faults);
            let policy = spec.field("persistentVolumeReclaimPolicy");
            let is_root = !path.text().is_empty() && path.text().bytes().all(|b| b == b'/');
            if is_root && policy.text() == "Recycle" {
                let reason = "may not be 'recycle' for a hostPath mount of '/'";
                faults.not_allowed(&policy, reason);
            }
        }
        "local" => no_backsteps(&at.field("path"), faults),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            let path = spec.path.field(match *kind {
                "gcePersistentDisk" => "persistentDisk",
                kind => kind,
            });
            partition(&at, &path, faults);
        }
        "nfs" => {
            let path = at.field("path");
            if !path.text().is_empty() && !path.text().starts_with('/') {
                faults.wrong(&path, "must be an absolute path");
            }
        }
        "flocker" => flocker(&at, faults),
        "quobyte" => quobyte(&at, faults),
        "iscsi" => {
            iscsi(&at, "must be valid format", faults);
            let portal = at.field("targetPortal");
            let length = name.len() + 1 + portal.text().len();
            if at.field("initiatorName").is_set() && length > 64 {
                let path = at.path.field("targetportal");
                let reason = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
                faults.invalid(&path, portal.node(), reason);
            }
        }
        "fc" => fibre_channel(&at, faults),
        "azureDisk" => azure_disk(&at, faults),
        "scaleIO" => {
            let name = at.field("volumeName");
            if name.text().is_empty() && !name.is_unknown() {
                faults.missing(&name, "");
            }
        }
        "csi" => csi(&at, faults),
        _ => {}
    }
}

fn csi(at: &At<'_, '_>, faults: &mut Faults) {
    driver(&at.field("driver"), faults);
    for secret in [
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ] {
        let secret = at.field(secret);
        if !secret.is_set() {
            continue;
        }
        for (field, rule) in [
            ("name", dns1123_subdomain as fn(&str) -> Vec<String>),
            ("namespace", dns1123_label),
        ] {
            let field = secret.field(field);
            match field.text() {
                "" if field.is_unknown() => {}
                "" => faults.missing(&field, ""),
                text => faults.all_wrong(&field, rule(text)),
            }
        }
    }
}
