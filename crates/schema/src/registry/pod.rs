//! Pods and the templates of pods.

use rustc_hash::FxHashSet;

use super::at::At;
use super::container::{self, Pod};
use super::host;
use super::pod_fields;
use super::primitives::{label_selector, labels, values_of_operator};
use super::volume;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain, label_value, qualified_name};
use crate::path::Path;

pub(super) fn pod(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.len() > 0 {
        faults.not_allowed(&ephemeral, "cannot be set on create");
    }
    pod_spec(&spec, &Given::default(), faults);
    subdomain(&spec, faults);
    let metadata = object.field("metadata");
    pod_fields::annotations(&metadata.field("annotations"), &spec, faults);
}

/// What the pods of a template have besides it.
#[derive(Debug, Default)]
pub(super) struct Given<'n> {
    /// The names of volumes.
    pub(super) volumes: Vec<&'n str>,
    /// A host name, in place of that of the template.
    pub(super) hostname: bool,
}

/// The metadata of what objects are made after: labels and annotations.
pub(super) fn template_metadata(metadata: &At<'_, '_>, faults: &mut Faults) {
    labels(&metadata.field("labels"), faults);
    let annotations = metadata.field("annotations");
    for (key, value) in annotations.entries() {
        for fault in qualified_name(&key.to_lowercase()) {
            faults.invalid(&annotations.path, value.node(), fault);
        }
    }
}

/// A template: labels and annotations, and the pod.
pub(super) fn template<'n>(template: &At<'n, '_>, given: &Given<'n>, faults: &mut Faults) {
    template_metadata(&template.field("metadata"), faults);
    let spec = template.field("spec");
    if spec.field("containers").len() == 0 && !spec.is_set() {
        faults.missing(&spec.field("containers"), "");
    }
    let ephemeral = spec.field("ephemeralContainers");
    if ephemeral.len() > 0 {
        let reason = "ephemeral containers not allowed in pod template";
        faults.not_allowed(&ephemeral, reason);
    }
    pod_fields::annotations(
        &template.field("metadata").field("annotations"),
        &spec,
        faults,
    );
    pod_spec(&spec, given, faults);
}

/// The part of a pod that a template has as well.
fn pod_spec<'n>(spec: &At<'n, '_>, given: &Given<'n>, faults: &mut Faults) {
    let mut volumes = volume::check(spec, faults);
    volumes.extend(&given.volumes);
    let claims = spec.field("resourceClaims");
    let listed = spec.field("volumes");
    let claimed = listed.items().filter(|volume| {
        volume.field("persistentVolumeClaim").is_set() || volume.field("ephemeral").is_set()
    });
    let mut claimed: FxHashSet<&str> = claimed.map(|volume| volume.field("name").text()).collect();
    claimed.extend(&given.volumes);
    let host_users = spec.field("hostUsers");
    let pod = Pod {
        claimed,
        host_users: !host_users.is_set() || host_users.is_true(),
        volumes: &volumes,
        any_volume: listed
            .items()
            .any(|volume| volume.field("name").is_unknown()),
        claims: claims
            .items()
            .map(|claim| claim.field("name").text())
            .collect(),
        host_network: spec.field("hostNetwork").is_true(),
        windows: spec.field("os").field("name").text() == "windows",
    };
    let mut names = FxHashSet::default();
    for list in ["containers", "initContainers"] {
        let list = spec.field(list);
        for item in list.items() {
            let name = item.field("name");
            if !name.text().is_empty() && !names.insert(name.text()) {
                faults.twice(&name);
            }
            let is_init = matches!(list.path, Path::Field(_, "initContainers"));
            container::check(&item, is_init, &pod, faults);
            pod_fields::container(&item, faults);
            pod_fields::sleep(&item, spec, faults);
        }
    }
    pod_fields::pod(spec, faults);
    pod_fields::dns(spec, faults);
    host::check(spec, faults);
    scheduling(spec, faults);
    security(spec, &pod, faults);
    let deadline = spec.field("activeDeadlineSeconds");
    faults.within(&deadline, 1, i64::from(i32::MAX));
    for (field, rule) in [
        ("hostname", dns1123_label as fn(&str) -> Vec<String>),
        ("serviceAccountName", dns1123_subdomain),
        ("priorityClassName", dns1123_subdomain),
        ("runtimeClassName", dns1123_subdomain),
    ] {
        let value = spec.field(field);
        let is_replaced = field == "hostname" && given.hostname;
        if !value.text().is_empty() && !is_replaced {
            faults.all_wrong(&value, rule(value.text()));
        }
    }
    let policy = spec.field("restartPolicy");
    if !policy.text().is_empty() {
        faults.one_of(&policy, &["Always", "OnFailure", "Never"]);
    }
    for alias in spec.field("hostAliases").items() {
        let address = alias.field("ip");
        if crate::net::parse_ip_sloppy(address.text()).is_none() {
            let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            faults.wrong(&address, reason);
        }
        for name in alias.field("hostnames").items() {
            faults.all_wrong(&name, dns1123_subdomain(name.text()));
        }
    }
}

/// The subdomain of a pod, which a StatefulSet does not look at.
pub(super) fn subdomain(spec: &At<'_, '_>, faults: &mut Faults) {
    let name = spec.field("subdomain");
    if !name.text().is_empty() {
        faults.all_wrong(&name, dns1123_label(name.text()));
    }
}

fn scheduling(spec: &At<'_, '_>, faults: &mut Faults) {
    labels(&spec.field("nodeSelector"), faults);
    tolerations(&spec.field("tolerations"), faults);
    let mut spread = FxHashSet::default();
    for constraint in spec.field("topologySpreadConstraints").items() {
        let skew = constraint.field("maxSkew");
        if skew.int().is_some_and(|skew| skew <= 0) {
            faults.wrong(&skew, "must be greater than zero");
        }
        let domains = constraint.field("minDomains");
        if domains.int().is_some_and(|domains| domains <= 0) {
            faults.wrong(&domains, "must be greater than zero");
        }
        let selector = constraint.field("labelSelector");
        label_selector(&selector, faults);
        label_keys(&constraint, &["matchLabelKeys"], faults);
        let (key, when) = (
            constraint.field("topologyKey"),
            constraint.field("whenUnsatisfiable"),
        );
        if !key.text().is_empty() && !spread.insert((key.text(), when.text())) {
            let path = constraint.path.field("{topologyKey, whenUnsatisfiable}");
            faults.duplicate(&path, key.node());
        }
    }
    let affinity = spec.field("affinity");
    let nodes = affinity.field("nodeAffinity");
    let required = nodes.field("requiredDuringSchedulingIgnoredDuringExecution");
    for term in required.field("nodeSelectorTerms").items() {
        node_term(&term, true, faults);
    }
    for preferred in nodes
        .field("preferredDuringSchedulingIgnoredDuringExecution")
        .items()
    {
        weight(&preferred, faults);
        node_term(&preferred.field("preference"), false, faults);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let kind = affinity.field(kind);
        for term in kind
            .field("requiredDuringSchedulingIgnoredDuringExecution")
            .items()
        {
            pod_term(&term, faults);
        }
        for preferred in kind
            .field("preferredDuringSchedulingIgnoredDuringExecution")
            .items()
        {
            weight(&preferred, faults);
            pod_term(&preferred.field("podAffinityTerm"), faults);
        }
    }
}

fn weight(preferred: &At<'_, '_>, faults: &mut Faults) {
    let weight = preferred.field("weight");
    if weight
        .int()
        .is_some_and(|weight| !(1..=100).contains(&weight))
    {
        faults.wrong(&weight, "must be in the range 1-100");
    }
}

fn pod_term(term: &At<'_, '_>, faults: &mut Faults) {
    label_selector(&term.field("labelSelector"), faults);
    label_selector(&term.field("namespaceSelector"), faults);
    label_keys(term, &["matchLabelKeys", "mismatchLabelKeys"], faults);
    for namespace in term.field("namespaces").items() {
        faults.all_wrong(&namespace, dns1123_label(namespace.text()));
    }
    let key = term.field("topologyKey");
    if !key.text().is_empty() {
        faults.all_wrong(&key, qualified_name(key.text()));
    }
}

/// Keys of labels whose values are those of the pod, beside a selector of labels.
fn label_keys(at: &At<'_, '_>, lists: &[&str], faults: &mut Faults) {
    let has_selector = at.field("labelSelector").is_set();
    for list in lists {
        let list = at.field(list);
        if list.len() > 0 && !has_selector {
            let reason = "must not be specified when labelSelector is not set";
            faults.not_allowed(&list, reason);
            continue;
        }
        for key in list.items() {
            faults.all_wrong(&key, qualified_name(key.text()));
        }
    }
    let (own, others) = (at.field("matchLabelKeys"), at.field("mismatchLabelKeys"));
    let others: FxHashSet<&str> = others.items().map(|key| key.text()).collect();
    for key in own.items() {
        if others.contains(key.text()) {
            faults.wrong(&key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

/// A term of a node selector; in one that nodes must meet, values are those of labels.
pub(super) fn node_term(term: &At<'_, '_>, is_required: bool, faults: &mut Faults) {
    for requirement in term.field("matchExpressions").items() {
        let values = requirement.field("values");
        let operator = requirement.field("operator");
        values_of_operator(operator.text(), &values, faults);
        if matches!(operator.text(), "Gt" | "Lt") && values.len() != 1 {
            let reason = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            faults.missing(&values, reason);
        }
        let key = requirement.field("key");
        faults.all_wrong(&key, qualified_name(key.text()));
        for value in values.items().filter(|_| is_required) {
            faults.all_wrong(&value, label_value(value.text()));
        }
    }
    for requirement in term.field("matchFields").items() {
        let [key, operator, values] = ["key", "operator", "values"].map(|f| requirement.field(f));
        match operator.text() {
            "In" | "NotIn" if values.len() != 1 => {
                let reason = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                faults.missing(&values, reason);
            }
            "In" | "NotIn" => {}
            _ => faults.wrong(&operator, "not a valid selector operator"),
        }
        if key.text() != "metadata.name" {
            faults.wrong(&key, "not a valid field selector key");
            continue;
        }
        for value in values.items() {
            faults.all_wrong(&value, dns1123_subdomain(value.text()));
        }
    }
}

/// What a pod, or the pods of a class, put up with.
pub(super) fn tolerations(list: &At<'_, '_>, faults: &mut Faults) {
    for toleration in list.items() {
        let (key, operator) = (toleration.field("key"), toleration.field("operator"));
        let (effect, seconds) = (
            toleration.field("effect"),
            toleration.field("tolerationSeconds"),
        );
        if !key.text().is_empty() {
            faults.all_wrong(&key, qualified_name(key.text()));
        } else if operator.text() != "Exists" {
            let reason = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            faults.wrong(&operator, reason);
        }
        let value = toleration.field("value");
        match operator.text() {
            "Exists" if !value.text().is_empty() => {
                faults.wrong(&operator, "value must be empty when `operator` is 'Exists'");
            }
            "" | "Equal" if !operator.is_unknown() => {
                for reason in label_value(value.text()) {
                    faults.invalid(&operator.path, value.node(), reason);
                }
            }
            "Exists" | "" => {}
            _ => faults.one_of(&operator, &["Equal", "Exists"]),
        }
        if seconds.is_set() && effect.text() != "NoExecute" {
            let reason = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            faults.wrong(&effect, reason);
        }
        if !effect.text().is_empty() {
            faults.one_of(&effect, &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        }
    }
}

fn security(spec: &At<'_, '_>, pod: &Pod<'_, '_>, faults: &mut Faults) {
    let context = spec.field("securityContext");
    container::users(&context, pod.windows, faults);
    container::seccomp(&context, faults);
    container::app_armor(&context, faults);
    let change = context.field("seLinuxChangePolicy");
    faults.one_of(&change, &["MountOption", "Recursive"]);
    faults.within(&context.field("fsGroup"), 0, i64::from(i32::MAX));
    for group in context.field("supplementalGroups").items() {
        faults.within(&group, 0, i64::from(i32::MAX));
    }
    let mut names = FxHashSet::default();
    for sysctl in context.field("sysctls").items() {
        let name = sysctl.field("name");
        if name.text().is_empty() {
            continue;
        }
        if !is_sysctl(name.text()) {
            faults.wrong(
                &name,
                "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
            );
        } else if !names.insert(name.text()) {
            faults.twice(&name);
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let end = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let known = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    name.len() <= 253
        && name.split(['.', '/']).all(|part| {
            let bytes = part.as_bytes();
            end(bytes.first()) && end(bytes.last()) && bytes.iter().all(known)
        })
}
