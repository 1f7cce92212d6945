//! Runs the conformance suite `helm`.
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

use serde_json::Value as Json;
use tidegate_helm::strvals::Reading;
use tidegate_helm::{
    Capabilities, Chart, Given, KubeVersion, Options, Print, Release, RenderError, Templates,
    checks, load, print, render,
};
use tidegate_source::{MemorySystem, Sources, TreePath};

const SUITE: &str = "helm";

fn main() -> ExitCode {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let report = env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1");
    let public =
        env::var_os("TIDEGATE_CONFORMANCE").map(|folder| PathBuf::from(folder).join(SUITE));
    let folder = public.filter(|folder| folder.is_dir());
    let folder = folder.unwrap_or_else(|| testdata.join(SUITE));
    let known = fs::read_to_string(testdata.join("known.txt")).unwrap_or_default();
    let is_known = |name: &str| {
        let listed = format!("{SUITE}/{name}: ");
        known.lines().any(|line| line.starts_with(&listed))
    };
    let only = env::var("TIDEGATE_CONFORMANCE_CASE").ok();

    let mut suite = Suite::new(&folder);
    let mut passed = 0;
    let mut failed = Vec::new();
    let mut other_words = Vec::new();
    let mut fine = true;
    for name in sorted(&folder.join("cases")) {
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let verdict = panic::catch_unwind(panic::AssertUnwindSafe(|| suite.verdict(&name)));
        match verdict.unwrap_or_else(|_| Err("panicked".to_owned())) {
            Err(failure) => {
                fine &= is_known(&name);
                let line = failure.lines().next().unwrap_or_default();
                failed.push(format!("  {name}: {line}"));
            }
            Ok(same_words) => {
                fine &= !is_known(&name);
                passed += 1;
                if !same_words {
                    other_words.push(name);
                }
            }
        }
    }
    println!("{SUITE}: {passed} passed, {} failed", failed.len());
    println!("errors in other words than Helm's: {}", other_words.len());
    if env::var_os("TIDEGATE_CONFORMANCE_WORDS").is_some() {
        println!("{}", other_words.join("\n"));
    }
    for line in failed {
        println!("{line}");
    }
    match fine || report {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn sorted(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The suite, with what several cases use.
struct Suite {
    folder: PathBuf,
    templates: Templates,
    schemas: checks::Schemas,
    charts: BTreeMap<String, Result<Arc<Chart>, Box<RenderError>>>,
}

impl Suite {
    fn new(folder: &Path) -> Suite {
        Suite {
            folder: folder.to_owned(),
            templates: Templates::default(),
            schemas: checks::Schemas::default(),
            charts: BTreeMap::new(),
        }
    }

    /// Whether an error has the words of Helm; why a case fails.
    fn verdict(&mut self, name: &str) -> Result<bool, String> {
        let folder = self.folder.join("cases").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        let case: Json = serde_json::from_str(&read("case.json")).unwrap();
        let printed = self.run(name, &folder, &case);
        let compare = case["compare"].as_str().unwrap_or("bytes");
        match (printed, case["expect"].as_str().unwrap()) {
            (Ok(printed), "ok") => {
                let expected = read("expected.yaml");
                let same = match compare {
                    "documents" => documents(&printed) == documents(&expected),
                    _ => printed == expected,
                };
                match same {
                    true => Ok(true),
                    false => Err(difference(&printed, &expected)),
                }
            }
            (Ok(_), _) => Err("not refused".to_owned()),
            (Err(error), "ok") => Err(format!("refused: {error}")),
            (Err(error), _) => {
                let wanted = case["errorKind"].as_str().unwrap();
                if error.kind.as_str() != wanted {
                    return Err(format!(
                        "refused as {}, not as {wanted}: {error}",
                        error.kind.as_str()
                    ));
                }
                let (words, expected) = (error.as_helm(), read("error.txt"));
                let same = match compare {
                    "kind" => true,
                    "lines" => lines(&words) == lines(&expected),
                    _ => words.trim_end() == expected.trim_end(),
                };
                match same || !matches!(wanted, "fail" | "schema" | "kubeVersion") {
                    true => Ok(same),
                    false => Err(difference(&words, &expected)),
                }
            }
        }
    }

    fn run(&mut self, name: &str, folder: &Path, case: &Json) -> Result<String, Box<RenderError>> {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let is = |key: &str| case[key].as_bool().unwrap_or_default();
        let texts = |key: &str| {
            let items = case[key].as_array().into_iter().flatten();
            let items = items.map(|item| item.as_str().unwrap().to_owned());
            items.collect::<Vec<String>>()
        };
        let sources = Sources::new(Arc::new(MemorySystem::new()));
        let mut given = Given::default();
        for file in texts("values") {
            let path = format!("cases/{name}/{file}");
            let bytes = fs::read(folder.join(&file)).unwrap();
            let source = sources.add_file(TreePath::new(&path).unwrap(), bytes);
            given.file(&path, &source)?;
        }
        for line in texts("setJson") {
            given.json(&line)?;
        }
        for line in texts("set") {
            given.set(&line, Reading::Typed)?;
        }
        for line in texts("setString") {
            given.set(&line, Reading::Text)?;
        }
        let chart = self.chart(&text("chart"))?;
        let mut release = Release::new(text("release"), text("namespace"));
        release.is_upgrade = is("isUpgrade");
        let mut capabilities = Capabilities::default();
        if let Some(version) = case["kubeVersion"].as_str() {
            capabilities.kube_version = KubeVersion::parse(version).unwrap();
        }
        capabilities.api_versions.extend(texts("apiVersions"));
        let options = Options {
            schemas: Some(&self.schemas),
            skip_schema_validation: is("skipSchemaValidation"),
            track: env::var_os("TIDEGATE_CONFORMANCE_TRACK").is_some(),
            ..Options::new(&self.templates)
        };
        let values = given.into_node();
        let rendered = render(&chart, &release, &values, &capabilities, &options)?;
        print(
            &rendered,
            &Print {
                crds: is("includeCrds"),
                no_hooks: is("noHooks"),
                skip_tests: is("skipTests"),
                only: &texts("showOnly"),
            },
        )
    }

    fn chart(&mut self, name: &str) -> Result<Arc<Chart>, Box<RenderError>> {
        if let Some(known) = self.charts.get(name) {
            return known.clone();
        }
        let folder = self.folder.join("charts").join(name);
        let mut system = MemorySystem::new();
        let mut work = vec![folder.clone()];
        while let Some(next) = work.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    work.push(path);
                } else {
                    let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
                    system = system.with(name, fs::read(&path).unwrap());
                }
            }
        }
        let sources = Sources::new(Arc::new(system));
        let chart = load::folder(&sources, &TreePath::root());
        let chart = chart.map(Arc::new).map_err(Box::<RenderError>::from);
        self.charts.insert(name.to_owned(), chart.clone());
        chart
    }
}

/// The documents of an output, whose order does not matter.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split('\n') {
        if line == "---" {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    let mut documents: Vec<String> = documents.iter().map(|one| one.trim().to_owned()).collect();
    documents.sort();
    documents
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.trim_end().lines().collect();
    lines.sort_unstable();
    lines
}

/// The first line that differs.
fn difference(found: &str, expected: &str) -> String {
    let (mut a, mut b) = (found.split('\n'), expected.split('\n'));
    for line in 1.. {
        match (a.next(), b.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return format!("line {line} is {a:?}, expected {b:?}"),
        }
    }
    "no difference".to_owned()
}
