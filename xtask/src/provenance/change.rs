//! Another value for a scalar, of the same kind.

use std::ops::Range;

use tidegate_yaml::Style;

use crate::provenance::site::Site;

/// Text that no source has.
const MARK: &str = "zqx";

/// What was changed.
pub(super) struct Change {
    /// The bytes of the changed file that are new.
    pub(super) range: Range<usize>,
    /// The whole scalar in the changed file.
    pub(super) scalar: Range<usize>,
    /// Text that a value holds when the changed scalar flowed into it.
    pub(super) mark: String,
    /// The new scalar, for people.
    pub(super) new: String,
}

/// The text of the site's file with another value there.
pub(super) fn make(site: &Site) -> (String, Change) {
    let text = site.file.text_lossy();
    let old = &text[site.range.clone()];
    // Behind the last character that counts: in front of a closing quote.
    let end = match site.style {
        Style::SingleQuoted | Style::DoubleQuoted if old.len() > 1 => old.len() - 1,
        _ => old.trim_end().len(),
    };
    let content = &old[..end];
    let (cut, put, mark) = if let Some(other) = opposite(content) {
        (0..content.len(), other.to_owned(), other.to_owned())
    } else if is_number(content) {
        let digit = content.as_bytes()[end - 1] ^ 1;
        let put = char::from(digit).to_string();
        let mut mark = content.trim_start_matches(['"', '\'']).to_owned();
        mark.pop();
        mark.push_str(&put);
        (end - 1..end, put, mark)
    } else {
        (end..end, MARK.to_owned(), MARK.to_owned())
    };
    let new = format!("{}{put}{}", &old[..cut.start], &old[cut.end..]);
    let start = site.range.start;
    let change = Change {
        range: start + cut.start..start + cut.start + put.len(),
        scalar: start..start + new.len(),
        mark,
        new: new.clone(),
    };
    let changed = format!("{}{new}{}", &text[..start], &text[site.range.end..]);
    (changed, change)
}

fn opposite(text: &str) -> Option<&'static str> {
    Some(match text {
        "true" => "false",
        "false" => "true",
        "yes" => "no",
        "no" => "yes",
        "on" => "off",
        "off" => "on",
        _ => return None,
    })
}

/// Whether the text, perhaps behind an opening quote, is a number with a last digit to change.
fn is_number(text: &str) -> bool {
    let number = text.trim_start_matches(['"', '\'']);
    number.bytes().any(|byte| byte.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && number
            .bytes()
            .last()
            .is_some_and(|byte| byte.is_ascii_digit())
}
