//! The suites, through the tests that run them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::conformance::score::Score;
use crate::workspace::{Workspace, output_of};
use crate::{Outcome, corpus};

/// The tests that run suites: package and target.
const RUNNERS: &[(&str, &str)] = &[
    ("tidegate-kustomize", "conformance"),
    ("tidegate-core", "conformance"),
    ("tidegate-schema", "conformance"),
    ("tidegate-artifact", "conformance"),
    ("tidegate-gotemplate", "conformance"),
    ("tidegate-helm", "conformance"),
];

/// Runs every suite and reads which cases failed from what the runners print: a line
/// `SUITE: N passed, N failed`, then an indented line `NAME: WHY` for each failing case.
pub(super) fn run(workspace: &Workspace, folder: &Path) -> Outcome<Vec<Score>> {
    let mut scores = Vec::new();
    for (package, target) in RUNNERS {
        let mut cargo = workspace.cargo(&[
            "test",
            "--quiet",
            "--package",
            package,
            "--test",
            target,
            "--",
            "--nocapture",
        ]);
        cargo
            .env("TIDEGATE_CONFORMANCE", folder)
            .env("TIDEGATE_CONFORMANCE_REPORT", "1");
        if let Some(corpora) = workspace.corpora() {
            cargo.env("TIDEGATE_CORPORA", corpora);
        }
        let printed = output_of(&mut cargo)?;
        for verdict in verdicts(&printed) {
            scores.push(verdict.score(folder)?);
        }
    }
    Ok(scores)
}

/// What a runner said of one suite.
struct Verdict {
    suite: String,
    passed: usize,
    failed: usize,
    /// The names of the cases that failed.
    names: BTreeSet<String>,
}

fn verdicts(printed: &str) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for line in printed.lines() {
        if let Some((suite, passed, failed)) = headline(line) {
            verdicts.push(Verdict {
                suite: suite.to_owned(),
                passed,
                failed,
                names: BTreeSet::new(),
            });
        } else if let Some(verdict) = verdicts.last_mut()
            && let Some((name, _)) = line
                .strip_prefix("  ")
                .and_then(|line| line.split_once(": "))
        {
            verdict.names.insert(name.to_owned());
        }
    }
    verdicts
}

/// `SUITE: N passed, N failed`.
fn headline(line: &str) -> Option<(&str, usize, usize)> {
    let (suite, rest) = line.trim().split_once(": ")?;
    let (passed, rest) = rest.split_once(" passed, ")?;
    let failed = rest.strip_suffix(" failed")?;
    Some((suite, passed.parse().ok()?, failed.parse().ok()?))
}

impl Verdict {
    /// The score by topic, checked against the numbers that the runner printed.
    fn score(&self, folder: &Path) -> Outcome<Score> {
        let mut score = Score::new(&self.suite);
        let mut failed = 0;
        for (name, topic) in cases(folder, &self.suite)? {
            let passed = !self.names.contains(&name);
            failed += usize::from(!passed);
            score.add(&topic, &name, passed);
        }
        if failed == self.failed {
            Ok(score)
        } else {
            let (suite, printed) = (&self.suite, self.failed);
            let passed = self.passed;
            Err(format!(
                "{suite}: the runner printed {passed} passed, {printed} failed, but named {failed}"
            )
            .into())
        }
    }
}

/// The name and topic of each case: a folder with a `case.json`, or a line of a file, of which
/// `SUITE/cases.jsonl` names its cases TOPIC/NUMBER.
fn cases(folder: &Path, suite: &str) -> Outcome<Vec<(String, String)>> {
    let mut cases = Vec::new();
    let lines = folder.join(format!("{suite}.jsonl"));
    if lines.is_file() {
        for line in std::fs::read_to_string(lines)?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let folder = row["dir"].as_str().unwrap_or_default();
            // Two answers: in the order of the command, and in that of the controllers.
            for (answer, topic) in [("sha256", "legacy order"), ("sha256_unsorted", "no order")] {
                cases.push((format!("{folder} {answer}"), topic.to_owned()));
            }
        }
        return Ok(cases);
    }
    if suite == "flux-corpora" {
        for line in std::fs::read_to_string(folder.join("flux/corpora.jsonl"))?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let text = |key| row[key].as_str().unwrap_or_default();
            let topic = format!("{}/{}", text("corpus"), text("cluster"));
            cases.push((format!("{topic} {}", text("kustomization")), topic));
        }
        return Ok(cases);
    }
    // The other answers to the cases of a suite.
    let suite = suite.strip_suffix("-applied").unwrap_or(suite);
    let named = folder.join(suite).join("cases.jsonl");
    if named.is_file() {
        for line in std::fs::read_to_string(named)?.lines() {
            let case: Value = serde_json::from_str(line)?;
            let name = case["name"].as_str().unwrap_or_default();
            // Manifests go by what refuses them.
            let topic = match (case.get("manifest"), case["layer"].as_str()) {
                (Some(_), layer) => layer.unwrap_or("accepted"),
                (None, _) => name.split('/').next().unwrap_or_default(),
            };
            cases.push((name.to_owned(), topic.to_owned()));
        }
        return Ok(cases);
    }
    // The suite of Helm has its charts beside its cases.
    let (suite, beside) = (folder.join(suite), folder.join(suite).join("cases"));
    let trees = if beside.is_dir() { beside } else { suite };
    for case in corpus::trees(&trees)? {
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        let about = case.join("case.json");
        // The suite of ResourceSets says what a case is about in the first word of its name.
        let topic = match about.is_file() {
            true => {
                let about: Value = serde_json::from_str(&std::fs::read_to_string(about)?)?;
                let topic = about["topic"].as_str().or(about["chart"].as_str());
                let topic = topic.unwrap_or("none");
                topic
                    .split_once("micro-")
                    .map_or(topic, |_| "micro")
                    .to_owned()
            }
            false => name.split('-').next().unwrap_or_default().to_owned(),
        };
        cases.push((name.into_owned(), topic));
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runner_prints() {
        let printed = "running 1 test\ntool: 2 passed, 1 failed\n  broken: why: so\n";
        let verdicts = verdicts(printed);
        assert_eq!(verdicts.len(), 1);
        assert_eq!((verdicts[0].passed, verdicts[0].failed), (2, 1));
        assert!(verdicts[0].names.contains("broken"));
    }
}
