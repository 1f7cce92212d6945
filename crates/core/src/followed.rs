//! Which artifact the source of a cluster selects, as far as the tree says so.

use tidegate_source::{SourceMapBuilder, Sources, Span, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::config::Follows;
use crate::flux::subject;
use crate::render::ClusterRender;

/// The source that brings the tree into a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The object that says so, as `Kind namespace/name`.
    pub object: String,
    /// Its `apiVersion` and kind are those of a source that takes artifacts; else it takes the tree from
    /// elsewhere, such as git.
    pub takes_artifacts: bool,
    /// The repository.
    pub url: Option<String>,
    /// What of the repository is selected.
    pub follows: Follows,
    /// Where that is written.
    pub span: Span,
}

/// The sources in a cluster that hold its tree: OCIRepositories, other sources of these names, and what a
/// FluxInstance makes.
pub fn followed(sources: &Sources, render: &ClusterRender) -> Vec<Followed> {
    let objects = render.objects();
    let found = objects.filter_map(|(_, object)| {
        let node = &object.node;
        let api_version = node.get("apiVersion").and_then(Node::text)?;
        match api_version.split('/').next()? {
            "source.toolkit.fluxcd.io" => of_source(render, node),
            "fluxcd.controlplane.io" => of_instance(sources, node),
            _ => None,
        }
    });
    found.collect()
}

fn of_source(render: &ClusterRender, node: &Node) -> Option<Followed> {
    let subject = subject(node);
    let object = subject.to_string();
    let source = render.own_source(subject)?;
    let spec = node.get("spec")?;
    let reference = spec.get("ref");
    let at = reference.or_else(|| spec.get("url")).unwrap_or(spec);
    let mut follows = Follows::default();
    if let Some(reference) = reference {
        take(&mut follows, reference);
    }
    Some(Followed {
        object,
        takes_artifacts: source.kind == "OCIRepository",
        url: text(spec.get("url")),
        follows,
        span: at.place.span(),
    })
}

/// `spec.sync` of a FluxInstance, whose `ref` becomes the tag, and the patches of what is made of it.
///
/// Source: `internal/builder/templates.go` of flux-operator.
fn of_instance(sources: &Sources, node: &Node) -> Option<Followed> {
    let subject = subject(node);
    if subject.kind != "FluxInstance" {
        return None;
    }
    let sync = node.at(&["spec", "sync"])?;
    let at = sync.get("ref").unwrap_or(sync);
    let mut follows = Follows {
        tag: text(sync.get("ref")),
        ..Follows::default()
    };
    let patches = node.at(&["spec", "kustomize", "patches"]);
    for patch in patches.and_then(Node::as_seq).into_iter().flatten() {
        let target = patch.at(&["target", "kind"]).and_then(Node::text);
        if let (None | Some("OCIRepository"), Some(text)) = (target, patch.get("patch")) {
            patched(&mut follows, sources, text, target.is_some());
        }
    }
    Some(Followed {
        object: subject.to_string(),
        takes_artifacts: sync.get("kind").and_then(Node::text) == Some("OCIRepository"),
        url: text(sync.get("url")),
        follows,
        span: at.place.span(),
    })
}

/// What a patch of an OCIRepository changes: operations of JSON patch, or a part of the object.
fn patched(follows: &mut Follows, sources: &Sources, patch: &Node, is_targeted: bool) {
    let Some(text) = patch.text() else { return };
    let mut map = SourceMapBuilder::new(patch.place.span());
    map.made(0, patch.place.span());
    let file = sources.add_virtual(TreePath::root(), text.to_owned(), map.finish());
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    for root in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
        if let Some(operations) = root.as_seq() {
            for operation in operations.iter() {
                operated(follows, operation);
            }
            continue;
        }
        let is_meant =
            is_targeted || root.get("kind").and_then(Node::text) == Some("OCIRepository");
        if let Some(reference) = root.at(&["spec", "ref"]).filter(|_| is_meant) {
            take(follows, reference);
        }
    }
}

fn operated(follows: &mut Follows, operation: &Node) {
    let path = operation
        .get("path")
        .and_then(Node::text)
        .unwrap_or_default();
    let is_removed = operation.get("op").and_then(Node::text) == Some("remove");
    let value = operation.get("value").filter(|_| !is_removed);
    let Some(rest) = path.strip_prefix("/spec/ref") else {
        return;
    };
    match (rest, value) {
        ("", value) => {
            *follows = Follows::default();
            if let Some(reference) = value {
                take(follows, reference);
            }
        }
        (field, value) => {
            if let Some(field) = field_of(follows, field.trim_start_matches('/')) {
                *field = text(value);
            }
        }
    }
}

fn field_of<'f>(follows: &'f mut Follows, name: &str) -> Option<&'f mut Option<String>> {
    match name {
        "tag" => Some(&mut follows.tag),
        "semver" => Some(&mut follows.semver),
        "semverFilter" => Some(&mut follows.semver_filter),
        "digest" => Some(&mut follows.digest),
        _ => None,
    }
}

/// Takes what a `ref` says.
fn take(follows: &mut Follows, reference: &Node) {
    for name in ["tag", "semver", "semverFilter", "digest"] {
        if let (Some(field), Some(node)) = (field_of(follows, name), reference.get(name)) {
            *field = text(Some(node));
        }
    }
}

fn text(node: Option<&Node>) -> Option<String> {
    let text = node.and_then(Node::text)?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use tidegate_source::MemorySystem;

    use super::*;
    use crate::CheckOptions;
    use crate::config::Config;
    use crate::render::render_tree;

    fn check(objects: &str, expected: &[&str]) {
        let entry = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                     metadata: {name: apps, namespace: flux-system}\n\
                     spec: {path: ./apps, prune: true, sourceRef: {kind: OCIRepository, name: flux-system}}\n---\n";
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let system = MemorySystem::new()
            .with("clusters/live/flux.yaml", format!("{entry}{objects}"))
            .with("apps/a.yaml", map);
        let options = CheckOptions {
            start: TreePath::root(),
            clusters: Vec::new(),
            config: Config::default(),
            schemas: Default::default(),
            charts: Arc::new(crate::release::NoCharts),
            threads: NonZeroUsize::MIN,
        };
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let render = render_tree(&sources, &options, &|_, _| {}).unwrap();
        let found = followed(&sources, &render.renders[0]);
        let found: Vec<String> = found
            .iter()
            .map(|one| {
                let url = one.url.as_deref().unwrap_or("-");
                let artifacts = one.takes_artifacts;
                let Follows {
                    tag,
                    semver,
                    semver_filter,
                    digest,
                } = &one.follows;
                let said = [tag, semver, semver_filter, digest];
                let said = said.map(|text| text.as_deref().unwrap_or("-")).join(" ");
                format!("{} {artifacts} {url} {said}", one.object)
            })
            .collect();
        assert_eq!(found, expected, "{objects}");
    }

    #[test]
    fn the_source_of_the_tree_says_what_it_follows() {
        let source = |name: &str, rest: &str| {
            format!(
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
                 metadata: {{name: {name}, namespace: flux-system}}\nspec: {{url: 'oci://r/a', {rest}}}\n"
            )
        };
        check(
            &source("flux-system", "ref: {tag: live}"),
            &["OCIRepository flux-system/flux-system true oci://r/a live - - -"],
        );
        check(
            &source(
                "flux-system",
                "ref: {semver: '>=0.0.0-0', semverFilter: 'x', digest: 'sha256:1'}",
            ),
            &["OCIRepository flux-system/flux-system true oci://r/a - >=0.0.0-0 x sha256:1"],
        );
        check(&source("other", "ref: {tag: live}"), &[]);
    }

    #[test]
    fn a_flux_instance_says_it_too() {
        let instance = |rest: &str| {
            format!(
                "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\n\
                 metadata: {{name: flux, namespace: flux-system}}\nspec:\n  \
                 sync: {{kind: OCIRepository, url: 'oci://r/a', ref: live, path: clusters/live}}\n{rest}"
            )
        };
        let object = "FluxInstance flux-system/flux true oci://r/a";
        check(&instance(""), &[&format!("{object} live - - -")]);
        let operations = "  kustomize:\n    patches:\n      - target: {kind: OCIRepository}\n        patch: |\n          \
                          - {op: replace, path: /spec/ref, value: {semver: '*', semverFilter: 'x'}}\n          \
                          - {op: replace, path: /spec/ref/semver, value: '>=0.0.0-0'}\n";
        check(
            &instance(operations),
            &[&format!("{object} - >=0.0.0-0 x -")],
        );
        let part = "  kustomize:\n    patches:\n      - target: {kind: OCIRepository}\n        patch: |\n          \
                    spec: {ref: {digest: 'sha256:1'}}\n      - target: {kind: Deployment}\n        patch: |\n          \
                    - {op: remove, path: /spec/ref}\n";
        check(&instance(part), &[&format!("{object} live - - sha256:1")]);
    }
}
