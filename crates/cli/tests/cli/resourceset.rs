use super::{command, tree};

const SET: &str = "\
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: s, namespace: apps}
spec:
  inputs: [{ns: a}]
  steps:
    - name: one
      resourcesTemplate: |
        apiVersion: v1
        kind: Namespace
        metadata: {name: << inputs.ns >>}
";

/// Runs with files at hand; the status, standard output, and a part of standard error.
#[track_caller]
fn check(args: &[&str], status: i32, stdout: &str, stderr: &str) {
    let tree = tree(&[
        ("set.yaml", SET),
        (
            "from.yaml",
            &SET.replace("inputs: [{ns: a}]", "inputsFrom: [{name: p}]"),
        ),
        ("two.yaml", &format!("{SET}---\n{SET}")),
        ("inputs.yaml", "- {ns: b}\n"),
        ("lacking.yaml", "- {other: b}\n"),
        (
            "providers.yaml",
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
             metadata: {name: p, namespace: apps}\nspec: {type: Static, defaultValues: {ns: c}}\n",
        ),
    ]);
    let output = command(tree.path())
        .arg("resourceset")
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), stdout);
    match status {
        0 => assert_eq!(said, ""),
        _ => assert!(said.contains(stderr), "{said}"),
    }
}

fn namespace(name: &str) -> String {
    format!(
        "# step: one\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  labels:\n    \
         resourceset.fluxcd.controlplane.io/name: s\n    \
         resourceset.fluxcd.controlplane.io/namespace: apps\n  name: {name}\n"
    )
}

#[test]
fn inputs_come_from_the_object_a_file_or_providers() {
    check(&["set.yaml"], 0, &namespace("a"), "");
    check(
        &["set.yaml", "--inputs-from", "inputs.yaml"],
        0,
        &namespace("b"),
        "",
    );
    let providers = ["from.yaml", "--inputs-from-provider", "providers.yaml"];
    check(&providers, 0, &namespace("c"), "");
}

#[test]
fn refusals_have_a_place() {
    check(
        &["from.yaml"],
        1,
        "",
        "error: from.yaml:5:16: `spec.inputsFrom` names providers",
    );
    check(
        &["two.yaml"],
        1,
        "",
        "error: two.yaml:13:1: two.yaml has 2 documents",
    );
    check(
        &["set.yaml", "--inputs-from", "lacking.yaml"],
        1,
        "",
        "error: set.yaml:11:29: template: resourceset:3:20: executing",
    );
    check(&["absent.yaml"], 2, "", "error: absent.yaml: ");
}
