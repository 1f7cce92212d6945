//! Runs the conformance suites `envsubst` and `flux-corpora`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds them; without it the cases of this repository
//! are run. `flux-corpora` renders the trees in `TIDEGATE_CORPORA`. A failure that `testdata/conformance/known.txt` does not list, and a pass that it
//! lists, fail the test, unless `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test of its own, that reads its settings and prints a score"
)]

#[path = "suites/corpora.rs"]
mod corpora;
#[path = "suites/flux.rs"]
mod flux;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, panic};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tidegate_core::envsubst::{Mode, Variables, is_disabled, substitute};
use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
use tidegate_yaml::{Dialect, Emitted, Node, ParseOptions, emit_go_yaml2, parse, to_json};

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
        runner.report("envsubst", cases.lines().map(envsubst));
    }
    let folders = public.iter().chain([&testdata]);
    let mut folders = folders.map(|folder| folder.join("flux"));
    if let Some(folder) = folders.find(|folder| folder.is_dir()) {
        runner.report("flux", flux::cases(&folder).iter().map(|case| flux(case)));
    }
    match (read("flux/corpora.jsonl"), corpora) {
        (Some(lines), Some(corpora)) => {
            runner.report("flux-corpora", corpora::verdicts(&lines, &corpora));
        }
        _ => println!("flux-corpora: not run"),
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

/// Runs a line of the suite `envsubst`.
fn envsubst(line: &str) -> Verdict {
    let case: Value = serde_json::from_str(line).unwrap();
    let verdict = panic::catch_unwind(|| verdict(&case));
    let failure = verdict.unwrap_or_else(|_| Some("panicked".to_owned()));
    (case["name"].as_str().unwrap().to_owned(), failure)
}

/// Runs a folder of the suite `flux`.
fn flux(case: &Path) -> Verdict {
    let verdict = panic::catch_unwind(|| flux::verdict(case));
    let failure = verdict.unwrap_or_else(|_| Some("panicked".to_owned()));
    (
        case.file_name().unwrap().to_str().unwrap().to_owned(),
        failure,
    )
}

/// Why a case fails; none where it passes.
fn verdict(case: &Value) -> Option<String> {
    let expected = match (&case["output"], &case["output_base64"]) {
        (Value::String(text), _) => Some(text.clone().into_bytes()),
        (_, Value::String(text)) => Some(STANDARD.decode(text).unwrap()),
        _ => None,
    };
    match (run(case), expected) {
        (Ok(output), Some(expected)) if output == expected => None,
        (Ok(output), Some(_)) => Some(format!("printed {:?}", String::from_utf8_lossy(&output))),
        (Ok(_), None) => Some("not refused".to_owned()),
        (Err(error), Some(_)) => Some(format!("refused: {error}")),
        (Err(_), None) => None,
    }
}

fn run(case: &Value) -> Result<Vec<u8>, String> {
    let input = case["input"].as_str().unwrap();
    let mode = match case["strict"].as_bool().unwrap() {
        true => Mode::Strict,
        false => Mode::Lenient,
    };
    let vars = case["vars"].as_object().unwrap();
    if case["mode"] == "text" {
        let value = |name: &str| vars.get(name)?.as_str().map(str::as_bytes);
        let substituted = substitute(input.as_bytes(), &value, mode);
        return Ok(substituted.map_err(|error| error.to_string())?.text);
    }
    if is_disabled(&object(input)?) {
        return Ok(input.as_bytes().to_vec());
    }
    let mut variables = Variables::default();
    for (name, value) in vars {
        variables.insert(name, value.as_str().unwrap())?;
    }
    let value = |name: &str| variables.get(name);
    let substituted = substitute(input.as_bytes(), &value, mode);
    let text = substituted.map_err(|error| error.to_string())?.text;
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    // As the controllers read it: by way of JSON, which has one notation for each number.
    let json = to_json(&object(&text)?).map_err(|error| error.to_string())?;
    let mut out = Emitted::default();
    emit_go_yaml2(&object(&json)?, &mut out, false).map_err(|error| error.to_string())?;
    Ok(out.text.into_bytes())
}

/// The only document of a text.
fn object(text: &str) -> Result<Node, String> {
    let sources = Sources::new(Arc::new(MemorySystem::new().with("object.yaml", text)));
    let path = TreePath::new("object.yaml").unwrap();
    let file = sources.load(&path).map_err(|error| error.to_string())?;
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let mut findings = parsed.findings.into_iter();
    if let Some(error) = findings.find(|finding| finding.severity == Severity::Error) {
        return Err(error.message);
    }
    let mut roots = parsed.documents.into_iter().filter_map(|one| one.root);
    roots.next().ok_or_else(|| "no document".to_owned())
}
