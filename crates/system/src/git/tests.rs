//! Against repositories that the program `git` makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tidegate_source::{EntryKind, System, SystemError, TreePath};

use super::*;
use crate::{DiskSystem, Links};

struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new(init: &[&str]) -> Repository {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository { folder };
        repository.run(&[&["init", "-q", "-b", "main"], init].concat());
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self) -> Git {
        Git::new(self.path(), GitVariables::Removed)
    }

    fn run(&self, args: &[&str]) -> String {
        run(self.path(), args)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            self.write(path, text);
        }
        self.run(&["add", "-A"]);
        self.run(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.run(&["rev-parse", "HEAD"])
    }

    fn revision(&self, revision: &str) -> GitRevision {
        let git = self.git();
        let commit = git.commit(revision).unwrap();
        GitRevision::new(&git, &commit, Links::Followed).unwrap()
    }
}

fn run(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
        command
            .env(format!("{name}_NAME"), "t")
            .env(format!("{name}_EMAIL"), "t@example.org");
    }
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {complaint}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

fn path(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

fn text(system: &dyn System, file: &str) -> Result<String, SystemError> {
    let bytes = system.read(&path(file))?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// All files of a system, each with its text, sorted.
fn all(system: &dyn System) -> Vec<(String, String)> {
    fn walk(system: &dyn System, folder: &TreePath, files: &mut Vec<(String, String)>) {
        for entry in system.list(folder).unwrap() {
            let inner = folder.join(&entry.name).unwrap();
            match entry.kind {
                Some(EntryKind::Folder) if entry.name == ".git" => {}
                Some(EntryKind::Folder) => walk(system, &inner, files),
                _ => files.push((inner.to_string(), text(system, inner.as_str()).unwrap())),
            }
        }
    }
    let mut files = Vec::new();
    walk(system, &TreePath::root(), &mut files);
    files.sort();
    files
}

fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    let mut files: Vec<_> = files.iter().map(owned).collect();
    files.sort();
    files
}

const FIRST: [(&str, &str); 4] = [
    ("a-b.yaml", "a: 1\n"),
    ("a/x.yaml", "x: 1\r\n"),
    ("a/y/z.yaml", ""),
    ("é ü.yaml", "z: 1"),
];

fn check_revisions(repository: &Repository) {
    let first = repository.commit(&FIRST);
    repository.run(&["tag", "-a", "v1", "-m", "one"]);
    repository.run(&["branch", "old"]);
    fs::remove_file(repository.path().join("a/x.yaml")).unwrap();
    repository.commit(&[("a-b.yaml", "a: 2\n"), ("new", "n")]);
    for revision in [
        &first,
        &first[..12],
        "v1",
        "old",
        "HEAD~1",
        "main^",
        "HEAD@{1}",
    ] {
        assert_eq!(
            all(&repository.revision(revision)),
            pairs(&FIRST),
            "{revision}"
        );
    }
    repository.run(&["gc", "-q"]);
    repository.run(&["pack-refs", "--all"]);
    repository.run(&["checkout", "-q", "--detach"]);
    repository.commit(&[("detached", "d")]);
    assert_eq!(all(&repository.revision("v1")), pairs(&FIRST));
    assert_eq!(all(&repository.revision("HEAD")).len(), 5);
}

#[test]
fn revisions_are_read_loose_and_packed_by_any_name() {
    check_revisions(&Repository::new(&[]));
}

#[test]
fn repositories_of_sha256_too() {
    check_revisions(&Repository::new(&["--object-format=sha256"]));
}

#[test]
fn bare_repositories_worktrees_and_alternates() {
    let repository = Repository::new(&[]);
    repository.commit(&FIRST);
    let outer = tempfile::tempdir().unwrap();
    let at = |name: &str| outer.path().join(name);
    let shown = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let top = shown(&repository.path().to_owned());
    run(outer.path(), &["clone", "-q", "--bare", &top, "bare.git"]);
    run(outer.path(), &["clone", "-q", "--shared", &top, "shared"]);
    repository.run(&["worktree", "add", "-q", &shown(&at("tree")), "HEAD"]);
    for name in ["bare.git", "shared", "tree"] {
        let git = Git::new(&at(name), GitVariables::Removed);
        assert_eq!(git.is_bare(), name == "bare.git");
        let commit = git.commit("HEAD").unwrap();
        let revision = GitRevision::new(&git, &commit, Links::Absent).unwrap();
        assert_eq!(all(&revision), pairs(&FIRST), "{name}");
    }
}

#[test]
fn unknown_revisions_are_told_kindly() {
    let repository = Repository::new(&[]);
    repository.commit(&FIRST);
    let error = |revision: &str| repository.git().commit(revision).unwrap_err();
    let wrong = error("mian");
    assert_eq!(
        wrong.to_string(),
        "there is no revision `mian` in this repository"
    );
    assert_eq!(wrong.help().unwrap(), "did you mean `main`?");
    assert!(error("HEAD~3").help().unwrap().contains("git log"));
    assert!(matches!(error("--help"), GitError::UnknownRevision { .. }));
    let none = tempfile::tempdir().unwrap();
    let error = Git::new(none.path(), GitVariables::Removed).commit("HEAD");
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("not a git repository")
    );
}

#[test]
fn a_shallow_clone_says_so() {
    let repository = Repository::new(&[]);
    repository.commit(&FIRST);
    repository.commit(&[("b", "")]);
    let outer = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repository.path().display());
    run(outer.path(), &["clone", "-q", "--depth=1", &url, "shallow"]);
    let git = Git::new(&outer.path().join("shallow"), GitVariables::Removed);
    let help = git.commit("HEAD~1").unwrap_err().help().unwrap();
    assert!(help.contains("shallow"), "{help}");
}

#[test]
#[cfg(unix)]
fn links_are_those_of_the_revision() {
    use std::os::unix::fs::symlink;
    let repository = Repository::new(&[]);
    repository.write("a/x.yaml", "x");
    let link = |target: &str, name: &str| symlink(target, repository.path().join(name)).unwrap();
    link("a", "folder");
    link("../a/./x.yaml", "a/file");
    link("../outside", "out");
    link("/etc/passwd", "absolute");
    link("loop", "loop");
    link("nowhere", "dangling");
    repository.commit(&[]);
    let revision = repository.revision("HEAD");
    assert_eq!(text(&revision, "folder/file").unwrap(), "x");
    assert_eq!(
        revision.canonical(&path("folder/file")),
        Ok(path("a/x.yaml"))
    );
    assert_eq!(revision.kind(&path("folder")), Ok(EntryKind::Folder));
    assert_eq!(text(&revision, "out"), Err(SystemError::Escapes));
    assert_eq!(text(&revision, "absolute"), Err(SystemError::Escapes));
    assert!(matches!(
        text(&revision, "loop"),
        Err(SystemError::Other(_))
    ));
    assert_eq!(text(&revision, "dangling"), Err(SystemError::NotFound));
    assert_eq!(text(&revision, "a/x.yaml/y"), Err(SystemError::NotFolder));

    let git = repository.git();
    let revision = GitRevision::new(&git, &git.commit("HEAD").unwrap(), Links::Absent).unwrap();
    assert_eq!(text(&revision, "folder/x.yaml"), Err(SystemError::Link));
    assert_eq!(all(&revision), pairs(&[("a/x.yaml", "x")]));
}

#[test]
fn what_is_executable_is_told() {
    let repository = Repository::new(&[]);
    repository.commit(&[("d/plain", "p"), ("run", "r"), ("old", "o")]);
    repository.run(&["update-index", "--chmod=+x", "run", "old"]);
    repository.run(&["commit", "-q", "-m", "modes"]);
    let revision = repository.revision("HEAD");
    let mode = |system: &dyn System, file: &str| system.mode(&path(file)).unwrap();
    for (file, expected) in [("d/plain", 0o644), ("run", 0o755), ("d", 0o755)] {
        assert_eq!(mode(&revision, file), expected, "{file}");
    }
    fs::remove_file(repository.path().join("old")).unwrap();
    let git = repository.git();
    let changes = Arc::new(Changes::of_work_tree(&git, "HEAD").unwrap());
    let disk = Arc::new(DiskSystem::new(repository.path(), Links::Absent).unwrap());
    let before = Before::new(&git, disk, changes);
    assert_eq!(mode(&before, "old"), 0o755);
    assert_eq!(text(&before, "old").unwrap(), "o");
}

#[test]
fn submodules_are_absent() {
    let inner = Repository::new(&[]);
    inner.commit(&FIRST);
    let repository = Repository::new(&[]);
    let url = inner.path().to_str().unwrap().to_owned();
    let allow = "protocol.file.allow=always";
    repository.run(&["-c", allow, "submodule", "--quiet", "add", &url, "sub"]);
    repository.commit(&[("a", "")]);
    let revision = repository.revision("HEAD");
    assert_eq!(revision.kind(&path("sub")), Err(SystemError::NotFound));
    assert_eq!(revision.list(&TreePath::root()).unwrap().len(), 2);
    repository.write("sub/a-b.yaml", "changed");
    assert!(
        Changes::of_work_tree(&repository.git(), "HEAD")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_file_above_the_limit_is_not_read_and_the_next_one_is() {
    let repository = Repository::new(&[]);
    repository.commit(&[("large", "12345"), ("small", "1234")]);
    let mut revision = repository.revision("HEAD");
    revision.objects.max_size = 4;
    assert_eq!(text(&revision, "large"), Err(SystemError::TooLarge(4)));
    assert_eq!(text(&revision, "small").unwrap(), "1234");
}

#[test]
fn content_that_is_not_there_is_told() {
    let repository = Repository::new(&[]);
    repository.commit(&[("a", "12345")]);
    let id = repository.run(&["rev-parse", "HEAD:a"]);
    let object = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    fs::remove_file(repository.path().join(object)).unwrap();
    let error = text(&repository.revision("HEAD"), "a").unwrap_err();
    assert!(error.to_string().contains("not in this clone"), "{error}");
}

fn check_changes(
    repository: &Repository,
    changes: Changes,
    expected: &[&str],
    was: &[(&str, &str)],
) {
    let changed: Vec<&str> = changes.files.keys().map(TreePath::as_str).collect();
    assert_eq!(changed, expected);
    assert_eq!(changes.len(), expected.len());
    let disk = Arc::new(DiskSystem::new(repository.path(), Links::Absent).unwrap());
    let before = Before::new(&repository.git(), disk, Arc::new(changes));
    assert_eq!(all(&before), pairs(was));
}

#[test]
fn changes_are_those_of_the_work_tree_the_index_and_the_commits_between() {
    let repository = Repository::new(&[]);
    let first = repository.commit(&FIRST);
    repository.commit(&[(".gitignore", "ignored\n"), ("second", "2")]);
    repository.write("a-b.yaml", "staged");
    repository.run(&["add", "-A"]);
    repository.write("a/x.yaml", "not staged");
    fs::remove_file(repository.path().join("a/y/z.yaml")).unwrap();
    repository.write("new/deep/file", "");
    repository.write("ignored", "i");
    let git = repository.git();
    let changes = Changes::of_work_tree(&git, "HEAD").unwrap();
    assert!(changes.touch(&path("new/deep")) && changes.touch(&path("a/y/z.yaml")));
    assert!(!changes.touch(&path("second")) && !changes.touch(&path("a/y/z")));
    let mut was = vec![
        (".gitignore", "ignored\n"),
        ("second", "2"),
        ("ignored", "i"),
    ];
    was.extend(FIRST);
    let mut expected = vec!["a-b.yaml", "a/x.yaml", "a/y/z.yaml", "new/deep/file"];
    check_changes(&repository, changes, &expected, &was);

    expected.insert(0, ".gitignore");
    expected.push("second");
    was.drain(..2);
    let changes = Changes::of_work_tree(&git, &first).unwrap();
    check_changes(&repository, changes, &expected, &was);
    let between = Changes::between(&git, &first, &git.commit("HEAD").unwrap()).unwrap();
    assert_eq!(between.len(), 2);
}

#[test]
fn a_file_that_became_a_folder_and_a_folder_that_became_a_file() {
    let repository = Repository::new(&[]);
    repository.commit(&[("a", "file"), ("b/c", "inner")]);
    fs::remove_file(repository.path().join("a")).unwrap();
    fs::remove_dir_all(repository.path().join("b")).unwrap();
    repository.write("a/x", "x");
    repository.write("b", "file");
    let changes = Changes::of_work_tree(&repository.git(), "HEAD").unwrap();
    let expected = ["a", "a/x", "b", "b/c"];
    check_changes(
        &repository,
        changes,
        &expected,
        &[("a", "file"), ("b/c", "inner")],
    );
}

#[test]
fn before_the_first_commit_all_is_new() {
    let repository = Repository::new(&[]);
    repository.write("staged", "");
    repository.run(&["add", "-A"]);
    repository.write("a", "");
    let changes = Changes::of_work_tree(&repository.git(), "HEAD").unwrap();
    check_changes(&repository, changes, &["a", "staged"], &[]);
}

#[test]
fn a_merge_with_conflicts_is_compared_with_the_own_side() {
    let repository = Repository::new(&[]);
    repository.commit(&[("a", "base\n")]);
    repository.run(&["checkout", "-q", "-b", "other"]);
    repository.commit(&[("a", "other\n")]);
    repository.run(&["checkout", "-q", "main"]);
    repository.commit(&[("a", "main\n")]);
    let merged = Command::new("git")
        .arg("-C")
        .arg(repository.path())
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "merge",
            "-q",
            "other",
        ])
        .output();
    assert!(!merged.unwrap().status.success());
    let changes = Changes::of_work_tree(&repository.git(), "HEAD").unwrap();
    check_changes(&repository, changes, &["a"], &[("a", "main\n")]);
}

#[test]
fn a_commit_is_described() {
    let repository = Repository::new(&[]);
    let id = repository.commit(&[("a", "1")]);
    let git = repository.git();
    let commit = git.describe("HEAD").unwrap();
    assert_eq!(
        (commit.id.as_str(), commit.name.as_deref()),
        (id.trim(), Some("main"))
    );
    let seconds = repository.run(&["log", "-1", "--format=%ct"]);
    assert_eq!(commit.time.to_string(), seconds.trim());
    assert_eq!(git.origin(), None);
    repository.run(&[
        "remote",
        "add",
        "origin",
        "https://me:word@example.org/a/b.git",
    ]);
    assert_eq!(git.origin().as_deref(), Some("https://example.org/a/b"));
    repository.run(&["checkout", "-q", "--detach"]);
    assert_eq!(git.describe("HEAD").unwrap().name, None);
    repository.run(&["tag", "v1"]);
    assert_eq!(git.describe("HEAD").unwrap().name.as_deref(), Some("v1"));
}
