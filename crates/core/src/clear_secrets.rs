//! Secrets that an artifact would carry in clear text.

use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Span};
use tidegate_yaml::{Node, ScalarKind, binary_value};

use crate::codes;
use crate::flux::subject;
use crate::render::{Applier, ClusterRender};

/// What every value that SOPS has encrypted holds, also one in a file that a generator takes whole.
const ENCRYPTED: &str = "ENC[AES256_GCM,";

/// The Secrets of all clusters with values that anyone can read who reads the tree.
///
/// What charts make is left out: their values are made by them, or are those of a HelmRelease.
pub(crate) fn find(renders: &[ClusterRender]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for render in renders {
        for (index, object) in render.objects() {
            let by = &render.applied[index].by;
            if object.kind() != "Secret"
                || object.api_version() != "v1"
                || matches!(by, Applier::HelmRelease(_))
            {
                continue;
            }
            let Some(mut finding) = of_secret(object) else {
                continue;
            };
            let mut trail = render.chain(index);
            trail.append(&mut finding.trail);
            finding.trail = trail;
            finding.clusters.extend(render.cluster.clone());
            findings.push(finding);
        }
    }
    findings
}

fn of_secret(object: &Object) -> Option<Diagnostic> {
    let node = &object.node;
    let mut clear: Vec<(&str, Span)> = Vec::new();
    for (field, is_encoded) in [("data", true), ("stringData", false)] {
        let entries = node.get(field).and_then(Node::as_map);
        for entry in entries.iter().flat_map(|entries| entries.iter()) {
            if is_clear(&entry.value, is_encoded) {
                let key = entry.key.text().unwrap_or_default();
                clear.push((key, entry.value.place.span()));
            }
        }
    }
    let (key, span) = *clear.first()?;
    let subject = subject(node);
    let which = match clear.len() {
        1 => format!("`{key}`"),
        2 => format!("`{key}` and `{}`", clear[1].0),
        count => format!("`{key}` and {} more values", count - 1),
    };
    let message =
        format!("{subject} holds {which} in clear text, which the artifact carries along");
    Some(
        Diagnostic::error(codes::CLEAR_SECRET, span, message)
            .with_subject(subject)
            .with_trail(object.trail())
            .with_help(
                "encrypt it with SOPS, have an ExternalSecret make it, or waive this where it is no secret",
            ),
    )
}

fn is_clear(value: &Node, is_encoded: bool) -> bool {
    let Some(scalar) = value.as_scalar() else {
        return false;
    };
    let text = scalar.text.trim();
    if text.is_empty() || scalar.kind == ScalarKind::Opaque || text.contains(ENCRYPTED) {
        return false;
    }
    if !is_encoded {
        return true;
    }
    // What is no base64 is told by others, and can be read all the same.
    let decoded = binary_value(text);
    decoded.is_none_or(|decoded| {
        !decoded.is_empty() && memchr::memmem::find(&decoded, ENCRYPTED.as_bytes()).is_none()
    })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use crate::config::Config;
    use crate::{CheckOptions, Schemas};

    /// The messages for a cluster with these files.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let add = |tree: MemorySystem, (path, text): &(&str, &str)| tree.with(path, text);
        let tree = files.iter().fold(MemorySystem::new(), add);
        let options = CheckOptions {
            start: TreePath::root(),
            clusters: Vec::new(),
            config: Config::default(),
            schemas: Schemas::Off,
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::MIN,
        };
        let sources = Arc::new(Sources::new(Arc::new(tree)));
        let report = crate::check(&sources, &options, &|_, _| {}).unwrap();
        let place = |one: &tidegate_source::Diagnostic| {
            let path = one.primary.path(&sources).unwrap();
            let at = one.primary.line_col(&sources).unwrap();
            format!("{path}:{} {}", at.line, one.message)
        };
        let found: Vec<String> = report.clear_secrets.iter().map(place).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn values_that_can_be_read_are_found_where_they_are_written() {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: a}\n";
        let secret = format!("{head}stringData:\n  user: me\n  password: x\n  empty: ''\n");
        check(
            &[("clusters/live/s.yaml", &secret)],
            &[
                "clusters/live/s.yaml:5 Secret a/db holds `user` and `password` in clear text, which the \
                 artifact carries along",
            ],
        );
        let encoded = format!("{head}data:\n  a: eA==\n");
        check(
            &[
                ("clusters/live/s.yaml", &encoded),
                ("clusters/dev/s.yaml", &encoded),
            ],
            &[
                "clusters/dev/s.yaml:5 Secret a/db holds `a` in clear text, which the artifact carries along",
                "clusters/live/s.yaml:5 Secret a/db holds `a` in clear text, which the artifact carries along",
            ],
        );
    }

    #[test]
    fn generated_secrets_are_found_where_their_values_are() {
        let kustomization = "secretGenerator:\n- name: db\n  envs: [db.env]\n";
        check(
            &[
                ("clusters/live/kustomization.yaml", kustomization),
                ("clusters/live/db.env", "# x\npassword=x\n"),
            ],
            &[
                "clusters/live/db.env:2 Secret db-ht28g67h7c holds `password` in clear text, which the artifact \
                 carries along",
            ],
        );
    }

    #[test]
    fn encrypted_values_and_those_of_others_are_not() {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: a}\n";
        let encrypted = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
        let sops = format!("{head}data:\n  a: {encrypted}\nsops: {{mac: 'x', version: 3.9.0}}\n");
        check(&[("clusters/live/s.yaml", &sops)], &[]);
        let kustomization = "secretGenerator:\n- name: db\n  files: [a.json]\n";
        let whole = format!("{{\"data\": \"{encrypted}\", \"sops\": {{}}}}");
        check(
            &[
                ("clusters/live/kustomization.yaml", kustomization),
                ("clusters/live/a.json", &whole),
            ],
            &[],
        );
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {password: x}\n";
        check(&[("clusters/live/m.yaml", map)], &[]);
    }
}
