//! Runs the conformance suite `gotemplate`.
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

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, panic};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use tidegate_gotemplate::{
    Error, ErrorKind, Failure, Fixed, Function, Functions, Host, Kind, Limits, List, MissingKey,
    Options, Origins, Set, Value,
};
use tidegate_source::FileId;

const SUITE: &str = "gotemplate";

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
    let mut other_words = 0;
    let mut fine = true;
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let verdict = panic::catch_unwind(|| verdict(&case));
        match verdict.unwrap_or_else(|_| Verdict::Failed("panicked".to_owned())) {
            Verdict::Failed(failure) => {
                fine &= is_known(name);
                failed.push(format!("  {name}: {failure}"));
            }
            Verdict::Passed { same_words } => {
                fine &= !is_known(name);
                passed += 1;
                other_words += usize::from(!same_words);
                if !same_words && env::var_os("TIDEGATE_CONFORMANCE_WORDS").is_some() {
                    let error = run(&case).unwrap_err();
                    println!(
                        "{name}\n  {}\n  {}",
                        case["error"].as_str().unwrap(),
                        error.message
                    );
                }
            }
        }
    }
    println!("{SUITE}: {passed} passed, {} failed", failed.len());
    println!("errors in other words than Go's: {other_words}");
    for line in failed {
        println!("{line}");
    }
    if fine || report {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

enum Verdict {
    Passed { same_words: bool },
    Failed(String),
}

fn verdict(case: &Json) -> Verdict {
    let expected = match (&case["output"], &case["output_base64"]) {
        (Json::String(text), _) => Some(text.clone().into_bytes()),
        (_, Json::String(text)) => Some(STANDARD.decode(text).unwrap()),
        _ => None,
    };
    match (run(case), expected) {
        (Ok(output), Some(expected)) if output == expected => Verdict::Passed { same_words: true },
        (Ok(output), Some(_)) => {
            Verdict::Failed(format!("printed {:?}", String::from_utf8_lossy(&output)))
        }
        (Ok(_), None) => Verdict::Failed("not refused".to_owned()),
        (Err(error), Some(_)) => Verdict::Failed(format!("refused: {error}")),
        (Err(error), None) => {
            let wanted = case["error"].as_str().unwrap();
            let parse = case["phase"] == "parse";
            if parse != (error.kind == ErrorKind::Parse) {
                return Verdict::Failed(format!("refused in the other phase: {error}"));
            }
            if place(wanted) != place(&error.message) {
                return Verdict::Failed(format!("refused elsewhere: {error}"));
            }
            Verdict::Passed {
                same_words: wanted == error.message,
            }
        }
    }
}

/// `NAME:LINE:COLUMN` of an error.
fn place(message: &str) -> &str {
    let message = message.strip_prefix("template: ").unwrap_or(message);
    message.split_once(": ").map_or(message, |(place, _)| place)
}

/// What the functions of the suite get from outside.
struct Suite {
    inputs: Value,
    fixed: Fixed,
}

impl Host for Suite {
    fn call(&mut self, name: &str, _: &[Value]) -> Result<Value, Failure> {
        Ok(match name {
            "inputs" => self.inputs.clone(),
            _ => Value::map(BTreeMap::new()),
        })
    }

    fn now(&mut self) -> (i64, u32) {
        self.fixed.now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.fixed.random(bytes);
    }
}

fn run(case: &Json) -> Result<Vec<u8>, Box<Error>> {
    let group = case["group"].as_str().unwrap();
    let functions = match group.split('/').next().unwrap() {
        "core" => Functions::go(),
        "sprig" => Functions::sprig(),
        "helm" => Functions::helm(),
        "flux" => Functions::flux().with(&[Function::host("inputs", &[])]),
        _ => panic!("an unknown group: {group}"),
    };
    let options = Options {
        delims: (
            case["delims"][0].as_str().unwrap().into(),
            case["delims"][1].as_str().unwrap().into(),
        ),
        missing_key: match case["missingkey"].as_str().unwrap() {
            "zero" => MissingKey::Zero,
            "error" => MissingKey::Error,
            _ => MissingKey::Default,
        },
        root: if group == "flux" { "resourceset" } else { "t" }.into(),
        ..Options::default()
    };
    let whole = case["numbers"] == "int64";
    let data = value(&case["data"], whole);
    let (name, dot, inputs) = match group {
        "flux" => ("resourceset", Value::NIL, data),
        _ => ("t", data, Value::NIL),
    };
    let mut set = Set::new(Arc::new(functions), options);
    set.parse(
        name,
        case["template"].as_str().unwrap().as_bytes(),
        FileId::NONE,
    )?;
    let mut host = Suite {
        inputs,
        fixed: Fixed::default(),
    };
    // Tracking must not change what is printed.
    let mut texts = Vec::new();
    for mut origins in [Origins::off(), Origins::tracking()] {
        let output = set.execute(name, &dot, &mut host, &mut origins, &Limits::default())?;
        if let Some(last) = output.pieces.last() {
            assert_eq!(last.end as usize, output.text.len());
        }
        texts.push(output.text);
        // Functions may change the data.
        if !group.starts_with("core") {
            break;
        }
    }
    assert!(texts.iter().all(|text| *text == texts[0]));
    Ok(texts.remove(0))
}

fn value(json: &Json, whole: bool) -> Value {
    match json {
        Json::Null => Value::NIL,
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) if whole => Kind::Int64(number).into(),
            _ => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            List::grown(items.iter().map(|item| value(item, whole)).collect()).into()
        }
        Json::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, item)| (key.into(), value(item, whole)));
            Value::map(entries.collect())
        }
    }
}
