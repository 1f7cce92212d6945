//! What names, label keys and their like must be, and what the API server says when they are not.

/// What is wrong with a text; empty where nothing is.
pub(crate) type Faults = Vec<String>;

fn is_lower_alnum(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |b: Option<&u8>| b.is_some_and(|b| is_lower_alnum(*b));
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|b| is_lower_alnum(*b) || *b == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn too_long(limit: usize) -> String {
    format!("must be no more than {limit} bytes")
}

/// What the API server says of a text that a regular expression does not match.
fn mismatch(message: &str, pattern: &str, examples: &[&str]) -> String {
    let examples = examples.iter().map(|example| format!("'{example}'"));
    let examples = examples.collect::<Vec<_>>().join(",  or ");
    format!("{message} (e.g. {examples}, regex used for validation is '{pattern}')")
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

/// A name of one part, such as that of a namespace.
pub(crate) fn dns1123_label(text: &str) -> Faults {
    let mut faults = Faults::new();
    if text.len() > 63 {
        faults.push(too_long(63));
    }
    if !is_label(text) {
        faults.push(match is_subdomain(text) {
            true => "must not contain dots".to_owned(),
            false => mismatch(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                LABEL,
                &["my-name", "123-abc"],
            ),
        });
    }
    faults
}

/// A name of several parts with dots between, as most objects have it.
pub(crate) fn dns1123_subdomain(text: &str) -> Faults {
    let mut faults = Faults::new();
    if text.len() > 253 {
        faults.push(too_long(253));
    }
    if !is_subdomain(text) {
        faults.push(mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            SUBDOMAIN,
            &["example.com"],
        ));
    }
    faults
}

/// A name of several parts, as hosts are searched for: their parts may have underscores.
pub(crate) fn dns1123_subdomain_with_underscore(text: &str) -> Faults {
    let mut faults = Faults::new();
    if text.len() > 253 {
        faults.push(too_long(253));
    }
    if !is_subdomain(&text.replace('_', "a")) {
        faults.push(mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            "[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*",
            &["example.com"],
        ));
    }
    faults
}

/// A name that begins with a letter, such as that of a Service.
pub(crate) fn dns1035_label(text: &str) -> Faults {
    let mut faults = Faults::new();
    if text.len() > 63 {
        faults.push(too_long(63));
    }
    if !is_label(text) || !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        faults.push(mismatch(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?",
            &["my-name", "abc-123"],
        ));
    }
    faults
}

/// A name of which only the beginning is given, as in `generateName`: it may end in a dash.
pub(crate) fn prefix(text: &str) -> String {
    match text.len() > 1 && text.ends_with('-') {
        true => format!("{}a", &text[..text.len() - 2]),
        false => text.to_owned(),
    }
}

const NAME_PART: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    ends(bytes.first())
        && ends(bytes.last())
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A key of a label or an annotation: a name with an optional domain in front.
pub(crate) fn qualified_name(text: &str) -> Faults {
    const MESSAGE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    let examples = &["MyName", "my.name", "123-abc"];
    let mut faults = Faults::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                faults.push("prefix part must be non-empty".to_owned());
            } else {
                let wrong = dns1123_subdomain(prefix).into_iter();
                faults.extend(wrong.map(|fault| format!("prefix part {fault}")));
            }
            *name
        }
        _ => {
            let message = mismatch(
                &format!("a valid label must {}", &MESSAGE["must ".len()..]),
                NAME_PART,
                examples,
            );
            let message = message.replacen("a valid label must ", "a qualified name must ", 1);
            return vec![format!(
                "{message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        faults.push(format!("name part {}", too_long(63)));
    }
    if !is_name_part(name) {
        faults.push(format!(
            "name part {}",
            mismatch(MESSAGE, NAME_PART, examples)
        ));
    }
    faults
}

/// A value of a label.
pub(crate) fn label_value(text: &str) -> Faults {
    let mut faults = Faults::new();
    if text.len() > 63 {
        faults.push(too_long(63));
    }
    if !text.is_empty() && !is_name_part(text) {
        faults.push(mismatch(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
            &["MyValue", "my_value", "12345"],
        ));
    }
    faults
}

/// A name that is a segment of a path, as the RBAC kinds have it.
pub(crate) fn path_segment(text: &str) -> Faults {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let forbidden = ["/", "%"].into_iter().filter(|part| text.contains(part));
    forbidden
        .map(|part| format!("may not contain '{part}'"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> Faults, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(rule(text), Faults::new(), "{text}");
        }
        for text in bad {
            assert!(!rule(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn names() {
        check(
            dns1123_label,
            &["a", "1-a"],
            &["", "A", "a.b", "-a", "a-", &"a".repeat(64)],
        );
        check(dns1123_subdomain, &["a.b-c.1"], &["", "a..b", "a.", "A"]);
        check(dns1035_label, &["a1"], &["1a", "a.b", ""]);
        check(
            qualified_name,
            &["a", "a.b/C_d", "A"],
            &["", "/a", "a/", "a/b/c", "-a", "A_b/c"],
        );
        check(label_value, &["", "a_B.c"], &["-", "a b", &"a".repeat(64)]);
        check(path_segment, &["A:b"], &["a/b", ".."]);
        assert_eq!(prefix("my-"), "ma");
    }
}
