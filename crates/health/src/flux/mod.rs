//! How far Flux has come: sources, and what applies their artifacts.

mod applier;
mod source;

use tidegate_source::Subject;

use crate::object::Observed;

pub(crate) use applier::{Stage, dependencies, has_applied, is_on, standing_of};
pub(crate) use source::{SOURCES, Where, has_digest, where_is};

/// The groups of Flux and flux-operator whose objects apply others, with the kinds.
pub(crate) const APPLIERS: &[(&str, &str)] = &[
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("fluxcd.controlplane.io", "ResourceSet"),
    ("fluxcd.controlplane.io", "FluxInstance"),
];

/// A source of Flux.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId {
    /// Its kind, such as `OCIRepository`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl SourceId {
    /// What an object is called as a source.
    pub(crate) fn of(object: &Observed) -> SourceId {
        SourceId {
            kind: object.text(&["kind"]).to_owned(),
            namespace: object.namespace().to_owned(),
            name: object.name().to_owned(),
        }
    }
}

/// The group of an object.
pub(crate) fn group_of(subject: &Subject) -> &str {
    let parts = subject.api_version.split_once('/');
    parts.map_or("", |(group, _)| group)
}

/// Whether an object is one of those that apply others.
pub(crate) fn is_applier(subject: &Subject) -> bool {
    APPLIERS.contains(&(group_of(subject), subject.kind.as_str()))
}
