//! What is read of other objects of a cluster.

use tidegate_yaml::Node;

use crate::flux::{DefinitionKind, SourceRef};
use crate::render::{Applier, DefinitionId};

/// Something that the render of one object depends on: it is looked up in what the cluster renders, and
/// looked up again when that changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Read {
    /// A ConfigMap or Secret.
    Definition(DefinitionId),
    /// The source that a chart comes from.
    Source(SourceRef),
    /// All ResourceSetInputProviders of a namespace.
    Providers(String),
}

impl Read {
    /// What an object renders into that others may read.
    pub(super) fn provided_by(object: &Node) -> Option<Read> {
        let text = |path: &[&str]| object.at(path).and_then(Node::text);
        let group = text(&["apiVersion"])?.split_once('/')?.0;
        let kind = text(&["kind"])?;
        let namespace = || {
            let namespace = text(&["metadata", "namespace"]);
            namespace.unwrap_or_default().to_owned()
        };
        match (group, kind) {
            ("source.toolkit.fluxcd.io", _) => Some(Read::Source(SourceRef {
                kind: kind.to_owned(),
                namespace: namespace(),
                name: text(&["metadata", "name"])?.to_owned(),
            })),
            ("fluxcd.controlplane.io", "ResourceSetInputProvider") => {
                Some(Read::Providers(namespace()))
            }
            _ => None,
        }
    }

    /// What an object that applies others reads, in the order in which it names it.
    pub(super) fn read_by(applier: &Applier) -> Vec<Read> {
        match applier {
            Applier::Entry => Vec::new(),
            Applier::Kustomization(kustomization) => {
                let definitions = DefinitionId::read_by(kustomization).into_iter();
                definitions.map(Read::Definition).collect()
            }
            Applier::ResourceSet(set) => {
                let from = set.node.at(&["spec", "inputsFrom"]).and_then(Node::as_seq);
                match from {
                    Some(from) if !from.is_empty() => {
                        vec![Read::Providers(set.subject.namespace.clone())]
                    }
                    _ => Vec::new(),
                }
            }
            Applier::HelmRelease(release) => {
                read_by_release(&release.node, &release.subject.namespace)
            }
        }
    }
}

/// The source of the chart, and the objects that values are from.
fn read_by_release(release: &Node, namespace: &str) -> Vec<Read> {
    let text = |node: &Node, key: &str| {
        let text = node.get(key).and_then(Node::text);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let of_chart = release.at(&["spec", "chart", "spec", "sourceRef"]);
    let source = of_chart.or_else(|| release.at(&["spec", "chartRef"]));
    let source = source.and_then(|source| {
        Some(Read::Source(SourceRef {
            kind: text(source, "kind")?,
            namespace: text(source, "namespace").unwrap_or_else(|| namespace.to_owned()),
            name: text(source, "name")?,
        }))
    });
    let entries = release.at(&["spec", "valuesFrom"]).and_then(Node::as_seq);
    let values = entries.into_iter().flatten().filter_map(|entry| {
        Some(Read::Definition(DefinitionId {
            kind: match text(entry, "kind")?.as_str() {
                "ConfigMap" => DefinitionKind::ConfigMap,
                "Secret" => DefinitionKind::Secret,
                _ => return None,
            },
            namespace: namespace.to_owned(),
            name: text(entry, "name")?,
        }))
    });
    source.into_iter().chain(values).collect()
}
