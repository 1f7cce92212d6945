//! Breaks the example platform in the ways people do, and checks what `check` says.
//!
//! Each folder of `testdata/broken` is one breakage: `files/` is laid over `examples/platform`,
//! the files of `removed.txt` are removed, the links of `links.txt` (`path -> target`) are made.
//! `expected.txt` is what `check --format concise` prints, `human.txt` (where it exists) what
//! people see. `TIDEGATE_UPDATE=1` writes both anew.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test makes trees and starts the binary"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn every_breakage_is_reported_where_it_is() {
    let update = std::env::var_os("TIDEGATE_UPDATE").is_some();
    let folder = top().join("testdata/broken");
    let mut breakages: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    breakages.sort();
    let mut wrong = Vec::new();
    for breakage in &breakages {
        if cfg!(not(unix)) && breakage.join("links.txt").exists() {
            continue;
        }
        let tree = broken_tree(breakage);
        for (format, answer) in [("concise", "expected.txt"), ("human", "human.txt")] {
            let answer = breakage.join(answer);
            if format == "human" && !answer.exists() {
                continue;
            }
            let output = check(tree.path(), format);
            let printed = String::from_utf8(output.stdout).unwrap();
            let slug = breakage.strip_prefix(&folder).unwrap().display();
            if output.status.code() != Some(1) {
                let said = String::from_utf8_lossy(&output.stderr);
                wrong.push(format!("--- {slug}: {}\n{printed}{said}", output.status));
            } else if update {
                fs::write(&answer, printed).unwrap();
            } else {
                let expected = fs::read_to_string(&answer).unwrap_or_default();
                if printed != expected {
                    wrong.push(format!(
                        "--- {slug}, expected:\n{expected}printed:\n{printed}"
                    ));
                }
            }
        }
    }
    let (wrong, all) = (wrong.join("\n"), breakages.len());
    assert!(all >= 24, "only {all} breakages were found");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_example_is_sound() {
    let output = check(&top().join("examples/platform"), "concise");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(0));
}

fn check(tree: &Path, format: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .current_dir(tree)
        .env("NO_COLOR", "1")
        .args(["check", ".", "--format", format, "--fail-on", "warning"])
        .output()
        .unwrap()
}

/// The example with one breakage in it.
fn broken_tree(breakage: &Path) -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    copy(&top().join("examples/platform"), tree.path());
    for path in lines(&breakage.join("removed.txt")) {
        fs::remove_file(tree.path().join(path)).unwrap();
    }
    if breakage.join("files").is_dir() {
        copy(&breakage.join("files"), tree.path());
    }
    for line in lines(&breakage.join("links.txt")) {
        let (path, target) = line.split_once(" -> ").unwrap();
        link(target, &tree.path().join(path));
    }
    tree
}

/// The repository's folder.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The lines of a file; none where it does not exist.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(not(unix))]
fn link(_target: &str, _path: &Path) {}
