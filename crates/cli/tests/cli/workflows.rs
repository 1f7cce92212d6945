//! The workflows of the example: what they may do, and what each step of them does.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tidegate_source::{SourceFile, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use super::docker::{Access, Docker};
use super::git::{commit, git};
use super::{command, repository, tree};

fn workflow(name: &str) -> Node {
    let path = repository()
        .join("examples/platform/.github/workflows")
        .join(name);
    let text = fs::read_to_string(path).unwrap();
    let file = SourceFile::detached(TreePath::new(name).unwrap(), text);
    let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    parsed.documents.into_iter().next().unwrap().root.unwrap()
}

fn text<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    node.at(path).and_then(Node::text).unwrap_or_default()
}

/// The one job of a workflow.
fn job(workflow: &Node) -> &Node {
    let jobs = workflow.get("jobs").and_then(Node::as_map).unwrap();
    assert_eq!(jobs.len(), 1);
    &jobs.entries()[0].value
}

fn steps(workflow: &Node) -> Vec<&Node> {
    let steps = job(workflow).get("steps").and_then(Node::as_seq).unwrap();
    steps.iter().collect()
}

const NAMES: [&str; 3] = [
    "build-platform-artifact.yaml",
    "check-platform.yaml",
    "tag-validated-artifact.yaml",
];

#[test]
fn workflows_may_do_little_and_trust_nobody() {
    for name in NAMES {
        let workflow = workflow(name);
        let permissions = workflow.get("permissions").and_then(Node::as_map).unwrap();
        assert!(permissions.is_empty(), "{name}");
        let permissions = job(&workflow).get("permissions").and_then(Node::as_map);
        let permissions = permissions.unwrap().iter();
        let permissions: Vec<String> = permissions
            .map(|one| format!("{}: {}", one.key.text().unwrap(), one.value.text().unwrap()))
            .collect();
        let writes = match name {
            "check-platform.yaml" => "pull-requests: write",
            _ => "packages: write",
        };
        assert_eq!(permissions, ["contents: read", writes], "{name}");
        assert!(!text(&workflow, &["concurrency", "group"]).is_empty());
        assert!(!text(job(&workflow), &["timeout-minutes"]).is_empty());
        for step in steps(&workflow) {
            // Input is data: it reaches a shell by its environment alone.
            assert!(!text(step, &["run"]).contains("${{"), "{name}");
            let uses = text(step, &["uses"]);
            let (_, digest) = uses.split_once('@').unwrap_or_default();
            let is_digest =
                digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(uses.is_empty() || is_digest, "{uses}");
            assert!(uses.is_empty() || text(step, &["with", "persist-credentials"]) == "false");
        }
    }
}

/// A machine that runs workflows, as far as their steps see it.
struct Runner {
    folder: TempDir,
    /// What expressions stand for.
    values: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Runner {
    fn new(values: &[(&str, &str)]) -> Runner {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        let runner = Runner {
            folder,
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            outputs: BTreeMap::new(),
        };
        symlink(env!("CARGO_BIN_EXE_tidegate"), runner.file("bin/tidegate")).unwrap();
        // What these would do is not ours: how they are called is.
        runner.program("cargo", "echo \"$@\" > \"$RUNNER_TEMP/cargo\"");
        runner.program("gh", "echo \"$@\" > \"$RUNNER_TEMP/gh\"");
        runner.program(
            "docker",
            "login=$(printf '%s:%s' \"$4\" \"$(cat)\" | base64)\n\
             printf '{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}' \"$2\" \"$login\" > \"$DOCKER_CONFIG/config.json\"",
        );
        runner
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.file(&format!("bin/{name}"));
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// What an expression comes to. None is more than a name, or two with `||` between them.
    fn value(&self, written: &str) -> String {
        let Some(expression) = written
            .strip_prefix("${{")
            .and_then(|rest| rest.strip_suffix("}}"))
        else {
            return written.to_owned();
        };
        let one = |name: &str| match name.trim().strip_prefix('\'') {
            Some(quoted) => quoted.trim_end_matches('\'').to_owned(),
            None => match name.trim().strip_prefix("steps.") {
                Some(output) => self.outputs.get(output).cloned().unwrap_or_default(),
                None => self.values.get(name.trim()).cloned().unwrap_or_default(),
            },
        };
        let values = expression.split("||").map(one);
        values
            .into_iter()
            .find(|value| !value.is_empty())
            .unwrap_or_default()
    }

    /// Runs all steps that have a shell; the name of the one that fails, with what it said.
    fn run(&mut self, workflow: &Node, tree: &Path) -> Result<(), String> {
        for step in steps(workflow) {
            let script = text(step, &["run"]);
            if script.is_empty() {
                continue;
            }
            fs::write(self.file("output"), "").unwrap();
            let path = format!(
                "{}:{}",
                self.file("bin").display(),
                std::env::var("PATH").unwrap()
            );
            let mut shell = Command::new("bash");
            shell
                .args(["-eo", "pipefail", "-c", script])
                .current_dir(tree);
            // The settings of whoever runs the tests are not those of the machine.
            for (name, value) in command(tree).get_envs() {
                match value {
                    Some(value) => shell.env(name, value),
                    None => shell.env_remove(name),
                };
            }
            shell
                .env("PATH", path)
                .env("DOCKER_CONFIG", self.folder.path());
            shell.env("RUNNER_TEMP", self.folder.path());
            shell.env("GITHUB_OUTPUT", self.file("output"));
            shell.env("GITHUB_STEP_SUMMARY", self.file("summary"));
            let own = step.get("env").and_then(Node::as_map).into_iter();
            for variable in own.flat_map(|map| map.iter()) {
                let value = self.value(variable.value.text().unwrap());
                shell.env(variable.key.text().unwrap(), value);
            }
            let ended = shell.output().unwrap();
            if !ended.status.success() {
                let said = [ended.stdout, ended.stderr].concat();
                let said = String::from_utf8_lossy(&said).into_owned();
                return Err(format!("{}: {said}", text(step, &["name"])));
            }
            let id = text(step, &["id"]);
            for line in self.read("output").lines() {
                let (name, value) = line.split_once('=').unwrap();
                self.outputs
                    .insert(format!("{id}.outputs.{name}"), value.to_owned());
            }
        }
        Ok(())
    }

    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

const FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./kubernetes/apps
  sourceRef: {kind: OCIRepository, name: flux-system}
";
const APP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: default}\ndata: {version: '1'}\n";
const CONFIG: &str = "[promotion]\nevidence = 'unsigned'\n\n\
    [environments.integration]\naliases = ['integration-{suffix}']\n\n\
    [environments.live]\nfrom = 'integration'\nfollows = { tag = 'live' }\n";

/// A tree whose source is the repository that its artifacts go to.
fn platform(repository: &str) -> TempDir {
    let source = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
        metadata: {{name: flux-system, namespace: flux-system}}\n\
        spec: {{interval: 1m, url: '{repository}', ref: {{tag: live}}}}\n"
    );
    let folder = tree(&[
        ("kubernetes/clusters/live/apps.yaml", FLUX),
        ("kubernetes/clusters/live/source.yaml", &source),
        ("kubernetes/apps/app.yaml", APP),
        ("tidegate.toml", CONFIG),
    ]);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(folder.path());
    folder
}

#[test]
fn a_commit_is_built_validated_and_promoted() {
    let Some(docker) = Docker::start(Access::Password) else {
        return;
    };
    let authority = docker.authority();
    let url = format!("oci://{authority}/acme/shop/platform");
    let folder = platform(&url);
    let values = [
        (
            "vars.TIDEGATE_REPOSITORY",
            "https://git.example.org/tidegate",
        ),
        (
            "vars.TIDEGATE_REVISION",
            "0123456789012345678901234567890123456789",
        ),
        ("vars.PLATFORM_REGISTRY", &authority),
        ("github.repository", "Acme/Shop"),
        ("github.actor", "tide"),
        ("secrets.GITHUB_TOKEN", "gate"),
        ("inputs.tag_suffix", "$(touch stolen)"),
    ];
    let build = workflow("build-platform-artifact.yaml");
    let mut runner = Runner::new(&values);
    // What someone types is not run, and is no tag either.
    let refused = runner.run(&build, folder.path()).unwrap_err();
    assert!(refused.starts_with("Gate and push"), "{refused}");
    assert!(!folder.path().join("stolen").exists());
    assert!(runner.read("cargo").contains("--rev 0123456789"));

    runner
        .values
        .insert("inputs.tag_suffix".to_owned(), "nightly".to_owned());
    runner.run(&build, folder.path()).unwrap();
    let digest = runner.output("push.outputs.digest").to_owned();
    assert_eq!(runner.output("push.outputs.url"), format!("{url}@{digest}"));
    assert!(
        runner
            .output("push.outputs.tags")
            .contains("integration-nightly")
    );
    assert!(
        runner.read("summary").contains(&digest),
        "{}",
        runner.read("summary")
    );

    let promote = workflow("tag-validated-artifact.yaml");
    let refused = runner.run(&promote, folder.path()).unwrap_err();
    assert!(refused.contains("names no digest"), "{refused}");
    runner.values.insert(
        "github.event.client_payload.digest".to_owned(),
        "--dry-run".to_owned(),
    );
    let refused = runner.run(&promote, folder.path()).unwrap_err();
    assert!(refused.starts_with("Promote"), "{refused}");
    runner
        .values
        .insert("inputs.digest".to_owned(), digest.clone());
    let refused = runner.run(&promote, folder.path()).unwrap_err();
    assert!(refused.contains("validat"), "{refused}");

    let result = folder.path().join("result.json");
    fs::write(
        &result,
        format!(
            "{{\"digest\": \"{digest}\", \"result\": \"PASSED\", \"passedTests\": [\"readiness\"]}}"
        ),
    )
    .unwrap();
    let attested = command(folder.path())
        .env("DOCKER_CONFIG", runner.folder.path())
        .args(["attest", "--result", "result.json", "--env", "integration"])
        .args(["--repository", &url, &digest])
        .output()
        .unwrap();
    assert!(
        attested.status.success(),
        "{}",
        String::from_utf8_lossy(&attested.stderr)
    );
    runner.run(&promote, folder.path()).unwrap();
    assert_eq!(runner.output("promote.outputs.digest"), digest);
    assert_eq!(runner.output("promote.outputs.changed"), "true");
}

#[test]
fn a_pull_request_is_compared_and_checked() {
    let folder = platform("oci://ghcr.io/acme/shop/platform");
    let base = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(folder.path())
        .output();
    let base = String::from_utf8(base.unwrap().stdout).unwrap();
    let app = APP.replace("'1'", "'2'");
    fs::write(folder.path().join("kubernetes/apps/app.yaml"), app).unwrap();
    commit(folder.path());
    let mut runner = Runner::new(&[
        (
            "vars.TIDEGATE_REPOSITORY",
            "https://git.example.org/tidegate",
        ),
        (
            "vars.TIDEGATE_REVISION",
            "0123456789012345678901234567890123456789",
        ),
        ("github.repository", "Acme/Shop"),
        ("github.event.pull_request.number", "7"),
        ("github.event.pull_request.base.sha", base.trim()),
    ]);
    let check = workflow("check-platform.yaml");
    runner.run(&check, folder.path()).unwrap();
    let comment = runner.read("diff.md");
    assert!(
        comment.contains("1 changed") && comment.contains("data.version"),
        "{comment}"
    );
    assert_eq!(runner.read("summary"), comment);
    assert!(
        runner
            .read("gh")
            .starts_with("pr comment 7 --repo Acme/Shop")
    );

    fs::write(folder.path().join("kubernetes/apps/app.yaml"), "kind: [").unwrap();
    commit(folder.path());
    let refused = runner.run(&check, folder.path()).unwrap_err();
    assert!(refused.starts_with("Check: ::error"), "{refused}");
}
