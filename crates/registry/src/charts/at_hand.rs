//! What of a chart is at hand, without asking anyone.

use super::index::Offer;
use super::select;
use super::source::{ArtifactReference, ChartSource};
use crate::cache::{Absent, Cache, Resolved};
use crate::digest::Digest;
use crate::error::Error;
use crate::lock::Lock;

/// What is known of a chart without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtHand {
    /// Here it is.
    Chart {
        /// Which version.
        resolved: Resolved,
        /// The archive.
        bytes: Vec<u8>,
        /// Whether it is the one that is locked; otherwise it is the newest of those at hand that fit,
        /// and a server may have a newer one.
        locked: bool,
    },
    /// Its source did not have it when it was last asked.
    Absent(Absent),
    /// It is locked, and its bytes are not here.
    NotFetched(Resolved),
    /// Nothing is known about it.
    Unknown,
}

impl Cache {
    /// The chart that a request comes to.
    pub fn at_hand(&self, source: &ChartSource, lock: &Lock) -> Result<AtHand, Error> {
        if let Some(resolved) = lock.get(source) {
            let digest = Digest::parse(&resolved.digest);
            let bytes = digest
                .map(|digest| self.blob(&digest))
                .transpose()?
                .flatten();
            let resolved = resolved.clone();
            return Ok(match bytes {
                Some(bytes) => AtHand::Chart {
                    resolved,
                    bytes,
                    locked: true,
                },
                None => AtHand::NotFetched(resolved),
            });
        }
        let mut known = self.versions(source)?;
        while let Some(at) = chosen(&known, source) {
            let resolved = known.swap_remove(at);
            let digest = Digest::parse(&resolved.digest);
            if let Some(bytes) = digest
                .map(|digest| self.blob(&digest))
                .transpose()?
                .flatten()
            {
                return Ok(AtHand::Chart {
                    resolved,
                    bytes,
                    locked: false,
                });
            }
        }
        Ok(match self.absent(source)? {
            Some(absent) => AtHand::Absent(absent),
            None => AtHand::Unknown,
        })
    }
}

/// Which of the versions that were ever fetched a request means.
fn chosen(known: &[Resolved], source: &ChartSource) -> Option<usize> {
    let named = |version: &str| known.iter().position(|one| one.version == version);
    match source {
        ChartSource::Repository { version, .. } => {
            let offers: Vec<Offer> = known
                .iter()
                .map(|one| Offer {
                    version: one.version.clone(),
                    created: String::new(),
                    digest: String::new(),
                    urls: Vec::new(),
                })
                .collect();
            select::offered(&offers, version).ok().flatten()
        }
        ChartSource::Registry { version, .. } if select::is_one_tag(version) => named(version),
        ChartSource::Registry { version, .. } => {
            let tags: Vec<String> = known
                .iter()
                .map(|one| select::tag_of(&one.version))
                .collect();
            let tags = tags.iter().map(String::as_str);
            named(&select::among_tags(tags, version).ok().flatten()?)
        }
        ChartSource::Artifact {
            reference, layer, ..
        } => match reference {
            ArtifactReference::Tag(tag) => named(tag),
            ArtifactReference::Digest(digest) => {
                let is_it = |one: &Resolved| one.manifest.as_ref() == Some(digest);
                known.iter().position(is_it)
            }
            ArtifactReference::SemVer { range, filter } => {
                let is_chart = layer.as_deref() == Some(super::CHART_LAYER);
                let tags = known.iter().map(|one| one.version.as_str());
                named(
                    &select::by_semver(tags, range, filter, is_chart)
                        .ok()
                        .flatten()?,
                )
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(version: &str) -> ChartSource {
        ChartSource::Repository {
            url: "https://example.org/".to_owned(),
            chart: "app".to_owned(),
            version: version.to_owned(),
        }
    }

    fn put(cache: &Cache, version: &str) -> Resolved {
        let resolved = Resolved {
            version: version.to_owned(),
            digest: cache.put_blob(version.as_bytes()).unwrap().to_string(),
            manifest: None,
            url: None,
        };
        cache.put_version(&source(version), &resolved).unwrap();
        resolved
    }

    #[test]
    fn the_newest_that_fits_is_at_hand_unless_another_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let mut lock = Lock::default();
        let check = |lock: &Lock, wanted: &str, expected: Option<(&str, bool)>| {
            let found = match cache.at_hand(&source(wanted), lock).unwrap() {
                AtHand::Chart {
                    resolved, locked, ..
                } => Some((resolved.version, locked)),
                _ => None,
            };
            assert_eq!(
                found
                    .as_ref()
                    .map(|(version, locked)| (version.as_str(), *locked)),
                expected
            );
        };
        check(&lock, "1.x", None);
        let old = put(&cache, "1.0.0");
        let new = put(&cache, "1.1.0");
        check(&lock, "1.x", Some(("1.1.0", false)));
        check(&lock, "1.0.0", Some(("1.0.0", false)));
        check(&lock, "2.x", None);
        lock.insert(&source("1.x"), old.clone());
        check(&lock, "1.x", Some(("1.0.0", true)));
        // Bytes that are gone are no chart.
        let file = |resolved: &Resolved| {
            let hex = resolved.digest.trim_start_matches("sha256:").to_owned();
            folder
                .path()
                .join(format!("blobs/sha256/{}/{hex}", &hex[..2]))
        };
        std::fs::remove_file(file(&new)).unwrap();
        check(&Lock::default(), "1.x", Some(("1.0.0", false)));
        std::fs::remove_file(file(&old)).unwrap();
        assert_eq!(
            cache.at_hand(&source("1.x"), &lock).unwrap(),
            AtHand::NotFetched(old)
        );
    }

    #[test]
    fn what_its_source_does_not_have_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let absent = Absent::Version(vec!["1.0.0".to_owned()]);
        cache.put_absent(&source("2.0.0"), &absent).unwrap();
        let at_hand = |wanted| cache.at_hand(&source(wanted), &Lock::default()).unwrap();
        assert_eq!(at_hand("2.0.0"), AtHand::Absent(absent));
        assert_eq!(at_hand("3.0.0"), AtHand::Unknown);
    }
}
