//! Pushes to the registry of the distribution project.

mod killed;
mod refused;

use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tidegate_artifact::Repository;
use tidegate_artifact::evidence::{Evidence, Outcome, Statement};
use tidegate_artifact::ledger::{Environment, Tags as _, state};
use tidegate_registry::{Http, Keychain, Registries, RepositoryName, Settings};

use crate::docker::{Access, Docker};
use crate::git::{commit, git, write};
use crate::{Run, tidegate, tree};

const UNSIGNED: &str = "[promotion]\nevidence = \"unsigned\"\n\n[environments.integration]\ncluster = \"live\"\n\
                        aliases = [\"integration-{suffix}\"]\n\n[environments.live]\nfrom = \"integration\"\n";

/// A tree in a git repository.
fn platform(config: &str) -> TempDir {
    let entry = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                 metadata: {name: apps, namespace: flux-system}\n\
                 spec: {interval: 10m, path: ./k8s/apps, prune: true, \
                 sourceRef: {kind: OCIRepository, name: flux-system}}\n";
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: b}\n";
    let tree = tree(&[
        ("tidegate.toml", config),
        ("k8s/clusters/live/apps.yaml", entry),
        ("k8s/apps/a.yaml", map),
    ]);
    git(tree.path(), &["init", "-q", "-b", "main"]);
    commit(tree.path());
    tree
}

fn push(tree: &TempDir, url: &str, args: &[&str]) -> Run {
    tidegate(tree.path(), &[&["push", url, "k8s"], args].concat())
}

/// What a push that succeeds says.
fn pushed(tree: &TempDir, url: &str, args: &[&str]) -> Value {
    let run = push(tree, url, &[&["--output", "json"], args].concat());
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn registries() -> Registries {
    Registries::new(
        Arc::new(Http::new(Settings::default())),
        Keychain::default(),
    )
}

/// Checks that whatever a tag leads to has passed the gate; what is attached to it aside.
fn nothing_else_is_tagged(repository: &Repository<'_>) {
    for tag in repository.tags().unwrap() {
        if tag.starts_with("sha256-") || tag.starts_with("att-") {
            continue;
        }
        // The registry lists a tag a moment before it leads anywhere.
        let Some(digest) = repository.resolve(&tag).unwrap() else {
            continue;
        };
        let found = repository.evidence(&digest).unwrap();
        let passed = found.iter().any(|found| {
            let envelope = found.envelope.as_ref().unwrap();
            let says = Statement::result(&envelope.payload(), &digest).unwrap();
            says.details.kind == Evidence::Gate && says.result == Outcome::Passed
        });
        assert!(passed, "{tag} leads to {digest}, of which nothing is known");
    }
}

/// Checks that a push came to its end: the digest has its tags, and the environment selects it.
fn is_complete(repository: &Repository<'_>, said: &Value) {
    nothing_else_is_tagged(repository);
    let digest = said["digest"].as_str().unwrap();
    let tags = said["tags"].as_array().unwrap().iter();
    let tags = tags.map(|tag| tag["name"].as_str().unwrap());
    for tag in tags.chain(["integration"]) {
        let found = repository
            .resolve(tag)
            .unwrap()
            .map(|found| found.to_string());
        assert_eq!(found.as_deref(), Some(digest), "{tag}");
    }
    let integration = Environment::new("integration").unwrap();
    let selection = state(repository, &integration, &mut |_, _| Ok(true)).unwrap();
    assert!(
        selection.is_settled() && selection.ignored.is_empty(),
        "{selection:?}"
    );
    assert_eq!(selection.newest.unwrap().1.to_string(), digest);
}

#[test]
fn what_is_pushed_has_evidence_and_tags_and_is_selected() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let url = format!("oci://{}/team/platform", docker.authority());
    let said = pushed(
        &tree,
        &format!("{url}:latest"),
        &["--env", "integration", "--tag-suffix", "x"],
    );
    assert_eq!(said["version"], 1);
    assert_eq!(
        (&said["changed"], &said["sameContent"]),
        (&true.into(), &false.into())
    );
    let tags: Vec<&str> = said["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert!(
        tags[0].starts_with("sha-") && tags[0].len() == 44,
        "{tags:?}"
    );
    assert_eq!(tags[1..], ["latest", "integration-x"]);
    let registries = registries();
    let repository = Repository::new(registries.repository(&RepositoryName::parse(&url).unwrap()));
    is_complete(&repository, &said);
    let digest = said["digest"].as_str().unwrap();
    let run = tidegate(tree.path(), &["verify", &format!("{url}@{digest}")]);
    assert!(
        run.stdout.contains("gate  PASSED"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    // The same once more.
    let again = pushed(
        &tree,
        &format!("{url}:latest"),
        &["--env", "integration", "--tag-suffix", "x"],
    );
    assert_eq!(again["changed"], false);
    assert_eq!(again["digest"], said["digest"]);
}

#[test]
fn the_same_content_of_another_commit_is_tagged_and_not_pushed_again() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(&UNSIGNED.replace("aliases", "# aliases"));
    let url = format!("oci://{}/team/platform", docker.authority());
    let first = pushed(&tree, &url, &["--env", "integration"]);
    write(tree.path(), "docs/a.md", "beside what is packed\n");
    commit(tree.path());
    let registries = registries();
    let repository = Repository::new(registries.repository(&RepositoryName::parse(&url).unwrap()));
    let before = repository.tags().unwrap();
    let run = push(&tree, &url, &["--env", "integration"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("The same content is there already"),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout
            .trim_end()
            .ends_with(first["digest"].as_str().unwrap()),
        "{}",
        run.stdout
    );
    let after = repository.tags().unwrap();
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(new.len() == 1 && new[0].starts_with("sha-"), "{new:?}");
    // Other content is another artifact, which comes behind the first.
    write(tree.path(), "k8s/apps/b.txt", "b\n");
    commit(tree.path());
    let third = pushed(&tree, &url, &["--env", "integration"]);
    assert_eq!(
        (&third["changed"], &third["sameContent"]),
        (&true.into(), &false.into())
    );
    is_complete(&repository, &third);
}

#[test]
fn digests_are_those_of_the_commit_wherever_it_is_checked_out() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("elsewhere");
    let from = tree.path().to_str().unwrap();
    git(tree.path(), &["clone", "-q", from, clone.to_str().unwrap()]);
    let mut digests = Vec::new();
    for (at, zone, threads, name) in [
        (tree.path(), "Asia/Tokyo", "1", "a"),
        (clone.as_path(), "America/New_York", "3", "b"),
    ] {
        let url = format!("oci://{}/{name}", docker.authority());
        let mut command = crate::command(at);
        command.args([
            "push",
            &url,
            "k8s",
            "--output",
            "github",
            "--threads",
            threads,
        ]);
        command
            .args(["--source", "https://example.org/a"])
            .env("TZ", zone);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let digest = text.lines().find_map(|line| line.strip_prefix("digest="));
        digests.push(digest.unwrap().to_owned());
    }
    assert_eq!(digests[0], digests[1]);
}
