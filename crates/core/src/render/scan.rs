//! What the objects of one applier are to the rest of the cluster.

use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_source::Sources;

use crate::flux::{FluxKustomization, FluxObject};
use crate::render::apis::apis_of;
use crate::render::data::defined_by;
use crate::render::reads::Read;
use crate::render::{Applier, DefinitionId, FolderBuild};
use crate::salvage::written_appliers;

/// The objects that something applies, and those of them that the walk looks at.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) objects: Arc<Vec<Object>>,
    /// Those that apply further objects.
    pub(super) appliers: Vec<Applier>,
    /// Those that are read by others, with their indexes.
    pub(super) provided: Vec<(Read, usize)>,
    /// The APIs that they stand for.
    pub(super) apis: Vec<String>,
}

impl Scan {
    pub(super) fn new(objects: Arc<Vec<Object>>) -> Scan {
        let mut scan = Scan::default();
        for (index, object) in objects.iter().enumerate() {
            match FluxObject::read(&object.node) {
                Some(found) => scan.appliers.push(found.into()),
                None => {
                    let definition = || definition(object).map(Read::Definition);
                    let provided = Read::provided_by(&object.node).or_else(definition);
                    scan.provided.extend(provided.map(|read| (read, index)));
                }
            }
        }
        scan.apis = apis_of(&objects);
        scan.objects = objects;
        scan
    }

    /// What a folder that cannot be built would have led to.
    pub(super) fn as_written(sources: &Sources, build: &FolderBuild) -> Scan {
        Scan {
            appliers: written_appliers(sources, &build.folder),
            ..Scan::default()
        }
    }

    /// The Kustomizations.
    pub(super) fn kustomizations(&self) -> impl Iterator<Item = &Arc<FluxKustomization>> {
        self.appliers.iter().filter_map(Applier::kustomization)
    }
}

/// The identity of the ConfigMap or Secret that an object is, or has an operator make; none of other
/// objects.
fn definition(object: &Object) -> Option<DefinitionId> {
    let (kind, name) = defined_by(&object.node)?;
    Some(DefinitionId {
        kind,
        namespace: object.namespace().to_owned(),
        name: name.to_owned(),
    })
}
