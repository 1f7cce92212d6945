//! What findings are judged by: baselines, and the day.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tidegate_core::config::Date;
use tidegate_core::{Baseline, write_baseline};
use tidegate_source::{Diagnostic, SourceFile, Sources};
use tidegate_system::write_atomically;

use crate::commands::Failure;
use crate::config::Configured;
use crate::place::WorkingFolder;

const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// The baseline of the flag, or else of the config.
pub(crate) fn baseline(
    configured: &Configured,
    typed: Option<&Path>,
    working: &WorkingFolder,
) -> Result<Option<Baseline>, Failure> {
    let (name, file) = match (typed, &configured.config.baseline) {
        (Some(typed), _) => {
            let file = configured.open_typed(typed, working);
            (typed.display().to_string(), file)
        }
        (None, Some(named)) => (named.value.clone(), configured.open(&named.value)),
        (None, None) => return Ok(None),
    };
    let file = file.map_err(|why| {
        Failure::new(format!("the baseline {name} cannot be read: {why}"))
            .with_help(format!("to write it: --write-baseline {name}"))
    })?;
    read(&name, &file).map(Some)
}

fn read(name: &str, file: &Arc<SourceFile>) -> Result<Baseline, Failure> {
    Baseline::read(file).map_err(|wrong| {
        let place = file.line_col(wrong.span.start);
        let (line, column, reason) = (place.line, place.column, wrong.reason);
        Failure::new(format!(
            "{name}:{line}:{column}: this is no baseline: {reason}"
        ))
        .with_help(format!("write it anew: --write-baseline {name}"))
    })
}

/// Writes what counts as a baseline, and says so.
pub(crate) fn write(
    path: &Path,
    findings: &[Diagnostic],
    sources: &Sources,
) -> Result<String, Failure> {
    let shown = path.display();
    write_atomically(path, write_baseline(findings, sources).as_bytes())
        .map_err(|error| Failure::new(format!("{shown} cannot be written: {error}")))?;
    let count = match findings.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    Ok(format!("Wrote {count} to {shown}\n"))
}

/// The day, in UTC. A clock that is set before 1970 makes no waiver expire.
pub(crate) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / SECONDS_OF_A_DAY);
    Date::from_unix_days(days).unwrap_or(Date {
        year: 1970,
        month: 1,
        day: 1,
    })
}
