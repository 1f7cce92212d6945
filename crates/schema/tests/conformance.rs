//! Runs the conformance suite `cel`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds the suites; without it the cases of this
//! repository are run. A failure that `testdata/conformance/known.txt` does not list, and a pass
//! that it lists, fail the test, unless `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
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

use serde_json::{Value, json};
use tidegate_schema::{Budget, Schema, Verdict, check_rule};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

fn main() -> ExitCode {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let report = env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1");
    let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let known = fs::read_to_string(testdata.join("known.txt")).unwrap_or_default();
    let cases = |suite: &str| {
        let file = |folder: &Path| folder.join(suite).join("cases.jsonl");
        let given = public.as_deref().map(file).filter(|path| path.is_file());
        fs::read_to_string(given.unwrap_or_else(|| file(&testdata))).unwrap()
    };
    let fine = run("cel", &cases("cel"), &known, cel);
    if fine || report {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the cases of a suite and prints its score; whether it is as the list of known failures says.
fn run(suite: &str, cases: &str, known: &str, verdict: fn(&Value) -> Option<String>) -> bool {
    let is_known = |name: &str| {
        let listed = format!("{suite}/{name}: ");
        known.lines().any(|line| line.starts_with(&listed))
    };
    let mut passed = 0;
    let mut failed = Vec::new();
    let mut fine = true;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let outcome = panic::catch_unwind(|| verdict(&case));
        match outcome.unwrap_or_else(|_| Some("panicked".to_owned())) {
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
    println!("{suite}: {passed} passed, {} failed", failed.len());
    for line in failed {
        println!("{line}");
    }
    fine
}

/// Why a case of a rule fails; none where it passes.
fn cel(case: &Value) -> Option<String> {
    let mut schema = case["schema"].clone();
    schema["x-kubernetes-validations"] = json!([{
        "rule": case["rule"],
        "messageExpression": case["messageExpression"].as_str().unwrap_or_default(),
        "optionalOldSelf": case["optionalOldSelf"] == json!(true),
    }]);
    let schema = Schema::from_openapi(&node(&schema));
    let rule = &schema.root().node().rules[0];
    let own = node(&case["self"]);
    let old = case.get("oldSelf").map(node);
    let mut budget = Budget::default();
    let verdict = check_rule(rule, schema.root(), false, &own, old.as_ref(), &mut budget);
    let expected = &case["expect"];
    let as_expected = match &verdict {
        Verdict::Met => *expected == json!(true),
        Verdict::NotMet(message) => {
            *expected == json!(false) && case["message"].as_str() == Some(message)
        }
        Verdict::CompileError(_) => *expected == json!("error") && case["phase"] == "compile",
        Verdict::EvalError(_) | Verdict::TooCostly(_) => {
            *expected == json!("error") && case["phase"] == "evaluate"
        }
    };
    // Only files of other origin than the suite have it: what the rule cost in the original.
    let cost = case["cost"].as_u64();
    let spent = Budget::default().left() - budget.left();
    if as_expected && cost.is_some_and(|cost| cost != spent) {
        return Some(format!(
            "cost {spent}, not {}: {}",
            case["cost"], case["rule"]
        ));
    }
    (!as_expected).then(|| format!("{verdict:?} of {}", case["rule"]))
}

/// A JSON value as a node.
fn node(value: &Value) -> Node {
    let sources = Sources::new(Arc::new(
        MemorySystem::new().with("value.yaml", value.to_string().as_str()),
    ));
    let file = sources.load(&TreePath::new("value.yaml").unwrap()).unwrap();
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    parsed.documents[0].root.clone().unwrap()
}
