//! Runs the conformance suites `cel` and `schema`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds the suites; without it the cases of this
//! repository are run. `TIDEGATE_CRDS` names a folder with CRDs; without it
//! only those of the kinds that come with tidegate are run. A failure that `testdata/conformance/known.txt` does not list, and a pass
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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, panic};

use serde_json::{Value, json};
use tidegate_schema::{
    Budget, Catalog, How, KubernetesVersion, Report, Schema, Verdict, check_rule, validate,
};
use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
use tidegate_yaml::{Dialect, DuplicateKeys, Node, ParseOptions, Parsed, parse};

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
    let mut fine = run("cel", &cases("cel"), &known, cel);
    let manifests = Manifests::new(env::var_os("TIDEGATE_CRDS").map(PathBuf::from));
    fine &= run("schema", &cases("schema"), &known, |case| {
        manifests.verdict(case)
    });
    manifests.close();
    if fine || report {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the cases of a suite and prints its score; whether it is as the list of known failures says.
fn run(
    suite: &str,
    cases: &str,
    known: &str,
    verdict: impl Fn(&Value) -> Outcome + panic::RefUnwindSafe,
) -> bool {
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
        match outcome.unwrap_or_else(|_| Outcome::Failed("panicked".to_owned())) {
            Outcome::Failed(failure) => {
                fine &= is_known(name);
                failed.push(format!("  {name}: {failure}"));
            }
            Outcome::Passed => {
                fine &= !is_known(name);
                passed += 1;
            }
            Outcome::NotRun => {}
        }
    }
    println!("{suite}: {passed} passed, {} failed", failed.len());
    for line in failed {
        println!("{line}");
    }
    fine
}

/// What became of a case.
enum Outcome {
    Passed,
    Failed(String),
    NotRun,
}

impl Outcome {
    fn new(passed: bool, failure: impl FnOnce() -> String) -> Outcome {
        match passed {
            true => Outcome::Passed,
            false => Outcome::Failed(failure()),
        }
    }
}

/// A case of a rule.
fn cel(case: &Value) -> Outcome {
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
        return Outcome::Failed(format!(
            "cost {spent}, not {}: {}",
            case["cost"], case["rule"]
        ));
    }
    Outcome::new(as_expected, || format!("{verdict:?} of {}", case["rule"]))
}

/// The suite of manifests.
struct Manifests {
    catalog: Catalog,
    has_crds: bool,
    skipped: AtomicUsize,
    /// Refused manifests whose field the server names, and those of them where it is the same.
    fields: [AtomicUsize; 2],
}

impl Manifests {
    fn new(crds: Option<PathBuf>) -> Manifests {
        let mut catalog = Catalog::known(KubernetesVersion::COMPARED);
        let mut folders: Vec<PathBuf> = crds.clone().into_iter().collect();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path
                    .extension()
                    .is_some_and(|extension| extension == "yaml")
                {
                    let parsed = read(&fs::read(&path).unwrap());
                    for document in parsed.documents {
                        assert!(document.root.is_none_or(|root| catalog.add_crd(&root)));
                    }
                }
            }
        }
        Manifests {
            catalog,
            has_crds: crds.is_some(),
            skipped: AtomicUsize::new(0),
            fields: [AtomicUsize::new(0), AtomicUsize::new(0)],
        }
    }

    fn verdict(&self, case: &Value) -> Outcome {
        let text = case["manifest"].as_str().unwrap();
        let (how, expected) = match case["apply"].as_str() {
            Some(verdict) => (How::Apply, verdict),
            None => (How::Create, case["verdict"].as_str().unwrap()),
        };
        let Some(faults) = self.faults(text, how) else {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return Outcome::NotRun;
        };
        let passed = faults.is_empty() == (expected == "accept");
        let named = case["fields"].as_array().unwrap();
        let differs = passed && expected == "reject" && !named.is_empty() && {
            let mut named = named.iter().map(|field| plain(field.as_str().unwrap()));
            let found = named.any(|field| faults.iter().any(|(path, _)| plain(path) == field));
            self.fields[0].fetch_add(1, Ordering::Relaxed);
            self.fields[1].fetch_add(usize::from(found), Ordering::Relaxed);
            !found
        };
        if differs && env::var_os("TIDEGATE_CONFORMANCE_FIELDS").is_some() {
            println!("  {}: {faults:?}, not {named:?}", case["name"]);
        }
        Outcome::new(passed, || match expected {
            "accept" => format!("{faults:?}"),
            _ => format!("not refused: {}", case["message"]),
        })
    }

    /// Paths and messages of what a manifest is refused for; none where it cannot be told.
    fn faults(&self, text: &str, how: How) -> Option<Vec<(String, String)>> {
        let parsed = read(text.as_bytes());
        let mut faults: Vec<(String, String)> = Vec::new();
        for finding in parsed.findings {
            if finding.severity == Severity::Error {
                let key = finding.message.split(['`', '"']).nth(1).unwrap_or_default();
                faults.push((key.to_owned(), finding.message.clone()));
            }
        }
        if !faults.is_empty() {
            return Some(faults);
        }
        for root in parsed
            .documents
            .into_iter()
            .filter_map(|document| document.root)
        {
            match validate(&self.catalog, &root, how) {
                Report::Checked(found) => {
                    faults.extend(
                        found
                            .into_iter()
                            .map(|fault| (fault.path.clone(), fault.message())),
                    );
                }
                Report::UnknownKind if !self.has_crds && is_custom(&root) => return None,
                Report::UnknownKind => faults.push(("kind".to_owned(), "unknown".to_owned())),
            }
        }
        Some(faults)
    }

    fn close(&self) {
        let skipped = self.skipped.load(Ordering::Relaxed);
        if skipped > 0 {
            println!("not run: {skipped} manifests, as TIDEGATE_CRDS names no folder with CRDs");
        }
        let [all, found] = [0, 1].map(|i: usize| self.fields[i].load(Ordering::Relaxed));
        println!(
            "schema: the field of {found} of {all} refused manifests is one that the server names"
        );
    }
}

/// Whether an object is of a group with a domain of its own.
fn is_custom(object: &Node) -> bool {
    let api_version = object.get("apiVersion").and_then(Node::as_str);
    let group = api_version
        .and_then(|text| text.split_once('/'))
        .map_or("", |(group, _)| group);
    group.contains('.') && !group.ends_with(".k8s.io") || group == "gateway.networking.k8s.io"
}

/// A path without positions and without the names of types that Go puts into it.
fn plain(path: &str) -> String {
    let mut out = String::new();
    for part in path.split('.') {
        let part = match part.split_once('[') {
            Some((name, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => name,
            _ => part,
        };
        if !part.starts_with(|c: char| c.is_ascii_uppercase()) {
            out.push('.');
            out.push_str(part);
        }
    }
    out
}

/// A file read as the API server reads YAML.
fn read(bytes: &[u8]) -> Parsed {
    let system = MemorySystem::new().with("manifest.yaml", bytes);
    let sources = Sources::new(Arc::new(system));
    let path = TreePath::new("manifest.yaml").unwrap();
    let options = ParseOptions {
        duplicate_keys: DuplicateKeys::Refuse,
        ..ParseOptions::new(Dialect::Yaml11)
    };
    parse(&sources.load(&path).unwrap(), options)
}

/// A JSON value as a node.
fn node(value: &Value) -> Node {
    read(value.to_string().as_bytes()).documents[0]
        .root
        .clone()
        .unwrap()
}
