use std::fs;

use super::{names, tidegate, tree};

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
     metadata:\n  name: sites.example.com\n  annotations: {made: by}\nspec:\n  group: example.com\n  \
     scope: Namespaced\n  names: {kind: Site, plural: sites}\n  versions:\n  - name: v1\n    \
     served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        \
     description: A site.\n        type: object\n        properties:\n          spec:\n            \
     type: object\n            required: [url]\n            properties:\n              \
     description: {type: string, description: About it., maxLength: 9}\n              \
     hosts: {type: array, maxItems: 3, items: {type: string, enum: [a, b]}}\n              \
     url: {type: string}\n";

#[test]
fn kinds_are_listed_and_explained() {
    let files = tree(&[("crd.yaml", DEFINITION)]);
    let run = |args: &[&str]| tidegate(files.path(), &[&["schema"], args].concat());
    let list = run(&["list", "--schemas", "crd.yaml"]);
    assert_eq!(list.status, Some(0));
    let mut lines = list.stdout.lines();
    assert!(lines.any(|line| {
        line.split_whitespace()
            .eq(["apps/v1", "Deployment", "namespaced"])
    }));
    assert!(lines.any(|line| {
        line.split_whitespace()
            .eq(["example.com/v1", "Site", "namespaced"])
    }));
    let show = run(&["show", "site.spec", "--schemas", "crd.yaml"]);
    assert_eq!(
        show.stdout,
        "Site.spec <object>\n  apiVersion: example.com/v1\nfields:\n  \
         description  <string>  characters: at most 9\n  \
         hosts        <[]string>  items: at most 3; one of: a, b\n  \
         url*         <string>\n"
    );
    let show = run(&["show", "v1/Service.spec.ports[0].protocol"]);
    assert_eq!(
        show.stdout,
        "Service.spec.ports.protocol <string>\n  apiVersion: v1\n  default: \"TCP\"\n  \
         one of: SCTP, TCP, UDP\n"
    );
}

#[test]
fn what_is_not_known_is_told_with_what_was_meant() {
    let folder = tree(&[]);
    let check = |name: &str, stderr: &str| {
        let run = tidegate(folder.path(), &["schema", "show", name]);
        assert_eq!((run.status, run.stderr.as_str()), (Some(2), stderr));
    };
    check(
        "Deploymnt",
        "error: nothing is known of a kind `Deploymnt`\nhelp: did you mean `Deployment`?\n",
    );
    check(
        "Deployment.spec.replcas",
        "error: Deployment.spec has no field `replcas`\nhelp: did you mean \
         `Deployment.spec.replicas`?\n",
    );
    check(
        "Event",
        "error: there is a Event in v1 and in events.k8s.io/v1\nhelp: say which: v1/Event\n",
    );
}

#[test]
fn definitions_are_kept_where_the_config_names_them() {
    let list = DEFINITION.trim_end().replace('\n', "\n  ");
    let files = tree(&[
        (
            "all.yaml",
            &format!("apiVersion: v1\nkind: List\nitems:\n- {list}\n"),
        ),
        (
            "clusters/dev/site.yaml",
            "apiVersion: example.com/v1\nkind: Site\nmetadata: {name: a}\nspec: {}\n",
        ),
    ]);
    let check = || tidegate(files.path(), &["check", "--format", "concise"]);
    assert!(check().stderr.contains("Not checked: 1 object"));
    let added = tidegate(files.path(), &["schema", "add", "all.yaml"]);
    assert_eq!((added.status, added.stdout.as_str()), (Some(0), ""));
    assert_eq!(
        names(&files.path().join("schemas")),
        ["sites.example.com.yaml"]
    );
    let kept = fs::read_to_string(files.path().join("schemas/sites.example.com.yaml")).unwrap();
    assert!(!kept.contains("A site."), "{kept}");
    assert!(!kept.contains("About it."), "{kept}");
    assert!(kept.contains("description:"), "{kept}");
    let (_, config) = added.stderr.split_once("needs:\n").unwrap();
    fs::write(files.path().join("tidegate.toml"), config).unwrap();
    let run = check();
    assert_eq!(
        run.stdout,
        "clusters/dev/site.yaml:4:7: error[SCH004] `spec.url` of Site a is missing\n"
    );
    fs::write(
        files.path().join("tidegate.toml"),
        "[[schemas]]\npath = 'gone'\n",
    )
    .unwrap();
    let run = check();
    assert!(
        run.stdout.starts_with("tidegate.toml:2:8: error[CFG006]"),
        "{}",
        run.stdout
    );
}
