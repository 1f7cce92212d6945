//! What a source would select.

use std::collections::BTreeSet;
use std::fmt;

use tidegate_golang::regexp;
use tidegate_registry::Digest;
use tidegate_semver::{Constraints, Version};

use crate::ledger::{Entry, Environment};

/// `spec.ref` of an OCIRepository. The digest goes before `semver`, that before the tag.
///
/// Source: `getArtifactRef` and `getTagBySemver` of source-controller v1.9.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follows {
    /// `ref.tag`.
    pub tag: Option<String>,
    /// `ref.semver`.
    pub semver: Option<String>,
    /// `ref.semverFilter`.
    pub semver_filter: Option<String>,
    /// `ref.digest`.
    pub digest: Option<String>,
}

/// Why a source would not select an artifact whose log tag and pointer are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSelected {
    /// It is pinned to a digest.
    Pinned(String),
    /// It follows another tag than the pointer, the second.
    OtherTag(String, String),
    /// `semver` or `semverFilter`, the first, are not what they should be: the second says why.
    Unreadable(&'static str, String),
    /// Its range, the first, has no place for the log tags of the environment.
    OutOfRange(String, Environment),
    /// Its filter, the first, passes over the log tags of the environment.
    FilteredOut(String, Environment),
    /// This tag, the second, is above the log tag in the range, the first.
    Outbid(String, String, Environment),
}

impl fmt::Display for NotSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotSelected::Pinned(digest) => write!(f, "`ref.digest` pins it to {digest}"),
            NotSelected::OtherTag(tag, pointer) => {
                write!(
                    f,
                    "it follows the tag `{tag}`, and what is set is `{pointer}`"
                )
            }
            NotSelected::Unreadable(what, why) => write!(f, "`ref.{what}` cannot be read: {why}"),
            NotSelected::OutOfRange(range, environment) => write!(
                f,
                "`ref.semver: {range}` has no place for log tags such as `0.0.0-{environment}.<time>.g<digest>`"
            ),
            NotSelected::FilteredOut(filter, environment) => write!(
                f,
                "`ref.semverFilter: {filter}` passes over log tags such as `0.0.0-{environment}.<time>.g<digest>`"
            ),
            NotSelected::Outbid(range, tag, _) => {
                write!(
                    f,
                    "in `ref.semver: {range}` the tag `{tag}` is above the log tag"
                )
            }
        }
    }
}

impl NotSelected {
    /// What to change.
    pub fn help(&self) -> String {
        let filtered = |environment: &Environment| {
            format!(
                "set `ref` of the source to `tag: {environment}`; or to `semver: \">=0.0.0-0\"` with \
                 `semverFilter: \"^0[.]0[.]0-{environment}[.]\"`"
            )
        };
        match self {
            NotSelected::Pinned(_) => {
                "take `ref.digest` out of the source while artifacts are promoted to it".to_owned()
            }
            NotSelected::OtherTag(_, pointer) => {
                format!("set `ref` of the source to `tag: {pointer}`")
            }
            NotSelected::Unreadable(..) => {
                "mend `ref` of the source: it selects nothing".to_owned()
            }
            NotSelected::OutOfRange(_, environment) | NotSelected::FilteredOut(_, environment) => {
                filtered(environment)
            }
            NotSelected::Outbid(_, tag, environment) => {
                let own = format!("0.0.0-{environment}.");
                match tag.starts_with(&own) {
                    true => format!(
                        "tidegate has not written `{tag}`, or it does not count: delete the tag"
                    ),
                    false => filtered(environment),
                }
            }
        }
    }
}

impl Follows {
    /// Checks that a source would select an artifact after its entry is in the log and the pointer leads to it.
    /// `tags` are those that there are before.
    pub fn would_select(
        &self,
        environment: &Environment,
        entry: &Entry,
        digest: &Digest,
        tags: &BTreeSet<String>,
    ) -> Result<(), NotSelected> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(pin) = said(&self.digest) {
            return match Digest::parse(&pin).as_ref() == Some(digest) {
                true => Ok(()),
                false => Err(NotSelected::Pinned(pin)),
            };
        }
        if let Some(range) = said(&self.semver) {
            let filter = said(&self.semver_filter);
            return among_tags(&range, filter.as_deref(), environment, entry, tags);
        }
        let tag = said(&self.tag).unwrap_or_else(|| "latest".to_owned());
        match tag == environment.as_str() {
            true => Ok(()),
            false => Err(NotSelected::OtherTag(tag, environment.to_string())),
        }
    }
}

fn among_tags(
    range: &str,
    filter: Option<&str>,
    environment: &Environment,
    entry: &Entry,
    tags: &BTreeSet<String>,
) -> Result<(), NotSelected> {
    let constraints =
        Constraints::parse(range).map_err(|why| NotSelected::Unreadable("semver", why))?;
    let compiled = filter.map(regexp::compile).transpose();
    let compiled = compiled.map_err(|why| NotSelected::Unreadable("semverFilter", why))?;
    let passes = |tag: &str| {
        let filter = compiled.as_ref();
        filter.is_none_or(|filter| filter.is_match(tag.as_bytes()))
    };
    if let (Some(filter), false) = (filter, passes(&entry.tag)) {
        let filter = filter.to_owned();
        return Err(NotSelected::FilteredOut(filter, environment.clone()));
    }
    let own = version(&entry.tag).filter(|version| constraints.check(version));
    let Some(own) = own else {
        let range = range.to_owned();
        return Err(NotSelected::OutOfRange(range, environment.clone()));
    };
    let others = tags.iter().filter(|tag| passes(tag));
    let others = others.filter_map(|tag| version(tag));
    let highest = others
        .filter(|other| constraints.check(other))
        .max_by(Version::compare);
    match highest.filter(|other| other.compare(&own).is_gt()) {
        Some(other) => Err(NotSelected::Outbid(
            range.to_owned(),
            other.original,
            environment.clone(),
        )),
        None => Ok(()),
    }
}

/// A tag as source-controller takes it for a version: with three parts, otherwise leniently.
fn version(tag: &str) -> Option<Version> {
    tag.split('.').nth(2)?;
    Version::parse(tag).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(follows: &Follows, tags: &[&str], expected: &str) {
        let live = Environment::new("live").unwrap();
        let digest = Digest::of(b"a");
        let entry = Entry::new(&live, "2026-11-24T12:00:00Z".parse().unwrap(), &digest);
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let came = follows.would_select(&live, &entry, &digest, &tags);
        let came = came
            .err()
            .map_or(String::new(), |why| format!("{why}; {}", why.help()));
        assert_eq!(came, expected);
    }

    fn semver(range: &str, filter: &str) -> Follows {
        Follows {
            semver: Some(range.to_owned()),
            semver_filter: Some(filter.to_owned()),
            tag: Some("live".to_owned()),
            ..Follows::default()
        }
    }

    #[test]
    fn a_tag_is_the_pointer_or_it_is_not() {
        let tag = |tag: &str| Follows {
            tag: Some(tag.to_owned()),
            ..Follows::default()
        };
        check(&tag("live"), &[], "");
        check(
            &tag("validated-0123456"),
            &[],
            "it follows the tag `validated-0123456`, and what is set is `live`; set `ref` of the source to `tag: \
             live`",
        );
        check(
            &Follows::default(),
            &[],
            "it follows the tag `latest`, and what is set is `live`; set `ref` of the source to `tag: live`",
        );
    }

    #[test]
    fn a_pin_is_the_digest_or_it_is_not() {
        let pin = |of: &[u8]| Follows {
            digest: Some(Digest::of(of).to_string()),
            ..semver("*", "")
        };
        check(&pin(b"a"), &[], "");
        let other = Digest::of(b"b");
        let expected = format!(
            "`ref.digest` pins it to {other}; take `ref.digest` out of the source while artifacts are promoted to it"
        );
        check(&pin(b"b"), &[], &expected);
    }

    #[test]
    fn a_range_takes_the_highest_version() {
        let of_live = "^0[.]0[.]0-live[.]";
        let others = [
            "0.1.147-rc.3",
            "0.1.146",
            "0.0.0-live.20261124110000.g0123456789ab",
            "live",
        ];
        check(&semver(">=0.0.0-0", of_live), &others, "");
        let help = "set `ref` of the source to `tag: live`; or to `semver: \">=0.0.0-0\"` with `semverFilter: \
                    \"^0[.]0[.]0-live[.]\"`";
        check(
            &semver(">=0.0.0-0", ""),
            &others,
            &format!(
                "in `ref.semver: >=0.0.0-0` the tag `0.1.147-rc.3` is above the log tag; {help}"
            ),
        );
        let such = "log tags such as `0.0.0-live.<time>.g<digest>`";
        check(
            &semver(">=0.0.0", of_live),
            &others,
            &format!("`ref.semver: >=0.0.0` has no place for {such}; {help}"),
        );
        check(
            &semver(">=0.0.0-0", ".*-rc[.].*"),
            &others,
            &format!("`ref.semverFilter: .*-rc[.].*` passes over {such}; {help}"),
        );
        check(
            &semver(">=0.0.0-0", of_live),
            &["0.0.0-live.20991124110000.g0123456789ab"],
            "in `ref.semver: >=0.0.0-0` the tag `0.0.0-live.20991124110000.g0123456789ab` is above the log tag; \
             tidegate has not written `0.0.0-live.20991124110000.g0123456789ab`, or it does not count: delete the \
             tag",
        );
        check(
            &semver("what", ""),
            &[],
            "`ref.semver` cannot be read: improper constraint: what; mend `ref` of the source: it selects nothing",
        );
    }
}
