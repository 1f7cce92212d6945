use serde_json::{Value, json};
use tidegate_artifact::evidence::KeyId;
use tidegate_artifact::promotion::Done;
use tidegate_artifact::{Artifact, Digest};
use tidegate_registry::RepositoryName;

use super::writes::{TagState, Written};
use crate::gate::size;
use crate::promotion::result_lines;

/// The version of the schema. Fields are added without a new one, and taken away or changed only with
/// one.
const VERSION: u32 = 1;

/// What is said of a push.
pub(super) struct Shown<'a> {
    pub(super) name: &'a RepositoryName,
    pub(super) artifact: &'a Artifact,
    pub(super) written: &'a Written,
    pub(super) environment: Option<&'a str>,
    pub(super) done: Option<&'a Done>,
    pub(super) signed_by: Option<KeyId>,
}

impl Shown<'_> {
    fn url(&self) -> String {
        format!("{}@{}", self.name, self.written.digest)
    }

    fn changed(&self) -> bool {
        self.written.changed || self.done.is_some_and(|done| done.changed)
    }

    /// The artifact alone, for whoever reads it.
    pub(super) fn human(&self) -> String {
        format!("{}\n", self.url())
    }

    /// What happened, for people.
    pub(super) fn story(&self) -> String {
        let Written {
            digest,
            was_there,
            attached,
            tags,
            ..
        } = self.written;
        let mut out = match (self.changed(), was_there) {
            (false, _) => "All of it is there already: nothing was written\n".to_owned(),
            (true, true) => {
                "The same content is there already: no other artifact was pushed\n".to_owned()
            }
            (true, false) => format!("Pushed {}\n", size(self.artifact.layer.bytes.len() as u64)),
        };
        let mut row = |name: &str, text: String| {
            out.push_str(&format!("  {name:<9} {text}\n"));
        };
        row("digest", digest.to_string());
        for (tag, state) in tags {
            let note = match state {
                TagState::New => "",
                TagState::There => " (was there)",
                TagState::Moved => " (was elsewhere)",
            };
            row("tag", format!("{tag}{note}"));
        }
        let signed = match &self.signed_by {
            Some(key) => format!("signed by key {}", key.short()),
            None => "not signed".to_owned(),
        };
        match attached {
            Some(_) => row("evidence", format!("the report of the gate, {signed}")),
            None => row("evidence", "the report of the gate (was there)".to_owned()),
        }
        if let (Some(environment), Some(done)) = (self.environment, self.done) {
            let newest = done.after.newest.as_ref();
            let selects = match newest.is_some_and(|(_, newest)| newest == digest) {
                true => match (&done.entry, done.changed) {
                    (Some(entry), _) => format!("selects it now: {}", entry.tag),
                    (None, true) => "selects it now: an earlier run was finished".to_owned(),
                    (None, false) => "selects it already".to_owned(),
                },
                false => match newest {
                    Some((_, newest)) => {
                        format!("selects {newest}, which another run has pushed since")
                    }
                    None => "selects nothing".to_owned(),
                },
            };
            row(environment, selects);
            for entry in &done.after.ignored {
                row(
                    "ignored",
                    format!("{}: the artifact has no evidence that counts", entry.tag),
                );
            }
        }
        out
    }

    /// One document.
    pub(super) fn json(&self) -> Value {
        let tags = self.written.tags.iter().map(|(tag, state)| {
            let state = match state {
                TagState::New => "new",
                TagState::There => "there",
                TagState::Moved => "moved",
            };
            json!({"name": tag, "state": state})
        });
        let environment = self.environment.zip(self.done).map(|(name, done)| {
            json!({
                "name": name,
                "entry": done.entry.as_ref().map(|entry| &entry.tag),
                "selected": done.after.pointer.as_ref().map(Digest::to_string),
                "changed": done.changed,
                "ignored": done.after.ignored.iter().map(|entry| &entry.tag).collect::<Vec<_>>(),
            })
        });
        let evidence = self.written.attached.as_ref().map(|attached| {
            json!({
                "digest": attached.to_string(),
                "signedBy": self.signed_by.as_ref().map(KeyId::as_str),
            })
        });
        json!({
            "version": VERSION,
            "url": self.url(),
            "repository": self.name.to_string(),
            "digest": self.written.digest.to_string(),
            "content": self.artifact.layer.diff_id.to_string(),
            "changed": self.changed(),
            "sameContent": self.written.was_there,
            "tags": tags.collect::<Vec<_>>(),
            "evidence": evidence,
            "environment": environment,
        })
    }

    /// Lines for a workflow.
    pub(super) fn github(&self) -> String {
        let tags: Vec<&str> = self
            .written
            .tags
            .iter()
            .map(|(tag, _)| tag.as_str())
            .collect();
        let lines = [
            ("url", self.url()),
            ("repository", self.name.to_string()),
            ("digest", self.written.digest.to_string()),
            ("content", self.artifact.layer.diff_id.to_string()),
            ("tags", tags.join(",")),
            ("changed", self.changed().to_string()),
        ];
        result_lines(&lines)
    }
}
