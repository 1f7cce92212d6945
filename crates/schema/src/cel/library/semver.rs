use std::cmp::Ordering;
use std::rc::Rc;

use super::strings::text;
use crate::cel::eval::Context;
use crate::cel::signature::{Function, Sig, function, method};
use crate::cel::value::{Failure, Value};

type Outcome<'v> = Result<Value<'v>, Failure>;

/// A semantic version.
#[derive(Clone, Debug)]
pub(in crate::cel) struct Version {
    parts: [u64; 3],
    /// The identifiers behind a dash.
    pre: Vec<Identifier>,
}

/// Numbers come before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Text(String),
}

const SEMVER: Sig = Sig::Opaque("kubernetes.Semver");

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "semver",
        overloads: &[
            function("string_to_semver", &[Sig::Str], SEMVER, semver),
            function(
                "string_bool_to_semver",
                &[Sig::Str, Sig::Bool],
                SEMVER,
                semver,
            ),
        ],
    },
    Function {
        name: "isSemver",
        overloads: &[
            function("is_semver_string", &[Sig::Str], Sig::Bool, is_semver),
            function(
                "is_semver_string_bool",
                &[Sig::Str, Sig::Bool],
                Sig::Bool,
                is_semver,
            ),
        ],
    },
    Function {
        name: "isGreaterThan",
        overloads: &[method(
            "semver_is_greater_than",
            &[SEMVER, SEMVER],
            Sig::Bool,
            |_, args| Ok(Value::Bool(compare(args)? == Ordering::Greater)),
        )],
    },
    Function {
        name: "isLessThan",
        overloads: &[method(
            "semver_is_less_than",
            &[SEMVER, SEMVER],
            Sig::Bool,
            |_, args| Ok(Value::Bool(compare(args)? == Ordering::Less)),
        )],
    },
    Function {
        name: "compareTo",
        overloads: &[method(
            "semver_compare_to",
            &[SEMVER, SEMVER],
            Sig::Int,
            |_, args| Ok(Value::Int(compare(args)? as i64)),
        )],
    },
    Function {
        name: "major",
        overloads: &[method("semver_major", &[SEMVER], Sig::Int, |_, args| {
            part(args, 0)
        })],
    },
    Function {
        name: "minor",
        overloads: &[method("semver_minor", &[SEMVER], Sig::Int, |_, args| {
            part(args, 1)
        })],
    },
    Function {
        name: "patch",
        overloads: &[method("semver_patch", &[SEMVER], Sig::Int, |_, args| {
            part(args, 2)
        })],
    },
];

fn read(args: &[Value<'_>]) -> Result<Version, String> {
    let Some(Value::Str(text)) = args.first() else {
        return Err("no such overload".to_owned());
    };
    match args.get(1) {
        Some(Value::Bool(true)) => Version::parse(&normalize(text)?),
        _ => Version::parse(text),
    }
}

fn semver<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    let version = read(args).map_err(Failure::Error)?;
    Ok(Value::Semver(Rc::new(version)))
}

fn is_semver<'v>(_: &mut Context<'v>, args: &[Value<'v>]) -> Outcome<'v> {
    text(args, 0)?;
    Ok(Value::Bool(read(args).is_ok()))
}

fn version<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a Version, Failure> {
    match args.get(index) {
        Some(Value::Semver(version)) => Ok(version),
        _ => Err(Failure::no_such_overload()),
    }
}

fn compare(args: &[Value<'_>]) -> Result<Ordering, Failure> {
    Ok(version(args, 0)?.cmp_precedence(version(args, 1)?))
}

fn part<'v>(args: &[Value<'v>], index: usize) -> Outcome<'v> {
    Ok(Value::Int(version(args, 0)?.parts[index] as i64))
}

/// Drops a `v` and leading zeros, and adds parts that are not there.
fn normalize(text: &str) -> Result<String, String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(str::to_owned).collect();
    for part in &mut parts {
        if part.len() > 1 {
            let trimmed = part.trim_start_matches('0');
            *part = match trimmed.starts_with(|c: char| c.is_ascii_digit()) {
                true => trimmed.to_owned(),
                false => format!("0{trimmed}"),
            };
        }
    }
    if parts.len() < 3 {
        if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return Err("short version cannot contain PreRelease/Build meta data".to_owned());
        }
        parts.resize(3, "0".to_owned());
    }
    Ok(parts.join("."))
}

impl Version {
    fn parse(text: &str) -> Result<Version, String> {
        if text.is_empty() {
            return Err("Version string empty".to_owned());
        }
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let [major, minor, rest] = parts[..] else {
            return Err("No Major.Minor.Patch elements found".to_owned());
        };
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => (patch, Some(pre)),
            None => (rest, None),
        };
        let parts = [
            number(major, "Major")?,
            number(minor, "Minor")?,
            number(patch, "Patch")?,
        ];
        let pre = pre.map_or(Ok(Vec::new()), |pre| {
            pre.split('.').map(identifier).collect()
        })?;
        for part in build.into_iter().flat_map(|build| build.split('.')) {
            if part.is_empty() {
                return Err("Build meta data is empty".to_owned());
            }
            if !part.bytes().all(is_identifier_byte) {
                return Err(format!(
                    "Invalid character(s) found in build meta data {part:?}"
                ));
            }
        }
        Ok(Version { parts, pre })
    }

    /// The order of versions; what is behind a plus does not count.
    pub(in crate::cel) fn cmp_precedence(&self, other: &Version) -> Ordering {
        self.parts.cmp(&other.parts).then_with(|| {
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.pre.cmp(&other.pre),
            }
        })
    }
}

fn is_identifier_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-'
}

fn number(text: &str, name: &str) -> Result<u64, String> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!(
            "Invalid character(s) found in {} number {text:?}",
            name.to_lowercase()
        ));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!(
            "{name} number must not contain leading zeroes {text:?}"
        ));
    }
    text.parse()
        .map_err(|_| format!("strconv.ParseUint: parsing {text:?}: invalid syntax"))
}

fn identifier(text: &str) -> Result<Identifier, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!(
                "Numeric PreRelease version must not contain leading zeroes {text:?}"
            ));
        }
        let value = text.parse().map_err(|_| "value out of range".to_owned())?;
        return Ok(Identifier::Number(value));
    }
    match text.bytes().all(is_identifier_byte) {
        true => Ok(Identifier::Text(text.to_owned())),
        false => Err(format!("Invalid character(s) found in prerelease {text:?}")),
    }
}
