//! Versions.

use std::borrow::Cow;
use std::cmp::Ordering;

use tidegate_semver::{Constraints, Version};

use super::{Result, text};
use crate::functions::{Call, Failure, Function};
use crate::object::{Object, Type};
use crate::value::{Kind, Value};

const STR: Type = Type::Str;
const VERSION: Type = Type::Object("*semver.Version");

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("semver", &[STR], |_, args| {
        Ok(Value::object(Version::parse(&text(args, 0)?.to_text())?))
    }),
    Function::new("semverCompare", &[STR, STR], |_, args| {
        let constraints = Constraints::parse(&text(args, 0)?.to_text())?;
        let version = Version::parse(&text(args, 1)?.to_text())?;
        Ok(constraints.check(&version).into())
    }),
];

impl Object for Version {
    fn type_name(&self) -> Cow<'static, str> {
        "*semver.Version".into()
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn method(&self, name: &str) -> Option<&'static [Type]> {
        Some(match name {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "Original" | "String" => &[],
            "IncMajor" | "IncMinor" | "IncPatch" => &[],
            "SetPrerelease" | "SetMetadata" => &[STR],
            "Compare" | "Equal" | "LessThan" | "GreaterThan" | "LessThanEqual"
            | "GreaterThanEqual" => &[VERSION],
            _ => return None,
        })
    }

    fn call(&self, name: &str, args: &[Value], _: &mut Call<'_>) -> Result {
        let compared = || -> Result<Ordering> {
            match args.first().map(|arg| &arg.kind) {
                Some(Kind::Object(other)) => match other.as_any().downcast_ref::<Version>() {
                    Some(other) => Ok(self.compare(other)),
                    None => Err(super::NIL_POINTER.into()),
                },
                _ => Err(super::NIL_POINTER.into()),
            }
        };
        Ok(match name {
            "Major" => Kind::Uint64(self.major).into(),
            "Minor" => Kind::Uint64(self.minor).into(),
            "Patch" => Kind::Uint64(self.patch).into(),
            "Prerelease" => self.prerelease.as_str().into(),
            "Metadata" => self.metadata.as_str().into(),
            "Original" => self.original.as_str().into(),
            "String" => self.to_string().into(),
            "Compare" => super::from_int(compared()? as i64),
            "Equal" => (compared()? == Ordering::Equal).into(),
            "LessThan" => (compared()? == Ordering::Less).into(),
            "GreaterThan" => (compared()? == Ordering::Greater).into(),
            "LessThanEqual" => (compared()? != Ordering::Greater).into(),
            "GreaterThanEqual" => (compared()? != Ordering::Less).into(),
            _ => Value::object(changed(self, name, args)?),
        })
    }

    fn display(&self) -> String {
        self.to_string()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The version that a method which changes one gives.
fn changed(version: &Version, name: &str, args: &[Value]) -> std::result::Result<Version, Failure> {
    let mut next = version.clone();
    match name {
        "SetPrerelease" => next.prerelease = text(args, 0)?.to_text().to_string(),
        "SetMetadata" => next.metadata = text(args, 0)?.to_text().to_string(),
        _ => {
            match name {
                "IncMajor" => {
                    (next.major, next.minor, next.patch) = (version.major.wrapping_add(1), 0, 0)
                }
                "IncMinor" => (next.minor, next.patch) = (version.minor.wrapping_add(1), 0),
                // A prerelease comes before the version of its own numbers.
                _ if version.prerelease.is_empty() => next.patch = version.patch.wrapping_add(1),
                _ => {}
            }
            next.prerelease.clear();
            next.metadata.clear();
        }
    }
    let prefix = if version.original.starts_with('v') {
        "v"
    } else {
        ""
    };
    next.original = format!("{prefix}{next}");
    Ok(next)
}
