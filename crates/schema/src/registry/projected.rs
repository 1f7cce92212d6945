//! Volumes that are put together from several sources.

use rustc_hash::FxHashSet;

use super::at::At;
use super::container::relative;
use super::volume::{file, items};
use crate::fault::Faults;

/// Sources of one entry, of which there may be one. What a feature that is off by default reads
/// (`clusterTrustBundle`, `podCertificate`) the server leaves out.
const KINDS: [&str; 4] = ["secret", "configMap", "downwardAPI", "serviceAccountToken"];

/// Checks the sources of a projected volume.
pub(super) fn sources(volume: &At<'_, '_>, faults: &mut Faults) {
    let mut paths = FxHashSet::default();
    for source in volume.field("sources").items() {
        for kind in ["secret", "configMap"] {
            let kind = source.field(kind);
            let name = kind.field("name");
            if kind.is_set() && name.text().is_empty() {
                faults.missing(&name, "");
            }
            items(&kind, faults);
            for item in kind.field("items").items() {
                conflict(&item, &mut paths, volume, faults);
            }
        }
        let fields = source.field("downwardAPI");
        for item in fields.field("items").items() {
            file(&item, &fields, faults);
            conflict(&item, &mut paths, volume, faults);
        }
        let token = source.field("serviceAccountToken");
        let seconds = token.field("expirationSeconds");
        if seconds.long().is_some_and(|seconds| seconds < 600) {
            faults.wrong(&seconds, "may not specify a duration less than 10 minutes");
        } else if seconds.long().is_some_and(|seconds| seconds > 1 << 32) {
            let reason = "may not specify a duration larger than 2^32 seconds";
            faults.wrong(&seconds, reason);
        }
        relative(&token.field("path"), &volume.path.field("path"), faults);
        let given = KINDS.iter().filter(|kind| source.field(kind).is_set());
        if given.count() > 1 {
            let reason = "may not specify more than 1 volume type per source";
            faults.not_allowed(&source, reason);
        }
    }
}

fn conflict<'n>(
    item: &At<'n, '_>,
    paths: &mut FxHashSet<&'n str>,
    volume: &At<'_, '_>,
    faults: &mut Faults,
) {
    let path = item.field("path");
    if !path.text().is_empty() && !paths.insert(path.text()) {
        faults.invalid(&volume.path, path.node(), "conflicting duplicate paths");
    }
}
