//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit.
//!
//! `TIDEGATE_PRE_COMMIT` names it; else the one on the PATH is taken, and without one nothing is run.
//! With `TIDEGATE_PRE_COMMIT_BUILD` the hook that is built from source is run too: that takes as long
//! as a release build.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests start programs and make the files that these read"
)]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_tidegate");

#[test]
fn the_hook_of_the_path_passes_refuses_and_is_mended() {
    let Some(pre_commit) = pre_commit() else {
        return;
    };
    let hooks = Repository::new();
    let text = fs::read_to_string(top().join(".pre-commit-hooks.yaml")).unwrap();
    hooks.write(".pre-commit-hooks.yaml", &text);
    hooks.commit();
    check_hook(&pre_commit, &hooks, "tidegate-system");
}

#[test]
fn the_hook_that_is_built_passes_and_refuses() {
    let Some(pre_commit) = pre_commit() else {
        return;
    };
    if env::var_os("TIDEGATE_PRE_COMMIT_BUILD").is_none() {
        eprintln!(
            "pre-commit, built from source: not run, as TIDEGATE_PRE_COMMIT_BUILD is not set"
        );
        return;
    }
    let hooks = Repository::new();
    let listed = git(
        &top(),
        &[
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ],
    );
    for name in String::from_utf8(listed.stdout).unwrap().split('\0') {
        let from = top().join(name);
        // The cases of the tests are many, and no part of the command.
        if from.is_file() && !name.starts_with("testdata/") {
            hooks.copy(&from, name);
        }
    }
    hooks.commit();
    check_hook(&pre_commit, &hooks, "tidegate");
}

fn check_hook(pre_commit: &Path, hooks: &Repository, id: &str) {
    let user = Repository::new();
    copy_folder(&top().join("examples/platform"), &user, Path::new(""));
    let revision = git(hooks.path(), &["rev-parse", "HEAD"]).stdout;
    let revision = String::from_utf8(revision).unwrap();
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks: [{{id: {id}}}]\n",
        hooks.path().display(),
        revision.trim()
    );
    user.write(".pre-commit-config.yaml", &config);
    user.commit();

    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(pre_commit);
        command.args(args).current_dir(user.path());
        in_sandbox(&mut command, home.path());
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    };
    let (passed, text) = run(&["run", "--all-files"]);
    assert!(passed && text.contains("Passed"), "{text}");

    // Only a file is removed, so that pre-commit has no file to pass.
    let (installed, text) = run(&["install"]);
    assert!(installed, "{text}");
    let alerts = "kubernetes/platform/config/monitoring/alerts.yaml";
    git(user.path(), &["rm", "--quiet", alerts]);
    let refused = commit(user.path(), home.path());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{text}");
    assert!(
        text.contains("exit code: 1") && text.contains("KUS001"),
        "{text}"
    );
    let place = "kubernetes/platform/config/monitoring/kustomization.yaml:5:5";
    assert!(text.contains(place), "{text}");
    assert!(!text.contains("Checked"), "the summary is left out: {text}");

    // A mistake in the config is told apart, and shown too.
    git(user.path(), &["reset", "--quiet", "--hard"]);
    let config = fs::read_to_string(user.path().join("tidegate.toml")).unwrap();
    user.write("tidegate.toml", &format!("fail-on = 'error'\n{config}"));
    git(user.path(), &["add", "--all"]);
    let refused = commit(user.path(), home.path());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        text.contains("exit code: 2") && text.contains("CFG002"),
        "{text}"
    );

    user.write("tidegate.toml", &format!("fail_on = 'error'\n{config}"));
    git(user.path(), &["add", "--all"]);
    let accepted = commit(user.path(), home.path());
    let text = String::from_utf8_lossy(&accepted.stderr).into_owned();
    assert!(accepted.status.success(), "{text}");
}

/// The real pre-commit, if it is here.
fn pre_commit() -> Option<PathBuf> {
    let named = env::var_os("TIDEGATE_PRE_COMMIT").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&path).map(|folder| folder.join("pre-commit"));
    let found = named.or_else(|| found.find(|file| file.is_file()));
    if found.is_none() {
        eprintln!("pre-commit: not run, as it is not on the PATH (pip install pre-commit)");
    }
    found
}

/// A git repository for a test.
struct Repository(TempDir);

impl Repository {
    fn new() -> Repository {
        let folder = tempfile::tempdir().unwrap();
        git(
            folder.path(),
            &["init", "--quiet", "--initial-branch", "main"],
        );
        Repository(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn copy(&self, from: &Path, name: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(from, path).unwrap();
    }

    fn commit(&self) {
        git(self.path(), &["add", "--all"]);
        let home = tempfile::tempdir().unwrap();
        assert!(commit(self.path(), home.path()).status.success());
    }
}

fn copy_folder(from: &Path, to: &Repository, inside: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = inside.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), to, &name),
            false => to.copy(&entry.path(), name.to_str().unwrap()),
        }
    }
}

fn commit(repository: &Path, home: &Path) -> Output {
    let mut command = git_command(repository, &["commit", "--quiet", "--message", "change"]);
    in_sandbox(&mut command, home);
    command.output().unwrap()
}

fn git(repository: &Path, args: &[&str]) -> Output {
    let output = git_command(repository, args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {}: {text}", args.join(" "));
    output
}

/// `git` with neither the settings of whoever runs the tests nor those of a hook that runs them.
fn git_command(repository: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(args).current_dir(repository);
    for name in ["user.name", "user.email"] {
        let at = if name == "user.name" { 0 } else { 1 };
        command.env(format!("GIT_CONFIG_KEY_{at}"), name);
        command.env(format!("GIT_CONFIG_VALUE_{at}"), "test@example.com");
    }
    command.env("GIT_CONFIG_COUNT", "2");
    command.env(
        "GIT_CONFIG_GLOBAL",
        if cfg!(windows) { "NUL" } else { "/dev/null" },
    );
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command
}

/// With the `tidegate` of this build first on the PATH, and the cache of pre-commit in `home`.
fn in_sandbox(command: &mut Command, home: &Path) {
    let folder = Path::new(BINARY).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(env::split_paths(&path));
    let path: OsString = env::join_paths(folders).unwrap();
    command.env("PATH", path).env("PRE_COMMIT_HOME", home);
    command
        .env("PRE_COMMIT_COLOR", "never")
        .env("NO_COLOR", "1");
}

/// The top of this repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
