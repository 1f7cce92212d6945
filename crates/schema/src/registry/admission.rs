//! Webhooks and admission policies.

use super::at::At;
use super::primitives::{label_selector, unique};
use crate::cel;
use crate::fault::Faults;
use crate::names::dns1123_subdomain;
use tidegate_golang::Url;

pub(super) fn webhooks(object: &At<'_, '_>, faults: &mut Faults) {
    let list = object.field("webhooks");
    unique(&list, "name", faults);
    for webhook in list.items() {
        let name = webhook.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, dns1123_subdomain(name.text()));
            if name.text().split('.').count() < 3 {
                let reason = "should be a domain with at least three segments separated by dots";
                faults.wrong(&name, reason);
            }
        }
        let versions = webhook.field("admissionReviewVersions");
        let known = versions
            .items()
            .any(|one| one.is_unknown() || matches!(one.text(), "v1" | "v1beta1"));
        if versions.len() > 0 && !known {
            faults.wrong(&versions, "must include at least one of v1, v1beta1");
        }
        let effects = webhook.field("sideEffects");
        if !effects.text().is_empty() {
            faults.one_of(&effects, &["None", "NoneOnDryRun"]);
        }
        let timeout = webhook.field("timeoutSeconds");
        if timeout
            .int()
            .is_some_and(|seconds| !(1..=30).contains(&seconds))
        {
            faults.wrong(
                &timeout,
                "the timeout value must be between 1 and 30 seconds",
            );
        }
        label_selector(&webhook.field("namespaceSelector"), faults);
        label_selector(&webhook.field("objectSelector"), faults);
        for rule in webhook.field("rules").items() {
            rule_with_operations(&rule, faults);
        }
        client(&webhook.field("clientConfig"), faults);
        conditions(&webhook.field("matchConditions"), faults);
    }
}

fn client(config: &At<'_, '_>, faults: &mut Faults) {
    let (url, service) = (config.field("url"), config.field("service"));
    if url.is_set() == service.is_set() {
        return faults.missing(&url, "exactly one of url or service is required");
    }
    if url.is_set() {
        match Url::parse(url.text()) {
            Err(reason) => faults.wrong(&url, reason),
            Ok(parsed) => {
                if parsed.scheme != "https" {
                    let reason = "'https' is the only allowed URL scheme; desired format: https://host[/path]";
                    faults.wrong(&url, reason);
                }
                if url.text().contains(['?', '#', '@']) {
                    faults.wrong(
                        &url,
                        "user information, query and fragment are not permitted",
                    );
                }
                if parsed.host.is_empty() {
                    faults.wrong(
                        &url,
                        "host must be specified; desired format: https://host[/path]",
                    );
                }
            }
        }
    }
    let path = service.field("path");
    if path.is_set() && !path.text().starts_with('/') {
        faults.wrong(&path, "must start with a '/'");
    }
    let port = service.field("port");
    super::primitives::port(&port, faults);
}

fn rule_with_operations(rule: &At<'_, '_>, faults: &mut Faults) {
    for field in ["apiGroups", "apiVersions", "resources", "operations"] {
        let list = rule.field(field);
        if list.len() == 0 {
            faults.missing(&list, "");
        }
        for item in list.items() {
            if matches!(field, "resources" | "apiVersions") && item.text().is_empty() {
                faults.missing(&item, "");
            }
        }
        if list.len() > 1 && field != "resources" && list.items().any(|item| item.text() == "*") {
            faults.wrong(&list, "if '*' is present, must not specify other values");
        }
    }
    let known = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    for operation in rule.field("operations").items() {
        if !known.contains(&operation.text()) {
            faults.unsupported(&operation.path, operation.node(), known.into_iter());
        }
    }
}

fn conditions(list: &At<'_, '_>, faults: &mut Faults) {
    unique(list, "name", faults);
    for condition in list.items() {
        expression(&condition.field("expression"), true, faults);
    }
}

fn expression(at: &At<'_, '_>, is_bool: bool, faults: &mut Faults) {
    match at.text().trim() {
        "" => faults.missing(at, ""),
        text => {
            if let Err(reason) = cel::check_admission(text, is_bool) {
                faults.wrong(at, reason);
            }
        }
    }
}

pub(super) fn policy(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let constraints = spec.field("matchConstraints");
    if !constraints.is_set() {
        faults.missing(&constraints, "");
    } else if constraints.field("resourceRules").len() == 0 {
        faults.missing(&constraints.field("resourceRules"), "");
    }
    for rules in ["resourceRules", "excludeResourceRules"] {
        for rule in constraints.field(rules).items() {
            rule_with_operations(&rule, faults);
        }
    }
    for selector in ["namespaceSelector", "objectSelector"] {
        label_selector(&constraints.field(selector), faults);
    }
    let (validations, audits) = (spec.field("validations"), spec.field("auditAnnotations"));
    if validations.len() + audits.len() == 0 {
        let reason = "validations or auditAnnotations must contain at least one item";
        faults.missing(&validations, reason);
        faults.missing(&audits, reason);
    }
    conditions(&spec.field("matchConditions"), faults);
    for variable in spec.field("variables").items() {
        expression(&variable.field("expression"), false, faults);
    }
    for validation in validations.items() {
        expression(&validation.field("expression"), true, faults);
        let text = validation.field("message");
        if text.text().trim().contains('\n') {
            faults.wrong(&text, "must not contain line breaks");
        }
        let message = validation.field("messageExpression");
        if !message.text().trim().is_empty()
            && let Err(reason) = cel::check_admission(message.text(), false)
        {
            faults.wrong(&message, reason);
        }
        let reason = validation.field("reason");
        if !reason.text().is_empty() {
            faults.one_of(
                &reason,
                &[
                    "Forbidden",
                    "Invalid",
                    "RequestEntityTooLarge",
                    "Unauthorized",
                ],
            );
        }
    }
}

pub(super) fn policy_binding(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let name = spec.field("policyName");
    if name.text().is_empty() {
        faults.missing(&name, "");
    }
    let actions = spec.field("validationActions");
    if actions.len() == 0 {
        faults.missing(&actions, "at least one validation action is required");
    }
    let has = |action: &str| actions.items().any(|item| item.text() == action);
    if has("Deny") && has("Warn") {
        let reason = "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
        faults.wrong(&actions, reason);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    for action in actions.items() {
        faults.one_of(&action, &["Audit", "Deny", "Warn"]);
        if !seen.insert(action.text()) {
            faults.twice(&action);
        }
    }
}
