//! What only controllers and administrators write: APIService, CertificateSigningRequest,
//! ControllerRevision, Event.

use rustc_hash::FxHashSet;

use super::at::At;
use crate::fault::Faults;
use crate::names::{dns1035_label, dns1123_subdomain, qualified_name};

pub(super) fn api_service(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let (name, group, version) = (
        metadata.field("name"),
        spec.field("group"),
        spec.field("version"),
    );
    if [name, group, version].iter().any(At::is_unknown) {
        return;
    }
    let wanted = format!("{}.{}", version.text(), group.text());
    let is_legacy = group.text().is_empty() && name.text() == version.text();
    if !name.text().is_empty() && name.text() != wanted && !is_legacy {
        let reason = format!("must be `spec.version+\".\"+spec.group`: \"{wanted}\"");
        faults.wrong(&name, reason);
    }
    if !group.text().is_empty() {
        faults.all_wrong(&group, dns1123_subdomain(group.text()));
    }
    match version.text() {
        "" => faults.missing(&version, ""),
        text => faults.all_wrong(&version, dns1035_label(text)),
    }
    for (field, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1_000)] {
        let field = spec.field(field);
        let number = field.int().unwrap_or(0);
        if number <= 0 || number > most {
            let reason = format!("must be positive and less than {most}");
            faults.wrong(&field, reason);
        }
    }
    let (service, skips) = (spec.field("service"), spec.field("insecureSkipTLSVerify"));
    let bundle = spec.field("caBundle");
    if !service.is_set() {
        if bundle.is_set() {
            faults.wrong(&bundle, "local APIServices may not have a caBundle");
        }
        if skips.is_true() {
            let reason = "local APIServices may not have insecureSkipTLSVerify";
            faults.wrong(&skips, reason);
        }
        return;
    }
    for field in ["namespace", "name"] {
        let field = service.field(field);
        if field.text().is_empty() && !field.is_unknown() {
            faults.missing(&field, "");
        }
    }
    super::primitives::port(&service.field("port"), faults);
    if skips.is_true() && !bundle.text().is_empty() {
        faults.wrong(&skips, "may not be true if caBundle is present");
    }
}

pub(super) fn certificate_request(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let usages = spec.field("usages");
    if usages.len() == 0 {
        faults.missing(&usages, "");
    }
    let mut known = FxHashSet::default();
    for usage in usages.items() {
        if !usage.is_unknown() && !known.insert(usage.text()) {
            faults.twice(&usage);
        }
    }
    let seconds = spec.field("expirationSeconds");
    if seconds.int().is_some_and(|seconds| seconds < 600) {
        let reason = "may not specify a duration less than 600 seconds (10 minutes)";
        faults.wrong(&seconds, reason);
    }
}

pub(super) fn revision(object: &At<'_, '_>, faults: &mut Faults) {
    let data = object.field("data");
    if !data.is_set() {
        faults.missing(&data, "data is mandatory");
    }
    faults.not_negative(&object.field("revision"));
}

/// An event of the group `events.k8s.io`; of the older ones little is asked.
pub(super) fn event(object: &At<'_, '_>, faults: &mut Faults) {
    let time = object.field("eventTime");
    if !time.is_set() {
        return faults.missing(&time, "");
    }
    let controller = object.field("reportingController");
    if !controller.is_unknown() {
        faults.all_wrong(&controller, qualified_name(controller.text()));
    }
    for (field, most) in [("reportingInstance", 128), ("action", 128), ("reason", 128)] {
        let field = object.field(field);
        match field.text() {
            "" if field.is_unknown() => {}
            "" => faults.missing(&field, ""),
            text if text.len() > most => {
                faults.wrong(&field, format!("can have at most {most} characters"));
            }
            _ => {}
        }
    }
    let kind = object.field("type");
    if !matches!(kind.text(), "Normal" | "Warning") && !kind.is_unknown() {
        faults.wrong(&kind, format!("has invalid value: {}", kind.text()));
    }
    // The server calls them by their older names.
    for (field, called) in [
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
        ("deprecatedSource", "source"),
    ] {
        let field = object.field(field);
        if field.is_set() && field.int() != Some(0) {
            let path = object.path.field(called);
            faults.invalid(&path, field.node(), "needs to be unset");
        }
    }
}
