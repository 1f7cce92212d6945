//! Runs the conformance suites `envsubst`, `flux`, `flux-applied`, `flux-corpora`, `flux-values` and `resourceset`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds them; without it the cases of this repository
//! are run. `flux-corpora` renders the trees in `TIDEGATE_CORPORA`. A failure that
//! `testdata/conformance/known.txt` does not list, and a pass that it lists, fail the test, unless
//! `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test of its own, that reads its settings and prints a score"
)]

#[path = "suites/corpora.rs"]
mod corpora;
#[path = "suites/envsubst.rs"]
mod envsubst;
#[path = "suites/flux.rs"]
mod flux;
#[path = "suites/flux_values.rs"]
mod flux_values;
#[path = "suites/resourceset.rs"]
mod resourceset;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, panic};

use serde_json::Value;

fn main() -> ExitCode {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let corpora = env::var_os("TIDEGATE_CORPORA").map(PathBuf::from);
    // What the folder does not hold is run from this repository.
    let read = |path: &str| {
        let mut folders = public.iter().chain([&testdata]);
        let path = folders.find_map(|folder| Some(folder.join(path)).filter(|path| path.is_file()));
        path.map(|path| fs::read_to_string(path).unwrap())
    };

    let mut runner = Runner::new(&testdata);
    if let Some(cases) = read("envsubst/cases.jsonl") {
        runner.report("envsubst", lines(&cases, envsubst::verdict));
    }
    let folder = |suite: &str| {
        let folders = public.iter().chain([&testdata]);
        let mut folders = folders.map(|folder| folder.join(suite));
        folders.find(|folder| folder.is_dir())
    };
    if let Some(folder) = folder("flux") {
        let cases = flux::cases(&folder);
        runner.report("flux", folders(&cases, flux::verdict));
        runner.report("flux-applied", folders(&cases, flux::applied));
    }
    match (read("flux/corpora.jsonl"), corpora) {
        (Some(lines), Some(corpora)) => {
            runner.report("flux-corpora", corpora::verdicts(&lines, &corpora));
        }
        _ => println!("flux-corpora: not run"),
    }
    if let Some(cases) = read("flux-values/cases.jsonl") {
        runner.report("flux-values", lines(&cases, flux_values::verdict));
    }
    if let Some(folder) = folder("resourceset") {
        let cases = resourceset::cases(&folder);
        runner.report("resourceset", folders(&cases, resourceset::verdict));
    }
    match runner.fine {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// A case by its name, and why it fails; none where it passes.
type Verdict = (String, Option<String>);

struct Runner {
    known: String,
    /// Whether only the score is wanted.
    report: bool,
    fine: bool,
}

impl Runner {
    fn new(testdata: &Path) -> Runner {
        Runner {
            known: fs::read_to_string(testdata.join("known.txt")).unwrap_or_default(),
            report: env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1"),
            fine: true,
        }
    }

    fn report(&mut self, suite: &str, verdicts: impl IntoIterator<Item = Verdict>) {
        let mut passed = 0;
        let mut failed = Vec::new();
        for (name, failure) in verdicts {
            let listed = format!("{suite}/{name}: ");
            let is_known = self.known.lines().any(|line| line.starts_with(&listed));
            self.fine &= self.report || is_known == failure.is_some();
            match failure {
                Some(failure) => failed.push(format!("  {name}: {failure}")),
                None => passed += 1,
            }
        }
        println!("{suite}: {passed} passed, {} failed", failed.len());
        for line in failed {
            println!("{line}");
        }
    }
}

/// Runs a suite that has a case in each line.
fn lines(cases: &str, verdict: fn(&Value) -> Option<String>) -> impl Iterator<Item = Verdict> {
    cases.lines().map(move |line| {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap().to_owned();
        (name, caught(|| verdict(&case)))
    })
}

/// Runs a suite that has a case in each folder.
fn folders(
    cases: &[PathBuf],
    verdict: fn(&Path) -> Option<String>,
) -> impl Iterator<Item = Verdict> {
    cases.iter().map(move |case| {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        (name, caught(|| verdict(case)))
    })
}

fn caught(verdict: impl FnOnce() -> Option<String> + panic::UnwindSafe) -> Option<String> {
    let verdict = panic::catch_unwind(verdict);
    verdict.unwrap_or_else(|_| Some("panicked".to_owned()))
}
