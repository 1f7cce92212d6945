use std::num::NonZeroUsize;
use std::sync::Arc;

use tidegate_source::{Location, MemorySystem, Sources, TreePath};

use crate::config::Config;
use crate::{CheckOptions, CheckReport, Schemas};

/// Checks files, whose paths are relative to `clusters/live` or start with `/`.
fn report(files: &[(&str, &str)]) -> (CheckReport, Arc<Sources>) {
    let cluster = TreePath::new("clusters/live").unwrap();
    let mut system = MemorySystem::new();
    for (path, text) in files {
        system = system.with(cluster.join(path).unwrap().as_str(), text);
    }
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: Schemas::Known {
            further: Vec::new(),
        },
        charts: Arc::new(crate::release::NoCharts),
        threads: NonZeroUsize::MIN,
    };
    let report = crate::check(&sources, &options, &|_, _| {}).unwrap();
    (report, sources)
}

/// Checks the findings of this part: `CODE FILE:LINE:COLUMN MESSAGE; HELP`.
fn check(files: &[(&str, &str)], expected: &[&str]) -> CheckReport {
    let (report, sources) = report(files);
    let findings = report.findings.iter();
    let findings = findings.filter(|finding| ["SCH", "API"].contains(&&finding.code.as_str()[..3]));
    let found: Vec<String> = findings
        .map(|finding| {
            let place = place(&finding.primary, &sources);
            let help = finding.help.as_ref();
            let help = help.map_or_else(String::new, |help| format!("; {help}"));
            format!("{} {place} {}{help}", finding.code, finding.message)
        })
        .collect();
    assert_eq!(found, expected, "{:#?}", report.findings);
    report
}

fn place(location: &Location, sources: &Sources) -> String {
    let path = location.path(sources).unwrap();
    let at = location.line_col(sources).unwrap();
    let name = path.file_name().unwrap_or_default();
    format!("{name}:{}:{}", at.line, at.column)
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n\
                       spec:\n  ports: [{port: 80}]\n";

fn kustomization(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata: {{name: {name}, namespace: flux-system}}\nspec:\n  interval: 1h\n  \
         prune: true\n  path: ./{name}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n\
         {spec}"
    )
}

#[test]
fn what_another_cluster_gets_is_counted_and_not_checked() {
    let wrong = SERVICE.replace("80", "0");
    let elsewhere = kustomization("apps", "  kubeConfig: {secretRef: {name: other}}\n");
    let nested = kustomization("nested", "");
    let files: &[(&str, &str)] = &[
        ("apps.yaml", &elsewhere),
        ("/apps/web.yaml", &wrong),
        ("/apps/nested.yaml", &nested),
        ("/nested/web.yaml", &wrong.replace("web", "api")),
    ];
    let report = check(files, &[]);
    let counted: Vec<_> = report
        .not_checked
        .iter()
        .map(|one| (one.reason.as_str(), one.name.as_str(), one.objects))
        .collect();
    assert_eq!(
        counted,
        [
            ("other cluster", "flux-system/apps", 2),
            ("other cluster", "flux-system/nested", 1),
        ]
    );
}

#[test]
fn what_flux_drops_is_told_from_what_the_server_refuses() {
    let service = format!("{SERVICE}  typ: NodePort\n");
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n\
                metadata: {name: reader, namespace: shop}\nrule: []\n";
    check(
        &[("web.yaml", &service), ("role.yaml", role)],
        &[
            "SCH001 role.yaml:4:1 `rule` of Role shop/reader is unknown: a Role has no such field; \
             did you mean `rules`?",
            "SCH002 web.yaml:6:3 `spec.typ` of Service shop/web is lost: a Service has no such \
             field; did you mean `type`?",
        ],
    );
    let mistyped = service.replace("80", "'80'");
    check(
        &[("web.yaml", &mistyped)],
        &[
            "SCH003 web.yaml:5:18 `spec.ports[0].port` of Service shop/web must be of type \
             integer, not string",
            "SCH001 web.yaml:6:3 `spec.typ` of Service shop/web is unknown: a Service has no such \
             field; did you mean `type`?",
        ],
    );
}

#[test]
fn a_value_of_a_patch_is_shown_there_with_the_way_to_it() {
    let apps = kustomization("apps", "");
    let patch = "resources: [web.yaml]\npatches:\n- target: {kind: Service}\n  patch: |\n    \
                 - {op: add, path: /spec/type, value: NodePrt}\n";
    let files = [
        ("apps.yaml", apps.as_str()),
        ("/apps/kustomization.yaml", patch),
        ("/apps/web.yaml", SERVICE),
    ];
    let report = check(
        &files,
        &[
            "SCH005 kustomization.yaml:5:42 `spec.type` of Service shop/web cannot be \"NodePrt\"; \
           did you mean `NodePort`? supported values: \"ClusterIP\", \"ExternalName\", \
           \"LoadBalancer\", \"NodePort\"",
        ],
    );
    let finding = &report.findings[0];
    let trail: Vec<&str> = finding.trail.iter().map(|step| &*step.text).collect();
    assert_eq!(
        trail,
        [
            "Kustomization flux-system/apps",
            "resources: web.yaml",
            "patch"
        ]
    );
    assert_eq!(finding.clusters, ["live"]);
    assert_eq!(finding.fix.as_ref().unwrap().edits[0].text, "NodePort");
}

#[test]
fn a_definition_in_the_tree_goes_before_the_known_one() {
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {name: gitrepositories.source.toolkit.fluxcd.io}\nspec:\n  \
         group: source.toolkit.fluxcd.io\n  scope: Namespaced\n  \
         names: {kind: GitRepository, plural: gitrepositories, singular: gitrepository, \
         listKind: GitRepositoryList}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         properties: {spec: {type: object, required: [url]}}\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n\
                  metadata: {name: apps, namespace: flux-system}\nspec: {}\n";
    check(
        &[("source.yaml", source)],
        &[
            "SCH004 source.yaml:4:7 `spec.interval` of GitRepository flux-system/apps is missing",
            "SCH004 source.yaml:4:7 `spec.url` of GitRepository flux-system/apps is missing",
        ],
    );
    check(
        &[("source.yaml", source), ("crd.yaml", definition)],
        &["SCH004 source.yaml:4:7 `spec.url` of GitRepository flux-system/apps is missing"],
    );
}

#[test]
fn what_only_the_cluster_knows_is_not_blamed() {
    let apps = kustomization(
        "apps",
        "  postBuild:\n    substituteFrom: [{kind: Secret, name: a}]\n",
    );
    let values = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n\
                  metadata: {name: a, namespace: flux-system}\nspec:\n  \
                  secretStoreRef: {name: s, kind: ClusterSecretStore}\n  \
                  dataFrom: [{extract: {key: k}}]\n";
    let service = SERVICE.replace("80", "${port}").replace("web", "${name}");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ndata:\n  \
                  key: ENC[AES256_GCM,data:x,type:str]\nsops: {mac: ENC[x], version: 3.9.0}\n";
    check(
        &[
            ("apps.yaml", &apps),
            ("values.yaml", values),
            ("secret.yaml", secret),
            ("/apps/web.yaml", &service),
        ],
        &[],
    );
}

#[test]
fn one_line_is_one_finding_however_many_objects_come_of_it() {
    let one = kustomization("apps", "  targetNamespace: one\n");
    let two = kustomization("apps", "  targetNamespace: two\n").replace("name: apps", "name: more");
    let service = SERVICE.replace("80", "0");
    let report = check(
        &[
            ("one.yaml", &one),
            ("two.yaml", &two),
            ("/apps/web.yaml", &service),
        ],
        &[
            "SCH006 web.yaml:5:18 `spec.ports[0].port` of Service one/web is 0: must be between 1 \
           and 65535, inclusive",
        ],
    );
    assert_eq!(report.findings[0].note, "so in 2 objects");
}

#[test]
fn secrets_are_not_shown() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n\
                  type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: aHVudGVyMg==}\n";
    check(
        &[("secret.yaml", secret)],
        &["SCH006 secret.yaml:5:27 `data[.dockerconfigjson]` of Secret shop/s: must be JSON"],
    );
}

#[test]
fn unknown_kinds_are_counted() {
    let object = |kind: &str, name: &str| {
        format!("apiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n")
    };
    let (a, b, c) = (object("B", "a"), object("B", "b"), object("A", "a"));
    let report = check(&[("a.yaml", &a), ("b.yaml", &b), ("c.yaml", &c)], &[]);
    let kinds: Vec<(&str, usize)> = report
        .not_checked
        .iter()
        .map(|one| (one.kind.as_str(), one.objects))
        .collect();
    assert_eq!(kinds, [("A", 1), ("B", 2)]);
}

const CRON_JOB: &str = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a, namespace: shop}\n\
    spec:\n  schedule: 0 3 * * *\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, \
    containers: [{name: a, image: b}]}}}}\n";

#[test]
fn versions_that_are_gone_or_will_go() {
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml, b.yaml, c.yaml, d.yaml, e.yaml]\n",
            ),
            ("a.yaml", CRON_JOB),
            (
                "b.yaml",
                "apiVersion: v1\nkind: Endpoints\nmetadata: {name: b, namespace: shop}\n",
            ),
            (
                "c.yaml",
                "apiVersion: resource.k8s.io/v1beta2\nkind: DeviceClass\nmetadata: {name: c}\nspec: {}\n",
            ),
            (
                "d.yaml",
                "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n\
                 metadata: {name: d, namespace: shop}\nspec: {selector: {}}\n",
            ),
            (
                "e.yaml",
                "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: e}\n",
            ),
        ],
        &[
            "API001 a.yaml:1:13 CronJob shop/a is of batch/v1beta1, which Kubernetes 1.25 and later do not \
             serve; use batch/v1",
            "API002 b.yaml:1:13 Endpoints shop/b is of v1, which is deprecated since Kubernetes 1.33; use \
             discovery.k8s.io/v1 EndpointSlice, which has other fields or means something else by them",
            "SCH011 c.yaml:1:13 DeviceClass c is of resource.k8s.io/v1beta2, which the cluster does not \
             serve by default; use resource.k8s.io/v1",
            "API001 d.yaml:1:13 PodDisruptionBudget shop/d is of policy/v1beta1, which Kubernetes 1.25 and \
             later do not serve; use policy/v1, which has other fields or means something else by them",
            "API001 e.yaml:1:13 PodSecurityPolicy e is of policy/v1beta1, which Kubernetes 1.25 and later \
             do not serve; nothing replaces it: take it out",
        ],
    );
}

#[test]
fn a_version_is_mended_where_nothing_else_has_to_change() {
    let fixed = |text: &str| {
        let (report, _) = report(&[("a.yaml", text)]);
        let is_version = |finding: &&tidegate_source::Diagnostic| finding.code.as_str() == "API001";
        let finding = report.findings.iter().find(is_version).unwrap();
        finding.fix.as_ref().map(|fix| fix.edits[0].text.clone())
    };
    assert_eq!(fixed(CRON_JOB).as_deref(), Some("batch/v1"));
    assert_eq!(fixed(&CRON_JOB.replace("schedule", "shedule")), None);
    assert_eq!(
        fixed(&CRON_JOB.replace("batch/v1beta1", "\"batch/v1beta1\"")),
        None
    );
}
