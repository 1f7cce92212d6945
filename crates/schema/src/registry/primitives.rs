//! What many kinds have: ports, selectors, percentages.

use super::at::At;
use crate::fault::Faults;
use crate::names::{label_value, qualified_name};
use crate::validate::check_labels;

/// A port number.
pub(super) fn port(at: &At<'_, '_>, faults: &mut Faults) {
    if at.int().is_some_and(|port| !(1..=65535).contains(&port)) {
        faults.wrong(at, "must be between 1 and 65535, inclusive");
    }
}

/// A port by its number or its name.
pub(super) fn port_or_name(at: &At<'_, '_>, faults: &mut Faults) {
    match at.is_text() {
        true => faults.all_wrong(at, port_name(at.text())),
        false => port(at, faults),
    }
}

/// What is wrong with the name of a port.
pub(super) fn port_name(name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if name.len() > 15 {
        wrong.push("must be no more than 15 characters".to_owned());
    }
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !name.bytes().all(known) {
        let reason = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        wrong.push(reason.to_owned());
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        wrong.push("must contain at least one letter (a-z)".to_owned());
    }
    if name.contains("--") {
        wrong.push("must not contain consecutive hyphens".to_owned());
    }
    if name.starts_with('-') || name.ends_with('-') {
        wrong.push("must not begin or end with a hyphen".to_owned());
    }
    wrong
}

/// A number that is not negative, or a percentage.
pub(super) fn count_or_percent(at: &At<'_, '_>, faults: &mut Faults) {
    if !at.is_text() {
        return faults.not_negative(at);
    }
    if percent(at).is_none() {
        faults.wrong(
            at,
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        );
    }
}

/// A percentage that may not be more than all.
pub(super) fn at_most_all(at: &At<'_, '_>, faults: &mut Faults) {
    if percent(at).is_some_and(|percent| percent > 100) {
        faults.wrong(at, "must not be greater than 100%");
    }
}

/// The number of a percentage.
fn percent(at: &At<'_, '_>) -> Option<u64> {
    let digits = at.text().strip_suffix('%')?;
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Whether a number or a percentage is nothing.
pub(super) fn is_zero(at: &At<'_, '_>) -> bool {
    at.int()
        .map_or_else(|| percent(at) == Some(0), |value| value == 0)
}

/// Whether there are values where an operator of a selector takes some, and only there.
pub(super) fn values_of_operator(operator: &str, values: &At<'_, '_>, faults: &mut Faults) {
    match operator {
        "In" | "NotIn" if values.len() == 0 => {
            faults.missing(
                values,
                "must be specified when `operator` is 'In' or 'NotIn'",
            );
        }
        "Exists" | "DoesNotExist" if values.len() > 0 => {
            let reason = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            faults.not_allowed(values, reason);
        }
        _ => {}
    }
}

/// `metav1.LabelSelector`
pub(super) fn label_selector(at: &At<'_, '_>, faults: &mut Faults) {
    labels(&at.field("matchLabels"), faults);
    for requirement in at.field("matchExpressions").items() {
        let (operator, values) = (requirement.field("operator"), requirement.field("values"));
        values_of_operator(operator.text(), &values, faults);
        if !matches!(operator.text(), "In" | "NotIn" | "Exists" | "DoesNotExist") {
            faults.wrong(&operator, "not a valid selector operator");
        }
        let key = requirement.field("key");
        faults.all_wrong(&key, qualified_name(key.text()));
        for value in values.items() {
            faults.all_wrong(&value, label_value(value.text()));
        }
    }
}

/// Keys and values of labels.
pub(super) fn labels(at: &At<'_, '_>, faults: &mut Faults) {
    if at.is_set() {
        check_labels(at.node(), &at.path, faults);
    }
}

/// Whether a selector selects what has these labels.
pub(super) fn selects(selector: &At<'_, '_>, labels: &At<'_, '_>) -> bool {
    let labels = labels.by_key();
    let label = |key: &str| labels.get(key).map(|value| value.text());
    let exact = selector.field("matchLabels");
    let is_met = |(key, wanted): (&str, At<'_, '_>)| {
        let found = labels.get(key);
        let is_unknown = wanted.is_unknown() || found.is_some_and(At::is_unknown);
        is_unknown || label(key) == Some(wanted.text())
    };
    if !exact.entries().all(is_met) {
        return false;
    }
    let requirements = selector.field("matchExpressions");
    requirements.items().all(|requirement| {
        let found = label(requirement.field("key").text());
        let values = requirement.field("values");
        let listed = found.is_some_and(|found| values.items().any(|v| v.text() == found));
        match requirement.field("operator").text() {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            _ => true,
        }
    })
}

/// Whether a selector selects everything.
pub(super) fn selects_all(selector: &At<'_, '_>) -> bool {
    selector.field("matchLabels").len() == 0 && selector.field("matchExpressions").len() == 0
}

/// Faults of items whose field may not occur twice.
pub(super) fn unique<'a>(items: &At<'a, '_>, field: &str, faults: &mut Faults) {
    let mut seen = rustc_hash::FxHashSet::default();
    for item in items.items() {
        let value = item.field(field);
        if !value.text().is_empty() && !seen.insert(value.text()) {
            faults.twice(&value);
        }
    }
}
