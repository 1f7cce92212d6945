use std::fmt::Write as _;

use jiff::Timestamp;
use tidegate_artifact::evidence::Standing;
use tidegate_artifact::promotion::in_words;

/// A time as it is in logs: in UTC, to the second.
pub(crate) fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

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
