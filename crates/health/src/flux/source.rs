//! The source that an artifact is fetched by.

use crate::object::Observed;

/// The group of sources, and the only kind whose revisions are digests of artifacts.
pub(crate) const SOURCES: (&str, &str) = ("source.toolkit.fluxcd.io", "OCIRepository");

/// Whether a revision, such as `integration@sha256:...`, is of a digest.
pub(crate) fn has_digest(revision: &str, digest: &str) -> bool {
    let (_, of) = revision.rsplit_once('@').unwrap_or(("", revision));
    !digest.is_empty() && of == digest
}

/// Where a source is, as seen from a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// It has that digest.
    Here,
    /// It has another one, and is told to stay there.
    Pinned {
        /// What it has.
        revision: String,
    },
    /// It has another one, or none yet.
    Elsewhere {
        /// What it has; empty where it has nothing.
        revision: String,
    },
}

/// Where a source is. One whose `ref.digest` is another digest will not move, nor one that is suspended.
pub(crate) fn where_is(source: &Observed, digest: &str) -> Where {
    let revision = source.text(&["status", "artifact", "revision"]);
    if has_digest(revision, digest) {
        return Where::Here;
    }
    let revision = revision.to_owned();
    let pinned = source.text(&["spec", "ref", "digest"]);
    let is_pinned = !pinned.is_empty() && pinned != digest;
    match is_pinned || source.is_true(&["spec", "suspend"]) {
        true => Where::Pinned { revision },
        false => Where::Elsewhere { revision },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn revisions_end_in_the_digest() {
        assert!(has_digest("integration@sha256:ab", "sha256:ab"));
        assert!(has_digest("sha256:ab", "sha256:ab"));
        assert!(!has_digest("integration@sha256:abc", "sha256:ab"));
        assert!(!has_digest("xsha256:ab", "sha256:ab"));
        assert!(!has_digest("", ""));
    }

    #[test]
    fn a_source_may_be_told_to_stay() {
        let source = |pinned: &str, revision: &str| {
            Observed::new(json!({"spec": {"ref": {"digest": pinned}},
                "status": {"artifact": {"revision": revision}}}))
        };
        assert_eq!(where_is(&source("", "a@sha256:1"), "sha256:1"), Where::Here);
        let revision = "a@sha256:2".to_owned();
        let elsewhere = Where::Elsewhere {
            revision: revision.clone(),
        };
        assert_eq!(where_is(&source("", &revision), "sha256:1"), elsewhere);
        assert_eq!(
            where_is(&source("sha256:1", &revision), "sha256:1"),
            elsewhere
        );
        let pinned = Where::Pinned {
            revision: revision.clone(),
        };
        assert_eq!(where_is(&source("sha256:2", &revision), "sha256:1"), pinned);
    }
}
