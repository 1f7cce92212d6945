//! FlowSchema, PriorityLevelConfiguration.

use super::at::At;
use crate::fault::Faults;
use crate::names::{dns1123_label, dns1123_subdomain};

pub(super) fn priority_level(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let (kind, limited, exempt) = (
        spec.field("type"),
        spec.field("limited"),
        spec.field("exempt"),
    );
    match kind.text() {
        "Limited" if !limited.is_set() => {
            faults.missing(&limited, "must not be empty when type is Limited");
        }
        "Exempt" if limited.is_set() => {
            faults.not_allowed(&limited, "must be nil if the type is not Limited");
        }
        "Limited" if exempt.is_set() => {
            faults.not_allowed(&exempt, "must be nil if the type is Limited");
        }
        "Limited" | "Exempt" | "" => {}
        _ => faults.one_of(&kind, &["Exempt", "Limited"]),
    }
    faults.not_negative(&limited.field("nominalConcurrencyShares"));
    faults.within(&limited.field("lendablePercent"), 0, 100);
    let borrowed = limited.field("borrowingLimitPercent");
    if borrowed.int().is_some_and(|percent| percent < 0) {
        let reason = "if specified, must be a non-negative integer";
        faults.wrong(&borrowed, reason);
    }
    let response = limited.field("limitResponse");
    let (kind, queuing) = (response.field("type"), response.field("queuing"));
    if !kind.text().is_empty() {
        faults.one_of(&kind, &["Queue", "Reject"]);
    }
    if kind.text() == "Reject" && queuing.is_set() {
        faults.not_allowed(
            &queuing,
            "must be nil if limited.limitResponse.type is not Limited",
        );
    }
    let (queues, hand) = (queuing.field("queues"), queuing.field("handSize"));
    if let (Some(queues), Some(size)) = (queues.int(), hand.int())
        && size > queues
        && queues > 0
    {
        faults.wrong(
            &hand,
            format!("should not be greater than queues ({queues})"),
        );
    }
    for field in ["queues", "handSize", "queueLengthLimit"] {
        let field = queuing.field(field);
        if field.int().is_some_and(|value| value <= 0) {
            faults.wrong(&field, "must be positive");
        }
    }
}

pub(super) fn flow_schema(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let precedence = spec.field("matchingPrecedence");
    if precedence.int().is_some_and(|value| value > 10_000) {
        faults.wrong(&precedence, "must not be greater than 10000");
    } else if precedence.int().is_some_and(|value| value < 1) {
        faults.wrong(&precedence, "must be a positive value");
    }
    let distinguisher = spec.field("distinguisherMethod");
    let kind = distinguisher.field("type");
    if !kind.text().is_empty() {
        faults.one_of(&kind, &["ByNamespace", "ByUser"]);
    }
    if precedence.int() == Some(1) && object.at(&["metadata", "name"]) != "exempt" {
        let reason = "only the schema named 'exempt' may have matchingPrecedence 1";
        faults.wrong(&precedence, reason);
    }
    let level = spec.field("priorityLevelConfiguration");
    let name = level.field("name");
    match name.text() {
        "" if name.is_unknown() => {}
        "" => faults.missing(&name, "must reference a priority level"),
        text => faults.all_wrong(&name, dns1123_subdomain(text)),
    }
    for rule in spec.field("rules").items() {
        for one in rule.field("subjects").items() {
            subject(&one, faults);
        }
        for one in rule.field("resourceRules").items() {
            verbs(&one.field("verbs"), faults);
            for list in ["apiGroups", "resources", "namespaces"] {
                alone(&one.field(list), faults);
            }
            namespaces(&one, faults);
        }
        for one in rule.field("nonResourceRules").items() {
            verbs(&one.field("verbs"), faults);
            let list = one.field("nonResourceURLs");
            alone(&list, faults);
            for url in list
                .items()
                .filter(|url| !url.is_unknown() && url.text() != "*")
            {
                if let Some(reason) = wrong_path(url.text()) {
                    faults.wrong(&url, reason);
                }
            }
        }
        if rule.field("subjects").len() == 0 {
            faults.missing(
                &rule.field("subjects"),
                "subjects must contain at least one value",
            );
        }
        if rule.field("resourceRules").len() + rule.field("nonResourceRules").len() == 0 {
            let reason = "at least one of resourceRules and nonResourceRules has to be non-empty";
            faults.missing(&rule, reason);
        }
    }
}

/// Who a rule is for: a kind, and what that kind has.
fn subject(at: &At<'_, '_>, faults: &mut Faults) {
    let kinds = [
        ("Group", "group"),
        ("ServiceAccount", "serviceAccount"),
        ("User", "user"),
    ];
    let kind = at.field("kind");
    if kind.text().is_empty() {
        return;
    }
    if !kinds.iter().any(|(name, _)| *name == kind.text()) {
        return faults.one_of(&kind, &kinds.map(|(name, _)| name));
    }
    for (name, field) in kinds {
        let own = at.field(field);
        match (name == kind.text(), own.is_set()) {
            (true, false) => {
                let reason = format!("{field} is required when subject kind is '{name}'");
                faults.missing(&own, &reason);
            }
            (false, true) => {
                let reason = format!("{field} is forbidden when subject kind is not '{name}'");
                faults.not_allowed(&own, &reason);
            }
            _ => {}
        }
    }
    let account = at.field("serviceAccount");
    let (name, namespace) = (account.field("name"), account.field("namespace"));
    if !matches!(name.text(), "" | "*") {
        faults.all_wrong(&name, dns1123_subdomain(name.text()));
    }
    if !namespace.text().is_empty() {
        faults.all_wrong(&namespace, dns1123_label(namespace.text()));
    }
}

const VERBS: [&str; 9] = [
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "proxy",
    "update",
    "watch",
];

fn verbs(list: &At<'_, '_>, faults: &mut Faults) {
    alone(list, faults);
    let is_known = |verb: &str| verb == "*" || VERBS.contains(&verb);
    for verb in list.items() {
        if !verb.is_unknown() && !is_known(verb.text()) {
            faults.unsupported(&list.path, verb.node(), VERBS.into_iter());
        }
    }
}

/// What stands for everything stands alone.
fn alone(list: &At<'_, '_>, faults: &mut Faults) {
    if list.len() > 1 && list.items().any(|item| item.text() == "*") {
        faults.wrong(list, "if '*' is present, must not specify other values");
    }
}

fn namespaces(rule: &At<'_, '_>, faults: &mut Faults) {
    let list = rule.field("namespaces");
    let cluster = rule.field("clusterScope");
    if list.len() == 0 && !cluster.is_true() && !cluster.is_unknown() {
        let reason =
            "resource rules that are not cluster scoped must supply at least one namespace";
        faults.missing(&list, reason);
    }
    for namespace in list
        .items()
        .filter(|one| !one.is_unknown() && one.text() != "*")
    {
        for reason in dns1123_label(namespace.text()) {
            let reason =
                format!("each member of this list must be '*' or a DNS-1123 label; {reason}");
            faults.wrong(&namespace, reason);
        }
    }
}

/// What is wrong with a path of the server that is no resource.
fn wrong_path(path: &str) -> Option<&'static str> {
    let stars = path.matches('*').count();
    match path {
        "" => Some("must not be empty"),
        "/" => None,
        _ if !path.starts_with('/') => Some("must start with slash"),
        _ if path.contains(' ') => Some("must not contain white-space"),
        _ if path.contains("//") => Some("must not contain double slash"),
        _ if stars > 1 || (stars == 1 && !path.ends_with("/*")) => {
            Some("wildcard can only do suffix matching")
        }
        _ => None,
    }
}
