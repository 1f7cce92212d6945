//! When a job has succeeded or failed, and when its pods are replaced.

use rustc_hash::FxHashSet;

use super::at::At;
use crate::fault::Faults;
use crate::names::qualified_name;

/// How many rules a policy may have, and how many exit codes or conditions a rule.
const MOST_RULES: usize = 20;
const MOST_CODES: usize = 255;

/// Checks the policies of a job.
pub(super) fn check(spec: &At<'_, '_>, is_indexed: bool, faults: &mut Faults) {
    let success = spec.field("successPolicy");
    if success.is_set() && !is_indexed {
        faults.wrong(&success, "requires indexed completion mode");
    } else if success.is_set() {
        success_policy(&success, spec.field("completions").int(), faults);
    }
    let failure = spec.field("podFailurePolicy");
    if failure.is_set() {
        failure_policy(&failure, spec, faults);
    }
    let replacement = spec.field("podReplacementPolicy");
    if failure.is_set() {
        faults.one_of(&replacement, &["Failed"]);
    } else {
        faults.one_of(&replacement, &["Failed", "TerminatingOrFailed"]);
    }
}

fn success_policy(policy: &At<'_, '_>, completions: Option<i64>, faults: &mut Faults) {
    let rules = policy.field("rules");
    if rules.len() == 0 {
        let reason = "at least one rules must be specified when the successPolicy is specified";
        faults.missing(&rules, reason);
    }
    most(&rules, MOST_RULES, faults);
    for rule in rules.items() {
        let (count, indexes) = (rule.field("succeededCount"), rule.field("succeededIndexes"));
        if !count.is_set() && !indexes.is_set() {
            let reason = "at least one of succeededCount or succeededIndexes must be specified";
            faults.missing(&rule, reason);
        }
        let mut total = None;
        if indexes.is_set() && !indexes.is_unknown() {
            match interval_total(indexes.text(), completions.unwrap_or(i64::MAX)) {
                Ok(number) => total = Some(number),
                Err(reason) => {
                    total = Some(0);
                    let reason = format!("error parsing succeededIndexes: {reason}");
                    faults.wrong(&indexes, reason);
                }
            }
        }
        faults.not_negative(&count);
        let Some(number) = count.int() else {
            continue;
        };
        if let Some(completions) = completions.filter(|most| number > *most) {
            let reason = format!(
                "must be less than or equal to {completions} (the number of specified completions)"
            );
            faults.wrong(&count, reason);
        }
        if let Some(total) = total.filter(|total| number > *total) {
            let reason = format!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            );
            faults.wrong(&count, reason);
        }
    }
}

/// How many indexes are in `0,3-5`, which must ascend and be below a number.
fn interval_total(text: &str, completions: i64) -> Result<i64, String> {
    let number = |text: &str| {
        let index: i64 = text
            .parse()
            .map_err(|_| format!("cannot convert string to integer for index: {text:?}"))?;
        match index < completions && index >= 0 {
            true => Ok(index),
            false => Err(format!("too large index: {text:?}")),
        }
    };
    let mut last = None;
    let mut total = 0;
    if text.is_empty() {
        return Ok(total);
    }
    for interval in text.split(',') {
        let (first, end) = match interval.split_once('-') {
            None => (number(interval)?, number(interval)?),
            Some((_, end)) if end.contains('-') => {
                return Err(format!(
                    "the fragment {interval:?} violates the requirement that an index interval can have at most two parts separated by '-'"
                ));
            }
            Some((first, end)) => {
                let (first, end) = (number(first)?, number(end)?);
                if first >= end {
                    return Err(format!(
                        "non-increasing order, previous: {first}, current: {end}"
                    ));
                }
                (first, end)
            }
        };
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(format!(
                "non-increasing order, previous: {last}, current: {first}"
            ));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

fn failure_policy(policy: &At<'_, '_>, spec: &At<'_, '_>, faults: &mut Faults) {
    let template = spec.field("template");
    let pod = template.field("spec");
    let restart = pod.field("restartPolicy");
    if restart.text() == "OnFailure" {
        let reason = "only \"Never\" is supported when podFailurePolicy is specified";
        faults.wrong(&restart, reason);
    }
    let has_limit = spec.field("backoffLimitPerIndex").is_set();
    let rules = policy.field("rules");
    most(&rules, MOST_RULES, faults);
    for rule in rules.items() {
        let action = rule.field("action");
        if action.text() == "FailIndex" && !has_limit {
            faults.wrong(&action, "requires the backoffLimitPerIndex to be set");
        }
        let (codes, conditions) = (rule.field("onExitCodes"), rule.field("onPodConditions"));
        match (codes.is_set(), conditions.len() > 0) {
            (true, true) => {
                let reason = "specifying both OnExitCodes and OnPodConditions is not supported";
                faults.wrong(&rule, reason);
            }
            (false, false) => {
                let reason = "specifying one of OnExitCodes and OnPodConditions is required";
                faults.wrong(&rule, reason);
            }
            _ => {}
        }
        if codes.is_set() {
            exit_codes(&codes, &pod, faults);
        }
        most(&conditions, MOST_RULES, faults);
        for condition in conditions.items() {
            let kind = condition.field("type");
            if !kind.text().is_empty() {
                faults.all_wrong(&kind, qualified_name(kind.text()));
            }
            let status = condition.field("status");
            if !status.text().is_empty() {
                faults.one_of(&status, &["False", "True", "Unknown"]);
            }
        }
    }
}

fn exit_codes(codes: &At<'_, '_>, pod: &At<'_, '_>, faults: &mut Faults) {
    let container = codes.field("containerName");
    let is_there = ["containers", "initContainers"].iter().any(|list| {
        let list = pod.field(list);
        list.items().any(|item| {
            let name = item.field("name");
            name.is_unknown() || name.text() == container.text()
        })
    });
    if container.is_set() && !container.is_unknown() && !is_there {
        let reason = "must be one of the container or initContainer names in the pod template";
        faults.wrong(&container, reason);
    }
    let values = codes.field("values");
    if values.len() == 0 {
        faults.wrong(&values, "at least one value is required");
    }
    most(&values, MOST_CODES, faults);
    let mut seen = FxHashSet::default();
    let mut before = i64::MIN;
    let mut is_ordered = true;
    for value in values.items() {
        let Some(code) = value.int() else {
            continue;
        };
        if code == 0 && codes.field("operator").text() == "In" {
            faults.wrong(&value, "must not be 0 for the In operator");
        }
        if !seen.insert(code) {
            faults.twice(&value);
        }
        is_ordered &= code >= before;
        before = code;
    }
    if !is_ordered {
        faults.wrong(&values, "must be ordered");
    }
}

fn most(list: &At<'_, '_>, most: usize, faults: &mut Faults) {
    if list.len() > most {
        let message = format!("{}: must have at most {most} items", list.len());
        let kind = crate::fault::FaultKind::TooMany;
        faults.push(kind, &list.path, list.node(), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes() {
        assert_eq!(interval_total("0,3-5", 6), Ok(4));
        assert_eq!(interval_total("", 6), Ok(0));
        for wrong in ["a", "6", "3-2", "2,1", "1-2-3", "1,1", "-1"] {
            assert!(interval_total(wrong, 6).is_err(), "{wrong}");
        }
    }
}
