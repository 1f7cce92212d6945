//! Pushes that do not happen: clearly, and without a trace.

use std::fs;

use tidegate_registry::ErrorKind;

use super::{UNSIGNED, platform, push, pushed, registries};
use crate::docker::{Access, Docker};
use crate::git::{commit, write};
use crate::{Run, command};
use tidegate_registry::RepositoryName;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBX7hUPZ4MdieGOmeg79kK4lS4wRcPYIF1OW+jGdm0g3\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAMoibJwc1LbI5sVisdHr4hBuou8H4hd1AZk9shICGfCw=\n-----END PUBLIC KEY-----\n";
const OTHER: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwCAXxEGtGPnyvdVRmY35kTraXaIB\nQsBtY7oqtIVnIJgbW0zkIs9jRviHtKkCWvu+XqB2Z67oxGw7UUph+D7CJQ==\n-----END PUBLIC KEY-----\n";

fn check(run: &Run, status: i32, words: &str) {
    assert_eq!(run.status, Some(status), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

/// Checks that the registry has never heard of a repository.
fn is_untouched(docker: &Docker, name: &str) {
    let name = RepositoryName::parse(&format!("oci://{}/{name}", docker.authority())).unwrap();
    let registries = registries();
    let tags = registries.repository(&name).tags();
    assert_eq!(tags.unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn a_tree_that_does_not_pass_is_not_pushed() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    write(
        tree.path(),
        "k8s/apps/kustomization.yaml",
        "resources: [absent.yaml]\n",
    );
    commit(tree.path());
    let url = format!("oci://{}/a", docker.authority());
    let run = push(&tree, &url, &[]);
    check(
        &run,
        1,
        "refused: the tree does not pass the gate, and nothing was pushed",
    );
    assert!(run.stderr.contains("KUS001"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    is_untouched(&docker, "a");
}

#[test]
fn a_commit_has_one_content() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let url = format!("oci://{}/a", docker.authority());
    let first = pushed(&tree, &url, &[]);
    write(tree.path(), "k8s/apps/b.txt", "b");
    check(&push(&tree, &url, &[]), 1, "k8s/apps/b.txt differ");
    // What git does not know since it was told so is in the artifact too.
    fs::write(tree.path().join(".gitignore"), "*.txt\n").unwrap();
    check(&push(&tree, &url, &[]), 1, "k8s/apps/b.txt differ");
    check(
        &push(&tree, &url, &["--allow-dirty"]),
        2,
        "no tag would lead to what is pushed",
    );
    let dirty = pushed(&tree, &format!("{url}:dirty"), &["--allow-dirty"]);
    assert_ne!(dirty["digest"], first["digest"]);
    assert_eq!(dirty["tags"].as_array().unwrap().len(), 1);
    // Of the commit itself, what is there.
    assert_eq!(
        pushed(&tree, &url, &["--rev", "HEAD"])["digest"],
        first["digest"]
    );
    // Under the tag of a commit is something else.
    let sha = first["tags"][0]["name"]
        .as_str()
        .unwrap()
        .replace("sha-", "main@sha1:");
    commit(tree.path());
    fs::remove_file(tree.path().join(".gitignore")).unwrap();
    write(tree.path(), "k8s/apps/c.md", "c");
    commit(tree.path());
    let run = push(&tree, &url, &["--revision", &sha]);
    check(&run, 1, "is written once: it leads to");
}

#[test]
fn signatures_that_are_asked_for_are_asked_for_before_anything_is_written() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let url = format!("oci://{}/a", docker.authority());
    let none = platform("[environments.integration]\n");
    let args = ["--env", "integration"];
    check(&push(&none, &url, &args), 1, "refused: no key is listed");
    let listed = platform("[promotion.keys]\ngate = [\"gate.pub\"]\n[environments.integration]\n");
    fs::write(listed.path().join("gate.pub"), PUBLIC).unwrap();
    check(
        &push(&listed, &url, &args),
        1,
        "there is no key to sign with",
    );
    fs::write(listed.path().join("gate.pub"), OTHER).unwrap();
    let key = listed.path().join("gate.key");
    fs::write(&key, KEY).unwrap();
    let signed = [&args[..], &["--key", key.to_str().unwrap()]].concat();
    check(
        &push(&listed, &url, &signed),
        1,
        "the config does not list it for the gate",
    );
    is_untouched(&docker, "a");
    fs::write(listed.path().join("gate.pub"), PUBLIC).unwrap();
    let mut run = command(listed.path());
    run.args([
        "push",
        &url,
        "k8s",
        "--env",
        "integration",
        "--output",
        "json",
    ]);
    let output = run.env("TIDEGATE_GATE_KEY", KEY).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"signedBy\": \""), "{text}");
}

#[test]
fn environments_that_come_from_others_are_not_pushed_to() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let url = format!("oci://{}/a", docker.authority());
    check(
        &push(&tree, &url, &["--env", "live"]),
        1,
        "live takes what was validated in integration",
    );
    check(
        &push(&tree, &format!("{url}:live"), &[]),
        2,
        "an environment follows it",
    );
    let log = format!("{url}:0.0.0-live.20261124120000.g0123456789ab");
    check(&push(&tree, &log, &[]), 2, "an entry in the log");
    is_untouched(&docker, "a");
}

#[test]
fn registries_that_do_not_let_one_in_say_so() {
    let Some(docker) = Docker::start(Access::Password) else {
        return;
    };
    let tree = platform(UNSIGNED);
    let url = format!("oci://{}/a", docker.authority());
    let with = |auth: &str| {
        let mut run = command(tree.path());
        run.args(["push", &url, "k8s", "--output", "github"]);
        run.env("DOCKER_CONFIG", tree.path().join("absent"))
            .env("HOME", tree.path());
        if !auth.is_empty() {
            let config = format!(
                "{{\"auths\":{{\"{}\":{{\"auth\":\"{auth}\"}}}}}}",
                docker.authority()
            );
            run.env("DOCKER_AUTH_CONFIG", config);
        }
        let output = run.output().unwrap();
        Run {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    check(&with(""), 2, "there are no credentials for");
    // tide:wrong
    check(
        &with("dGlkZTp3cm9uZw=="),
        2,
        "does not take the credentials",
    );
    // tide:gate
    let run = with("dGlkZTpnYXRl");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("\ndigest=sha256:"), "{}", run.stdout);
}

#[test]
fn places_that_make_no_sense() {
    let tree = platform(UNSIGNED);
    check(
        &push(&tree, "oci://localhost/A", &[]),
        2,
        "paths are made of lower-case letters",
    );
    check(
        &push(&tree, "localhost/a", &[]),
        2,
        "`localhost/a` is no URL",
    );
    let digest = format!("oci://localhost/a@sha256:{}", "0".repeat(64));
    check(&push(&tree, &digest, &[]), 2, "names a digest");
    check(&push(&tree, "oci://127.0.0.1:9/a", &[]), 2, "127.0.0.1:9");
    let run = crate::tidegate(tree.path(), &["push", "k8s"]);
    check(&run, 2, "it is not known where to push to");
}
