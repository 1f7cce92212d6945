//! What is wrong at one place in several objects is one finding: there is one line to edit.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use tidegate_schema::Fault;
use tidegate_source::{Code, Diagnostic, Location};

/// Findings by what they say at which place.
#[derive(Default)]
pub(super) struct Grouped {
    findings: Vec<(Diagnostic, usize)>,
    by_what: HashMap<What, usize, FxBuildHasher>,
}

/// Code, place, field, value, and what is wrong.
type What = (Code, Location, String, String, String);

impl Grouped {
    /// Takes what was found in one object, which comes once for each of its places.
    pub(super) fn add(&mut self, fault: Fault, finding: Diagnostic) {
        let Fault {
            path,
            value,
            detail,
            ..
        } = fault;
        let what = (finding.code, finding.primary.clone(), path, value, detail);
        self.add_as(what, finding);
    }

    /// Takes what is to be said of the version of one object.
    pub(super) fn add_version(&mut self, finding: Diagnostic) {
        let version = finding
            .subject
            .as_ref()
            .map(|subject| subject.api_version.clone());
        let none = String::new;
        let what = (
            finding.code,
            finding.primary.clone(),
            none(),
            version.unwrap_or_default(),
            none(),
        );
        self.add_as(what, finding);
    }

    fn add_as(&mut self, what: What, finding: Diagnostic) {
        let next = self.findings.len();
        match *self.by_what.entry(what).or_insert(next) {
            index if index == next => self.findings.push((finding, 1)),
            index => {
                let (known, objects) = &mut self.findings[index];
                *objects += usize::from(known.subject != finding.subject);
                known.clusters.extend(finding.clusters);
            }
        }
    }

    /// The findings, each with the number of objects that it is about.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        let findings = self.findings.into_iter();
        let findings = findings.map(|(mut finding, objects)| {
            if objects > 1 {
                finding.note = format!("so in {objects} objects");
            }
            finding
        });
        findings.collect()
    }
}
