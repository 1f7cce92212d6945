//! Webhooks and admission policies.

use super::at::At;
use super::primitives::{label_selector, unique};
use crate::cel::{self, is_reserved};
use crate::fault::Faults;
use crate::names::{dns1035_label, dns1123_subdomain, path_segment, qualified_name};
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
        let mut seen = rustc_hash::FxHashSet::default();
        for version in versions.items() {
            if !version.is_unknown() && !seen.insert(version.text()) {
                faults.wrong(&version, "duplicate version");
            }
        }
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

/// Who is asked: a server by its address, or a Service.
pub(super) fn client(config: &At<'_, '_>, faults: &mut Faults) {
    let (url, service) = (config.field("url"), config.field("service"));
    if url.is_set() == service.is_set() {
        return faults.missing(config, "exactly one of url or service is required");
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
    webhook_path(&path, faults);
    let port = service.field("port");
    super::primitives::port(&port, faults);
}

/// The path of a webhook: segments that are names.
pub(super) fn webhook_path(at: &At<'_, '_>, faults: &mut Faults) {
    let text = at.text();
    if matches!(text, "" | "/") {
        return;
    }
    if text == "//" {
        return faults.wrong(at, "segment[0] may not be empty");
    }
    let Some(rest) = text.strip_prefix('/') else {
        return faults.wrong(at, "must start with a '/'");
    };
    let steps: Vec<&str> = rest.strip_suffix('/').unwrap_or(rest).split('/').collect();
    for (index, step) in steps.into_iter().enumerate() {
        if step.is_empty() {
            faults.wrong(at, format!("segment[{index}] may not be empty"));
            continue;
        }
        for reason in dns1123_subdomain(step) {
            faults.wrong(at, format!("segment[{index}]: {reason}"));
        }
    }
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
        let name = condition.field("name");
        if !name.text().is_empty() {
            faults.all_wrong(&name, qualified_name(name.text()));
        }
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

/// What a policy or its binding looks at.
fn match_resources(at: &At<'_, '_>, faults: &mut Faults) {
    for rules in ["resourceRules", "excludeResourceRules"] {
        for rule in at.field(rules).items() {
            let mut seen = rustc_hash::FxHashSet::default();
            for name in rule.field("resourceNames").items() {
                faults.all_wrong(&name, path_segment(name.text()));
                if !name.is_unknown() && !seen.insert(name.text()) {
                    faults.twice(&name);
                }
            }
            rule_with_operations(&rule, faults);
        }
    }
    for selector in ["namespaceSelector", "objectSelector"] {
        label_selector(&at.field(selector), faults);
    }
}

/// The kind of the parameters of a policy.
fn parameters(at: &At<'_, '_>, faults: &mut Faults) {
    let (version, kind) = (at.field("apiVersion"), at.field("kind"));
    let (group, name) = match version.text().split_once('/') {
        Some((group, name)) => (Some(group), name),
        None => (None, version.text()),
    };
    if !version.text().is_empty() {
        if let Some(group) = group {
            faults.all_wrong(&version, dns1123_subdomain(group));
        }
        faults.all_wrong(&version, dns1035_label(name));
    }
    if !kind.text().is_empty() {
        for reason in dns1035_label(&kind.text().to_lowercase()) {
            let reason = format!("may have mixed case, but should otherwise match: {reason}");
            faults.wrong(&kind, reason);
        }
    }
}

/// Whether a text can stand in an expression as a name.
fn is_identifier(text: &str) -> bool {
    let first = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    text.bytes().next().is_some_and(first)
        && text.bytes().all(|b| first(b) || b.is_ascii_digit())
        && !is_reserved(text)
}

pub(super) fn policy(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let constraints = spec.field("matchConstraints");
    if !constraints.is_set() {
        faults.missing(&constraints, "");
    } else if constraints.field("resourceRules").len() == 0 {
        faults.missing(&constraints.field("resourceRules"), "");
    }
    match_resources(&constraints, faults);
    parameters(&spec.field("paramKind"), faults);
    let name = object.at(&["metadata", "name"]);
    let mut keys = rustc_hash::FxHashSet::default();
    for audit in spec.field("auditAnnotations").items() {
        let (key, value) = (audit.field("key"), audit.field("valueExpression"));
        if !name.is_empty() && !key.text().is_empty() {
            faults.all_wrong(&key, qualified_name(&format!("{name}/{}", key.text())));
        }
        if !key.is_unknown() && !keys.insert(key.text()) {
            faults.twice(&key);
        }
        expression(&value, false, faults);
    }
    let (validations, audits) = (spec.field("validations"), spec.field("auditAnnotations"));
    if validations.len() + audits.len() == 0 {
        let reason = "validations or auditAnnotations must contain at least one item";
        faults.missing(&validations, reason);
        faults.missing(&audits, reason);
    }
    conditions(&spec.field("matchConditions"), faults);
    for variable in spec.field("variables").items() {
        let name = variable.field("name");
        if !name.text().is_empty() && !is_identifier(name.text()) {
            faults.wrong(&name, "must be a valid CEL identifier");
        }
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
    if !name.text().is_empty() {
        faults.all_wrong(&name, dns1123_subdomain(name.text()));
    }
    match_resources(&spec.field("matchResources"), faults);
    let parameter = spec.field("paramRef");
    if parameter.is_set() {
        let (name, selector) = (parameter.field("name"), parameter.field("selector"));
        faults.all_wrong(&name, path_segment(name.text()));
        label_selector(&selector, faults);
        match (!name.text().is_empty(), selector.is_set()) {
            (true, true) => {
                faults.not_allowed(&name, "name and selector are mutually exclusive");
                faults.not_allowed(&selector, "name and selector are mutually exclusive");
            }
            (false, false) if !name.is_unknown() => {
                faults.missing(&parameter, "one of name or selector must be specified");
            }
            _ => {}
        }
        let action = parameter.field("parameterNotFoundAction");
        match action.text() {
            "" if action.is_unknown() => {}
            "" => faults.missing(&action, ""),
            _ => faults.one_of(&action, &["Deny", "Allow"]),
        }
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
