//! Names of properties as expressions write them: what is no identifier is escaped.

use smol_str::SmolStr;

/// Words that are values or operators.
const TAKEN: [&str; 4] = ["true", "false", "null", "in"];

/// Words that the language keeps for itself: they stand for nothing on their own.
pub(super) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Whether a name is a word of the language.
pub(crate) fn is_reserved(name: &str) -> bool {
    TAKEN.contains(&name) || RESERVED.contains(&name)
}

/// The identifier for a property; none where no identifier can stand for it.
pub(super) fn escape(name: &str) -> Option<SmolStr> {
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if is_reserved(name) {
        return Some(format!("__{name}__").into());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    if !name.chars().all(allowed) {
        return None;
    }
    if !name.contains(['-', '.', '/']) && !name.contains("__") {
        return Some(name.into());
    }
    let mut out = String::with_capacity(name.len() + 16);
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let (text, length) = match c {
            '_' if rest.starts_with("__") => ("__underscores__", 2),
            '.' => ("__dot__", 1),
            '-' => ("__dash__", 1),
            '/' => ("__slash__", 1),
            _ => (&rest[..1], 1),
        };
        out.push_str(text);
        rest = &rest[length..];
    }
    Some(out.into())
}

/// The property that an identifier stands for; none where it holds an unknown escape.
pub(super) fn unescape(name: &str) -> Option<SmolStr> {
    if !name.contains("__") {
        return Some(name.into());
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find("__") {
        let body = &rest[start + 2..];
        let length = body.find('_').unwrap_or(body.len());
        // An escape is two underscores, a word without any, and two underscores.
        if length == 0 || !body[length..].starts_with("__") {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        }
        out.push_str(&rest[..start]);
        let word = &body[..length];
        match word {
            "underscores" => out.push_str("__"),
            "dot" => out.push('.'),
            "dash" => out.push('-'),
            "slash" => out.push('/'),
            _ if is_reserved(word) && length + 4 == name.len() => out.push_str(word),
            _ => return None,
        }
        rest = &body[length + 2..];
    }
    out.push_str(rest);
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let escaped = escape(name);
        assert_eq!(escaped.as_deref(), expected);
        if let Some(escaped) = escaped {
            assert_eq!(unescape(&escaped).as_deref(), Some(name));
        }
    }

    #[test]
    fn names_and_back() {
        check("my_field", Some("my_field"));
        check("a-b.c/d", Some("a__dash__b__dot__c__slash__d"));
        check("__c", Some("__underscores__c"));
        check("if", Some("__if__"));
        check("1a", None);
        check("a b", None);
        assert_eq!(unescape("__nope__"), None);
        assert_eq!(unescape("a__if__"), None);
        assert_eq!(unescape("my__field").as_deref(), Some("my__field"));
    }
}
