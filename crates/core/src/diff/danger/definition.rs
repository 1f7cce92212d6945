use tidegate_schema::{Catalog, How, KubernetesVersion, Lookup, Report, validate};
use tidegate_yaml::Node;

use super::{Danger, DangerKind};
use crate::diff::fields::Segment;
use crate::diff::objects::{Change, ObjectChange};
use crate::render::ClusterRender;

/// Most objects that a message names.
const MOST_NAMED: usize = 3;

/// Finds the objects of the cluster that a changed CRD no longer takes.
pub(super) fn find(change: &ObjectChange, after: &ClusterRender, dangers: &mut Vec<Danger>) {
    let is_crd = |node: &Node| {
        node.get("kind").and_then(Node::text) == Some("CustomResourceDefinition")
            && node.at(&["metadata", "name"]).is_some()
    };
    let (Change::Changed, Some((old, _)), Some((new, _))) =
        (change.change, &change.before, &change.after)
    else {
        return;
    };
    if !is_crd(new) {
        return;
    }
    let text = |path: &[&str]| new.at(path).and_then(Node::text).unwrap_or_default();
    let (group, kind) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
    if let Some(version) =
        stored(old).filter(|stored| !versions(new).any(|(name, _)| name == *stored))
    {
        dangers.push(Danger {
            kind: DangerKind::CrdNarrowed,
            path: vec![Segment::Key("spec".into()), Segment::Key("versions".into())],
            message: format!(
                "{kind} objects are stored as {version}, which is gone: the API server will refuse the apply \
                 until `status.storedVersions` no longer has it"
            ),
        });
    }
    let (old, new) = (alone(old), alone(new));
    let (mut unserved, mut refused) = (Vec::new(), Vec::new());
    for (_, object) in after.objects() {
        let api_version = object.api_version();
        let is_own = object.kind() == kind
            && api_version
                .split_once('/')
                .is_some_and(|(of, _)| of == group);
        if !is_own || !is_served(&old, api_version, kind) {
            continue;
        }
        let name = match object.namespace() {
            "" => object.name().to_owned(),
            namespace => format!("{namespace}/{}", object.name()),
        };
        if !is_served(&new, api_version, kind) {
            unserved.push(name);
        } else if is_valid(&old, &object.node) && !is_valid(&new, &object.node) {
            refused.push(name);
        }
    }
    let mut found = |names: &[String], what: &str| {
        if !names.is_empty() {
            let rest = match names.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                rest => format!(" and {rest} more"),
            };
            let named = names
                .iter()
                .take(MOST_NAMED)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            dangers.push(Danger {
                kind: DangerKind::CrdNarrowed,
                path: vec![Segment::Key("spec".into()), Segment::Key("versions".into())],
                message: format!("{what} {kind} {named}{rest}"),
            });
        }
    };
    found(&unserved, "the version is no longer served that is used by");
    found(&refused, "its schema no longer takes");
}

/// The versions of a CRD, and whether objects are stored as each.
fn versions(definition: &Node) -> impl Iterator<Item = (&str, bool)> {
    let versions = definition.at(&["spec", "versions"]).and_then(Node::as_seq);
    versions.into_iter().flatten().filter_map(|version| {
        let is_stored = version.get("storage").and_then(Node::text) == Some("true");
        Some((version.get("name")?.text()?, is_stored))
    })
}

/// The version that objects are stored as.
fn stored(definition: &Node) -> Option<&str> {
    let mut stored = versions(definition).filter(|(_, is_stored)| *is_stored);
    stored.next().map(|(name, _)| name)
}

/// A catalog that has one CRD.
fn alone(definition: &Node) -> Catalog {
    let mut catalog = Catalog::kubernetes(KubernetesVersion::COMPARED);
    catalog.add_crd(definition);
    catalog
}

fn is_served(catalog: &Catalog, api_version: &str, kind: &str) -> bool {
    matches!(catalog.find(api_version, kind), Lookup::Served(_))
}

fn is_valid(catalog: &Catalog, object: &Node) -> bool {
    match validate(catalog, object, How::Apply) {
        Report::Checked(faults) => faults.is_empty(),
        _ => false,
    }
}
