//! `tidegate health` on a real control plane, with a real registry. Not run where one of them is not there, or no folder
//! `TIDEGATE_CRDS` with the definitions of Flux.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidegate_artifact::ledger::Tags as _;
use tidegate_artifact::{Artifact, Modes, Repository, pack};
use tidegate_registry::{Http, Keychain, Registries, RepositoryName, Settings};
use tidegate_source::{IgnoreRules, Packed, Packing, TreePath};
use tidegate_system::{DiskSystem, Links};
use tidegate_test_cluster::{Client, Cluster, Content, Setup};

use crate::docker::{Access, Docker};
use crate::{Run, tidegate, tree};

const APPS: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: default}
spec:
  interval: 1h
  prune: true
  path: ./apps
  sourceRef: {kind: OCIRepository, name: flux-system}
";
const SETTINGS: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {color: green}
";

#[test]
fn a_digest_is_followed_into_a_cluster() {
    let Some(definitions) = std::env::var_os("TIDEGATE_CRDS").map(PathBuf::from) else {
        return;
    };
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let Some(cluster) = Cluster::for_test(&Setup::default()) else {
        return;
    };
    for name in [
        "source.toolkit.fluxcd.io/ocirepositories.yaml",
        "kustomize.toolkit.fluxcd.io/kustomizations.yaml",
    ] {
        cluster.define(&definitions.join(name)).unwrap();
    }
    let url = format!("oci://{}/team/platform", docker.authority());
    let source = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
         metadata: {{name: flux-system, namespace: default}}\n\
         spec: {{interval: 1m, url: '{url}', ref: {{tag: integration}}}}\n"
    );
    let config = format!(
        "[promotion]\nrepository = '{url}'\n\n[clusters.integration]\n\
         source = {{ kind = 'OCIRepository', namespace = 'default', name = 'flux-system' }}\n"
    );
    let folder = tree(&[
        ("tidegate.toml", &config),
        ("clusters/integration/apps.yaml", APPS),
        ("clusters/integration/source.yaml", &source),
        ("apps/settings.yaml", SETTINGS),
    ]);
    let registries = Registries::new(
        Arc::new(Http::new(Settings::default())),
        Keychain::default(),
    );
    let name = RepositoryName::parse(&url).unwrap();
    let repository = Repository::new(registries.repository(&name));
    let digest = repository.push(&artifact(folder.path())).unwrap().digest;
    repository.set("integration", &digest).unwrap();

    let client = cluster.client();
    for (path, object, by) in [
        (FLUX, APPS, "flux-system/flux-system"),
        (SOURCES, &source, "flux-system/flux-system"),
        (CONFIG_MAPS, SETTINGS, "default/apps"),
    ] {
        let object = owned(object, by);
        client.create(path, &object).unwrap().granted().unwrap();
    }
    let digest = digest.to_string();
    arrive(client, &digest);
    let kubeconfig = cluster.kubeconfig();
    let health = |digest: &str, more: &[&str]| -> (Run, Value) {
        let mut args = vec![
            "health",
            "--env",
            "integration",
            "--digest",
            digest,
            "--format",
            "json",
        ];
        args.extend(["--kubeconfig", kubeconfig.to_str().unwrap()]);
        args.extend(["--settle", "2s", "--interval", "1s"]);
        args.extend(more);
        let run = tidegate(folder.path(), &args);
        let json = serde_json::from_str(&run.stdout);
        let json = json.unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
        (run, json)
    };

    // The tree that it was made of, and what is in the artifact.
    for more in [&["."][..], &[], &["--artifact", &url], &[&url]] {
        let (run, json) = health(&digest, more);
        assert_eq!(json["result"], "PASSED", "{json:#}");
        assert_eq!(run.status, Some(0));
        assert_eq!(json["counts"]["expected"], 3);
    }

    // What a hand has changed, at the line that renders it.
    let red = json!({"data": {"color": "red"}}).to_string();
    let settings = format!("{CONFIG_MAPS}/settings");
    client
        .patch(&settings, Content::MergePatch, &red)
        .unwrap()
        .granted()
        .unwrap();
    let (run, json) = health(&digest, &[".", "--timeout", "1s"]);
    assert_eq!(run.status, Some(1));
    let reason = &json["reasons"][0];
    assert_eq!(reason["kind"], "differs");
    assert_eq!(reason["object"]["name"], "settings");
    assert_eq!(reason["field"], "/data/color");
    assert_eq!(reason["source"]["line"], 4);
    let green = json!({"data": {"color": "green"}}).to_string();
    client
        .patch(&settings, Content::MergePatch, &green)
        .unwrap()
        .granted()
        .unwrap();

    // A tree that is another one, and an artifact that is not there.
    fs::write(
        folder.path().join("apps/settings.yaml"),
        SETTINGS.replace("green", "blue"),
    )
    .unwrap();
    let (run, json) = health(&digest, &["."]);
    assert_eq!(run.status, Some(3));
    assert_eq!(json["reasons"][0]["kind"], "other-tree", "{json:#}");
    let other = format!("sha256:{}", "1".repeat(64));
    let (run, json) = health(&other, &[]);
    assert_eq!(run.status, Some(3));
    assert_eq!(json["reasons"][0]["kind"], "no-artifact", "{json:#}");

    // Another digest, to which the tag leads: that is said at once.
    let newer = repository
        .push(&artifact(folder.path()))
        .unwrap()
        .digest
        .to_string();
    let start = Instant::now();
    let (run, json) = health(&newer, &[]);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(run.status, Some(3));
    assert_eq!(json["reasons"][0]["kind"], "other-digest", "{json:#}");
    let words = json["reasons"][0]["message"].as_str().unwrap();
    assert!(
        words.ends_with("and what it selects is not this digest"),
        "{words}"
    );
}

const FLUX: &str = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations";
const SOURCES: &str = "/apis/source.toolkit.fluxcd.io/v1/namespaces/default/ocirepositories";
const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// An object with the labels by which a Kustomization finds what it applied.
fn owned(object: &str, by: &str) -> String {
    let (namespace, name) = by.split_once('/').unwrap();
    let group = "kustomize.toolkit.fluxcd.io";
    let labels = format!("labels: {{{group}/name: {name}, {group}/namespace: {namespace}}}");
    object.replacen(
        "namespace: default}",
        &format!("namespace: default, {labels}}}"),
        1,
    )
}

/// What `tidegate push` would push.
fn artifact(folder: &Path) -> Artifact {
    let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
    let disk = DiskSystem::new(folder, Links::Absent).unwrap();
    let packed = Packed::new(Arc::new(disk), TreePath::root(), packing);
    let layer = pack(&packed, &TreePath::root(), Modes::Normal).unwrap();
    Artifact::new(layer, "2026-11-24T12:00:00Z", BTreeMap::new())
}

/// Says what the controllers of Flux say once they have applied an artifact.
fn arrive(client: &Client, digest: &str) {
    let revision = format!("integration@{digest}");
    let ready = json!([{"type": "Ready", "status": "True", "reason": "Done", "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
    let artifact = json!({"status": {"observedGeneration": 1, "conditions": ready,
        "artifact": {"digest": digest, "lastUpdateTime": "2026-01-01T00:00:00Z", "path": "x", "url": "http://x",
            "revision": revision}}});
    let applied = json!({"status": {"observedGeneration": 1, "lastAppliedRevision": revision,
        "conditions": ready}});
    for (path, status) in [(SOURCES, artifact), (FLUX, applied)] {
        let name = if path == FLUX { "apps" } else { "flux-system" };
        let path = format!("{path}/{name}/status");
        let said = client.patch(&path, Content::MergePatch, &status.to_string());
        said.unwrap().granted().unwrap();
    }
}
