use std::num::NonZeroUsize;
use std::sync::Arc;

use tidegate_schema::{Catalog, KubernetesVersion};
use tidegate_source::{MemorySystem, Sources, TreePath};

use super::{Differ, ObjectChange, Side, fold_variables, path_text, same_in_clusters};
use crate::CheckOptions;
use crate::config::Config;
use crate::render::{ClusterRender, Outcome, Stage, render_tree};

/// What a cluster applies whose only Kustomization has these objects.
fn render(objects: &str) -> ClusterRender {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
        metadata: {name: apps, namespace: flux-system}\n\
        spec: {interval: 1h, prune: true, path: ./apps, \
        sourceRef: {kind: GitRepository, name: flux-system}}\n";
    let system = MemorySystem::new()
        .with("clusters/live/apps.yaml", flux)
        .with("apps/kustomization.yaml", "resources: [objects.yaml]\n")
        .with("apps/objects.yaml", objects);
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: Default::default(),
        charts: Arc::new(crate::release::NoCharts),
        threads: NonZeroUsize::MIN,
    };
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let tree = render_tree(&sources, &options, &|_, _| {}).unwrap();
    assert_eq!(tree.findings, [], "{objects}");
    tree.renders.into_iter().next().unwrap()
}

#[test]
fn what_fails_on_one_side_is_not_gone() {
    let objects = config_map("a", "{}") + &config_map("b", "{}");
    let mut broken = render(&objects);
    let last = broken.applied.last_mut().unwrap();
    last.outcome = Outcome::Failed(Stage::Build);
    let whole = render(&objects);
    let catalog = Catalog::kubernetes(KubernetesVersion::COMPARED);
    let side = |render| Side {
        render,
        catalog: &catalog,
    };
    let diff = Differ::default().diff(side(&whole), side(&broken));
    assert!(diff.changes.is_empty());
    let expected = ("Kustomization flux-system/apps".to_owned(), 2);
    assert_eq!(
        diff.not_compared.into_iter().collect::<Vec<_>>(),
        [expected]
    );
    // What fails on both sides is told too.
    let both = Differ::default().diff(side(&broken), side(&broken));
    assert_eq!(both.not_compared.len(), 1);
}

fn changes(before: &str, after: &str) -> Vec<ObjectChange> {
    let (before, after) = (render(before), render(after));
    let catalog = Catalog::kubernetes(KubernetesVersion::COMPARED);
    let side = |render| Side {
        render,
        catalog: &catalog,
    };
    let diff = Differ::default().diff(side(&before), side(&after));
    assert!(diff.not_compared.is_empty());
    diff.changes
}

/// Compares two lists of objects. There is a line for each change, for each field of it, and for each
/// danger.
#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let mut lines = Vec::new();
    for change in changes(before, after) {
        lines.push(format!("{:?} {}", change.change, change.subject()));
        for field in change.fields.iter() {
            let text = |node: &Option<tidegate_yaml::Node>| match node {
                Some(_) if field.secret => "(secret)".to_owned(),
                Some(node) => tidegate_yaml::to_json(node).unwrap(),
                None => "-".to_owned(),
            };
            let (old, new) = (text(&field.before), text(&field.after));
            lines.push(format!("  {}: {old} => {new}", path_text(&field.path)));
        }
        for danger in &change.dangers {
            lines.push(format!(
                "  ! {} {}",
                danger.kind.as_str(),
                path_text(&danger.path)
            ));
        }
    }
    assert_eq!(lines, expected);
}

fn deployment(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n---\n"
    )
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {data}\n---\n"
    )
}

#[test]
fn fields_are_compared_one_by_one() {
    let old = config_map("a", "{x: \"1\", y: \"2\", a.b: \"3\"}");
    let new = config_map("a", "{y: \"2\", x: \"5\", z: \"6\", a.b: \"4\"}");
    check(&old, &old, &[]);
    check(
        &old,
        &new,
        &[
            "Changed ConfigMap shop/a",
            "  data.x: \"1\" => \"5\"",
            "  data[\"a.b\"]: \"3\" => \"4\"",
            "  data.z: - => \"6\"",
        ],
    );
}

#[test]
fn lists_are_compared_as_the_server_merges_them() {
    let pod = |containers: &str| {
        deployment(
            "web",
            &format!("{{template: {{spec: {{containers: {containers}}}}}}}"),
        )
    };
    let old =
        pod("[{name: a, image: a:1, ports: [{containerPort: 80}]}, {name: b, args: [x, y, z]}]");
    let new = pod(
        "[{name: b, args: [x, z]}, {name: a, image: a:2, ports: [{containerPort: 80, name: http}]}, {name: c}]",
    );
    check(
        &old,
        &new,
        &[
            "Changed Deployment shop/web",
            "  spec.template.spec.containers[name=a].image: \"a:1\" => \"a:2\"",
            "  spec.template.spec.containers[name=a].ports[containerPort=80,protocol=TCP].name: - => \"http\"",
            "  spec.template.spec.containers[name=b].args[1]: \"y\" => -",
            "  spec.template.spec.containers[name=c]: - => {\"name\":\"c\"}",
            "  ! image spec.template.spec.containers[name=a].image",
        ],
    );
}

#[test]
fn items_of_unknown_lists_are_paired_in_order() {
    let object = |items: &str| {
        format!(
            "apiVersion: example.org/v1\nkind: Thing\nmetadata: {{name: a}}\nspec: {{items: {items}}}\n"
        )
    };
    check(
        &object("[a, b, c, d]"),
        &object("[a, c, x, d, e]"),
        &[
            "Changed Thing a",
            "  spec.items[1]: \"b\" => -",
            "  spec.items[2]: - => \"x\"",
            "  spec.items[4]: - => \"e\"",
        ],
    );
    check(
        &object("[{v: 1, w: 1}, {v: 2, w: 2}]"),
        &object("[{v: 1, w: 1}, {v: 3, w: 2}]"),
        &["Changed Thing a", "  spec.items[1].v: 2 => 3"],
    );
}

#[test]
fn objects_come_go_and_get_other_names() {
    let old =
        config_map("a", "{x: \"1\"}") + &config_map("b", "{x: \"2\"}") + &config_map("c", "{}");
    let new = config_map("a2", "{x: \"1\"}") + &config_map("d", "{x: \"7\"}");
    check(
        &old,
        &new,
        &[
            "Renamed ConfigMap shop/a2",
            "  metadata.name: \"a\" => \"a2\"",
            "Removed ConfigMap shop/b",
            "Removed ConfigMap shop/c",
            "Added ConfigMap shop/d",
        ],
    );
}

#[test]
fn secrets_are_never_shown() {
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{x: {value}}}\n")
    };
    check(
        &secret("hunter2"),
        &secret("hunter3"),
        &["Changed Secret a", "  stringData.x: (secret) => (secret)"],
    );
}

#[test]
fn fields_that_cannot_change() {
    let labels = |value: &str| {
        deployment(
            "web",
            &format!("{{selector: {{matchLabels: {{app: {value}}}}}}}"),
        )
    };
    check(
        &labels("a"),
        &labels("b"),
        &[
            "Changed Deployment shop/web",
            "  spec.selector.matchLabels.app: \"a\" => \"b\"",
            "  ! immutable spec.selector.matchLabels.app",
        ],
    );
    let set = |size: &str, replicas: u32| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec: {{replicas: {replicas}, \
             volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{resources: {{requests: {{storage: {size}}}}}}}}}]}}\n"
        )
    };
    check(
        &set("1Gi", 1),
        &set("2Gi", 0),
        &[
            "Changed StatefulSet db",
            "  spec.replicas: 1 => 0",
            "  spec.volumeClaimTemplates[0].spec.resources.requests.storage: \"1Gi\" => \"2Gi\"",
            "  ! immutable spec.volumeClaimTemplates[0].spec.resources.requests.storage",
            "  ! replicas-zero spec.replicas",
        ],
    );
    let frozen = |value: u32| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\nimmutable: true\ndata: {{x: \"{value}\"}}\n"
        )
    };
    check(
        &frozen(1),
        &frozen(2),
        &[
            "Changed ConfigMap a",
            "  data.x: \"1\" => \"2\"",
            "  ! immutable data.x",
        ],
    );
    let service = |address: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: 80}}]{address}}}\n"
        )
    };
    check(
        &service(""),
        &service(", clusterIP: None"),
        &["Changed Service a", "  spec.clusterIP: - => \"None\""],
    );
    check(
        &service(", clusterIP: 10.0.0.1"),
        &service(", clusterIP: None"),
        &[
            "Changed Service a",
            "  spec.clusterIP: \"10.0.0.1\" => \"None\"",
            "  ! immutable spec.clusterIP",
        ],
    );
}

#[test]
fn fields_that_say_what_is_so_already() {
    let class = |more: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: a}}\nprovisioner: x\n{more}"
        )
    };
    check(
        &class(""),
        &class("reclaimPolicy: Delete\n"),
        &["Changed StorageClass a", "  reclaimPolicy: - => \"Delete\""],
    );
    check(
        &class(""),
        &class("reclaimPolicy: Retain\n"),
        &[
            "Changed StorageClass a",
            "  reclaimPolicy: - => \"Retain\"",
            "  ! immutable reclaimPolicy",
        ],
    );
}

#[test]
fn claims_only_grow() {
    let claim = |size: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: a}}\nspec: {{resources: {{requests: {{storage: {size}}}}}}}\n"
        )
    };
    check(
        &claim("1Gi"),
        &claim("1500Mi"),
        &[
            "Changed PersistentVolumeClaim a",
            "  spec.resources.requests.storage: \"1Gi\" => \"1500Mi\"",
        ],
    );
    check(
        &claim("1Gi"),
        &claim("1000Mi"),
        &[
            "Changed PersistentVolumeClaim a",
            "  spec.resources.requests.storage: \"1Gi\" => \"1000Mi\"",
            "  ! immutable spec.resources.requests.storage",
        ],
    );
}

#[test]
fn what_flux_is_told_to_leave_alone() {
    let kustomization = |more: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a, namespace: n{more}}}\nspec: {{interval: 1h}}\n"
        )
    };
    check(
        &kustomization(""),
        &kustomization(", annotations: {kustomize.toolkit.fluxcd.io/reconcile: Disabled}"),
        &[
            "Changed HelmRelease n/a",
            "  metadata.annotations: - => {\"kustomize.toolkit.fluxcd.io/reconcile\":\"Disabled\"}",
            "  ! suspended metadata.annotations",
        ],
    );
}

#[test]
fn what_holds_data_is_not_to_be_lost() {
    let claim = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, annotations: {annotations}}}\nspec: {{}}\n---\n"
        )
    };
    let other = config_map("a", "{}");
    check(
        &(claim("{}") + &other),
        &other,
        &["Removed PersistentVolumeClaim data", "  ! data-pruned "],
    );
    let kept = claim("{kustomize.toolkit.fluxcd.io/prune: disabled}");
    check(
        &(kept + &other),
        &other,
        &["Removed PersistentVolumeClaim data"],
    );
}

#[test]
fn rights_that_grow() {
    let role = |rules: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: a}}\nrules: {rules}\n"
        )
    };
    let old = role("[{apiGroups: [''], resources: ['*'], verbs: [get, list]}]");
    let narrower = role("[{apiGroups: [''], resources: [pods], verbs: [get]}]");
    let wider = role(
        "[{apiGroups: [''], resources: ['*'], verbs: [get, list]}, {apiGroups: [apps], resources: [deployments], verbs: [delete]}]",
    );
    let dangers = |before: &str, after: &str| -> Vec<String> {
        let changes = changes(before, after);
        let dangers = changes.iter().flat_map(|change| &change.dangers);
        dangers.map(|danger| danger.message.clone()).collect()
    };
    assert_eq!(dangers(&old, &narrower), [""; 0]);
    assert_eq!(
        dangers(&old, &wider),
        ["it allows more than before: delete deployments.apps"]
    );
    let binding = |role: &str, subjects: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: a}}\nroleRef: {{kind: Role, name: {role}}}\nsubjects: {subjects}\n"
        )
    };
    assert_eq!(
        dangers(
            &binding("r", "[{kind: User, name: x}]"),
            &binding(
                "r",
                "[{kind: User, name: x}, {kind: ServiceAccount, namespace: n, name: y}]"
            )
        ),
        ["ServiceAccount n/y get Role r"]
    );
}

#[test]
fn a_definition_that_takes_less() {
    let crd = |versions: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: things.example.org}}\n\
             spec: {{group: example.org, scope: Cluster, names: {{kind: Thing, plural: things}}, versions: {versions}}}\n---\n\
             apiVersion: example.org/v1\nkind: Thing\nmetadata: {{name: mine}}\nspec: {{size: big}}\n"
        )
    };
    let version = |name: &str, values: &str| {
        format!(
            "{{name: {name}, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, properties: {{size: {{type: string, enum: {values}}}}}}}}}}}}}}}"
        )
    };
    let dangers = |before: String, after: String| -> Vec<String> {
        let changes = changes(&crd(&before), &crd(&after));
        let dangers = changes.iter().flat_map(|change| &change.dangers);
        dangers.map(|danger| danger.message.clone()).collect()
    };
    let old = format!("[{}]", version("v1", "[big, small]"));
    assert_eq!(
        dangers(old.clone(), format!("[{}]", version("v1", "[small]"))),
        ["its schema no longer takes Thing mine"]
    );
    assert_eq!(
        dangers(old.clone(), format!("[{}]", version("v2", "[big, small]"))),
        [
            "Thing objects are stored as v1, which is gone: the API server will refuse the apply until \
             `status.storedVersions` no longer has it",
            "the version is no longer served that is used by Thing mine"
        ]
    );
    assert_eq!(
        dangers(old, format!("[{}]", version("v1", "[big]"))),
        [""; 0]
    );
}

#[test]
fn the_same_change_of_several_clusters_is_told_once() {
    let change = changes(
        &config_map("a", "{x: \"1\"}"),
        &config_map("a", "{x: \"2\"}"),
    );
    let other = changes(
        &config_map("a", "{x: \"1\"}"),
        &config_map("a", "{x: \"3\"}"),
    );
    let all = same_in_clusters(vec![change.clone(), other, change]);
    let clusters: Vec<_> = all.iter().map(|one| one.clusters.as_slice()).collect();
    assert_eq!(clusters, [[0, 2].as_slice(), &[1]]);
}

#[test]
fn what_only_variables_change_is_told_once() {
    let flux = |cluster: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
             metadata: {{name: apps, namespace: flux-system}}\n\
             spec: {{interval: 1h, prune: true, path: ./apps, \
             sourceRef: {{kind: GitRepository, name: flux-system}}, \
             postBuild: {{substitute: {{DOMAIN: {cluster}.example, SIZE: \"3\"}}}}}}\n"
        )
    };
    let objects = config_map(
        "a",
        "{x: '${DOMAIN}', y: 'https://${DOMAIN}/${SIZE}', z: '${SIZE}'}",
    ) + &config_map("b", "{x: 'a.${DOMAIN}'}");
    let system = MemorySystem::new()
        .with("clusters/dev/apps.yaml", flux("dev"))
        .with("clusters/live/apps.yaml", flux("live"))
        .with("apps/objects.yaml", objects);
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: Default::default(),
        charts: Arc::new(crate::release::NoCharts),
        threads: NonZeroUsize::MIN,
    };
    let tree = render_tree(&sources, &options, &|_, _| {}).unwrap();
    let catalog = Catalog::kubernetes(KubernetesVersion::COMPARED);
    let side = |index: usize| Side {
        render: &tree.renders[index],
        catalog: &catalog,
    };
    let mut changes = Differ::default().diff(side(0), side(1)).changes;
    let folded = fold_variables(&mut changes, &sources, [&tree.renders[0], &tree.renders[1]]);
    // The Kustomization itself differs, where the variable is written.
    let left: Vec<_> = changes.iter().map(|one| one.subject().kind).collect();
    assert_eq!(left, ["Kustomization"]);
    let told: Vec<_> = folded
        .iter()
        .map(|one| (one.fields, one.objects.len()))
        .collect();
    assert_eq!(told, [(3, 2)]);
}
