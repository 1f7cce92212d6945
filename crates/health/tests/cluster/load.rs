//! What a large tree costs.

use std::time::Duration;

use serde_json::{Value, json};
use tidegate_health::{Content, Expectation, Expected, Field, SourceId, Timing};
use tidegate_test_cluster::{Client, Cluster, Content as Body, Setup};

use crate::proxy::{Fault, Proxy};
use crate::scene::{DIGEST, artifact, connect, judge, shown, source, subject};

/// How many of each there are.
const CONFIG_MAPS: usize = 4000;
const DEPLOYMENTS: usize = 1000;

/// What a list is answered with whose pages are too old.
const GONE: &str =
    r#"{"kind":"Status","code":410,"message":"the provided continue parameter is too old"}"#;

#[test]
fn a_tree_of_five_thousand_objects() {
    let Some(definitions) = std::env::var_os("TIDEGATE_CRDS").map(std::path::PathBuf::from) else {
        return;
    };
    let Some(cluster) = Cluster::for_test(&Setup::default()) else {
        return;
    };
    let group = "source.toolkit.fluxcd.io/ocirepositories.yaml";
    cluster.define(&definitions.join(group)).unwrap();
    let client = cluster.client().clone();
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}});
    client
        .create("/api/v1/namespaces", &namespace.to_string())
        .unwrap()
        .granted()
        .unwrap();
    let path = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/ocirepositories";
    client
        .create(path, &source().to_string())
        .unwrap()
        .granted()
        .unwrap();
    let status = json!({"status": {"artifact": artifact(DIGEST)}}).to_string();
    let path = format!("{path}/flux-system/status");
    client
        .patch(&path, Body::MergePatch, &status)
        .unwrap()
        .granted()
        .unwrap();

    let objects: Vec<Value> = (0..CONFIG_MAPS)
        .map(config_map)
        .chain((0..DEPLOYMENTS).map(deployment))
        .collect();
    std::thread::scope(|scope| {
        for part in objects.chunks(objects.len() / 4) {
            scope.spawn(|| part.iter().for_each(|object| create(&client, object)));
        }
    });
    let mut expectation = Expectation {
        digest: DIGEST.to_owned(),
        sources: vec![SourceId {
            kind: "OCIRepository".to_owned(),
            namespace: "flux-system".to_owned(),
            name: "flux-system".to_owned(),
        }],
        ..Expectation::default()
    };
    expectation.objects = objects
        .iter()
        .map(|object| Expected {
            subject: subject(object),
            applied_by: None,
            content: Content::Fields(Field::from(object)),
        })
        .collect();
    drop(objects);

    let timing = Timing {
        timeout: Duration::from_secs(120),
        settle: Duration::ZERO,
        interval: Duration::ZERO,
    };
    let reader = connect(cluster.kubeconfig());
    reset_peak();
    let mut passes = vec![cpu()];
    let evidence = judge(&reader, &expectation, timing, &mut |_| passes.push(cpu()));
    assert_eq!(shown(&evidence), "PASSED");
    assert_eq!(evidence.counts.current, CONFIG_MAPS + DEPLOYMENTS);
    let last = passes[passes.len() - 1] - passes[passes.len() - 2];
    let peak = peak_mebibytes();
    println!(
        "{} samples, {last:?} of CPU for the last, at most {peak} MiB",
        evidence.samples
    );
    assert!(peak < 150, "{peak} MiB");
    // As it is compiled for tests, it takes several times as long.
    let bound = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
    assert!(last < bound, "{last:?}");

    // Each kind is asked for by pages of 500, once in each sample, and sources twice.
    let requests = reader.requests();
    let count = |path: &str| {
        let mut all = requests.by_path();
        all.find(|(of, _)| *of == path)
            .map_or(0, |(_, count)| count)
    };
    let samples = evidence.samples;
    // The namespaces of the server have ConfigMaps too.
    assert_eq!(
        count("/api/v1/configmaps"),
        (CONFIG_MAPS / 500 + 1) * samples
    );
    assert_eq!(
        count("/apis/apps/v1/deployments"),
        DEPLOYMENTS / 500 * samples
    );
    assert_eq!(
        count("/apis/source.toolkit.fluxcd.io/v1/ocirepositories"),
        2 * samples
    );
    let once = [
        "/api",
        "/apis",
        "/version",
        "/api/v1/namespaces/kube-system",
    ];
    assert!(once.iter().all(|path| count(path) == 1), "{requests:?}");

    // Pages that are too old: the list is begun again.
    let proxy = Proxy::start(&client, |path, nth| {
        let is_third = path.starts_with("/api/v1/configmaps") && nth == 2;
        is_third.then_some(Fault::Answer(410, "", GONE))
    });
    let evidence = judge(
        &connect(proxy.kubeconfig()),
        &expectation,
        timing,
        &mut |_| {},
    );
    assert_eq!(shown(&evidence), "PASSED");
    let proxy = Proxy::start(&client, |path, _| {
        let is_later = path.starts_with("/api/v1/configmaps") && path.contains("continue=");
        is_later.then_some(Fault::Answer(410, "", GONE))
    });
    let soon = Timing {
        timeout: Duration::ZERO,
        ..timing
    };
    let evidence = judge(
        &connect(proxy.kubeconfig()),
        &expectation,
        soon,
        &mut |_| {},
    );
    let expected = "INCONCLUSIVE\nthe provided continue parameter is too old";
    assert_eq!(shown(&evidence), expected);
}

fn create(client: &Client, object: &Value) {
    let path = match object["kind"].as_str() {
        Some("ConfigMap") => "/api/v1/namespaces/default/configmaps",
        _ => "/apis/apps/v1/namespaces/default/deployments",
    };
    client
        .create(path, &object.to_string())
        .unwrap()
        .granted()
        .unwrap();
    if let Some(name) = object["metadata"]["name"].as_str()
        && object["kind"] == "Deployment"
    {
        let status = json!({"status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
            "availableReplicas": 1, "readyReplicas": 1,
            "conditions": [{"type": "Available", "status": "True"}]}});
        let path = format!("{path}/{name}/status");
        let said = client.patch(&path, Body::MergePatch, &status.to_string());
        said.unwrap().granted().unwrap();
    }
}

fn config_map(index: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": format!("c{index}"), "namespace": "default"},
        "data": {"a": "x".repeat(600), "b": "y".repeat(600)}})
}

fn deployment(index: usize) -> Value {
    let name = format!("d{index}");
    let variables: Vec<Value> = (0..20)
        .map(|n| json!({"name": format!("V{n}"), "value": "v"}))
        .collect();
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": "main:1", "env": variables}]}}}})
}

/// The CPU that this process has used.
fn cpu() -> Duration {
    // Two numbers in hundredths of a second, as Linux has them on every machine; the name before them ends
    // in a parenthesis.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let ticks = rest
        .split(' ')
        .skip(12)
        .take(2)
        .map(|number| number.parse::<u64>().unwrap());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Forgets how much memory was used at most so far.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
