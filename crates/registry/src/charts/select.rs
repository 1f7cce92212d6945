//! Which version is meant.
//!
//! Source: `internal/helm/repository` and the reconciler for OCIRepositories of source-controller, whose
//! quirks are kept: see each function.

use std::cmp::Ordering;

use tidegate_semver::{Constraints, Version};

use super::index::Offer;
use crate::time::rfc3339;

/// The index of the version of an index that is meant. Empty or `*`: the newest that is no pre-release.
///
/// A text that is a version of the index is that one, whatever else it could mean. Versions that differ
/// only behind their `+` are ordered by when they were made.
pub(super) fn offered(offers: &[Offer], wanted: &str) -> Result<Option<usize>, String> {
    let exact = offers
        .iter()
        .position(|offer| !wanted.is_empty() && offer.version == wanted);
    if exact.is_some() {
        return Ok(exact);
    }
    let constraints = constraints(wanted)?;
    let mut best: Option<(usize, Version)> = None;
    for (at, offer) in offers.iter().enumerate() {
        let Some(version) = of_flux(&offer.version).filter(|version| constraints.check(version))
        else {
            continue;
        };
        let is_better = best.as_ref().is_none_or(|(known, best)| {
            version
                .compare(best)
                .then_with(|| rfc3339(&offer.created).cmp(&rfc3339(&offers[*known].created)))
                == Ordering::Greater
        });
        if is_better {
            best = Some((at, version));
        }
    }
    Ok(best.map(|(at, _)| at))
}

/// Whether a version of a chart in a registry names one tag, so that the tags need not be listed.
pub(super) fn is_one_tag(wanted: &str) -> bool {
    of_flux(wanted).is_some()
}

/// The version among the tags of a chart in a registry that is meant.
///
/// Helm takes tags for versions strictly (no `v`, all three numbers), with `_` for `+`.
pub(super) fn among_tags<'a>(
    tags: impl Iterator<Item = &'a str>,
    wanted: &str,
) -> Result<Option<String>, String> {
    let tags = tags
        .map(|tag| tag.replace('_', "+"))
        .filter(|tag| is_strict(tag));
    let constraints = constraints(wanted)?;
    let versions = tags.filter_map(|tag| of_flux(&tag));
    let fitting = versions.filter(|version| constraints.check(version));
    Ok(fitting
        .max_by(Version::compare)
        .map(|version| version.original))
}

/// The tag that an OCIRepository with `ref.semver` follows.
///
/// `_` stands for `+` only if the layer that is selected is that of a chart.
pub(super) fn by_semver<'a>(
    tags: impl Iterator<Item = &'a str>,
    range: &str,
    filter: &str,
    is_chart: bool,
) -> Result<Option<String>, String> {
    let filter = match filter {
        "" => None,
        filter => Some(tidegate_golang::regexp::compile(filter)?),
    };
    let constraints = Constraints::parse(range)?;
    let tags = tags.filter(|tag| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.is_match(tag.as_bytes()))
    });
    let versions = tags.filter_map(|tag| match is_chart {
        true => of_flux(&tag.replace('_', "+")),
        false => of_flux(tag),
    });
    let fitting = versions.filter(|version| constraints.check(version));
    let newest = fitting.max_by(Version::compare);
    Ok(newest.map(|version| match is_chart {
        true => version.original.replace('+', "_"),
        false => version.original,
    }))
}

/// The tag of a version of a chart.
pub(super) fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// The versions that are nearest to one that there is not: those with the same first number, and then the
/// others, the newest first.
pub(super) fn nearest(
    versions: impl Iterator<Item = impl AsRef<str>>,
    wanted: &str,
) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut all: Vec<Version> = versions
        .filter_map(|one| Version::parse(one.as_ref()).ok())
        .collect();
    let digits = wanted.trim_start_matches(|c: char| !c.is_ascii_digit());
    let wanted = Version::parse(digits.split([' ', ',']).next().unwrap_or_default()).ok();
    let is_near = |version: &Version| {
        wanted
            .as_ref()
            .is_some_and(|wanted| wanted.major == version.major)
    };
    all.sort_by(|a, b| {
        let key = |version: &Version| (is_near(version), version.prerelease.is_empty());
        key(b).cmp(&key(a)).then_with(|| b.compare(a))
    });
    all.into_iter()
        .take(SHOWN)
        .map(|version| version.original)
        .collect()
}

fn constraints(wanted: &str) -> Result<Constraints, String> {
    Constraints::parse(if wanted.is_empty() { "*" } else { wanted })
}

/// A version as `fluxcd/pkg/version` reads it: with all three parts, otherwise leniently.
fn of_flux(text: &str) -> Option<Version> {
    match text.split('.').nth(2) {
        Some(_) => Version::parse(text).ok(),
        None => None,
    }
}

/// Whether a text is a version of the specification of semantic versions.
fn is_strict(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    core.split('.').count() == 3 && core.split('.').all(number) && Version::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(version: &str, created: &str) -> Offer {
        Offer {
            version: version.to_owned(),
            created: created.to_owned(),
            digest: String::new(),
            urls: Vec::new(),
        }
    }

    #[test]
    fn the_version_of_an_index_is_chosen_as_source_controller_does() {
        let offers = [
            offer("1.2.3+b", "2024-01-02T00:00:00Z"),
            offer("1.2.3+a", "2024-01-02T00:00:00+01:00"),
            offer("2.0.0-rc.1", ""),
            offer("1.10.0", ""),
            offer("v1.11.0", ""),
            offer("3.0", ""),
        ];
        let check = |wanted: &str, expected: Option<&str>| {
            let found = offered(&offers, wanted).unwrap();
            assert_eq!(
                found.map(|at| offers[at].version.as_str()),
                expected,
                "{wanted}"
            );
        };
        check("", Some("v1.11.0"));
        check("*", Some("v1.11.0"));
        check("~1.2", Some("1.2.3+b"));
        check("1.2.3", Some("1.2.3+b"));
        check("1.2.3+a", Some("1.2.3+a"));
        check("1.10.x", Some("1.10.0"));
        check("2.0.0-rc.1", Some("2.0.0-rc.1"));
        check(">=2", None);
        check(">=2-0", Some("2.0.0-rc.1"));
        // It is in the index, but only by its whole text.
        check("3.0", Some("3.0"));
        check("3.x", None);
        assert_eq!(
            offered(&offers, "nonsense").unwrap_err(),
            "improper constraint: nonsense"
        );
    }

    #[test]
    fn the_version_among_tags_is_chosen_as_source_controller_does() {
        let tags = [
            "latest",
            "v9.0.0",
            "1.2.3_build.1",
            "1.2.3",
            "1.3.0-rc.1",
            "08.1.1",
            "1.1",
        ];
        let check = |wanted: &str, expected: Option<&str>| {
            let found = among_tags(tags.iter().copied(), wanted).unwrap();
            assert_eq!(found.as_deref(), expected, "{wanted}");
        };
        check("", Some("1.2.3"));
        check("^1.3.0-0", Some("1.3.0-rc.1"));
        check(">=9", None);
        assert!(is_one_tag("v1.2.3") && is_one_tag("1.2.3+build") && !is_one_tag("1.2"));
        assert_eq!(tag_of("1.2.3+build"), "1.2.3_build");
    }

    #[test]
    fn an_oci_repository_follows_the_highest_tag_in_its_range() {
        let tags = [
            "0.1.0-rc.1",
            "v0.2.0",
            "0.1.0_x",
            "0.0.0-live.20260101000000.gabc",
            "01.0.0",
        ];
        let check = |range: &str, filter: &str, is_chart: bool, expected: Option<&str>| {
            let found = by_semver(tags.iter().copied(), range, filter, is_chart).unwrap();
            assert_eq!(found.as_deref(), expected, "{range} {filter}");
        };
        check(">=0.0.0", "", false, Some("01.0.0"));
        check("<1", "", false, Some("v0.2.0"));
        check(
            ">=0.0.0-0",
            "^0[.]0[.]0-live[.]",
            false,
            Some("0.0.0-live.20260101000000.gabc"),
        );
        check("~0.1", "", false, None);
        check("~0.1", "", true, Some("0.1.0_x"));
        assert!(by_semver(tags.iter().copied(), "*", "(", false).is_err());
    }

    #[test]
    fn near_versions_are_named() {
        let tags = ["1.0.0", "2.1.0", "2.2.0", "2.3.0-rc.1", "3.0.0", "x"];
        assert_eq!(
            nearest(tags.iter(), "2.9.9"),
            ["2.2.0", "2.1.0", "2.3.0-rc.1"]
        );
        assert_eq!(nearest(tags.iter(), ">=4"), ["3.0.0", "2.2.0", "2.1.0"]);
    }
}
