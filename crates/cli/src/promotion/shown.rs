use std::fmt::Write as _;
use std::io::{self, Write as _};

use jiff::Timestamp;
use serde_json::Value;
use tidegate_artifact::evidence::Standing;
use tidegate_artifact::promotion::in_words;

use crate::args::ResultFormat;
use crate::commands::{Failure, written};

/// How long ago something was.
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let length = now.duration_since(time);
    match length.as_secs() {
        ..0 => "just now".to_owned(),
        0..60 => "just now".to_owned(),
        _ => format!("{} ago", in_words(length)),
    }
}

/// Who has signed something that counts.
pub(crate) fn signer(standing: &Standing) -> String {
    match standing {
        Standing::Signed(key) => format!("signed by key {}", key.short()),
        Standing::Unsigned => "not signed".to_owned(),
        Standing::Not(why) => why.to_string(),
    }
}

/// Prints the result of a command in the form that was asked for.
pub(crate) fn print_result(
    format: ResultFormat,
    human: impl FnOnce() -> String,
    json: impl FnOnce() -> Value,
    github: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let text = match format {
        ResultFormat::Human => human(),
        ResultFormat::Json => format!("{:#}\n", json()),
        ResultFormat::Github => github(),
    };
    written(io::stdout().lock().write_all(text.as_bytes()))
}

/// Lines `name=value`. Line breaks, which would begin another one, become spaces.
pub(crate) fn result_lines(values: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in values {
        let value = value.replace(['\n', '\r'], " ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}={value}");
    }
    text
}
