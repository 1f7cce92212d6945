//! What could do harm.

mod data;
mod definition;
mod immutable;
mod prune;
mod rbac;
mod workload;

use std::fmt;

use self::prune::Pruning;
use super::fields::Segment;
use super::objects::{ObjectChange, Side};

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DangerKind {
    /// A field changes that the API server lets no one change: the apply fails.
    Immutable,
    /// Flux deletes an object that holds data.
    DataPruned,
    /// A version of a CRD is gone, or its schema takes less, while objects use it.
    CrdNarrowed,
    /// Someone may do more than before.
    RbacWidened,
    /// Nothing runs any more.
    ReplicasZero,
    /// Flux, or a controller, no longer acts on it.
    Suspended,
    /// Another image runs.
    Image,
}

impl DangerKind {
    /// All of them, the worst first.
    pub const ALL: [DangerKind; 7] = [
        DangerKind::Immutable,
        DangerKind::DataPruned,
        DangerKind::CrdNarrowed,
        DangerKind::RbacWidened,
        DangerKind::ReplicasZero,
        DangerKind::Suspended,
        DangerKind::Image,
    ];

    /// Its name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            DangerKind::Immutable => "immutable",
            DangerKind::DataPruned => "data-pruned",
            DangerKind::CrdNarrowed => "crd-narrowed",
            DangerKind::RbacWidened => "rbac-widened",
            DangerKind::ReplicasZero => "replicas-zero",
            DangerKind::Suspended => "suspended",
            DangerKind::Image => "image",
        }
    }
}

/// Something that could do harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Danger {
    /// What it is.
    pub kind: DangerKind,
    /// The field that it is about; empty for the object as a whole.
    pub path: Vec<Segment>,
    /// What will happen, in a sentence.
    pub message: String,
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Finds the dangers of each change.
pub(super) fn find(before: Side<'_>, after: Side<'_>, changes: &mut [ObjectChange]) {
    let pruning = Pruning::new(before.render, after.render);
    let renders = (before.render, after.render);
    for change in changes.iter_mut() {
        let mut dangers = Vec::new();
        immutable::find(change, after.catalog, &mut dangers);
        data::find(change, &pruning, renders, &mut dangers);
        definition::find(change, after.render, &mut dangers);
        rbac::find(change, &mut dangers);
        workload::find(change, &mut dangers);
        dangers.sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
        change.dangers = dangers;
    }
}
