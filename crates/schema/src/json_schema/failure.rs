//! What does not fit a schema, in the words that Helm has for it.

use std::fmt;

use smol_str::SmolStr;
use tidegate_golang::quote_with;
use tidegate_yaml::Place;

use super::instance::Types;

/// One keyword that a value fails, with the failures behind it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The keys and indices that lead to the value.
    pub(super) path: Vec<SmolStr>,
    /// Where the value is written.
    pub(super) place: Place,
    pub(super) reason: Reason,
    pub(super) causes: Vec<Failure>,
}

/// Why a value fails.
#[derive(Clone, Debug)]
pub(super) enum Reason {
    /// Several keywords of one schema.
    Group,
    /// What a `$ref` leads to.
    Reference,
    AllOf,
    AnyOf,
    /// None matched, or these two did.
    OneOf(Option<(usize, usize)>),
    Not,
    False,
    Cycle {
        keywords: [String; 2],
        url: String,
    },
    Infinite,
    Type {
        got: Types,
        want: Types,
    },
    /// The values that are allowed, where all can be shown.
    Enum(Option<Vec<String>>),
    Const(Option<String>),
    Format {
        got: String,
        want: SmolStr,
        problem: String,
    },
    /// A limit on a length or a count.
    Count {
        keyword: &'static str,
        got: usize,
        want: i64,
    },
    /// A limit on a number.
    Limit {
        keyword: &'static str,
        got: f64,
        want: f64,
    },
    Required(Vec<SmolStr>),
    Dependency {
        property: SmolStr,
        missing: Vec<SmolStr>,
    },
    Additional(Vec<Additional>),
    AdditionalItems(usize),
    PropertyName(SmolStr),
    UniqueItems(usize, usize),
    Contains,
    MinContains {
        matched: Vec<usize>,
        want: i64,
    },
    MaxContains {
        matched: Vec<usize>,
        want: i64,
    },
    Pattern {
        got: String,
        want: String,
    },
    /// The check was given up.
    Limits,
}

/// A key that no schema allows.
#[derive(Clone, Debug)]
pub(super) struct Additional {
    pub(super) key: SmolStr,
    /// Where the key is written.
    pub(super) place: Place,
    /// The allowed key that was likely meant.
    pub(super) nearest: Option<SmolStr>,
}

impl Failure {
    /// The failure and those behind it, each on a line of its own behind a line break, indented by how
    /// deep it is.
    pub(super) fn write(&self, indent: usize, out: &mut String) {
        let skipped = matches!(self.reason, Reason::Reference) && self.causes.len() == 1;
        if !skipped {
            out.push('\n');
            out.push_str(&"  ".repeat(indent));
            let at = quote(&pointer(&self.path));
            out.push_str(&format!("- at {at}: {}", self.reason));
        }
        for cause in &self.causes {
            cause.write(indent + usize::from(!skipped), out);
        }
    }
}

/// A JSON pointer.
pub(super) fn pointer(path: &[SmolStr]) -> String {
    let mut out = String::new();
    for step in path {
        out.push('/');
        out.push_str(&escape(step));
    }
    out
}

pub(super) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Group | Reason::Reference => f.write_str("validation failed"),
            Reason::AllOf => f.write_str("'allOf' failed"),
            Reason::AnyOf => f.write_str("'anyOf' failed"),
            Reason::OneOf(None) => f.write_str("'oneOf' failed, none matched"),
            Reason::OneOf(Some((a, b))) => {
                write!(f, "'oneOf' failed, subschemas {a}, {b} matched")
            }
            Reason::Not => f.write_str("'not' failed"),
            Reason::False => f.write_str("false schema"),
            Reason::Cycle {
                keywords: [a, b],
                url,
            } => write!(
                f,
                "both {a} and {b} resolve to {url:?} causing reference cycle"
            ),
            Reason::Infinite => f.write_str("invalid jsonType float64"),
            Reason::Type { got, want } => {
                let (got, want) = (got.names().concat(), want.names().join(" or "));
                write!(f, "got {got}, want {want}")
            }
            Reason::Enum(None) => f.write_str("'enum' failed"),
            Reason::Enum(Some(values)) => match values.as_slice() {
                [one] => write!(f, "value must be {one}"),
                all => write!(f, "value must be one of {}", all.join(", ")),
            },
            Reason::Const(None) => f.write_str("'const' failed"),
            Reason::Const(Some(value)) => write!(f, "value must be {value}"),
            Reason::Format { got, want, problem } => {
                write!(f, "{} is not valid {want}: {problem}", quote(got))
            }
            Reason::Count { keyword, got, want } => {
                let (got, want) = (grouped(&got.to_string()), grouped(&want.to_string()));
                write!(f, "{keyword}: got {got}, want {want}")
            }
            Reason::Limit { keyword, got, want } => {
                write!(
                    f,
                    "{keyword}: got {}, want {}",
                    english(*got),
                    english(*want)
                )
            }
            Reason::Required(missing) => match missing.as_slice() {
                [one] => write!(f, "missing property {}", quote(one)),
                all => write!(f, "missing properties {}", quoted(all)),
            },
            Reason::Dependency { property, missing } => write!(
                f,
                "properties {} required, if {} exists",
                quoted(missing),
                quote(property)
            ),
            Reason::Additional(all) => {
                let keys: Vec<SmolStr> = all.iter().map(|one| one.key.clone()).collect();
                write!(f, "additional properties {} not allowed", quoted(&keys))
            }
            Reason::AdditionalItems(count) => {
                let count = grouped(&count.to_string());
                write!(f, "last {count} additionalItem(s) not allowed")
            }
            Reason::PropertyName(name) => write!(f, "invalid propertyName {}", quote(name)),
            Reason::UniqueItems(a, b) => write!(f, "items at {a} and {b} are equal"),
            Reason::Contains => f.write_str("no items match contains schema"),
            Reason::MinContains { matched, want } if matched.is_empty() => write!(
                f,
                "min {want} items required to match contains schema, but none matched"
            ),
            Reason::MinContains { matched, want } => write!(
                f,
                "min {want} items required to match contains schema, but matched {} items at {}",
                matched.len(),
                listed(matched)
            ),
            Reason::MaxContains { matched, want } => write!(
                f,
                "max {want} items required to match contains schema, but matched {} items at {}",
                matched.len(),
                listed(matched)
            ),
            Reason::Pattern { got, want } => {
                write!(f, "{} does not match pattern {}", quote(got), quote(want))
            }
            Reason::Limits => f.write_str("the schema is too deep or too costly to check"),
        }
    }
}

fn listed(indices: &[usize]) -> String {
    let texts: Vec<String> = indices.iter().map(usize::to_string).collect();
    texts.join(" ")
}

fn quoted(names: &[SmolStr]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(", ")
}

/// Text in single quotes, what cannot be seen escaped as Go does.
pub(super) fn quote(text: &str) -> String {
    quote_with(text.as_bytes(), '\'', false)
}

/// The digits of a whole number in groups of three.
fn grouped(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let mut out = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number as English has it: digits in groups, and a power of ten from a million on. This is how
/// `golang.org/x/text/message` prints floating point numbers.
fn english(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    if value == 0.0 || (-4..6).contains(&power) {
        let plain = value.to_string();
        return match plain.split_once('.') {
            Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
            None => grouped(&plain),
        };
    }
    let mut out = format!("{mantissa}\u{202f}×\u{202f}10");
    if power < 0 {
        out.push('⁻');
    }
    for digit in format!("{:02}", power.unsigned_abs()).bytes() {
        out.push(['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][usize::from(digit - b'0')]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_english() {
        let check = |value: f64, expected: &str| assert_eq!(english(value), expected);
        check(-5.0, "-5");
        check(65535.0, "65,535");
        check(-1234.5, "-1,234.5");
        check(0.0001, "0.0001");
        check(1e6, "1\u{202f}×\u{202f}10⁰⁶");
        check(1.2345e-5, "1.2345\u{202f}×\u{202f}10⁻⁰⁵");
        check(1e100, "1\u{202f}×\u{202f}10¹⁰⁰");
        assert_eq!(grouped("1234567"), "1,234,567");
    }
}
