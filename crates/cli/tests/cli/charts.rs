use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::server::{Reply, Server};
use crate::{Run, command, tree};

/// A tree whose only cluster has a release of a chart of the server.
fn releases(server: &Server, version: &str) -> TempDir {
    let manifests = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\n\
         kind: HelmRepository\n\
         metadata: {{name: charts, namespace: apps}}\n\
         spec: {{url: {}/stable/}}\n\
         ---\n\
         apiVersion: helm.toolkit.fluxcd.io/v2\n\
         kind: HelmRelease\n\
         metadata: {{name: web, namespace: apps}}\n\
         spec:\n  \
           interval: 1h\n  \
           chart:\n    \
             spec:\n      \
               chart: web\n      \
               version: '{version}'\n      \
               sourceRef: {{kind: HelmRepository, name: charts}}\n",
        server.url()
    );
    tree(&[
        ("clusters/live/release.yaml", &manifests),
        (
            "clusters/live/kustomization.yaml",
            "resources: [release.yaml]\n",
        ),
    ])
}

/// The archive of a chart that makes one ConfigMap.
fn chart(version: &str) -> Vec<u8> {
    let chart = format!("apiVersion: v2\nname: web\nversion: {version}\n");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-chart\ndata:\n  \
               version: {{ .Chart.Version | quote }}\n";
    let files = tree(&[
        ("web/Chart.yaml", chart.as_str()),
        ("web/templates/map.yaml", map),
    ]);
    let packed = Command::new("tar")
        .args(["-cz", "web"])
        .current_dir(files.path())
        .output()
        .unwrap();
    assert!(packed.status.success());
    packed.stdout
}

/// A server that offers these versions of the chart.
fn repository(versions: &[&str]) -> Server {
    let mut index = "apiVersion: v1\nentries:\n  web:\n".to_owned();
    let mut archives = Vec::new();
    for version in versions {
        index.push_str(&format!(
            "  - version: {version}\n    urls: [web-{version}.tgz]\n"
        ));
        archives.push((format!("/stable/web-{version}.tgz"), chart(version)));
    }
    Server::start(move |asked| match asked.path.as_str() {
        "/stable/index.yaml" => Reply::ok(index.clone()),
        path => match archives.iter().find(|(known, _)| known == path) {
            Some((_, archive)) => Reply::ok(archive.clone()),
            None => Reply::new(404, ""),
        },
    })
}

pub(crate) fn run(tree: &Path, cache: &Path, args: &[&str]) -> Run {
    let output = command(tree)
        .env("TIDEGATE_CACHE_DIR", cache)
        .args(args)
        .output()
        .unwrap();
    Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn charts_are_fetched_locked_and_rendered() {
    let server = repository(&["1.0.0", "1.1.0", "2.0.0"]);
    let tree = releases(&server, "1.x");
    let cache = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| run(tree.path(), cache.path(), args);
    let before = run(&["check", "--format", "concise"]);
    assert!(
        before
            .stderr
            .contains("chart web, version 1.x: run `tidegate charts fetch`"),
        "{}",
        before.stderr
    );
    let fetched = run(&["charts", "fetch"]);
    assert_eq!(fetched.status, Some(0), "{}", fetched.stderr);
    assert!(
        fetched
            .stdout
            .starts_with("fetched  web  1.1.0 (1.x)  http://127.0.0.1:"),
        "{}",
        fetched.stdout
    );
    assert_eq!(fetched.stderr, "Wrote tidegate.lock\n");
    let lock = fs::read_to_string(tree.path().join("tidegate.lock")).unwrap();
    assert!(
        lock.contains("wanted = \"1.x\"\nversion = \"1.1.0\"\ndigest = \"sha256:"),
        "{lock}"
    );
    let asked = server.asked().len();
    let rendered = run(&["render", "--only", "configmap/apps/from-chart"]);
    assert!(
        rendered.stdout.contains("version: 1.1.0"),
        "{} {}",
        rendered.stdout,
        rendered.stderr
    );
    let again = run(&["charts", "fetch", "--locked"]);
    assert_eq!((again.status, again.stderr.as_str()), (Some(0), ""));
    assert!(
        again.stdout.starts_with("at hand  web  1.1.0 (1.x)"),
        "{}",
        again.stdout
    );
    assert_eq!(
        server.asked().len(),
        asked,
        "what is locked and at hand takes no server"
    );
    // Another machine gets the same bytes by the lock alone.
    let other = tempfile::tempdir().unwrap();
    let there = crate::charts::run(tree.path(), other.path(), &["charts", "fetch", "--locked"]);
    assert_eq!(there.status, Some(0), "{}", there.stderr);
    assert_eq!(server.lines()[asked..], ["GET /stable/web-1.1.0.tgz"]);
}

#[test]
fn a_chart_that_is_not_locked_is_the_newest_at_hand() {
    let server = repository(&["1.0.0", "1.1.0"]);
    let tree = releases(&server, "1.0.0");
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(
        run(tree.path(), cache.path(), &["charts", "fetch"]).status,
        Some(0)
    );
    let wider = releases(&server, "1.x");
    let rendered = run(
        wider.path(),
        cache.path(),
        &["render", "--only", "configmap/apps/from-chart"],
    );
    assert!(
        rendered.stdout.contains("version: 1.0.0"),
        "{} {}",
        rendered.stdout,
        rendered.stderr
    );
    let words = "1 chart is not in tidegate.lock: the newest at hand was taken\n";
    assert!(rendered.stderr.contains(words), "{}", rendered.stderr);
}

#[test]
fn an_update_locks_what_is_the_newest_now() {
    let newest = Arc::new(AtomicUsize::new(0));
    let shared = Arc::clone(&newest);
    let archives = [chart("1.0.0"), chart("1.1.0")];
    let server = Server::start(move |asked| {
        let newest = shared.load(Ordering::Relaxed);
        match asked.path.as_str() {
            "/stable/index.yaml" => Reply::ok(format!(
                "apiVersion: v1\nentries:\n  web:\n  - version: 1.{newest}.0\n    urls: [{newest}.tgz]\n"
            )),
            "/stable/0.tgz" => Reply::ok(archives[0].clone()),
            _ => Reply::ok(archives[1].clone()),
        }
    });
    let tree = releases(&server, ">=1");
    let cache = tempfile::tempdir().unwrap();
    let version = |args: &[&str]| {
        let run = run(tree.path(), cache.path(), args);
        (
            run.status,
            run.stdout
                .split_whitespace()
                .find(|word| word.starts_with("1."))
                .unwrap()
                .to_owned(),
        )
    };
    assert_eq!(version(&["charts", "fetch"]), (Some(0), "1.0.0".to_owned()));
    newest.store(1, Ordering::Relaxed);
    assert_eq!(version(&["charts", "fetch"]), (Some(0), "1.0.0".to_owned()));
    assert_eq!(
        version(&["charts", "fetch", "--update"]),
        (Some(0), "1.1.0".to_owned())
    );
}

#[test]
fn a_version_that_is_not_offered_is_refused_and_then_found() {
    let server = repository(&["1.0.0"]);
    let tree = releases(&server, "9.9.9");
    let cache = tempfile::tempdir().unwrap();
    let fetched = run(tree.path(), cache.path(), &["charts", "fetch"]);
    assert_eq!(fetched.status, Some(1));
    assert!(
        fetched
            .stdout
            .contains("it has no such version; the nearest are 1.0.0"),
        "{}",
        fetched.stdout
    );
    assert!(!tree.path().join("tidegate.lock").exists());
    let checked = run(tree.path(), cache.path(), &["check", "--format", "concise"]);
    assert_eq!(checked.status, Some(1), "{}", checked.stdout);
    assert!(checked.stdout.contains("9.9.9"), "{}", checked.stdout);
}

#[test]
fn what_is_not_at_hand_is_told_without_a_network() {
    let server = repository(&["1.0.0"]);
    let tree = releases(&server, "1.0.0");
    let cache = tempfile::tempdir().unwrap();
    let fetched = run(tree.path(), cache.path(), &["charts", "fetch", "--offline"]);
    assert_eq!(fetched.status, Some(1));
    assert!(
        fetched.stdout.starts_with("missing  web  1.0.0"),
        "{}",
        fetched.stdout
    );
    let locked = run(tree.path(), cache.path(), &["charts", "fetch", "--locked"]);
    assert_eq!(locked.status, Some(1));
    assert!(
        locked.stderr.contains("tidegate.lock is not up to date"),
        "{}",
        locked.stderr
    );
    assert!(!tree.path().join("tidegate.lock").exists());
}

#[test]
fn a_server_that_is_not_there_is_no_fault_of_the_tree() {
    let server = Server::start(|_| Reply::new(500, "down"));
    let tree = releases(&server, "1.0.0");
    let cache = tempfile::tempdir().unwrap();
    // No proxy stands between the test and its server.
    let fetched = run(tree.path(), cache.path(), &["charts", "fetch"]);
    assert_eq!(fetched.status, Some(2));
    assert!(
        fetched.stdout.contains("the server answers 500"),
        "{}",
        fetched.stdout
    );
    assert!(
        fetched.stderr.contains("a chart could not be fetched"),
        "{}",
        fetched.stderr
    );
}

#[test]
fn a_broken_lock_file_is_told_with_its_line() {
    let server = repository(&["1.0.0"]);
    let tree = releases(&server, "1.0.0");
    fs::write(
        tree.path().join("tidegate.lock"),
        "version = 1\n<<<<<<< HEAD\n",
    )
    .unwrap();
    let cache = tempfile::tempdir().unwrap();
    let checked = run(tree.path(), cache.path(), &["check"]);
    assert_eq!(checked.status, Some(2));
    assert!(
        checked.stderr.starts_with("error: tidegate.lock:2: "),
        "{}",
        checked.stderr
    );
    let updated = run(tree.path(), cache.path(), &["charts", "fetch", "--update"]);
    assert_eq!(updated.status, Some(0), "{}", updated.stderr);
}

#[test]
fn a_chart_of_the_tree_is_taken_where_the_config_says_so() {
    let server = Server::start(|_| Reply::new(500, ""));
    let tree = releases(&server, "1.x");
    fs::create_dir_all(tree.path().join("charts")).unwrap();
    fs::write(tree.path().join("charts/web.tgz"), chart("7.0.0")).unwrap();
    let config = format!(
        "[[charts]]\nsource = \"{}/stable\"\nchart = \"web\"\npath = \"charts/web.tgz\"\n",
        server.url()
    );
    fs::write(tree.path().join("tidegate.toml"), config).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let rendered = run(
        tree.path(),
        cache.path(),
        &["render", "--only", "configmap/apps/from-chart"],
    );
    assert!(
        rendered.stdout.contains("version: 7.0.0"),
        "{} {}",
        rendered.stdout,
        rendered.stderr
    );
    let fetched = run(tree.path(), cache.path(), &["charts", "fetch"]);
    assert_eq!(
        (fetched.status, fetched.stdout.as_str()),
        (Some(0), ""),
        "{}",
        fetched.stderr
    );
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_password_for_a_repository_is_that_of_the_config() {
    let archive = chart("1.0.0");
    let server =
        Server::start(
            move |asked| match (asked.header("authorization"), asked.path.as_str()) {
                (Some("Basic dGlkZTpnYXRl"), "/stable/index.yaml") => Reply::ok(
                    "apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: [web.tgz]\n",
                ),
                (Some("Basic dGlkZTpnYXRl"), _) => Reply::ok(archive.clone()),
                _ => Reply::new(401, ""),
            },
        );
    let tree = releases(&server, "1.x");
    let config = format!(
        "[[chart_logins]]\nurl = \"{}/stable\"\nusername = \"tide\"\npassword_env = \"CHARTS_PASSWORD\"\n",
        server.url()
    );
    fs::write(tree.path().join("tidegate.toml"), config).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let without = run(tree.path(), cache.path(), &["charts", "fetch"]);
    assert_eq!(without.status, Some(2), "{}", without.stdout);
    let output = command(tree.path())
        .env("TIDEGATE_CACHE_DIR", cache.path())
        .env("CHARTS_PASSWORD", "gate")
        .args(["charts", "fetch"])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn what_no_release_asks_for_any_more_is_not_kept_in_the_lock() {
    let server = repository(&["1.0.0", "2.0.0"]);
    let tree = releases(&server, "1.0.0");
    let cache = tempfile::tempdir().unwrap();
    let lock = || fs::read_to_string(tree.path().join("tidegate.lock")).unwrap();
    assert_eq!(
        run(tree.path(), cache.path(), &["charts", "fetch"]).status,
        Some(0)
    );
    assert!(lock().contains("version = \"1.0.0\""), "{}", lock());
    let file = tree.path().join("clusters/live/release.yaml");
    let text = fs::read_to_string(&file)
        .unwrap()
        .replace("'1.0.0'", "'2.0.0'");
    fs::write(&file, text).unwrap();
    assert_eq!(
        run(tree.path(), cache.path(), &["charts", "fetch"]).status,
        Some(0)
    );
    assert!(
        lock().contains("version = \"2.0.0\"") && !lock().contains("1.0.0"),
        "{}",
        lock()
    );
}
