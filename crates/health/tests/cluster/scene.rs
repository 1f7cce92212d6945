//! A cluster with a small tree on it, and what Flux would have said of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidegate_health::{
    Access, Content, Evidence, Expectation, Expected, Field, Progress, Reader, Run, SourceId,
    Target, Timing,
};
use tidegate_source::Subject;
use tidegate_test_cluster::{Client, Cluster, Content as Body, Setup, User};

/// The digest that is to be there, and another one.
pub(crate) const DIGEST: &str =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";
pub(crate) const OTHER: &str =
    "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// Quick enough for a test, and slow enough to be a window.
pub(crate) const TIMING: Timing = Timing {
    timeout: Duration::from_secs(30),
    settle: Duration::from_millis(1500),
    interval: Duration::from_millis(500),
};

pub(crate) struct Scene {
    pub(crate) cluster: Cluster,
    pub(crate) client: Client,
    pub(crate) expectation: Expectation,
}

impl Scene {
    /// A cluster in which all is well, where one can be started.
    pub(crate) fn healthy(users: Vec<User>) -> Option<Scene> {
        let Some(definitions) = std::env::var_os("TIDEGATE_CRDS").map(PathBuf::from) else {
            eprintln!("not run: TIDEGATE_CRDS names no folder");
            return None;
        };
        let setup = Setup {
            controllers: true,
            users,
            ..Setup::default()
        };
        let cluster = Cluster::for_test(&setup)?;
        let groups = [
            "source.toolkit.fluxcd.io/ocirepositories.yaml",
            "kustomize.toolkit.fluxcd.io/kustomizations.yaml",
            "helm.toolkit.fluxcd.io/helmreleases.yaml",
            "cert-manager.io/certificates.yaml",
            "monitoring.coreos.com/prometheusrules.yaml",
        ];
        for group in groups {
            cluster.define(&definitions.join(group)).unwrap();
        }
        let client = cluster.client().clone();
        let mut scene = Scene {
            cluster,
            client,
            expectation: Expectation::default(),
        };
        scene.expectation.digest = DIGEST.to_owned();
        scene.expectation.sources.push(SourceId {
            kind: "OCIRepository".to_owned(),
            namespace: "flux-system".to_owned(),
            name: "flux-system".to_owned(),
        });
        scene.fill();
        scene.heal();
        Some(scene)
    }

    fn fill(&mut self) {
        for name in ["flux-system", "apps"] {
            let namespace =
                json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            self.render("infra", &namespace);
        }
        self.apply(&source());
        self.apply(&kustomization("flux-system", json!([])));
        self.render("flux-system", &kustomization("infra", json!([])));
        self.render(
            "flux-system",
            &kustomization("apps", json!([{"name": "infra"}])),
        );
        self.render("apps", &deployment());
        self.render("apps", &release());
        self.render("infra", &certificate());
        self.render(
            "apps",
            &json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "settings", "namespace": "apps"}, "data": {"color": "green"},
            }),
        );
        let secret = json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "password", "namespace": "apps"}});
        self.expect("apps", &secret, Content::Inventory);
    }

    /// Applies an object as Flux does, and expects it of a Kustomization.
    pub(crate) fn render(&mut self, by: &str, object: &Value) {
        self.apply(object);
        self.expect(by, object, Content::Fields(Field::from(object)));
    }

    pub(crate) fn expect(&mut self, by: &str, object: &Value, content: Content) {
        let applied_by = match object["metadata"]["labels"]["helm"].as_str() {
            Some(release) => subject(&json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
                "metadata": {"namespace": "apps", "name": release},
            })),
            None => subject(&kustomization(by, json!([]))),
        };
        self.expectation.objects.push(Expected {
            subject: subject(object),
            applied_by: Some(applied_by),
            content,
        });
    }

    /// Applies an object as Flux does.
    pub(crate) fn apply(&self, object: &Value) {
        let path = format!("{}?fieldManager=flux&force=true", path(object));
        let body = object.to_string();
        self.client
            .patch(&path, Body::Apply, &body)
            .unwrap()
            .granted()
            .unwrap();
    }

    /// Changes fields of an object.
    pub(crate) fn change(&self, object: &Value, change: &Value) {
        let answer = self
            .client
            .patch(&path(object), Body::MergePatch, &change.to_string());
        answer.unwrap().granted().unwrap();
    }

    /// Says something of an object, as its controller would.
    pub(crate) fn say(&self, object: &Value, status: &Value) {
        let path = format!("{}/status", path(object));
        let body = json!({"status": status}).to_string();
        self.client
            .patch(&path, Body::MergePatch, &body)
            .unwrap()
            .granted()
            .unwrap();
    }

    /// Says of everything that it is well.
    pub(crate) fn heal(&self) {
        self.say(
            &source(),
            &json!({"artifact": artifact(DIGEST), "observedGeneration": 1}),
        );
        for name in ["flux-system", "infra", "apps"] {
            self.say(&kustomization(name, json!([])), &ready_at(1, DIGEST));
        }
        let inventory =
            json!({"inventory": {"entries": [{"id": "apps_password__Secret", "v": "v1"}]}});
        self.say(&kustomization("apps", json!([])), &inventory);
        self.say(&release(), &ready(1));
        self.say(&certificate(), &ready(1));
        self.run_pods(true);
    }

    /// Plays the kubelet: Pods run, and are ready or not. Waits until the Deployment says so.
    pub(crate) fn run_pods(&self, are_ready: bool) {
        let pods = "/api/v1/namespaces/apps/pods";
        let now = "2026-01-01T00:00:00Z";
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let list = self.client.get(pods).unwrap().granted().unwrap();
            let list = list["items"].as_array().cloned().unwrap_or_default();
            for pod in &list {
                let name = pod["metadata"]["name"].as_str().unwrap();
                let status = json!({"status": {"phase": "Running", "conditions": [
                    {"type": "Ready", "status": if are_ready { "True" } else { "False" },
                     "lastTransitionTime": now}]}});
                let path = format!("{pods}/{name}/status");
                let patched = self
                    .client
                    .patch(&path, Body::MergePatch, &status.to_string());
                patched.unwrap();
            }
            let deployment = self
                .client
                .get(&path(&deployment()))
                .unwrap()
                .granted()
                .unwrap();
            let available = deployment["status"]["availableReplicas"]
                .as_i64()
                .unwrap_or(0);
            if list.len() == 2 && (available == 2) == are_ready {
                return;
            }
            assert!(Instant::now() < deadline, "{deployment:#}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Whoever has the token of the administrator.
    pub(crate) fn reader(&self) -> Reader {
        connect(self.cluster.kubeconfig())
    }

    /// The verdict.
    pub(crate) fn judge(&self) -> Evidence {
        judge(&self.reader(), &self.expectation, TIMING, &mut |_| {})
    }

    /// The verdict on what does not get well: it is not waited for long.
    pub(crate) fn judge_soon(&self) -> Evidence {
        let timing = Timing {
            timeout: Duration::from_secs(2),
            ..TIMING
        };
        judge(&self.reader(), &self.expectation, timing, &mut |_| {})
    }
}

/// The verdict on what is expected.
pub(crate) fn judge(
    reader: &Reader,
    expectation: &Expectation,
    timing: Timing,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Evidence {
    let run = Run {
        reader,
        expectation,
        timing,
        checks: Vec::new(),
        target: &|_| Target::Unknown,
        progress,
    };
    run.run()
}

/// Someone who asks as a kubeconfig says.
pub(crate) fn connect(kubeconfig: PathBuf) -> Reader {
    let access = Access {
        kubeconfig: Some(kubeconfig),
        context: None,
        patience: Some(Duration::from_secs(5)),
    };
    Reader::connect(&access).unwrap()
}

/// The verdict and its reasons, a line each.
pub(crate) fn shown(evidence: &Evidence) -> String {
    let mut lines = vec![evidence.verdict.as_str().to_owned()];
    lines.extend(evidence.verdict.reasons().iter().map(ToString::to_string));
    lines.join("\n")
}

pub(crate) fn subject(object: &Value) -> Subject {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Subject {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]),
    }
}

fn path(object: &Value) -> String {
    let Subject {
        api_version,
        kind,
        namespace,
        name,
    } = subject(object);
    let prefix = if api_version.contains('/') {
        "apis"
    } else {
        "api"
    };
    let namespace = match namespace.as_str() {
        "" => String::new(),
        namespace => format!("namespaces/{namespace}/"),
    };
    let plural = match kind.to_lowercase().as_str() {
        kind if kind.ends_with('y') => format!("{}ies", &kind[..kind.len() - 1]),
        kind => format!("{kind}s"),
    };
    format!("/{prefix}/{api_version}/{namespace}{plural}/{name}")
}

pub(crate) fn source() -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository",
        "metadata": {"name": "flux-system", "namespace": "flux-system"},
        "spec": {"interval": "1m", "url": "oci://registry.example/platform",
            "ref": {"tag": "integration"}},
    })
}

pub(crate) fn artifact(digest: &str) -> Value {
    json!({"digest": OTHER, "lastUpdateTime": "2026-01-01T00:00:00Z", "path": "x", "url": "http://x",
        "revision": format!("integration@{digest}")})
}

pub(crate) fn kustomization(name: &str, depends_on: Value) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": "1m", "path": format!("./{name}"), "prune": true,
            "sourceRef": {"kind": "OCIRepository", "name": "flux-system"},
            "dependsOn": depends_on},
    })
}

pub(crate) fn release() -> Value {
    json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
        "metadata": {"name": "cache", "namespace": "apps"},
        "spec": {"interval": "1m", "chart": {"spec": {"chart": "cache",
            "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}},
    })
}

pub(crate) fn certificate() -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"name": "web", "namespace": "apps"},
        "spec": {"secretName": "web-tls", "dnsNames": ["web.example"],
            "issuerRef": {"name": "ca", "kind": "ClusterIssuer"}},
    })
}

pub(crate) fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "apps"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web:1",
                "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}}}]}}},
    })
}

pub(crate) fn ready(generation: i64) -> Value {
    said("True", generation, "all is well")
}

pub(crate) fn said(is_ready: &str, generation: i64, message: &str) -> Value {
    json!({"observedGeneration": generation, "conditions": [{
        "type": "Ready", "status": is_ready, "reason": "Said", "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": generation}]})
}

pub(crate) fn ready_at(generation: i64, digest: &str) -> Value {
    let mut status = ready(generation);
    let revision = format!("integration@{digest}");
    status["lastAppliedRevision"] = json!(revision);
    status["lastAttemptedRevision"] = json!(revision);
    status
}
