//! What may happen to the API server, and on the way to it, meanwhile: it is survived, or the verdict is
//! inconclusive. It is never passed.

use std::time::Duration;

use serde_json::json;
use tidegate_health::{Timing, Verdict};
use tidegate_test_cluster::User;

use crate::proxy::{Fault, Proxy};
use crate::scene::{
    DIGEST, OTHER, Scene, TIMING, artifact, connect, judge, ready, release, shown, source,
};

const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: validator}
rules:
- apiGroups: ['', apps, cert-manager.io, source.toolkit.fluxcd.io, kustomize.toolkit.fluxcd.io, helm.toolkit.fluxcd.io]
  resources: [namespaces, configmaps, deployments, certificates, ocirepositories, kustomizations, helmreleases]
  verbs: [get, list]
";
const BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: validator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: validator}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: validator}]
";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

const SOURCES: &str = "/apis/source.toolkit.fluxcd.io/v1/ocirepositories";
const CONFIG_MAPS: &str = "/api/v1/configmaps";
const STATUS: &str = r#"{"kind":"Status","message":"too many requests"}"#;

/// A few seconds, for what does not get better.
const SOON: Timing = Timing {
    timeout: Duration::from_secs(2),
    ..TIMING
};

#[test]
fn what_goes_wrong_meanwhile_never_passes() {
    let user = User {
        name: "validator".to_owned(),
        token: "token-of-validator".to_owned(),
        groups: Vec::new(),
    };
    let Some(scene) = Scene::healthy(vec![user]) else {
        return;
    };
    let through = |decide: fn(&str, usize) -> Option<Fault>| Proxy::start(&scene.client, decide);

    // Too many requests, now and then: it waits as long as it is asked to.
    let proxy = through(|path, nth| {
        let is_one = path.starts_with(CONFIG_MAPS) && nth % 2 == 0;
        is_one.then_some(Fault::Answer(429, "retry-after: 1\r\n", STATUS))
    });
    let reader = connect(proxy.kubeconfig());
    let evidence = judge(&reader, &scene.expectation, TIMING, &mut |_| {});
    assert_eq!(shown(&evidence), "PASSED");
    assert!(
        evidence.took >= Duration::from_secs(3),
        "{:?}",
        evidence.took
    );

    // Too many requests, always.
    let proxy = through(|path, _| {
        let is_one = path.starts_with(CONFIG_MAPS);
        is_one.then_some(Fault::Answer(429, "", STATUS))
    });
    let evidence = judge(
        &connect(proxy.kubeconfig()),
        &scene.expectation,
        SOON,
        &mut |_| {},
    );
    assert!(
        shown(&evidence).starts_with("INCONCLUSIVE\n"),
        "{}",
        shown(&evidence)
    );

    // A connection that is cut, a server that fails, an answer that is none: once each, then for good.
    for fault in [
        || Fault::Cut,
        || Fault::Answer(500, "", "{}"),
        || Fault::Answer(503, "retry-after: 0\r\n", "<html>"),
    ] {
        let proxy = Proxy::start(&scene.client, move |path, nth| {
            (path.starts_with(CONFIG_MAPS) && nth == 1).then(fault)
        });
        let reader = connect(proxy.kubeconfig());
        let evidence = judge(&reader, &scene.expectation, TIMING, &mut |_| {});
        assert_eq!(shown(&evidence), "PASSED");
        let proxy = Proxy::start(&scene.client, move |path, nth| {
            (path.starts_with(CONFIG_MAPS) && nth > 1).then(fault)
        });
        let reader = connect(proxy.kubeconfig());
        let evidence = judge(&reader, &scene.expectation, SOON, &mut |_| {});
        assert!(
            matches!(evidence.verdict, Verdict::Inconclusive(_)),
            "{}",
            shown(&evidence)
        );
    }
    let proxy = through(|path, nth| {
        (path.starts_with(SOURCES) && nth > 1).then_some(Fault::Answer(200, "", "{}x"))
    });
    let evidence = judge(
        &connect(proxy.kubeconfig()),
        &scene.expectation,
        SOON,
        &mut |_| {},
    );
    assert!(
        matches!(evidence.verdict, Verdict::Inconclusive(_)),
        "{}",
        shown(&evidence)
    );

    // Clocks that differ by ten minutes and more, of the server and of the controllers.
    let proxy = through(|_, _| Some(Fault::At("Fri, 01 Jan 2100 00:00:00 GMT")));
    let mut later = ready(1);
    later["conditions"][0]["lastTransitionTime"] = json!("2100-01-01T00:00:00Z");
    scene.say(&release(), &later);
    let evidence = judge(
        &connect(proxy.kubeconfig()),
        &scene.expectation,
        TIMING,
        &mut |_| {},
    );
    assert_eq!(shown(&evidence), "PASSED");
    assert!(evidence.clock_skew.is_some_and(|ahead| ahead > 600));
    assert_eq!(scene.judge().clock_skew, None);

    // The digest moves while the window is open.
    let evidence = judge(
        &scene.reader(),
        &scene.expectation,
        TIMING,
        &mut |progress| {
            if progress.window.is_some_and(|(_, samples)| samples == 2) {
                scene.say(&source(), &json!({"artifact": artifact(OTHER)}));
            }
        },
    );
    let expected = format!(
        "INCONCLUSIVE\nOCIRepository flux-system/flux-system: it had this digest, and then moved to integration@{OTHER}"
    );
    assert_eq!(shown(&evidence), expected);
    scene.say(&source(), &json!({"artifact": artifact(DIGEST)}));

    // A token that may read what is needed, and then may not.
    let create = |path: &str, object: &str| {
        let created = scene.client.create(&format!("{RBAC}/{path}"), object);
        created.unwrap().granted().unwrap();
    };
    create("clusterroles", ROLE);
    create("clusterrolebindings", BINDING);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(
        &kubeconfig,
        scene.cluster.kubeconfig_of("token-of-validator"),
    )
    .unwrap();
    // The server learns of the binding a moment later.
    std::thread::sleep(Duration::from_secs(1));
    let evidence = judge(
        &connect(kubeconfig.clone()),
        &scene.expectation,
        TIMING,
        &mut |_| {},
    );
    assert_eq!(shown(&evidence), "PASSED");
    let evidence = judge(
        &connect(kubeconfig.clone()),
        &scene.expectation,
        TIMING,
        &mut |progress| {
            if progress.window.is_some_and(|(_, samples)| samples == 1) {
                let path = format!("{RBAC}/clusterrolebindings/validator");
                scene.client.delete(&path).unwrap();
            }
        },
    );
    let said = shown(&evidence);
    let forbidden = "INCONCLUSIVE\nocirepositories.source.toolkit.fluxcd.io is forbidden: \
        User \"validator\" cannot list resource \"ocirepositories\"";
    assert!(said.starts_with(forbidden), "{said}");
    std::fs::write(&kubeconfig, scene.cluster.kubeconfig_of("no-token")).unwrap();
    let evidence = judge(
        &connect(kubeconfig),
        &scene.expectation,
        TIMING,
        &mut |_| {},
    );
    assert_eq!(
        shown(&evidence),
        "INCONCLUSIVE\nthe API server does not know who asks: Unauthorized"
    );

    // An API server that is restarted: the window begins anew.
    let Scene {
        mut cluster,
        expectation,
        ..
    } = scene;
    let mut was_down = false;
    let mut windows = 0;
    let reader = connect(cluster.kubeconfig());
    let slow = Timing {
        timeout: Duration::from_secs(90),
        ..TIMING
    };
    let evidence = judge(&reader, &expectation, slow, &mut |progress| {
        let samples = progress.window.map_or(0, |(_, samples)| samples);
        windows += usize::from(samples == 1);
        if samples == 2 && !was_down {
            was_down = true;
            cluster.stop_server();
        } else if was_down && samples == 0 {
            cluster.start_server().unwrap();
        }
    });
    assert_eq!(shown(&evidence), "PASSED");
    assert_eq!(windows, 2);

    // One that does not come back.
    let evidence = judge(&reader, &expectation, SOON, &mut |_| cluster.stop_server());
    let said = shown(&evidence);
    assert!(
        said.starts_with("INCONCLUSIVE\nno answer from the API server"),
        "{said}"
    );
}
