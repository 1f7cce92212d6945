//! Artifacts of registries, as trees that are checked, rendered and compared.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use tidegate_artifact::{Artifact, Digest, LAYER_MEDIA_TYPE, Modes, Repository, pack};
use tidegate_registry::{
    Credentials, Descriptor, Http, Keychain, MANIFEST, Manifest, Registries, RepositoryName,
    Settings,
};
use tidegate_source::{IgnoreRules, MemorySystem, Packed, Packing, TreePath};

use super::docker::{Access, Docker};
use super::server::{Reply, Server};
use super::{Run, command, tidegate, tree};

const FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./kubernetes/apps
  sourceRef: {kind: OCIRepository, name: flux-system}
";
const APP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: shop}\ndata: {version: '1'}\n";

fn files() -> MemorySystem {
    MemorySystem::new()
        .with("kubernetes/clusters/live/apps.yaml", FLUX)
        .with("kubernetes/apps/app.yaml", APP)
}

fn artifact(files: MemorySystem) -> Artifact {
    let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
    let packed = Packed::new(Arc::new(files), TreePath::root(), packing);
    let layer = pack(&packed, &TreePath::root(), Modes::Normal).unwrap();
    Artifact::new(layer, "2026-11-24T12:00:00Z", BTreeMap::new())
}

/// A registry that has artifacts by their tags, in the repository `platform`, and nothing else.
fn serve(artifacts: Vec<(&'static str, Artifact)>) -> Server {
    Server::start(move |asked| {
        let name = asked.path.strip_prefix("/v2/team/platform/");
        let found = artifacts.iter().find_map(|(tag, artifact)| {
            let digest = artifact.digest.to_string();
            let bytes = match name?.split_once('/')? {
                ("manifests", name) if name == *tag || name == digest => {
                    let reply = Reply::ok(artifact.manifest.clone());
                    return Some(reply.header("content-type", MANIFEST));
                }
                ("blobs", name) if name == artifact.layer.digest.to_string() => {
                    artifact.layer.bytes.clone()
                }
                _ => return None,
            };
            Some(Reply::ok(bytes))
        });
        found.unwrap_or_else(|| Reply::new(404, "{}"))
    })
}

fn url(server: &Server, reference: &str) -> String {
    format!("oci://{}/team/platform{reference}", server.authority())
}

/// A manifest of one layer, which is gzip of whatever bytes.
fn of_layer(layer: &[u8]) -> Vec<u8> {
    let config = b"{}";
    let manifest = Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: None,
        config: Descriptor::of("application/vnd.cncf.flux.config.v1+json", config),
        layers: vec![Descriptor::of(LAYER_MEDIA_TYPE, layer)],
        subject: None,
        annotations: BTreeMap::new(),
    };
    serde_json::to_vec(&manifest).unwrap()
}

#[test]
fn an_artifact_is_checked_and_rendered() {
    let empty = tree(&[]);
    let broken = files().with(
        "kubernetes/apps/kustomization.yaml",
        "resources: [absent.yaml]\n",
    );
    let (good, bad) = (artifact(files()), artifact(broken));
    let (digest, short) = (good.digest.to_string(), bad.digest.to_string());
    let server = serve(vec![("live", good), ("next", bad)]);

    let checked = tidegate(empty.path(), &["check", &url(&server, ":live")]);
    assert_eq!(
        checked.status,
        Some(0),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    let rendered = tidegate(
        empty.path(),
        &[
            "render",
            "live",
            "--path",
            &url(&server, &format!("@{digest}")),
        ],
    );
    assert!(rendered.stdout.contains("name: app"), "{}", rendered.stderr);

    let next = url(&server, ":next");
    let checked = tidegate(empty.path(), &["check", &next, "--format", "concise"]);
    assert_eq!(checked.status, Some(1));
    let short = short.get(..19).unwrap();
    let place = format!("platform@{short}/kubernetes/apps/kustomization.yaml:1:13: ");
    assert!(checked.stdout.starts_with(&place), "{}", checked.stdout);
}

#[test]
fn artifacts_are_compared() {
    let empty = tree(&[]);
    let changed = files().with("kubernetes/apps/app.yaml", APP.replace("'1'", "'2'"));
    let server = serve(vec![
        ("live", artifact(files())),
        ("next", artifact(changed)),
    ]);
    let run = tidegate(
        empty.path(),
        &[
            "diff",
            &url(&server, ":live"),
            &url(&server, ":next"),
            "--format",
            "json",
        ],
    );
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let change = &document["changes"][0];
    assert_eq!(change["fields"][0]["before"], "1", "{document}");
    let at = change["fields"][0]["afterAt"].as_str().unwrap();
    assert!(at.starts_with("platform@sha256:"), "{at}");

    // A folder on one side, an artifact on the other.
    let folder = tree(&[
        ("kubernetes/clusters/live/apps.yaml", FLUX),
        ("kubernetes/apps/app.yaml", APP),
    ]);
    let same = ["diff", &url(&server, ":live"), ".", "--exit-code"];
    let same = tidegate(folder.path(), &same);
    assert_eq!(same.status, Some(0), "{}{}", same.stdout, same.stderr);
}

#[test]
fn the_artifact_is_seen_as_flux_sees_it() {
    let empty = tree(&[]);
    // source-controller goes by the ignore rules of the artifact when it packs it once more.
    let ignoring = files()
        .with(".sourceignore", "/kubernetes/apps/left-out\n")
        .with(
            "kubernetes/apps/left-out/kustomization.yaml",
            "resources: []\n",
        )
        .with(
            "kubernetes/apps/kustomization.yaml",
            "resources: [app.yaml, left-out]\n",
        );
    // Paths are relative to the root of the artifact: nobody knows from which folder it was packed.
    let moved = MemorySystem::new()
        .with("clusters/live/apps.yaml", FLUX)
        .with("apps/app.yaml", APP);
    let server = serve(vec![
        ("ignoring", artifact(ignoring)),
        ("moved", artifact(moved)),
    ]);
    for (tag, what) in [(":ignoring", "left-out"), (":moved", "./kubernetes/apps")] {
        let run = tidegate(
            empty.path(),
            &["check", &url(&server, tag), "--format", "concise"],
        );
        assert_eq!(run.status, Some(1), "{}", run.stderr);
        assert!(run.stdout.contains(what), "{}", run.stdout);
    }
}

#[track_caller]
fn refused(run: &Run, says: &[&str]) {
    assert_eq!(run.status, Some(2), "{}{}", run.stdout, run.stderr);
    for says in says {
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn what_is_no_artifact_is_refused() {
    let empty = tree(&[]);
    let server = serve(vec![("live", artifact(files()))]);
    let check =
        |url: &str, more: &[&str]| tidegate(empty.path(), &[&["check", url], more].concat());
    let live = url(&server, ":live");
    refused(
        &check(&url(&server, ":absent"), &[]),
        &["has no tag `absent`"],
    );
    let unknown = format!("@{}", Digest::of(b"x"));
    refused(
        &check(&url(&server, &unknown), &[]),
        &["has no artifact sha256:"],
    );
    refused(
        &check(&url(&server, ""), &[]),
        &["names no artifact", ":live"],
    );
    refused(&check("oci://UPPER CASE/x:y", &[]), &["is no repository"]);
    refused(&check(&live, &["--rev", "HEAD"]), &["has no revisions"]);
    refused(
        &check(&live, &["--changed-since", "HEAD"]),
        &["is an artifact"],
    );
    refused(&check(&live, &["--fix"]), &["an artifact is never changed"]);
    refused(
        &check(&live, &["--cluster", "a=no/such"]),
        &["no such folder in platform@"],
    );
}

#[test]
fn layers_that_lie_are_refused() {
    let empty = tree(&[("a.yaml", APP)]);
    let archive = |arguments: &[&str]| {
        let tar = Command::new("tar")
            .args(arguments)
            .current_dir(empty.path())
            .output();
        tar.unwrap().stdout
    };
    let good = artifact(files()).layer.bytes;
    let traversal = archive(&["-czP", "--transform", "s,^,../../,", "a.yaml"]);
    let other = of_layer(b"other");
    for (manifest, layer, says) in [
        (
            of_layer(&good),
            b"something else".to_vec(),
            "something else than sha256:",
        ),
        (other, good.clone(), "more than the 5 bytes"),
        (of_layer(&traversal), traversal, "../../a.yaml"),
        (of_layer(b"no gzip"), b"no gzip".to_vec(), "is not gzip"),
        (
            of_layer(&good[..good.len() / 2]),
            good[..good.len() / 2].to_vec(),
            "damaged",
        ),
        (b"{}".to_vec(), Vec::new(), "manifest cannot be read"),
    ] {
        let server = Server::start(move |asked| match asked.path.contains("/manifests/") {
            true => Reply::ok(manifest.clone()).header("content-type", MANIFEST),
            false => Reply::ok(layer.clone()),
        });
        let run = tidegate(empty.path(), &["check", &url(&server, ":live")]);
        refused(&run, &[says]);
    }
}

#[test]
fn credentials_are_those_of_docker() {
    let Some(docker) = Docker::start(Access::Password) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let name = format!("oci://{}/team/platform", docker.authority());
    push(&name, docker.authority(), &artifact(files()));
    let check = |login: Option<&str>| {
        if let Some(login) = login {
            let config = format!(
                "{{\"auths\": {{\"{}\": {{\"auth\": \"{login}\"}}}}}}",
                docker.authority()
            );
            fs::write(home.path().join("config.json"), config).unwrap();
        }
        let mut command = command(home.path());
        command.env("DOCKER_CONFIG", home.path());
        let output = command
            .args(["check", &format!("{name}:live")])
            .output()
            .unwrap();
        Run {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    refused(&check(None), &["there are no credentials for 127.0.0.1"]);
    // me:wrong
    refused(
        &check(Some("bWU6d3Jvbmc=")),
        &["does not take the credentials"],
    );
    // tide:gate
    let run = check(Some("dGlkZTpnYXRl"));
    assert_eq!(run.status, Some(0), "{}", run.stderr);
}

/// Pushes to a registry that knows `tide`, as `live`.
fn push(name: &str, authority: String, artifact: &Artifact) {
    let http = Arc::new(Http::new(Settings::default()));
    let login = Credentials::basic("tide", "gate");
    let registries = Registries::new(http, Keychain::default().with(authority, login));
    let name = RepositoryName::parse(name).unwrap();
    let repository = Repository::new(registries.repository(&name));
    repository.push(artifact).unwrap();
    repository.tag_once("live", &artifact.digest).unwrap();
}
