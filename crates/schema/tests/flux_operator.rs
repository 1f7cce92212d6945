//! Compares the kinds of Flux Operator that are written by hand with its own definitions, which stay
//! outside of this repository: `TIDEGATE_CRDS` names the folder that holds them in `agpl`. Only verdicts
//! are compared.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that reads its settings and prints what differs"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fs};

use serde_json::{Value, json};
use tidegate_schema::{Catalog, How, KubernetesVersion, Report, validate};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

#[test]
fn verdicts_are_those_of_its_own_definitions() {
    let folder = env::var_os("TIDEGATE_CRDS").map(PathBuf::from);
    let Some(folder) = folder.map(|folder| folder.join("agpl/fluxcd.controlplane.io")) else {
        println!("not run: TIDEGATE_CRDS names no folder with CRDs");
        return;
    };
    let ours = Catalog::known(KubernetesVersion::COMPARED);
    let mut theirs = ours.clone();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(node(&text).iter().all(|crd| theirs.add_crd(crd)));
    }
    let mut compared = 0;
    let mut different = Vec::new();
    for object in objects() {
        let [own] = node(&object.to_string()).try_into().unwrap();
        let [a, b] = [&ours, &theirs].map(|catalog| faults(catalog, &own));
        compared += 1;
        if a.is_empty() != b.is_empty() {
            let own = if b.is_empty() { "taken" } else { "refused" };
            different.push(format!("{own} by its own: {object}\n  ours: {a:?}"));
        }
    }
    println!("{compared} compared, {} different", different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

fn faults(catalog: &Catalog, object: &Node) -> Vec<String> {
    match validate(catalog, object, How::Apply) {
        Report::UnknownKind => vec!["unknown kind".to_owned()],
        Report::Checked(faults) => {
            let faults = faults.into_iter();
            faults
                .map(|fault| format!("{}: {}", fault.path, fault.message()))
                .collect()
        }
    }
}

fn node(text: &str) -> Vec<Node> {
    let system = MemorySystem::new().with("manifest.yaml", text);
    let sources = Sources::new(Arc::new(system));
    let path = TreePath::new("manifest.yaml").unwrap();
    let parsed = parse(
        &sources.load(&path).unwrap(),
        ParseOptions::new(Dialect::Yaml11),
    );
    let documents = parsed.documents.into_iter();
    documents.filter_map(|document| document.root).collect()
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": kind,
        "metadata": { "name": name, "namespace": "flux-system" },
        "spec": spec,
    })
}

/// Sound objects, and each with one field changed or taken out at a time.
fn objects() -> Vec<Value> {
    let mut out = Vec::new();
    for spec in providers() {
        out.push(object("ResourceSetInputProvider", "a", &spec));
    }
    let seeds = [
        object("FluxInstance", "flux", &instance()),
        object("FluxInstance", "other", &instance()),
        object("FluxReport", "flux", &report()),
        object("FluxReport", "other", &report()),
        object("ResourceSet", "a", &set()),
        object("ResourceSet", "a", &steps()),
        object("ResourceSetInputProvider", "a", &provider()),
        object("ResourceSetInputProvider", "a", &artifacts()),
    ];
    for seed in seeds {
        let mut paths = Vec::new();
        walk(&seed["spec"], &mut vec!["spec".to_owned()], &mut paths);
        for path in &paths {
            for change in CHANGES {
                out.push(changed(seed.clone(), path, change));
            }
        }
        out.push(seed);
    }
    out
}

/// Paths of all values.
fn walk(value: &Value, path: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    out.push(path.clone());
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(i, v)| (i.to_string(), v)).collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in parts {
        path.push(key);
        walk(value, path, out);
        path.pop();
    }
}

/// What a value is replaced by; none where it is taken out.
const CHANGES: [Option<&str>; 14] = [
    None,
    Some("null"),
    Some("\"\""),
    Some("\"text\""),
    Some("\"1h2m3.5s\""),
    Some("\"1.5\""),
    Some("true"),
    Some("0"),
    Some("1"),
    Some("20000"),
    Some("-1.5"),
    Some("{}"),
    Some("[]"),
    Some("{\"unknown\": 1}"),
];

fn changed(mut object: Value, path: &[String], change: Option<&str>) -> Value {
    let (last, above) = path.split_last().unwrap();
    let mut at = &mut object;
    for key in above {
        at = match at {
            Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
            other => &mut other[key],
        };
    }
    let value: Option<Value> = change.map(|text| serde_json::from_str(text).unwrap());
    match (at, value) {
        (Value::Array(items), Some(value)) => items[last.parse::<usize>().unwrap()] = value,
        (Value::Array(items), None) => drop(items.remove(last.parse().unwrap())),
        (Value::Object(fields), Some(value)) => drop(fields.insert(last.clone(), value)),
        (Value::Object(fields), None) => drop(fields.remove(last)),
        _ => {}
    }
    object
}

fn instance() -> Value {
    json!({
        "distribution": {
            "version": "2.x",
            "registry": "registry.example.com/fluxcd",
            "variant": "upstream-alpine",
            "imagePullSecret": "a",
            "artifact": "oci://registry.example.com/manifests",
            "artifactPullSecret": "b",
        },
        "components": ["source-controller", "kustomize-controller"],
        "cluster": {
            "type": "kubernetes",
            "size": "medium",
            "domain": "cluster.local",
            "multitenant": true,
            "networkPolicy": true,
            "tenantDefaultServiceAccount": "flux",
            "tenantDefaultDecryptionServiceAccount": "flux",
            "tenantDefaultKubeConfigServiceAccount": "flux",
            "objectLevelWorkloadIdentity": true,
            "multitenantWorkloadIdentity": true,
        },
        "sharding": { "key": "a/b", "shards": ["a"], "storage": "persistent" },
        "storage": { "class": "fast", "size": "10Gi" },
        "commonMetadata": { "labels": { "a": "b" }, "annotations": { "a": "b" } },
        "kustomize": { "patches": [{
            "patch": "x",
            "target": {
                "group": "apps", "version": "v1", "kind": "Deployment", "name": "a",
                "namespace": "b", "labelSelector": "a=b", "annotationSelector": "c=d",
            },
        }] },
        "migrateResources": true,
        "wait": true,
        "sync": {
            "name": "a",
            "interval": "1m",
            "kind": "GitRepository",
            "url": "https://example.com/fleet.git",
            "ref": "refs/heads/main",
            "path": "clusters/a",
            "pullSecret": "c",
            "provider": "github",
        },
    })
}

fn report() -> Value {
    json!({
        "distribution": {
            "entitlement": "Issued", "status": "Installed", "version": "2.9.4", "managedBy": "flux",
        },
        "cluster": { "serverVersion": "v1.35.4", "platform": "linux/amd64", "nodes": 3 },
        "operator": { "apiVersion": "a/v1", "version": "0.58.1", "platform": "linux/amd64" },
        "components": [{ "name": "a", "ready": true, "status": "b", "image": "c" }],
        "reconcilers": [{
            "apiVersion": "a/v1",
            "kind": "B",
            "stats": { "running": 1, "failing": 0, "suspended": 0, "totalSize": "1 MiB" },
        }],
        "sync": { "id": "a", "path": "b", "ready": true, "status": "c", "source": "d" },
    })
}

fn set() -> Value {
    let selector = json!({
        "matchLabels": { "a": "b" },
        "matchExpressions": [{ "key": "a", "operator": "In", "values": ["b"] }],
    });
    json!({
        "commonMetadata": { "labels": { "a": "b" }, "annotations": { "a": "b" } },
        "inputs": [{ "a": "b", "c": 1, "d": { "e": [true] } }],
        "inputsFrom": [
            { "apiVersion": "fluxcd.controlplane.io/v1", "kind": "ResourceSetInputProvider", "name": "a" },
            { "selector": selector },
        ],
        "inputStrategy": { "name": "Permute", "includeEmptyProviders": true },
        "resources": [{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } }],
        "resourcesTemplate": "a: b",
        "dependsOn": [{
            "apiVersion": "a/v1", "kind": "B", "name": "c", "namespace": "d", "ready": true,
            "readyExpr": "true",
        }],
        "serviceAccountName": "a",
        "wait": true,
    })
}

fn steps() -> Value {
    let resources =
        json!([{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } }]);
    json!({ "steps": [
        { "name": "a", "resources": resources, "timeout": "5m" },
        { "name": "b", "resourcesTemplate": "a: b" },
    ] })
}

fn provider() -> Value {
    json!({
        "type": "GitHubTag",
        "url": "https://github.com/example/app",
        "secretRef": { "name": "a" },
        "certSecretRef": { "name": "b" },
        "defaultValues": { "a": "b", "c": { "d": 1 } },
        "filter": {
            "includeBranch": "a", "excludeBranch": "b", "includeTag": "c", "excludeTag": "d",
            "includeEnvironment": "e", "excludeEnvironment": "f",
            "labels": ["a"], "limit": 10, "semver": ">=1.0.0",
        },
        "skip": { "labels": ["a"] },
        "schedule": [{ "cron": "0 8 * * *", "timeZone": "UTC", "window": "8h" }],
    })
}

fn artifacts() -> Value {
    json!({
        "type": "ExternalArtifact",
        "serviceAccountName": "a",
        "selectors": [{ "name": "a" }, {
            "namespace": "b",
            "matchLabels": { "a": "b" },
            "matchExpressions": [{ "key": "a", "operator": "In", "values": ["b"] }],
        }],
    })
}

const TYPES: [&str; 23] = [
    "Static",
    "GitHubBranch",
    "GitHubTag",
    "GitHubPullRequest",
    "GitLabBranch",
    "GitLabTag",
    "GitLabMergeRequest",
    "GitLabEnvironment",
    "AzureDevOpsBranch",
    "AzureDevOpsTag",
    "AzureDevOpsPullRequest",
    "AWSCodeCommitBranch",
    "AWSCodeCommitTag",
    "AWSCodeCommitPullRequest",
    "GiteaBranch",
    "GiteaTag",
    "GiteaPullRequest",
    "OCIArtifactTag",
    "ACRArtifactTag",
    "ECRArtifactTag",
    "GARArtifactTag",
    "ExternalService",
    "ExternalArtifact",
];

/// A provider of each type, with each url and with each other field beside it.
fn providers() -> Vec<Value> {
    let urls = [
        Value::Null,
        json!(""),
        json!("http://example.com/a"),
        json!("https://example.com/a"),
        json!("oci://example.com/a"),
        json!("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a"),
        json!("ssh://example.com/a"),
        json!("codecommit::eu-west-1://a"),
    ];
    let fields = [
        json!({}),
        json!({ "serviceAccountName": "a" }),
        json!({ "secretRef": { "name": "a" } }),
        json!({ "certSecretRef": { "name": "a" } }),
        json!({ "insecure": true }),
        json!({ "insecure": false }),
        json!({ "filter": { "limit": 1 } }),
        json!({ "filter": { "semver": "1" } }),
        json!({ "filter": { "labels": ["a"] } }),
        json!({ "filter": { "includeTag": "a" } }),
        json!({ "filter": { "includeBranch": "a" } }),
        json!({ "filter": { "excludeBranch": "a" } }),
        json!({ "filter": { "includeEnvironment": "a" } }),
        json!({ "skip": { "labels": ["a"] } }),
        json!({ "defaultValues": { "a": "b" } }),
        json!({ "schedule": [{ "cron": "a" }] }),
        json!({ "selectors": [] }),
        json!({ "selectors": [{}] }),
        json!({ "selectors": [{ "matchLabels": { "a": "b" } }] }),
        json!({ "selectors": [{ "name": "a" }], "serviceAccountName": "a" }),
        json!({ "selectors": [{ "namespace": "a" }] }),
        json!({ "selectors": [{ "unknown": "a" }] }),
        json!({ "selectors": ["a"] }),
        json!({ "secretRef": { "name": "a" }, "serviceAccountName": "b" }),
        json!({ "secretRef": { "name": "a" }, "certSecretRef": { "name": "b" } }),
    ];
    let mut out = Vec::new();
    for kind in TYPES {
        for url in &urls {
            for field in &fields {
                let mut spec = field.clone();
                spec["type"] = json!(kind);
                if !url.is_null() {
                    spec["url"] = url.clone();
                }
                out.push(spec);
            }
        }
    }
    out
}
