//! The control plane itself. Not run where it was not built.
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads and writes files of its own"
)]

use std::time::{Duration, Instant};

use tidegate_test_cluster::{Cluster, Content, Setup, User};

#[test]
fn users_may_do_what_they_are_bound_to_before_and_after_a_restart() {
    let user = User {
        name: "reader".to_owned(),
        token: "token-of-reader".to_owned(),
        groups: vec!["readers".to_owned(), "people".to_owned()],
    };
    let setup = Setup {
        users: vec![user],
        ..Setup::default()
    };
    let Some(mut cluster) = Cluster::for_test(&setup) else {
        return;
    };
    let administrator = cluster.client().clone();
    let reader = administrator.with_token("token-of-reader");
    let namespaces = "/api/v1/namespaces";
    assert_eq!(reader.get(namespaces).unwrap().status, 403);
    let roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    let role = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reads-pods}
rules: [{apiGroups: [''], resources: [pods], verbs: [get, list, watch]}]
";
    administrator
        .create(roles, role)
        .unwrap()
        .granted()
        .unwrap();
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reads-pods}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}]
";
    let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    let bound = administrator.create(bindings, binding).unwrap();
    bound.granted().unwrap();
    let pods = "/api/v1/namespaces/default/pods";
    until("the binding counts", || {
        reader.get(pods).unwrap().status == 200
    });
    assert_eq!(reader.get("/api/v1/secrets").unwrap().status, 403);

    cluster.stop_server();
    assert!(administrator.get(namespaces).is_err());
    cluster.start_server().unwrap();
    until("the binding counts again", || {
        reader.get(pods).is_ok_and(|answer| answer.status == 200)
    });
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    assert!(kubeconfig.contains(cluster.url()) && kubeconfig.contains(cluster.token()));
}

#[test]
fn controllers_make_pods_and_definitions_are_served() {
    let setup = Setup {
        controllers: true,
        ..Setup::default()
    };
    let Some(cluster) = Cluster::for_test(&setup) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let definition = |plural: &str, kind: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.example.test}}
spec:
  group: example.test
  names: {{plural: {plural}, singular: {plural}, kind: {kind}}}
  scope: Namespaced
  versions:
  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}
"
        )
    };
    let both = format!(
        "{}---\n{}",
        definition("gates", "Gate"),
        definition("tides", "Tide")
    );
    std::fs::write(folder.path().join("both.yaml"), both).unwrap();
    assert_eq!(cluster.define(folder.path()).unwrap(), 2);
    assert_eq!(cluster.define(folder.path()).unwrap(), 2);
    let client = cluster.client();
    let gate = "{apiVersion: example.test/v1, kind: Gate, metadata: {name: one}}";
    let path = "/apis/example.test/v1/namespaces/default/gates/one?fieldManager=test";
    let applied = client.patch(path, Content::Apply, gate).unwrap();
    assert_eq!(applied.status, 201, "{}", applied.message());

    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.test/web}]}
";
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    client
        .create(deployments, deployment)
        .unwrap()
        .granted()
        .unwrap();
    until("there are two Pods", || {
        let list = client.get("/api/v1/namespaces/default/pods").unwrap().body;
        list["items"]
            .as_array()
            .is_some_and(|items| items.len() == 2)
    });
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
