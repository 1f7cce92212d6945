//! Job and CronJob.

use jiff::tz::TimeZone;

use super::at::At;
use super::job_policies;
use super::pod::{Given, subdomain, template};
use super::primitives::{label_selector, selects};
use crate::fault::Faults;
use crate::names::dns1123_subdomain;

/// How many pods of a job with indexes may run at once.
const MOST_INDEXED: i64 = 100_000;

pub(super) fn job(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let name = metadata.field("name");
    // The name becomes a label of the pods.
    if name.text().len() > 63 {
        let pod = spec.field("template");
        let labels = pod.field("labels");
        faults.invalid(&labels.path, name.node(), "must be no more than 63 bytes");
    }
    let selector = spec.field("selector");
    if selector.len() > 0 && !spec.field("manualSelector").is_true() {
        faults.wrong(&selector, "`selector` not auto-generated");
    }
    if spec.field("manualSelector").is_true() {
        let pod = spec.field("template");
        let labels = pod.field("metadata");
        let labels = labels.field("labels");
        if !selector.is_set() {
            faults.missing(&selector, "");
        } else {
            label_selector(&selector, faults);
        }
        if !selector.is_set() || !selects(&selector, &labels) {
            faults.wrong(&labels, "`selector` does not match template `labels`");
        }
    }
    job_spec(&spec, false, faults);
}

fn job_spec(spec: &At<'_, '_>, in_template: bool, faults: &mut Faults) {
    for field in [
        "parallelism",
        "completions",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
        "activeDeadlineSeconds",
    ] {
        faults.not_negative(&spec.field(field));
    }
    let is_indexed = spec.field("completionMode").text() == "Indexed";
    let per_index = spec.field("backoffLimitPerIndex");
    if per_index.is_set() && !is_indexed {
        faults.wrong(&per_index, "requires indexed completion mode");
    }
    let failed = spec.field("maxFailedIndexes");
    if failed.is_set() && !per_index.is_set() {
        faults.missing(&per_index, "when maxFailedIndexes is specified");
    }
    if failed.is_set() && !is_indexed {
        faults.wrong(&failed, "requires indexed completion mode");
    }
    let (completions, parallelism) = (spec.field("completions"), spec.field("parallelism"));
    if is_indexed && parallelism.int().is_some_and(|count| count > MOST_INDEXED) {
        let reason =
            format!("must be less than or equal to {MOST_INDEXED} when completion mode is Indexed");
        faults.wrong(&parallelism, reason);
    }
    if is_indexed && completions.is_set() && failed.int() > completions.int() {
        faults.wrong(&failed, "must be less than or equal to completions");
    }
    if is_indexed && !spec.field("completions").is_set() {
        let completions = spec.field("completions");
        // A job of its own has one completion by default, where it has no parallelism.
        if in_template || spec.field("parallelism").is_set() {
            faults.missing(&completions, "when completion mode is Indexed");
        }
    }
    let pod = spec.field("template");
    template(&pod, &Given::default(), faults);
    let pod_spec = pod.field("spec");
    subdomain(&pod_spec, faults);
    let policy = pod_spec.field("restartPolicy");
    match policy.text() {
        "" | "Always" => faults.missing(&policy, "valid values: \"OnFailure\", \"Never\""),
        _ => {}
    }
    let manager = spec.field("managedBy");
    let has_domain = manager
        .text()
        .split_once('/')
        .is_some_and(|(domain, path)| dns1123_subdomain(domain).is_empty() && !path.is_empty());
    if manager.is_set() && manager.text().is_empty() {
        faults.missing(&manager, "");
    } else if manager.is_set() && !has_domain {
        let reason = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        faults.wrong(&manager, reason);
    }
    let manual = spec.field("manualSelector");
    if in_template && manual.is_true() {
        faults.unsupported(&manual.path, manual.node(), ["nil", "false"].into_iter());
    }
    job_policies::check(spec, is_indexed, faults);
}

pub(super) fn cron_job(object: &At<'_, '_>, faults: &mut Faults) {
    let (metadata, spec) = (object.field("metadata"), object.field("spec"));
    let name = metadata.field("name");
    // Eleven characters are added for the jobs.
    if name.text().len() > 52 {
        faults.wrong(&name, "must be no more than 52 characters");
    }
    for field in [
        "startingDeadlineSeconds",
        "successfulJobsHistoryLimit",
        "failedJobsHistoryLimit",
    ] {
        faults.not_negative(&spec.field(field));
    }
    let at = spec.field("schedule");
    if at.text().contains("TZ") {
        let reason = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        faults.wrong(&at, reason);
    } else if !at.text().is_empty()
        && let Err(reason) = schedule(at.text())
    {
        faults.wrong(&at, reason);
    }
    let zone = spec.field("timeZone");
    if zone.is_set() {
        let known = matches!(zone.text(), "UTC") || TimeZone::get(zone.text()).is_ok();
        if zone.text().is_empty() {
            faults.wrong(&zone, "timeZone must be nil or non-empty string");
        } else if zone.text().eq_ignore_ascii_case("local") {
            faults.wrong(
                &zone,
                "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
            );
        } else if !known {
            faults.wrong(&zone, format!("unknown time zone {}", zone.text()));
        }
    }
    let job = spec.field("jobTemplate");
    let job_spec_at = job.field("spec");
    let selector = job_spec_at.field("selector");
    if selector.is_set() {
        faults.wrong(&selector, "`selector` will be auto-generated");
    }
    job_spec(&job_spec_at, true, faults);
}

/// The parts of a schedule: lowest value, highest value, names.
const PARTS: [(u32, u32, &[&str]); 5] = [
    (0, 59, &[]),
    (0, 23, &[]),
    (1, 31, &[]),
    (
        1,
        12,
        &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    ),
    (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// Reads a schedule of cron in its standard form, or a word such as `@daily`.
fn schedule(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        let known = [
            "@yearly",
            "@annually",
            "@monthly",
            "@weekly",
            "@daily",
            "@midnight",
            "@hourly",
        ];
        if known.contains(&text) {
            return Ok(());
        }
        if let Some(duration) = text.strip_prefix("@every ") {
            return match crate::cel::time::parse_go_duration(duration) {
                Some(_) => Ok(()),
                None => Err(format!("failed to parse duration {text}")),
            };
        }
        return Err(format!("unrecognized descriptor: {text}"));
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != 5 {
        let found = parts.len();
        return Err(format!(
            "expected exactly 5 fields, found {found}: {parts:?}"
        ));
    }
    for (part, (low, high, names)) in parts.into_iter().zip(PARTS) {
        for range in part.split(',').filter(|range| !range.is_empty()) {
            check_range(range, low, high, names)?;
        }
    }
    Ok(())
}

fn check_range(text: &str, low: u32, high: u32, names: &[&str]) -> Result<(), String> {
    let (range, step) = match text.split_once('/') {
        Some((_, step)) if step.contains('/') => return Err(format!("too many slashes: {text}")),
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    let number = |part: &str| -> Result<u32, String> {
        let name = names
            .iter()
            .position(|name| part.eq_ignore_ascii_case(name));
        if let Some(index) = name {
            return Ok(index as u32 + low);
        }
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let value = digits.then(|| part.parse().ok()).flatten();
        value.ok_or_else(|| format!("failed to parse int from {part}"))
    };
    let (start, end) = match range {
        "*" | "?" => (low, high),
        _ => match range.split_once('-') {
            Some((_, end)) if end.contains('-') => return Err(format!("too many hyphens: {text}")),
            Some((start, end)) => (number(start)?, number(end)?),
            None => {
                let start = number(range)?;
                (start, if step.is_some() { high } else { start })
            }
        },
    };
    if let Some(step) = step
        && number(step)? == 0
    {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    if start < low {
        return Err(format!(
            "beginning of range ({start}) below minimum ({low}): {text}"
        ));
    }
    if end > high {
        return Err(format!(
            "end of range ({end}) above maximum ({high}): {text}"
        ));
    }
    if start > end {
        return Err(format!(
            "beginning of range ({start}) beyond end of range ({end}): {text}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for text in [
            "0 3 * * *",
            "*/5 1-4,8 ? jan MON-FRI",
            "@daily",
            "@every 1h",
            "5/10 * * * *",
        ] {
            assert_eq!(schedule(text), Ok(()), "{text}");
        }
        for text in [
            "0 3 * *",
            "0 3 * * 7",
            "*/0 * * * *",
            "@sometimes",
            "60 * * * *",
            "5-2 * * * *",
            "a * * * *",
            "",
        ] {
            assert!(schedule(text).is_err(), "{text}");
        }
    }
}
