//! The verdicts of a real API server, asked now, for the manifests of the suite `schema`. Not run where
//! `cargo xtask apiserver` has not built one.
//!
//! `TIDEGATE_CONFORMANCE` names the folder with the suite; without it the cases of this repository are
//! asked. `TIDEGATE_CRDS` names a folder with CRDs; without it only Kubernetes' own kinds are.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads its settings and prints a score"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidegate_schema::{Catalog, How, KubernetesVersion, Report, validate};
use tidegate_source::{MemorySystem, Severity, Sources, TreePath};
use tidegate_test_cluster::{Cluster, Content, Setup};
use tidegate_yaml::{Dialect, DuplicateKeys, Node, ParseOptions, Parsed, parse};

#[test]
fn verdicts_are_those_of_the_api_server() {
    let Some(cluster) = Cluster::for_test(&Setup::default()) else {
        return;
    };
    let crds = env::var_os("TIDEGATE_CRDS").map(PathBuf::from);
    let mut catalog = Catalog::known(KubernetesVersion::COMPARED);
    if let Some(folder) = &crds {
        cluster.define(folder).unwrap();
        add_definitions(folder, &mut catalog);
    }
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/conformance");
    let suite = |folder: &Path| folder.join("schema/cases.jsonl");
    let given = env::var_os("TIDEGATE_CONFORMANCE").map(PathBuf::from);
    let given = given.as_deref().map(suite).filter(|path| path.is_file());
    let cases = fs::read_to_string(given.unwrap_or_else(|| suite(&testdata))).unwrap();
    let known = fs::read_to_string(testdata.join("known.txt")).unwrap();

    let (mut agreed, mut differing) = (0, Vec::new());
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (name, text) = (
            case["name"].as_str().unwrap(),
            case["manifest"].as_str().unwrap(),
        );
        for how in [How::Apply, How::Create] {
            let Some(there) = ask(&cluster, text, how) else {
                continue;
            };
            let Some(here) = faults(&catalog, text, how) else {
                continue;
            };
            if here.is_empty() == there.is_none() {
                agreed += 1;
                continue;
            }
            let listed = format!("schema/{name}: ");
            if known.lines().any(|line| line.starts_with(&listed)) {
                continue;
            }
            let there = there.unwrap_or_else(|| "accepted".to_owned());
            differing.push(format!("{name}, {how:?}: {there}, here: {here:?}"));
        }
    }
    println!(
        "live schema: {agreed} verdicts agree, {} differ",
        differing.len()
    );
    assert!(agreed > 0 && differing.is_empty(), "{differing:#?}");
}

/// What the server refuses a manifest for, none where it takes it. None at all where it cannot be sent:
/// without a kind that the server has, or, to apply it, without a usable name.
fn ask(cluster: &Cluster, text: &str, how: How) -> Option<Option<String>> {
    let parsed = read(text.as_bytes());
    let [document] = parsed.documents.as_slice() else {
        return None;
    };
    let object = document.root.as_ref()?;
    let at = |path: &[&str]| object.at(path).and_then(Node::as_str).unwrap_or_default();
    let version = at(&["apiVersion"]);
    let api = match version.contains('/') {
        true => format!("/apis/{version}"),
        false => format!("/api/{version}"),
    };
    let client = cluster.client();
    let list = client.get(&api).unwrap();
    let resources = list.body["resources"].as_array()?;
    let resource = resources.iter().find(|one| {
        let is_part = one["name"].as_str().is_none_or(|name| name.contains('/'));
        one["kind"].as_str() == Some(at(&["kind"])) && !is_part
    })?;
    let namespace = match (
        resource["namespaced"] == true,
        at(&["metadata", "namespace"]),
    ) {
        (false, _) => String::new(),
        (true, "") => "/namespaces/default".to_owned(),
        (true, name) => format!("/namespaces/{}", encoded(name)),
    };
    let collection = format!("{api}{namespace}/{}", resource["name"].as_str()?);
    let query = "dryRun=All&fieldValidation=Strict";
    let answer = match how {
        How::Create => client.create(&format!("{collection}?{query}"), text),
        How::Apply => {
            let name = at(&["metadata", "name"]);
            if name.is_empty() || name.contains(['/', ' ']) {
                return None;
            }
            let name = encoded(name);
            let path = format!("{collection}/{name}?{query}&fieldManager=test&force=true");
            client.patch(&path, Content::Apply, text)
        }
    };
    let answer = answer.unwrap();
    Some(match answer.status {
        200..300 => None,
        _ => Some(answer.message().to_owned()),
    })
}

/// What a manifest is refused for here; none where nothing is known of its kind.
fn faults(catalog: &Catalog, text: &str, how: How) -> Option<Vec<String>> {
    let parsed = read(text.as_bytes());
    let errors = parsed.findings.iter();
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    let mut faults: Vec<String> = errors.map(|finding| finding.message.clone()).collect();
    for root in parsed
        .documents
        .into_iter()
        .filter_map(|document| document.root)
    {
        match validate(catalog, &root, how) {
            Report::UnknownKind => return None,
            Report::Checked(found) => faults.extend(
                found
                    .iter()
                    .map(|fault| format!("{}: {}", fault.path, fault.message())),
            ),
        }
    }
    Some(faults)
}

fn add_definitions(folder: &Path, catalog: &mut Catalog) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_definitions(&path, catalog);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            for document in read(&fs::read(&path).unwrap()).documents {
                assert!(document.root.is_none_or(|root| catalog.add_crd(&root)));
            }
        }
    }
}

/// A manifest read as the API server reads YAML.
fn read(bytes: &[u8]) -> Parsed {
    let system = MemorySystem::new().with("manifest.yaml", bytes);
    let sources = Sources::new(Arc::new(system));
    let path = TreePath::new("manifest.yaml").unwrap();
    let options = ParseOptions {
        duplicate_keys: DuplicateKeys::Refuse,
        ..ParseOptions::new(Dialect::Yaml11)
    };
    parse(&sources.load(&path).unwrap(), options)
}

/// A name as a part of a path.
fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let bytes = name.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    bytes.collect()
}
