use super::{tidegate, tree};

const CHART: &[(&str, &str)] = &[
    (
        "c/Chart.yaml",
        "apiVersion: v2\nname: c\nversion: 1.0.0\nkubeVersion: '>=1.25'\n",
    ),
    ("c/values.yaml", "name: web\nport: 80\nport2: null\n"),
    (
        "c/values.schema.json",
        r#"{"properties": {"port": {"type": "integer"}}}"#,
    ),
    ("c/crds/d.yaml", "kind: CustomResourceDefinition\n"),
    (
        "c/templates/a.yaml",
        "kind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-{{ .Values.name }}}\n\
         data:\n  ns: {{ .Release.Namespace }} {{ .Values.port }}\n",
    ),
    (
        "c/templates/b.yaml",
        "{{ if .Values.bad }}a: [{{ end }}{{ if .Values.deep }}{{ .Values.deep.a.b }}{{ end }}\
         {{ if eq .Values.name \"no\" }}{{ fail \"not no\" }}{{ end }}",
    ),
    (
        "c/templates/t.yaml",
        "kind: Pod\nmetadata:\n  name: t\n  annotations: {helm.sh/hook: test}\n",
    ),
    ("given.yaml", "name: given\nport: text\n"),
];

/// Runs with a chart at hand; the status, and parts of what is printed and of what is said.
#[track_caller]
fn check(args: &[&str], status: i32, stdout: &str, stderr: &str) {
    let tree = tree(CHART);
    let args: Vec<&str> = ["helm", "template"].iter().chain(args).copied().collect();
    let run = tidegate(tree.path(), &args);
    assert_eq!(run.status, Some(status), "{args:?}: {}", run.stderr);
    assert!(run.stdout.contains(stdout), "{args:?}: {}", run.stdout);
    assert!(run.stderr.contains(stderr), "{args:?}: {}", run.stderr);
    if status == 0 {
        assert_eq!(run.stderr, "", "{args:?}");
    }
}

const CONFIG_MAP: &str = "---\n# Source: c/templates/a.yaml\nkind: ConfigMap\n\
                          metadata: {name: rel-web}\ndata:\n  ns: default 80\n\n";
const POD: &str = "---\n# Source: c/templates/t.yaml\nkind: Pod\n";

#[test]
fn releases_are_printed() {
    check(
        &["rel", "c"],
        0,
        &format!(
            "{}---\n# Source: c/templates/t.yaml",
            &CONFIG_MAP[..CONFIG_MAP.len() - 1]
        ),
        "",
    );
    check(
        &["c", "-n", "x", "--skip-tests"],
        0,
        "name: release-name-web}\ndata:\n  ns: x 80\n",
        "",
    );
    check(
        &[
            "rel",
            "c",
            "--set",
            "name=a,port=1",
            "--set-literal",
            "name=b",
        ],
        0,
        "name: rel-b}\ndata:\n  ns: default 1\n",
        "",
    );
    check(
        &["--name-template", "{{ upper \"x\" | lower }}y", "c"],
        0,
        "{name: xy-web}",
        "",
    );
    check(&["rel", "c", "-s", "templates/t.yaml"], 0, POD, "");
    check(
        &["rel", "c", "--include-crds"],
        0,
        "# Source: c/crds/d.yaml\n",
        "",
    );
    check(
        &["rel", "c", "--format", "json"],
        0,
        r#""kind":"ConfigMap""#,
        "",
    );
}

#[test]
fn refusals_are_shown_where_they_are_to_be_mended() {
    check(&["rel", "c", "-f", "given.yaml"], 1, "", "given.yaml:2:7");
    check(
        &["rel", "c", "-f", "given.yaml"],
        1,
        "",
        "`port` is a string",
    );
    check(
        &["rel", "c", "--set", "port=x"],
        1,
        "",
        "`port` is a string",
    );
    check(
        &["rel", "c", "--set", "name=no"],
        1,
        "",
        "the chart refuses the values: not no",
    );
    check(
        &["rel", "c", "--set", "deep.x=1"],
        1,
        "",
        "c/templates/b.yaml:1:",
    );
    check(
        &["rel", "c", "--set", "bad=true"],
        1,
        "",
        "YAML parse error on c/templates/b.yaml",
    );
    check(
        &["rel", "c", "--set", "bad=true", "--debug"],
        1,
        "# Source: c/templates/b.yaml\na: [\n",
        "",
    );
    check(
        &["rel", "c", "--kube-version", "1.24"],
        1,
        "",
        "c/Chart.yaml",
    );
    check(&["rel", "absent"], 1, "", "path \"absent\" not found");
    check(
        &["rel", "https://example.com/c.tgz"],
        1,
        "",
        "would have to be fetched",
    );
    check(
        &["rel", "c", "--dependency-update"],
        1,
        "",
        "nothing is fetched",
    );
    check(&["Rel", "c"], 1, "", "invalid release name");
    check(&["rel", "c", "--colour"], 2, "", "--color");
}

#[test]
fn json_has_the_kind_of_the_error() {
    let kind = |args: &[&str], kind: &str| {
        let args: Vec<&str> = args.iter().chain(&["--format", "json"]).copied().collect();
        check(&args, 1, &format!("\"errorKind\":\"{kind}\""), "");
    };
    kind(&["rel", "c", "--set", "port=x"], "schema");
    kind(&["rel", "c", "--set", "name=no"], "fail");
    kind(&["rel", "c", "--set", "deep.x=1"], "execute");
    kind(&["rel", "c", "--set", "bad=true"], "output");
    kind(&["rel", "c", "--set", "x"], "values");
    kind(&["rel", "c", "--kube-version", "1.24"], "kubeVersion");
    kind(&["rel", "c", "--kube-version", "x"], "usage");
    kind(&["rel", "c", "-s", "x"], "usage");
    kind(&["rel", "absent"], "chart");
    kind(&["R", "c"], "release");
    check(
        &["rel", "c", "--set", "name=no", "--format", "json"],
        1,
        r#""location":{"column":118,"line":1,"path":"c/templates/b.yaml"}"#,
        "",
    );
}

#[test]
fn a_folder_gets_a_file_for_each_template() {
    let tree = tree(CHART);
    let args = [
        "helm",
        "template",
        "rel",
        "c",
        "--output-dir",
        "out",
        "--release-name",
    ];
    let run = tidegate(tree.path(), &args);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "wrote out/rel/c/templates/a.yaml\nwrote out/rel/c/templates/t.yaml\n"
    );
    let written = std::fs::read_to_string(tree.path().join("out/rel/c/templates/a.yaml")).unwrap();
    assert_eq!(written, CONFIG_MAP);
}
