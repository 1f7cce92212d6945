use std::fmt;

use crate::LayerEntry;

/// Why a layer that can be packed must not be pushed: no cluster could use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A name that no Flux client extracts; the whole artifact is lost with it.
    Name(String),
    /// There is no file in it.
    Empty,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Name(name) if name.contains('\\') => write!(
                f,
                "`{name}` has a backslash in its name: no Flux client extracts an artifact with it"
            ),
            Refusal::Name(name) => write!(
                f,
                "`{name}` is in a folder whose name ends in `..`: no Flux client extracts an \
                 artifact with it"
            ),
            Refusal::Empty => f.write_str("there is no file to pack"),
        }
    }
}

/// What is wrong with the entries of a layer.
pub fn refusals(entries: &[LayerEntry]) -> Vec<Refusal> {
    let is_refused = |name: &str| name.contains('\\') || name.contains("../");
    let names = entries.iter().map(|entry| &entry.name);
    let names = names.filter(|name| is_refused(name));
    let mut refusals: Vec<Refusal> = names.cloned().map(Refusal::Name).collect();
    if entries.iter().all(|entry| entry.size.is_none()) {
        refusals.push(Refusal::Empty);
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: &[Refusal]) {
        let entry = |name: &&str| LayerEntry {
            name: (*name).to_owned(),
            size: (!name.ends_with('/')).then_some(0),
            mode: 0o644,
        };
        let entries: Vec<LayerEntry> = names.iter().map(entry).collect();
        assert_eq!(refusals(&entries), expected);
    }

    #[test]
    fn names_that_cannot_be_extracted_and_artifacts_without_a_file() {
        let name = |name: &str| Refusal::Name(name.to_owned());
        check(&["a/b", "..a", "a.."], &[]);
        check(&["a\\b", "v1../b"], &[name("a\\b"), name("v1../b")]);
        check(&["a/"], &[Refusal::Empty]);
        check(&[], &[Refusal::Empty]);
    }
}
