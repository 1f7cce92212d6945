use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, ParseOptions, parse};

use super::*;
use crate::catalog::KubernetesVersion;

/// Checks what a manifest is refused for: `PATH | TEXT AT FAULT | A PART OF THE MESSAGE`.
fn check(manifest: &str, expected: &[&str]) {
    check_as(How::Apply, manifest, expected);
}

fn check_as(how: How, manifest: &str, expected: &[&str]) {
    let system = MemorySystem::new().with("manifest.yaml", manifest);
    let sources = Sources::new(Arc::new(system));
    let file = sources
        .load(&TreePath::new("manifest.yaml").unwrap())
        .unwrap();
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let root = parsed.documents[0].root.clone().unwrap();
    let Report::Checked(faults) =
        validate(&Catalog::known(KubernetesVersion::COMPARED), &root, how)
    else {
        panic!("unknown kind");
    };
    let text = file.text().unwrap();
    let found: Vec<_> = faults
        .iter()
        .map(|fault| {
            (
                fault,
                &text[fault.place.span().start as usize..fault.place.span().end as usize],
            )
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((fault, at), expected) in found.iter().zip(expected) {
        let mut parts = expected.split(" | ");
        assert_eq!(Some(fault.path.as_str()), parts.next(), "{fault:?}");
        assert_eq!(Some(*at), parts.next(), "{fault:?}");
        let message = parts.next().unwrap();
        assert!(fault.message().contains(message), "{fault:?}");
    }
}

#[test]
fn faults_are_at_the_value_or_the_key() {
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n";
    check(
        &format!("{service}  ports:\n  - port: 80\n    prot: TCP\n"),
        &["spec.ports[0].prot | prot | unknown field"],
    );
    check(
        &format!("{service}  ports:\n  - port: '80'\n"),
        &["spec.ports[0].port | '80' | must be of type integer"],
    );
    check(
        &format!("{service}  ports:\n  - port: 0\n    protocol: HTTP\n"),
        &[
            "spec.ports[0].protocol | HTTP | Unsupported value",
            "spec.ports[0].port | 0 | between 1 and 65535",
        ],
    );
}

#[test]
fn applies_and_creates_differ() {
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\nspec: null\n";
    check_as(How::Create, kustomization, &[]);
    check(kustomization, &["spec | null | must be of type object"]);
    let large = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 4294967376\n";
    check(large, &[]);
    check_as(
        How::Create,
        large,
        &["spec.ports[0].port | 4294967376 | must be a whole number"],
    );
}

#[test]
fn rules_see_defaults_and_are_left_out_where_the_shape_is_wrong() {
    let release =
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\nspec:\n";
    check(
        &format!("{release}  interval: 1m\n"),
        &["spec | interval | either chart or chartRef must be set"],
    );
    check(
        &format!("{release}  interval: 1\n"),
        &["spec.interval | 1 | must be of type string"],
    );
    let receiver = "apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata:\n  name: r\nspec:\n  type: github\n  secretRef:\n    name: s\n  resources:\n  - kind: GitRepository\n    name: g\n";
    check(receiver, &[]);
}

#[test]
fn kinds_and_versions() {
    check(
        "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata:\n  name: a\n",
        &["apiVersion | apps/v1beta1 | no matches for kind"],
    );
    check("kind: Pod\n", &["apiVersion | kind | is missing"]);
    check(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: A_b\n  labels:\n    a: b c\n",
        &[
            "metadata.name | A_b | RFC 1123 subdomain",
            "metadata.labels | b c | a valid label",
        ],
    );
}
