//! Builds give the same on any number of threads, and nothing that a tree holds makes one panic.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test, that reads its settings and changes files"
)]

mod suite;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidegate_kustomize::{Kustomizer, LoadRestrictor, Options};
use tidegate_source::{Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

fn folder() -> PathBuf {
    let public = std::env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let public = public.map(|folder| folder.join("kustomize"));
    public.filter(|folder| folder.is_dir()).unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance/kustomize")
    })
}

/// All cases in one tree, and the folder of each that builds.
fn one_tree() -> (tempfile::TempDir, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let mut dirs = Vec::new();
    for case in suite::cases(&folder()) {
        let target = root.path().join(&case.slug);
        fs::create_dir(&target).unwrap();
        case.copy_to(&target);
        dirs.push(format!("{}/{}", case.slug, case.dir));
    }
    (root, dirs)
}

fn kustomizer(root: &Path) -> Kustomizer {
    let system = DiskSystem::new(root, Links::Followed).unwrap();
    let options = Options {
        load_restrictor: LoadRestrictor::None,
        ..Options::default()
    };
    Kustomizer::new(Arc::new(Sources::new(Arc::new(system))), options)
}

/// What a build gives, findings and their places included.
fn outcome(kustomizer: &Kustomizer, dir: &str) -> String {
    let built = kustomizer.build(&TreePath::new(dir).unwrap());
    let sources = kustomizer.sources();
    let mut out = String::new();
    match built.to_yaml() {
        Some(Ok(yaml)) => out.push_str(&yaml),
        Some(Err(finding)) => out.push_str(&finding.message),
        None => {}
    }
    for finding in &built.findings {
        let path = finding.primary.path(sources);
        let line = finding.primary.line_col(sources);
        out.push_str(&format!("{path:?} {line:?} {}\n", finding.message));
        for step in &finding.trail {
            out.push_str(&format!(
                "  {:?} {}\n",
                step.location.path(sources),
                step.text
            ));
        }
    }
    out
}

#[test]
fn threads_change_nothing() {
    let (root, dirs) = one_tree();
    let alone = kustomizer(root.path());
    let expected: Vec<String> = dirs.iter().map(|dir| outcome(&alone, dir)).collect();
    let shared = kustomizer(root.path());
    let got = suite::parallel(8, &dirs, |dir| outcome(&shared, dir));
    for (dir, (expected, got)) in dirs.iter().zip(expected.iter().zip(&got)) {
        assert_eq!(expected, got, "{dir}");
    }
}

/// A small generator of numbers: the same ones in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Changes one file: cuts it off, or writes over, doubles or takes out a few bytes.
fn damage(path: &Path, numbers: &mut Numbers) {
    const PIECES: [&str; 16] = [
        "{", "}", "[", "]", ": ", "- ", "*", "&a ", "null", "~", "\n", "'", "\"", "<<: ", "|",
        "!!int ",
    ];
    let mut bytes = fs::read(path).unwrap();
    let at = numbers.below(bytes.len());
    let end = (at + numbers.below(12)).min(bytes.len());
    match numbers.below(4) {
        0 => bytes.truncate(at),
        1 => {
            bytes.drain(at..end);
        }
        2 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(end..end, copy);
        }
        _ => {
            let piece = PIECES[numbers.below(PIECES.len())];
            bytes.splice(at..end, piece.bytes());
        }
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn damaged_trees_do_not_panic() {
    let cases = suite::cases(&folder());
    let seeds: Vec<(usize, u64)> = (0..cases.len())
        .flat_map(|case| (0..3).map(move |round| (case, round)))
        .collect();
    suite::parallel(2, &seeds, |(index, round)| {
        let case = &cases[*index];
        let root = case.copy();
        let mut files = Vec::new();
        suite::list(root.path(), "", &mut files);
        files.sort();
        if files.is_empty() {
            return;
        }
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ ((*index as u64) << 8) ^ round);
        for _ in 0..=numbers.below(3) {
            let file = &files[numbers.below(files.len())];
            damage(&root.path().join(file), &mut numbers);
        }
        let (built, _) = suite::build(root.path(), &case.dir, case.options);
        // A build that fails says why.
        let failed = built.to_yaml().is_none_or(|yaml| yaml.is_err());
        assert!(
            !failed || !built.findings.is_empty() || built.objects.is_some(),
            "{} fails without a finding",
            case.slug
        );
    });
}
