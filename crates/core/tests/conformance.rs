//! Runs the conformance suite `envsubst`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds it; without it the cases of this repository
//! are run. A failure that `testdata/conformance/known.txt` does not list, and a pass that it
//! lists, fail the test, unless `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test of its own, that reads its settings and prints a score"
)]

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

#[path = "suites/flux.rs"]
mod flux;

const SUITE: &str = "envsubst";

fn main() -> ExitCode {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let report = env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1");
    let cases = |folder: &Path| folder.join(SUITE).join("cases.jsonl");
    let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let public = public.filter(|folder| cases(folder).is_file());
    let text = fs::read_to_string(cases(public.as_ref().unwrap_or(&testdata))).unwrap();
    let known = fs::read_to_string(testdata.join("known.txt")).unwrap_or_default();
    let is_known = |name: &str| {
        let listed = format!("{SUITE}/{name}: ");
        known.lines().any(|line| line.starts_with(&listed))
    };

    let mut passed = 0;
    let mut failed = Vec::new();
    let mut fine = true;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let verdict = panic::catch_unwind(|| verdict(&case));
        match verdict.unwrap_or_else(|_| Some("panicked".to_owned())) {
            Some(failure) => {
                fine &= is_known(name);
                failed.push(format!("  {name}: {failure}"));
            }
            None => {
                fine &= !is_known(name);
                passed += 1;
            }
        }
    }
    println!("{SUITE}: {passed} passed, {} failed", failed.len());
    for line in failed {
        println!("{line}");
    }
    let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let folder = public
        .map(|folder| folder.join("flux"))
        .filter(|folder| folder.is_dir());
    let folder = folder.unwrap_or(testdata.join("flux"));
    let (mut passed, mut failed) = (0, Vec::new());
    for case in flux::cases(&folder) {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let verdict = panic::catch_unwind(|| flux::verdict(&case));
        match verdict.unwrap_or_else(|_| Some("panicked".to_owned())) {
            Some(failure) => failed.push(format!("  {name}: {failure}")),
            None => passed += 1,
        }
    }
    println!("flux: {passed} passed, {} failed", failed.len());
    for line in failed {
        println!("{line}");
    }
    if fine || report {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
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
