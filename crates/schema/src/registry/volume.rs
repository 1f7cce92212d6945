use rustc_hash::FxHashSet;

use super::at::At;
use super::container::{relative, resource_ref};
use crate::fault::Faults;
use crate::names::dns1123_label;

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

fn source(volume: &At<'_, '_>, faults: &mut Faults) {
    let mut sources = volume
        .entries()
        .filter(|(key, source)| *key != "name" && source.is_set());
    // Nothing at all is an empty folder.
    sources.next();
    if let Some((key, _)) = sources.next() {
        let second = volume.field(key);
        faults.not_allowed(&second, "may not specify more than 1 volume type");
    }
    let host = volume.field("hostPath");
    let path = host.field("path");
    if path.text().split('/').any(|part| part == "..") {
        faults.wrong(&path, "must not contain '..'");
    }
    for kind in ["configMap", "secret"] {
        let kind = volume.field(kind);
        if !kind.is_set() {
            continue;
        }
        let name = match volume.field("secret").is_set() {
            true => kind.field("secretName"),
            false => kind.field("name"),
        };
        if name.text().is_empty() {
            faults.missing(&name, "");
        }
        items(&kind, faults);
        mode(&kind.field("defaultMode"), faults);
    }
    let projected = volume.field("projected");
    mode(&projected.field("defaultMode"), faults);
    for part in projected.field("sources").items() {
        for kind in ["configMap", "secret"] {
            let kind = part.field(kind);
            items(&kind, faults);
            let name = kind.field("name");
            if kind.is_set() && name.text().is_empty() {
                faults.missing(&name, "");
            }
        }
        let token = part.field("serviceAccountToken");
        let seconds = token.field("expirationSeconds");
        if seconds.long().is_some_and(|seconds| seconds < 600) {
            faults.wrong(&seconds, "may not specify a duration less than 10 minutes");
        } else if seconds.long().is_some_and(|seconds| seconds > 1 << 32) {
            faults.wrong(
                &seconds,
                "may not specify a duration larger than 2^32 seconds",
            );
        }
    }
    let nfs = volume.field("nfs");
    let path = nfs.field("path");
    if !path.text().is_empty() && !path.text().starts_with('/') {
        faults.wrong(&path, "must be an absolute path");
    }
    let files = volume.field("downwardAPI");
    for item in files.field("items").items() {
        let (field, resource) = (item.field("fieldRef"), item.field("resourceFieldRef"));
        match (field.is_set(), resource.is_set()) {
            (true, true) => {
                faults.wrong(
                    &item,
                    "fieldRef and resourceFieldRef can not be specified simultaneously",
                );
            }
            (false, false) => {
                faults.missing(&item, "one of fieldRef and resourceFieldRef is required");
            }
            _ => {}
        }
        resource_ref(&resource, faults);
    }
    items(&files, faults);
    let limit = volume.field("emptyDir");
    let limit = limit.field("sizeLimit");
    if limit
        .quantity()
        .is_some_and(|quantity| quantity.signum() < 0)
    {
        faults.wrong(&limit, "must be greater than or equal to 0");
    }
}

fn items(source: &At<'_, '_>, faults: &mut Faults) {
    for item in source.field("items").items() {
        let path = item.field("path");
        relative(&path, &path.path, faults);
        mode(&item.field("mode"), faults);
    }
}

fn mode(at: &At<'_, '_>, faults: &mut Faults) {
    if at.int().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        let reason = "must be a number between 0 and 0777 (octal), both inclusive";
        faults.wrong(at, reason);
    }
}
