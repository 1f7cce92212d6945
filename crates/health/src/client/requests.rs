use std::collections::BTreeMap;

/// The requests that were sent, tries included, by their paths without what is behind `?`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests(BTreeMap<String, usize>);

impl Requests {
    pub(super) fn count(&mut self, path: &str) {
        *self.0.entry(path.to_owned()).or_default() += 1;
    }

    /// How many there were.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// The paths, each with how many times it was asked for.
    pub fn by_path(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(path, count)| (path.as_str(), *count))
    }
}
