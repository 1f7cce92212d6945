//! Passed and total, by suite and topic.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What one suite came to.
pub(super) struct Score {
    pub(super) suite: String,
    topics: BTreeMap<String, Topic>,
    failing: BTreeSet<String>,
}

#[derive(Default)]
struct Topic {
    passed: usize,
    total: usize,
}

impl Score {
    pub(super) fn new(suite: impl Into<String>) -> Score {
        Score {
            suite: suite.into(),
            topics: BTreeMap::new(),
            failing: BTreeSet::new(),
        }
    }

    /// Counts one case.
    pub(super) fn add(&mut self, topic: &str, name: &str, passed: bool) {
        let count = self.topics.entry(topic.to_owned()).or_default();
        count.total += 1;
        if passed {
            count.passed += 1;
        } else {
            self.failing.insert(name.to_owned());
        }
    }

    fn sum(&self) -> Topic {
        let topics = self.topics.values();
        topics.fold(Topic::default(), |sum, topic| Topic {
            passed: sum.passed + topic.passed,
            total: sum.total + topic.total,
        })
    }

    /// The committed page. It holds nothing that changes from run to run.
    pub(super) fn document(scores: &[Score]) -> String {
        let mut out = String::from(
            "# Conformance\n\nWritten by `cargo xtask conformance`; do not edit. Why a case fails is in \
             `known.txt`.\n\n| suite | passed | total |\n| --- | ---: | ---: |\n",
        );
        for score in scores {
            row(&mut out, &score.suite, &score.sum());
        }
        for score in scores {
            let _ = write!(
                out,
                "\n## {}\n\n| topic | passed | total |\n| --- | ---: | ---: |\n",
                score.suite
            );
            for (name, topic) in &score.topics {
                row(&mut out, name, topic);
            }
            if !score.failing.is_empty() {
                out.push_str("\nFailing:\n\n");
                for name in &score.failing {
                    let _ = writeln!(out, "- `{name}`");
                }
            }
        }
        out
    }
}

fn row(out: &mut String, name: &str, topic: &Topic) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "| {name} | {} | {} |", topic.passed, topic.total);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_sums_topics_and_names() {
        let mut score = Score::new("tool");
        score.add("one", "a", true);
        score.add("two", "b", false);
        let page = Score::document(&[score]);
        assert!(page.contains("| tool | 1 | 2 |"), "{page}");
        assert!(page.contains("| two | 0 | 1 |"), "{page}");
        assert!(page.ends_with("- `b`\n"), "{page}");
    }
}
