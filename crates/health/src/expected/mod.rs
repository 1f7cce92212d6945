//! What the artifact renders, and whether a live object holds it.

mod compare;
mod field;
mod quantity;

use tidegate_source::Subject;

use crate::flux::SourceId;

pub use compare::{Difference, difference};
pub use field::Field;

/// All that an artifact lets one expect of a cluster.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// The digest of the artifact, as `sha256:` and 64 digits.
    pub digest: String,
    /// The sources of the cluster that the artifact is fetched by. Where none is known, they are those whose
    /// revision has this digest.
    pub sources: Vec<SourceId>,
    /// The objects, each once.
    pub objects: Vec<Expected>,
    /// What could not be rendered: the objects of it are not known.
    pub unrendered: Vec<Unrendered>,
    /// Kinds of which objects may be left unjudged, in any group.
    pub may_be_unjudged: Vec<String>,
}

/// An object that the artifact renders.
#[derive(Clone, Debug)]
pub struct Expected {
    /// What it is called.
    pub subject: Subject,
    /// What applies it: a Kustomization, a ResourceSet, a HelmRelease. None for the entry of a cluster.
    pub applied_by: Option<Subject>,
    /// What is known of its fields.
    pub content: Content,
}

/// How much of an object the artifact decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// These fields: whoever applies it puts them back where they were changed.
    Fields(Field),
    /// That it is there. What Helm installs may be changed by hooks and hands, and what is applied only where it is
    /// absent may be anything.
    Presence,
    /// Nothing: a Secret is judged by its owner's inventory, as nobody who validates needs to read it.
    Inventory,
}

/// Something that applies objects which are not known.
#[derive(Clone, Debug)]
pub struct Unrendered {
    /// What it is called.
    pub subject: Subject,
    /// Why.
    pub why: String,
}
