//! Names that say nothing.

/// Modules are named after what they hold, in the terms of the field.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc"];

pub(super) fn check(files: &[String], breaches: &mut Vec<String>) {
    let sources = files.iter().filter(|file| file.ends_with(".rs"));
    for file in sources {
        let parts = file.split('/').map(|part| part.trim_end_matches(".rs"));
        for part in parts {
            if EMPTY_NAMES.contains(&part) {
                breaches.push(format!("{file}: `{part}` does not say what it holds"));
            }
        }
    }
}
