//! What may be wrong with a cluster, and what is said of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidegate_health::{Content, Timing, Verdict};

use crate::scene::{
    DIGEST, OTHER, Scene, TIMING, artifact, certificate, deployment, judge, kustomization, ready,
    ready_at, release, said, shown, source,
};

/// Certificates of cert-manager have no `observedGeneration`.
fn of_certificate(status: Value) -> Value {
    json!({"conditions": status["conditions"]})
}

#[test]
fn what_is_wrong_is_named() {
    let Some(mut scene) = Scene::healthy(Vec::new()) else {
        return;
    };
    let kustomization = |name| kustomization(name, json!([]));

    let evidence = scene.judge();
    assert_eq!(shown(&evidence), "PASSED");
    assert_eq!(evidence.counts.expected, 9);
    assert_eq!(evidence.counts.current, 9);
    assert!(evidence.window_samples >= 3);
    assert!(evidence.cluster_uid.is_some());
    assert_eq!(
        evidence
            .server_version
            .as_deref()
            .map(|version| &version[..5]),
        Some("v1.35")
    );

    // A Deployment that never gets ready, for which its Kustomization waits.
    scene.run_pods(false);
    let unready = said("False", 1, "health check failed after 30s");
    scene.say(&kustomization("apps"), &unready);
    let evidence = scene.judge_soon();
    let expected = "FAILED\nDeployment apps/web: 0 of 2 Pods are available\n\
        Kustomization flux-system/apps: health check failed after 30s";
    assert_eq!(shown(&evidence), expected);
    scene.heal();

    // A Kustomization that is stuck on the old digest.
    scene.say(&kustomization("apps"), &ready_at(1, OTHER));
    let expected = format!(
        "FAILED\nKustomization flux-system/apps: it has applied integration@{OTHER}: all is well"
    );
    assert_eq!(shown(&scene.judge_soon()), expected);
    scene.heal();

    // A HelmRelease that failed for good.
    let mut failed = said("False", 1, "install retries exhausted");
    failed["conditions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"type": "Stalled", "status": "True",
        "reason": "RetriesExceeded", "message": "install retries exhausted",
        "lastTransitionTime": "2026-01-01T00:00:00Z"}));
    scene.say(&release(), &failed);
    let start = Instant::now();
    let expected = "FAILED\nHelmRelease apps/cache: install retries exhausted";
    assert_eq!(shown(&scene.judge()), expected);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "what is final is not waited for"
    );
    scene.heal();

    // A dependency that is suspended.
    scene.change(&kustomization("infra"), &json!({"spec": {"suspend": true}}));
    scene.say(&kustomization("infra"), &ready_at(2, OTHER));
    scene.say(
        &kustomization("apps"),
        &said("False", 1, "dependency is not ready"),
    );
    scene.say(
        &kustomization("apps"),
        &json!({"lastAppliedRevision": format!("x@{OTHER}")}),
    );
    let expected = "FAILED\nKustomization flux-system/infra: it is suspended: spec.suspend is true";
    assert_eq!(shown(&scene.judge_soon()), expected);
    scene.change(&kustomization("infra"), &json!({"spec": {"suspend": null}}));
    scene.heal();
    scene.say(&kustomization("infra"), &ready_at(3, DIGEST));

    // A custom resource that never gets ready.
    scene.say(
        &certificate(),
        &of_certificate(said("False", 1, "no issuer")),
    );
    assert_eq!(
        shown(&scene.judge_soon()),
        "FAILED\nCertificate apps/web: no issuer"
    );
    scene.say(&certificate(), &of_certificate(ready(1)));

    // A field that someone changed by hand.
    scene.change(
        &deployment(),
        &json!({"metadata": {"labels": {"color": "red"}}}),
    );
    assert_eq!(shown(&scene.judge()), "PASSED");
    let settings = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "apps"}});
    scene.change(&settings, &json!({"data": {"color": "red"}}));
    let expected =
        "FAILED\nConfigMap apps/settings: data.color: \"green\" was rendered, and \"red\" is there";
    let evidence = scene.judge_soon();
    assert_eq!(shown(&evidence), expected);
    assert_eq!(
        evidence.verdict.reasons()[0].field.as_deref(),
        Some("/data/color")
    );
    scene.change(&settings, &json!({"data": {"color": "green"}}));

    // An object that is not there, and a kind that is not.
    let mut missing = settings.clone();
    missing["metadata"]["name"] = json!("missing");
    scene.expect("apps", &missing, Content::Presence);
    let unknown =
        json!({"apiVersion": "example.org/v1", "kind": "Unknown", "metadata": {"name": "x"}});
    scene.expect("apps", &unknown, Content::Presence);
    let expected = "FAILED\nConfigMap apps/missing: it is not in the cluster\n\
        Unknown x: the API server has no Unknown in example.org/v1";
    assert_eq!(shown(&scene.judge_soon()), expected);
    scene.expectation.objects.truncate(9);

    // A Secret that its owner does not list. It is never asked for.
    let reader = scene.reader();
    let secret = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "other", "namespace": "apps"}});
    scene.expect("apps", &secret, Content::Inventory);
    let soon = Timing {
        timeout: Duration::from_secs(2),
        ..TIMING
    };
    let evidence = judge(&reader, &scene.expectation, soon, &mut |_| {});
    let expected = "FAILED\nSecret apps/other: the inventory of Kustomization flux-system/apps does not have it";
    assert_eq!(shown(&evidence), expected);
    assert!(
        reader
            .requests()
            .by_path()
            .all(|(path, _)| !path.contains("secret"))
    );
    scene.expectation.objects.truncate(9);

    // A custom resource that has nothing to be judged by: of a Kustomization it stands in the way, of a release not.
    let rule = |labels: Value| {
        json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
            "metadata": {"name": "alerts", "namespace": "apps", "labels": labels},
            "spec": {"groups": []}})
    };
    scene.render("apps", &rule(json!({})));
    assert_eq!(
        shown(&scene.judge_soon()),
        "INCONCLUSIVE\nPrometheusRule apps/alerts: it has no conditions"
    );
    scene
        .expectation
        .may_be_unjudged
        .push("PrometheusRule".to_owned());
    let evidence = scene.judge();
    assert_eq!(shown(&evidence), "PASSED");
    assert_eq!(
        (evidence.counts.not_judged, evidence.not_judged.len()),
        (1, 1)
    );
    scene.expectation.may_be_unjudged.clear();
    scene.expectation.objects.truncate(9);
    scene.render("apps", &rule(json!({"helm": "cache"})));
    assert_eq!(shown(&scene.judge()), "PASSED");
    scene.expectation.objects.truncate(9);

    // The source has another digest, and is told to stay there.
    scene.say(&source(), &json!({"artifact": artifact(OTHER)}));
    scene.change(&source(), &json!({"spec": {"ref": {"digest": OTHER}}}));
    let start = Instant::now();
    let evidence = scene.judge_soon();
    assert!(
        matches!(evidence.verdict, Verdict::Inconclusive(_)),
        "{}",
        shown(&evidence)
    );
    assert!(shown(&evidence).contains(&format!(
        "it has integration@{OTHER}, and is suspended or set"
    )));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    scene.change(&source(), &json!({"spec": {"ref": {"digest": null}}}));

    // It has another digest, and nothing is known of where it goes.
    let evidence = scene.judge_soon();
    assert!(
        shown(&evidence)
            .starts_with("INCONCLUSIVE\nOCIRepository flux-system/flux-system: it still has")
    );
    scene.heal();
    scene.say(&source(), &json!({"observedGeneration": 3}));

    // Nothing is expected.
    scene.expectation.objects.clear();
    let expected = "INCONCLUSIVE\nthe artifact renders no object for this cluster";
    assert_eq!(shown(&scene.judge_soon()), expected);
}
