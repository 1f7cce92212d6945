use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::{Run, command, tidegate, tree};

const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n";

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                          metadata:\n  name: sites.example.com\nspec:\n  group: example.com\n  \
                          scope: Namespaced\n  names: {kind: Site, plural: sites}\n  versions:\n  \
                          - name: v1\n    served: true\n    storage: true\n    schema:\n      \
                          openAPIV3Schema: {type: object, properties: {spec: {type: object, \
                          properties: {url: {type: string}}}}}\n";

const SITE: &str =
    "apiVersion: example.com/v1\nkind: Site\nmetadata:\n  name: a\nspec:\n  url: 1\n";

/// Runs `tidegate validate` with something on standard input.
fn piped(folder: &Path, args: &[&str], input: &str) -> Run {
    let mut child = command(folder)
        .arg("validate")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn files_folders_and_streams() {
    let wrong = SERVICE.replace("80", "0");
    let files = tree(&[
        ("a/web.yaml", SERVICE),
        ("a/b/wrong.yml", &wrong),
        ("a/.hidden/x.yaml", &wrong),
        ("a/notes.txt", "no manifest"),
    ]);
    let run = tidegate(files.path(), &["validate", "a", "--format", "concise"]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (
            Some(1),
            "a/b/wrong.yml:7:11: error[SCH006] `spec.ports[0].port` of Service web is 0: must be \
             between 1 and 65535, inclusive\n"
        )
    );
    let summary = "Validated 2 objects from 2 files in ";
    assert!(run.stderr.starts_with(summary), "{}", run.stderr);
    let run = tidegate(files.path(), &["validate", "--quiet", "a/web.yaml"]);
    assert_eq!(
        (run.status, run.stdout, run.stderr),
        (Some(0), String::new(), String::new())
    );
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}",
        wrong.trim_end().replace('\n', "\n  ")
    );
    let run = piped(files.path(), &["-", "--format", "concise"], &list);
    assert!(
        run.stdout.starts_with("<stdin>:10:13: error[SCH006]"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_config_says_what_the_cluster_runs_and_has() {
    let jobs = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicy\nmetadata:\n  name: a\nspec: {}\n";
    let definition = DEFINITION.replace(
        "    storage",
        "    deprecated: true\n    deprecationWarning: use Place\n    storage",
    );
    let files = tree(&[
        (
            "tidegate.toml",
            "kubernetes = \"1.35\"\n[[schemas]]\npath = \"crds\"\n",
        ),
        ("crds/site.yaml", &definition),
        ("policy.yaml", jobs),
        ("site.yaml", &SITE.replace("url: 1", "url: a")),
        ("wrong.toml", "kubernetes = 1\n"),
    ]);
    let check = |args: &[&str], status: i32, expected: &str| {
        let args = [&["validate", "--format", "concise"], args].concat();
        let run = tidegate(files.path(), &args);
        assert!(
            run.stdout.contains(expected),
            "{}{}",
            run.stdout,
            run.stderr
        );
        assert_eq!(run.status, Some(status), "{}{}", run.stdout, run.stderr);
        run.stderr
    };
    check(
        &["policy.yaml"],
        1,
        "which Kubernetes 1.35 does not serve yet",
    );
    check(&["policy.yaml", "--kubernetes-version", "1.36"], 0, "");
    let stderr = check(
        &["site.yaml"],
        0,
        "site.yaml:1:13: warning[API002] Site a is of example.com/v1, which its definition says is deprecated",
    );
    assert!(stderr.ends_with("Found 1 warning\n"), "{stderr}");
    let stderr = check(&["--no-config", "site.yaml"], 0, "");
    assert!(
        stderr.contains("of kinds without a schema: Site (1)"),
        "{stderr}"
    );
    let stderr = check(&["--config", "wrong.toml", "site.yaml"], 2, "");
    assert!(stderr.contains("the config has errors"), "{stderr}");
}

#[test]
fn the_lines_of_a_long_stream_are_counted_from_its_start() {
    let folder = tree(&[]);
    let count = 5_000;
    let stream = format!("{SERVICE}---\n").repeat(count) + &SERVICE.replace("80", "0");
    let place = format!("<stdin>:{}:11: error[SCH006]", count * 8 + 7);
    for threads in ["1", "4"] {
        let args = ["-", "--format", "concise", "--threads", threads];
        let run = piped(folder.path(), &args, &stream);
        assert!(run.stdout.starts_with(&place), "{}", run.stdout);
        assert_eq!(run.stdout.lines().count(), 1);
        let summary = "Validated 5001 objects from 1 file in ";
        assert!(run.stderr.starts_with(summary), "{}", run.stderr);
    }
    let run = piped(folder.path(), &["-", "--format", "json"], &stream);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let start = &document["findings"][0]["location"]["start"];
    assert_eq!(start["line"], count * 8 + 7);
    assert_eq!(start["offset"], stream.len() - 2);
}

#[test]
fn definitions_are_gone_by_wherever_they_stand() {
    let files = tree(&[("site.yaml", SITE), ("crd.yaml", DEFINITION)]);
    let check = |args: &[&str], status, stdout: &str| {
        let args = [&["validate", "--format", "concise"], args].concat();
        let run = tidegate(files.path(), &args);
        assert_eq!((run.status, run.stdout.as_str()), (Some(status), stdout));
        run.stderr
    };
    let wrong = "site.yaml:6:8: error[SCH003] `spec.url` of Site a must be of type string, not \
                 integer\n";
    check(&["crd.yaml", "site.yaml"], 1, wrong);
    check(&["site.yaml", "crd.yaml"], 1, wrong);
    check(&["site.yaml", "--schemas", "crd.yaml"], 1, wrong);
    let said = check(&["site.yaml"], 0, "");
    assert!(said.contains("Not checked: 1 object of kinds without a schema: Site (1)"));
    check(
        &["site.yaml", "--require-complete"],
        1,
        "site.yaml:2:7: error[SCH012] 1 object was not checked: there is no schema of Site in \
         example.com/v1\n",
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    let files = tree(&[("web.yaml", SERVICE), ("crd.yaml", SERVICE)]);
    let run = tidegate(files.path(), &["validate", "gone.yaml", "web.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
    assert!(
        run.stderr.starts_with("error: gone.yaml: "),
        "{}",
        run.stderr
    );
    let run = tidegate(
        files.path(),
        &["validate", "web.yaml", "--schemas", "crd.yaml"],
    );
    assert_eq!(run.status, Some(2));
    let said = "error: crd.yaml has no CustomResourceDefinition\n";
    assert_eq!(run.stderr, said);
    let run = tidegate(
        files.path(),
        &["validate", "web.yaml", "--kubernetes-version", "new"],
    );
    assert_eq!(run.status, Some(2));
}

#[test]
fn versions_and_ways_to_the_server() {
    let large = SERVICE.replace("80", "4294967376");
    let files = tree(&[
        ("large.yaml", &large),
        (
            "policy.yaml",
            "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata:\n  name: gpu\nspec: {}\n",
        ),
    ]);
    let status = |args: &[&str]| tidegate(files.path(), &[&["validate"], args].concat()).status;
    assert_eq!(status(&["large.yaml"]), Some(0));
    assert_eq!(status(&["large.yaml", "--as", "create"]), Some(1));
    assert_eq!(
        status(&["policy.yaml", "--kubernetes-version", "1.34"]),
        Some(0)
    );
    assert_eq!(
        status(&["policy.yaml", "--kubernetes-version", "1.32"]),
        Some(1)
    );
}
