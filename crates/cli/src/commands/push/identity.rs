use std::collections::BTreeMap;
use std::env;

use jiff::Timestamp;
use tidegate_artifact::annotation;
use tidegate_artifact::evidence::to_second;

use crate::args::Push;
use crate::commands::Failure;
use crate::gate::{Gated, named};
use crate::promotion::{Ended, Refused};

/// What an artifact is said to be made of.
pub(super) struct Identity {
    /// The commit that it is; none where it is not known, or differs.
    pub(super) commit: Option<String>,
    /// When it was made, as RFC 3339 in UTC.
    pub(super) created: String,
    pub(super) annotations: BTreeMap<String, String>,
}

impl Identity {
    pub(super) fn of(gated: &Gated, args: &Push) -> Result<Identity, Ended> {
        let origin = &gated.origin;
        let unlike = gated.unlike_commit();
        let is_clean = unlike.is_empty();
        if !is_clean && !args.allow_dirty {
            let commit = origin.commit.as_ref();
            let commit = commit.map_or("the commit", |commit| &commit.id);
            return Err(Refused {
                message: format!(
                    "what is packed is not {}: {} differ",
                    commit.get(..12).unwrap_or(commit),
                    named(&unlike)
                ),
                help: "commit first, push the commit with `--rev HEAD`, or say --allow-dirty"
                    .to_owned(),
            }
            .into());
        }
        let own = origin.commit.as_ref().filter(|_| is_clean);
        let own_revision = own.map(|commit| {
            let algorithm = if commit.id.len() == 64 {
                "sha256"
            } else {
                "sha1"
            };
            match &commit.name {
                Some(name) => format!("{name}@{algorithm}:{}", commit.id),
                None => format!("{algorithm}:{}", commit.id),
            }
        });
        let revision = args.revision.clone().or(own_revision);
        let commit = match &args.revision {
            Some(revision) => commit_of(revision).map(str::to_owned),
            None => own.map(|commit| commit.id.clone()),
        };
        let time = match epoch()? {
            Some(time) => Some(time),
            None => origin.commit.as_ref().map(|commit| commit.time),
        };
        let created = Timestamp::from_second(time.unwrap_or_default());
        let created = created.map_err(|_| Failure::new("the time of the commit makes no sense"))?;
        let mut annotations = BTreeMap::new();
        let source = args.source.clone().or_else(|| origin.source.clone());
        if let Some(source) = source {
            annotations.insert(annotation::SOURCE.to_owned(), source);
        }
        if let Some(revision) = revision {
            annotations.insert(annotation::REVISION.to_owned(), revision);
        }
        annotations.extend(args.annotations.iter().cloned());
        Ok(Identity {
            commit: commit.filter(|_| is_clean),
            created: to_second(created),
            annotations,
        })
    }
}

/// The commit that a revision of Flux names: `main@sha1:0123...`.
fn commit_of(revision: &str) -> Option<&str> {
    let checksum = revision.rsplit('@').next().unwrap_or(revision);
    let (algorithm, commit) = checksum.split_once(':')?;
    let length = match algorithm {
        "sha1" => 40,
        "sha256" => 64,
        _ => return None,
    };
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (commit.len() == length && commit.bytes().all(is_hex)).then_some(commit)
}

/// The seconds that `SOURCE_DATE_EPOCH` says.
fn epoch() -> Result<Option<i64>, Failure> {
    match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) if !text.is_empty() => match text.parse::<u32>() {
            Ok(seconds) => Ok(Some(seconds.into())),
            Err(_) => Err(Failure::new(format!(
                "SOURCE_DATE_EPOCH is `{text}`, which is no number of seconds since 1970"
            ))),
        },
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_ends_in_its_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let check = |revision: String, expected: Option<&str>| {
            assert_eq!(commit_of(&revision), expected, "{revision}");
        };
        check(format!("main@sha1:{commit}"), Some(commit));
        check(format!("feat/a@b@sha1:{commit}"), Some(commit));
        check(format!("sha1:{commit}"), Some(commit));
        check(format!("main@sha256:{commit}"), None);
        check(format!("main@sha1:{}", commit.to_uppercase()), None);
        check("main".to_owned(), None);
    }
}
