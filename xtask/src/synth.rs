//! A tree of any size: clusters that share N Flux Kustomizations, each of which names a folder with
//! four objects, a component, a generator, a patch and variables. Cost over N and over clusters
//! shows whether anything grows faster than they do.

use std::fmt::Write;
use std::path::Path;

use crate::Outcome;

/// One Kustomization of so many has an object that differs between clusters.
const DIFFERS: usize = 10;

/// Writes the tree: `clusters/cluster-000` and on, each of which takes in `fleet`, and `apps/app-0000`
/// and on. The first cluster is `main`.
pub(crate) fn write(count: usize, clusters: usize, folder: &Path) -> Outcome {
    if folder.exists() {
        return Err(format!("{} is there already", folder.display()).into());
    }
    for number in 0..clusters {
        let name = cluster_name(number);
        let cluster = folder.join("clusters").join(&name);
        std::fs::create_dir_all(&cluster)?;
        let entry = CLUSTER.replace("NAME", &name);
        std::fs::write(cluster.join("kustomization.yaml"), entry)?;
    }
    let fleet = folder.join("fleet");
    std::fs::create_dir_all(&fleet)?;
    let mut entry = "resources:\n".to_owned();
    for number in 0..count {
        let name = format!("app-{number:04}");
        writeln!(entry, "  - {name}.yaml")?;
        let file = fleet.join(format!("{name}.yaml"));
        std::fs::write(file, FLUX_KUSTOMIZATION.replace("NAME", &name))?;
        let app = folder.join("apps").join(&name);
        std::fs::create_dir_all(&app)?;
        for (file, text) in APP {
            let mut text = text.replace("NAME", &name);
            if number % DIFFERS == 0 {
                text = text.replace("tier: shared", "tier: ${CLUSTER}");
            }
            std::fs::write(app.join(file), text)?;
        }
    }
    std::fs::write(fleet.join("kustomization.yaml"), entry)?;
    let component = folder.join("components/labelled");
    std::fs::create_dir_all(&component)?;
    std::fs::write(component.join("kustomization.yaml"), COMPONENT)?;
    Ok(())
}

fn cluster_name(number: usize) -> String {
    match number {
        0 => "main".to_owned(),
        number => format!("cluster-{number:03}"),
    }
}

/// The folders of a written tree that hold a kustomization to build, the apps first.
pub(crate) fn folders(count: usize) -> Vec<String> {
    let apps = (0..count).map(|number| format!("apps/app-{number:04}"));
    apps.chain(["clusters/main".to_owned()]).collect()
}

const CLUSTER: &str = "\
resources:
  - ../../fleet
configMapGenerator:
  - name: cluster-settings
    namespace: flux-system
    options:
      disableNameSuffixHash: true
    literals:
      - CLUSTER=NAME
      - REGION=eu
";

const FLUX_KUSTOMIZATION: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: NAME
  namespace: flux-system
spec:
  interval: 1h
  path: ./apps/NAME
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  targetNamespace: NAME
  postBuild:
    substitute:
      OWNER: team-NAME
    substituteFrom:
      - kind: ConfigMap
        name: cluster-settings
";

const APP: &[(&str, &str)] = &[
    (
        "kustomization.yaml",
        "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: NAME
resources:
  - deployment.yaml
  - service.yaml
  - account.yaml
components:
  - ../../components/labelled
configMapGenerator:
  - name: NAME-settings
    literals:
      - LOG_LEVEL=info
      - OWNER=NAME
patches:
  - target:
      kind: Deployment
      name: NAME
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: NAME
      spec:
        replicas: 2
        template:
          spec:
            containers:
              - name: main
                resources:
                  requests:
                    cpu: 10m
                    memory: 32Mi
",
    ),
    (
        "deployment.yaml",
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
    spec:
      serviceAccountName: NAME
      containers:
        - name: main
          image: registry.example/NAME:1.0.0
          envFrom:
            - configMapRef:
                name: NAME-settings
          ports:
            - name: http
              containerPort: 8080
",
    ),
    (
        "service.yaml",
        "\
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector:
    app.kubernetes.io/name: NAME
  ports:
    - name: http
      port: 80
      targetPort: http
",
    ),
    (
        "account.yaml",
        "\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: NAME
  annotations:
    example.org/owner: ${OWNER}
    example.org/tier: shared
",
    ),
];

const COMPONENT: &str = "\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels:
  - pairs:
      app.kubernetes.io/part-of: synthetic
";
