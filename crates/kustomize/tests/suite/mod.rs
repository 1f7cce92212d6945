//! Cases of the conformance suites, in the layout that `conformance/kustomize/README.md` describes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Options, Reorder};
use tidegate_source::{Location, Severity, Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

/// One case.
pub struct Case {
    pub slug: String,
    pub dir: String,
    pub options: Options,
    pub expected: Expected,
    input: PathBuf,
}

/// What a case must give.
pub enum Expected {
    /// This output.
    Output(String),
    /// A refusal. The text of kustomize's error, where it does not vary.
    Error(Option<String>),
}

/// All cases of a folder, in the order of their names.
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut slugs: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("case.json").is_file())
        .collect();
    slugs.sort();
    slugs.iter().map(|path| Case::read(path)).collect()
}

/// The options that command line flags stand for.
pub fn options(flags: &Value) -> Options {
    let mut options = Options::default();
    let flags = flags.as_array().into_iter().flatten();
    let flags: Vec<&str> = flags.filter_map(Value::as_str).collect();
    let flags: Vec<&str> = flags.iter().flat_map(|flag| flag.split('=')).collect();
    let mut rest = flags.as_slice();
    loop {
        rest = match rest {
            ["--load-restrictor", "LoadRestrictionsNone", rest @ ..] => {
                options.load_restrictor = LoadRestrictor::None;
                rest
            }
            ["--load-restrictor", "LoadRestrictionsRootOnly", rest @ ..]
            | ["--reorder", "legacy", rest @ ..] => rest,
            ["--reorder", "none", rest @ ..] => {
                options.reorder = Reorder::None;
                rest
            }
            ["--enable-managedby-label", rest @ ..] => {
                options.managed_by_label = true;
                rest
            }
            [flag, ..] => panic!("the runner does not know the flag {flag}"),
            [] => return options,
        }
    }
}

impl Case {
    fn read(path: &Path) -> Case {
        let slug = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path.join("case.json")).unwrap();
        let case: Value = serde_json::from_str(&text).unwrap();
        let expected = match case["expect"].as_str() {
            Some("ok") => Expected::Output(fs::read_to_string(path.join("expected.yaml")).unwrap()),
            _ if case["message"].is_string() => Expected::Error(None),
            _ => Expected::Error(Some(fs::read_to_string(path.join("error.txt")).unwrap())),
        };
        Case {
            slug,
            dir: case["dir"].as_str().unwrap().to_owned(),
            options: options(&case["flags"]),
            expected,
            input: path.join("input"),
        }
    }

    /// A fresh copy of its tree.
    pub fn copy(&self) -> TempDir {
        let target = TempDir::new().unwrap();
        self.copy_to(target.path());
        target
    }

    /// Copies its tree into a folder.
    pub fn copy_to(&self, target: &Path) {
        if self.input.is_dir() {
            copy(&self.input, target);
        }
    }

    /// What is wrong with a build of the tree at `root`; none where it is as it must be.
    pub fn verdict(&self, root: &Path) -> Option<String> {
        let (built, sources) = build(root, &self.dir, self.options);
        let yaml = built.to_yaml();
        let mut findings = built.findings.clone();
        let mut text = None;
        match yaml {
            Some(Ok(yaml)) if built.not_rendered.is_empty() => text = Some(yaml),
            Some(Err(finding)) => findings.push(*finding),
            _ => {}
        }
        let shown = || {
            let mut shown: Vec<String> = findings
                .iter()
                .map(|finding| {
                    let at = finding.primary.path(&sources);
                    let line = finding.primary.line_col(&sources);
                    let at = at.map_or_else(String::new, |path| path.to_string());
                    let line = line.map_or(0, |at| at.line);
                    format!("{} {at}:{line}: {}", finding.code, finding.message)
                })
                .collect();
            let left = built.not_rendered.iter();
            shown.extend(left.map(|left| format!("not rendered: {}", left.what)));
            shown.join("; ")
        };
        match (&self.expected, text) {
            (Expected::Output(expected), Some(text)) if text == *expected => None,
            (Expected::Output(expected), Some(text)) => Some(first_difference(expected, &text)),
            (Expected::Output(_), None) => Some(format!("refused: {}", shown())),
            (Expected::Error(_), Some(_)) => Some("built, but kustomize refuses it".to_owned()),
            (Expected::Error(None), None) => None,
            (Expected::Error(Some(error)), None) => self
                .judge(error, &findings, &sources)
                .map(|why| format!("{why}: {}", shown())),
        }
    }

    fn judge(
        &self,
        error: &str,
        findings: &[tidegate_source::Diagnostic],
        sources: &Sources,
    ) -> Option<String> {
        let mut errors = findings.iter().filter(|f| f.severity == Severity::Error);
        let mut located = errors.clone().filter(|finding| match finding.primary {
            Location::Span(span) => sources.get(span.file).is_some(),
            Location::Path(_) => true,
        });
        if located.next().is_none() {
            return Some("no finding has a place".to_owned());
        }
        let lacks = |text: &str| text.contains("not supported") || text.contains("not implemented");
        if errors.any(|f| lacks(&f.message) || f.help.as_deref().is_some_and(lacks)) {
            return Some("says that a feature is missing".to_owned());
        }
        let named: Vec<String> = self
            .files()
            .into_iter()
            .filter(|file| names(error, file) || self.names_from_dir(error, file))
            .collect();
        let told = findings.iter().any(|finding| {
            let mut places = vec![finding.primary.path(sources)];
            places.extend(finding.trail.iter().map(|step| step.location.path(sources)));
            places.extend(finding.labels.iter().map(|label| {
                let file = sources.get(sources.real(label.span).file);
                file.map(|file| file.path().clone())
            }));
            let words = format!("{} {}", finding.message, finding.note);
            named.iter().any(|file| {
                places.iter().flatten().any(|path| path.as_str() == file)
                    || file
                        .rsplit('/')
                        .next()
                        .is_some_and(|name| words.contains(name))
            })
        });
        (!named.is_empty() && !told).then(|| format!("does not name {}", named.join(" or ")))
    }

    fn names_from_dir(&self, error: &str, file: &str) -> bool {
        let dir = self.dir.trim_matches('/');
        let inside = file
            .strip_prefix(dir)
            .and_then(|rest| rest.strip_prefix('/'));
        inside.is_some_and(|inside| names(error, inside))
    }

    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        if self.input.is_dir() {
            list(&self.input, "", &mut files);
        }
        files
    }
}

/// Builds one folder of a tree on the disk.
pub fn build(root: &Path, dir: &str, options: Options) -> (Built, Arc<Sources>) {
    let system = DiskSystem::new(root, Links::Followed).unwrap();
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let kustomizer = Kustomizer::new(Arc::clone(&sources), options);
    (kustomizer.build(&TreePath::new(dir).unwrap()), sources)
}

/// Whether a text names a file by its path: the characters around it are none of a path.
fn names(text: &str, file: &str) -> bool {
    let within = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    text.match_indices(file).any(|(at, _)| {
        let before = text[..at].strip_suffix("${ROOT}/").unwrap_or(&text[..at]);
        let after = text[at + file.len()..].chars();
        let ends = after.clone().next().is_none_or(|c| !within(c))
            || (after.clone().next() == Some('.')
                && after.clone().nth(1).is_none_or(|c| !within(c)));
        ends && (before.len() < at && text[..at].ends_with("${ROOT}/")
            || before.chars().next_back().is_none_or(|c| !within(c)))
    })
}

/// The files of a folder, by their paths from it.
pub fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push(name);
        }
    }
}

/// Copies a tree, links as links.
pub fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The first line that differs.
fn first_difference(expected: &str, got: &str) -> String {
    let mut lines = expected.lines().zip(got.lines()).enumerate();
    match lines.find(|(_, (expected, got))| expected != got) {
        Some((at, (expected, got))) => {
            format!("line {}: expected {expected:?}, got {got:?}", at + 1)
        }
        None => format!(
            "expected {} lines, got {}",
            expected.lines().count(),
            got.lines().count()
        ),
    }
}

/// Applies `work` to all items on `threads` threads; the results are in the order of the items.
pub fn parallel<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else {
                    return done;
                };
                done.push((index, work(item)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
