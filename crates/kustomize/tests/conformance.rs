//! Runs the conformance suites `kustomize` and `kustomize-homelab`.
//!
//! `TIDEGATE_CONFORMANCE` names the folder that holds them, `TIDEGATE_CORPORA` the one that holds
//! the repositories. Without them the cases of this repository are run. A failure that
//! `testdata/conformance/known.txt` does not list, and a pass that it lists, fail the test, unless
//! `TIDEGATE_CONFORMANCE_REPORT=1` asks for the score alone.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test of its own, that reads its settings and prints a score"
)]

mod suite;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, panic};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tidegate_kustomize::{Kustomizer, Options, Reorder};
use tidegate_source::{Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

const THREADS: usize = 2;

fn main() -> ExitCode {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let report = env::var("TIDEGATE_CONFORMANCE_REPORT").is_ok_and(|value| value == "1");
    let public = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let public = public.filter(|folder| folder.join("kustomize").is_dir());
    if public.is_none() {
        println!("not run: TIDEGATE_CONFORMANCE names no folder with the public cases");
    }
    let known = known(&testdata.join("known.txt"));
    let mut fine = true;

    let folder = public.clone().unwrap_or(testdata).join("kustomize");
    let cases = suite::cases(&folder);
    let results = suite::parallel(THREADS, &cases, |case| {
        let root = case.copy();
        let verdict = panic::catch_unwind(|| case.verdict(root.path()));
        let failure = verdict.unwrap_or_else(|_| Some("panicked".to_owned()));
        (case.slug.clone(), failure)
    });
    fine &= close("kustomize", &results, &known, public.is_some());

    let corpora = env::var_os("TIDEGATE_CORPORA").map(PathBuf::from);
    let homelab = corpora.map(|corpora| corpora.join("homelab"));
    match (public, homelab.filter(|homelab| homelab.is_dir())) {
        (Some(public), Some(homelab)) => {
            let rows = public.join("kustomize-homelab.jsonl");
            let results = repository(&rows, &homelab);
            fine &= close("kustomize-homelab", &results, &known, true);
        }
        _ => println!("not run: TIDEGATE_CORPORA names no folder with homelab"),
    }
    if fine || report {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The known failures by `suite/slug`, with their reasons.
fn known(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(case, reason)| (case.to_owned(), reason.to_owned()))
        .collect()
}

/// Prints the score of a suite; whether it is as the list of known failures says.
fn close(
    suite: &str,
    results: &[(String, Option<String>)],
    known: &BTreeMap<String, String>,
    whole: bool,
) -> bool {
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(slug, failure)| Some((slug, failure.as_ref()?)))
        .collect();
    let (failures, passed) = (failed.len(), results.len() - failed.len());
    println!("{suite}: {passed} passed, {failures} failed");
    let mut fine = true;
    for (slug, failure) in &failed {
        println!("  {slug}: {failure}");
        fine &= known.contains_key(&format!("{suite}/{slug}"));
    }
    for case in known.keys() {
        let Some(slug) = case
            .strip_prefix(suite)
            .and_then(|rest| rest.strip_prefix('/'))
        else {
            continue;
        };
        match results.iter().find(|(known, _)| known == slug) {
            Some((_, None)) => {
                println!("  passes, but known.txt lists it: {case}");
                fine = false;
            }
            None if whole => println!("  not in this folder, but known.txt lists it: {case}"),
            _ => {}
        }
    }
    fine
}

/// Builds the rows of a list of folders and their digests.
fn repository(rows: &Path, root: &Path) -> Vec<(String, Option<String>)> {
    let text = fs::read_to_string(rows).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let system = DiskSystem::new(root, Links::Followed).unwrap();
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let orders = [
        ("sha256", Reorder::Legacy),
        ("sha256_unsorted", Reorder::None),
    ];
    let mut results = Vec::new();
    for (field, reorder) in orders {
        let flags = &rows[0]["flags"];
        let options = Options {
            reorder,
            ..suite::options(flags)
        };
        let kustomizer = Kustomizer::new(Arc::clone(&sources), options);
        results.extend(suite::parallel(THREADS, &rows, |row| {
            let dir = row["dir"].as_str().unwrap();
            let built = kustomizer.build(&TreePath::new(dir).unwrap());
            let digest = built
                .to_yaml()
                .and_then(Result::ok)
                .map(|yaml| hex(yaml.as_bytes()));
            let expected = match row["expect"].as_str() {
                Some("ok") => row[field].as_str().map(str::to_owned),
                _ => None,
            };
            let failure = (digest != expected).then(|| match &digest {
                Some(_) => "other output".to_owned(),
                None => built.findings.first().map_or_else(
                    || "no output".to_owned(),
                    |finding| format!("refused: {}", finding.message),
                ),
            });
            (format!("{dir} {field}"), failure)
        }));
    }
    results
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
