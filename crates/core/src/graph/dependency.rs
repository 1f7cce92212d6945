//! What the objects of Flux say they wait for.

use tidegate_source::Span;
use tidegate_yaml::Node;

/// The kinds that others depend on, and that depend on others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Kustomization,
    HelmRelease,
    ResourceSet,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Kind; 3] = [Kind::Kustomization, Kind::HelmRelease, Kind::ResourceSet];

    /// The kind of an object; none of one that waits for nothing.
    pub(super) fn of(api_version: &str, kind: &str) -> Option<Kind> {
        let (group, _) = api_version.split_once('/')?;
        let mut all = Kind::ALL.into_iter();
        all.find(|one| one.group() == group && one.as_str() == kind)
    }

    /// The API group of the kind.
    pub(super) fn group(self) -> &'static str {
        match self {
            Kind::Kustomization => "kustomize.toolkit.fluxcd.io",
            Kind::HelmRelease => "helm.toolkit.fluxcd.io",
            Kind::ResourceSet => "fluxcd.controlplane.io",
        }
    }

    /// The kind as Kubernetes spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Kustomization => "Kustomization",
            Kind::HelmRelease => "HelmRelease",
            Kind::ResourceSet => "ResourceSet",
        }
    }
}

/// An entry of `spec.dependsOn`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dependency<'r> {
    pub(super) kind: Kind,
    pub(super) namespace: &'r str,
    pub(super) name: &'r str,
    /// Where the name is written.
    pub(super) span: Span,
    /// Whether it waits until the other is ready, and not only until it exists or until an
    /// expression holds.
    pub(super) until_ready: bool,
}

/// What an object of a kind waits for. The entries of a ResourceSet can be of any kind: those of
/// others than these three are left out.
pub(super) fn dependencies<'r>(
    kind: Kind,
    namespace: &'r str,
    object: &'r Node,
) -> Vec<Dependency<'r>> {
    let entries = object.at(&["spec", "dependsOn"]).and_then(Node::as_seq);
    let text = |entry: &'r Node, key| {
        entry
            .get(key)
            .and_then(Node::text)
            .filter(|s| !s.is_empty())
    };
    let read = |entry: &'r Node| {
        let name = entry.get("name")?;
        let of_kind = match kind {
            Kind::ResourceSet => Kind::of(text(entry, "apiVersion")?, text(entry, "kind")?)?,
            Kind::Kustomization | Kind::HelmRelease => kind,
        };
        Some(Dependency {
            kind: of_kind,
            namespace: text(entry, "namespace").unwrap_or(namespace),
            name: name.text()?,
            span: name.place.span(),
            until_ready: text(entry, "readyExpr").is_none()
                && (kind != Kind::ResourceSet || text(entry, "ready") == Some("true")),
        })
    };
    entries.into_iter().flatten().filter_map(read).collect()
}
