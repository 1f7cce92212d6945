//! PodDisruptionBudget, HorizontalPodAutoscaler, PriorityClass, Lease.

use super::at::At;
use super::primitives::{at_most_all, count_or_percent, label_selector};
use crate::fault::Faults;
use crate::names::path_segment;

pub(super) fn disruption_budget(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let (least, most) = (spec.field("minAvailable"), spec.field("maxUnavailable"));
    if least.is_set() && most.is_set() {
        faults.wrong(&spec, "minAvailable and maxUnavailable cannot be both set");
    }
    for field in [&least, &most] {
        count_or_percent(field, faults);
        at_most_all(field, faults);
    }
    label_selector(&spec.field("selector"), faults);
}

pub(super) fn autoscaler(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let (least, most) = (spec.field("minReplicas"), spec.field("maxReplicas"));
    let metrics = spec.field("metrics");
    if least.int().is_some_and(|count| count < 1) {
        faults.wrong(&least, "must be greater than or equal to 1");
    }
    if most.int().is_some_and(|count| count < 1) {
        faults.wrong(&most, "must be greater than 0");
    } else if most.is_set() && most.int() < least.int() {
        faults.wrong(&most, "must be greater than or equal to `minReplicas`");
    }
    let usage = spec.field("targetCPUUtilizationPercentage");
    if usage.int().is_some_and(|usage| usage < 1) {
        faults.wrong(&usage, "must be greater than 0");
    }
    let target = spec.field("scaleTargetRef");
    for field in ["kind", "name"] {
        let field = target.field(field);
        if !field.text().is_empty() {
            faults.all_wrong(&field, path_segment(field.text()));
        }
    }
    let version = target.field("apiVersion");
    if target.is_set() {
        match version.text().split_once('/') {
            Some((group, rest)) if !group.is_empty() && !rest.contains('/') => {}
            Some(_) => faults.wrong(&version, "unexpected GroupVersion string"),
            None => faults.wrong(&version, "apiVersion must specify API group"),
        }
    }
    for metric in metrics.items() {
        metric_spec(&metric, faults);
    }
    let behavior = spec.field("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        scaling_rules(&behavior.field(direction), faults);
    }
}

/// Kinds of metrics and the fields that describe them.
const METRICS: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

fn metric_spec(metric: &At<'_, '_>, faults: &mut Faults) {
    let kind = metric.field("type");
    let known = METRICS.iter().find(|(name, _)| *name == kind.text());
    let Some((_, field)) = known else {
        if !kind.text().is_empty() {
            faults.one_of(&kind, &METRICS.map(|(name, _)| name));
        }
        return;
    };
    for (_, other) in METRICS {
        let source = metric.field(other);
        if source.is_set() && other != *field {
            let reason = "must not be set for another type of metric";
            faults.not_allowed(&source, reason);
        }
    }
    let source = metric.field(field);
    if !source.is_set() {
        let reason = "must populate information for the given metric source";
        return faults.missing(&source, reason);
    }
    let target = source.field("target");
    let kind = target.field("type");
    if !matches!(kind.text(), "" | "Utilization" | "Value" | "AverageValue") {
        faults.wrong(&kind, "must be either Utilization, Value, or AverageValue");
    }
    let [utilization, average, value] =
        ["averageUtilization", "averageValue", "value"].map(|field| target.field(field).is_set());
    let at = target.field("averageUtilization");
    if at.int().is_some_and(|value| value < 1) {
        faults.wrong(&at, "must be greater than 0");
    }
    for field in ["averageValue", "value"] {
        let field = target.field(field);
        if field.quantity().is_some_and(|value| value.signum() != 1) {
            faults.wrong(&field, "must be positive");
        }
    }
    match *field {
        "resource" | "containerResource" => {
            if !utilization && !average {
                let reason = "must set either a target raw value or a target utilization";
                faults.missing(&target.field("averageUtilization"), reason);
            }
            if utilization && average {
                let reason = "may not set both a target raw value and a target utilization";
                faults.not_allowed(&target.field("averageValue"), reason);
            }
        }
        "pods" if !average => {
            faults.missing(
                &target.field("averageValue"),
                "must specify a positive target averageValue",
            );
        }
        "object" | "external" if !value && !average => {
            let reason = "must set either a target value or averageValue";
            faults.missing(&target.field("averageValue"), reason);
        }
        "external" if value && average => {
            let reason = "may not set both a target value for metric and a per-pod target";
            faults.not_allowed(&target.field("value"), reason);
        }
        _ => {}
    }
    let metric = source.field("metric");
    let name = metric.field("name");
    if !name.text().is_empty() {
        faults.all_wrong(&name, path_segment(name.text()));
    }
}

fn scaling_rules(rules: &At<'_, '_>, faults: &mut Faults) {
    if !rules.is_set() {
        return;
    }
    let window = rules.field("stabilizationWindowSeconds");
    faults.not_negative(&window);
    if window.int().is_some_and(|seconds| seconds > 3600) {
        faults.wrong(&window, "must be less than or equal to 3600");
    }
    let select = rules.field("selectPolicy");
    if !select.text().is_empty() {
        faults.one_of(&select, &["Disabled", "Max", "Min"]);
    }
    let policies = rules.field("policies");
    if policies.is_set() && policies.len() == 0 {
        faults.missing(&policies, "must specify at least one Policy");
    }
    for policy in policies.items() {
        let kind = policy.field("type");
        if !kind.text().is_empty() {
            faults.one_of(&kind, &["Percent", "Pods"]);
        }
        for (field, most) in [("value", i64::from(i32::MAX)), ("periodSeconds", 1800)] {
            let field = policy.field(field);
            if field.int().is_some_and(|value| value < 1) {
                faults.wrong(&field, "must be greater than zero");
            } else if field.int().is_some_and(|value| value > most) {
                faults.wrong(&field, format!("must be less than or equal to {most}"));
            }
        }
    }
}

pub(super) fn priority_class(object: &At<'_, '_>, faults: &mut Faults) {
    let metadata = object.field("metadata");
    let (name, value) = (metadata.field("name"), object.field("value"));
    if name.text().starts_with("system-") {
        let known = ["system-node-critical", "system-cluster-critical"];
        if !known.contains(&name.text()) {
            let reason =
                "priority class names with 'system-' prefix are reserved for system use only";
            faults.not_allowed(&name, reason);
        }
    } else if value.int().is_some_and(|value| value > 1_000_000_000) {
        let reason = "maximum allowed value of a user defined priority is 1000000000";
        faults.not_allowed(&value, reason);
    }
    let policy = object.field("preemptionPolicy");
    if !policy.text().is_empty() {
        faults.one_of(&policy, &["PreemptLowerPriority", "Never"]);
    }
}

pub(super) fn lease(object: &At<'_, '_>, faults: &mut Faults) {
    let spec = object.field("spec");
    let duration = spec.field("leaseDurationSeconds");
    if duration.int().is_some_and(|seconds| seconds <= 0) {
        faults.wrong(&duration, "must be greater than 0");
    }
    faults.not_negative(&spec.field("leaseTransitions"));
}
