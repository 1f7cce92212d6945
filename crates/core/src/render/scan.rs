//! What the objects of one Kustomization are to the rest of the cluster.

use std::sync::Arc;

use tidegate_kustomize::Object;
use tidegate_source::{Location, NotRendered, SkipReason, Sources};
use tidegate_yaml::Node;

use crate::flux::{FluxKustomization, FluxObject, Named, makes};
use crate::render::data::defined_by;
use crate::render::definition::Provides;
use crate::render::{DefinitionId, FolderBuild};
use crate::salvage::written_kustomizations;

/// The objects that a Kustomization renders, and those of them that the walk looks at.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) objects: Arc<Vec<Object>>,
    pub(super) kustomizations: Vec<Arc<FluxKustomization>>,
    /// ConfigMaps and Secrets, and what operators make them from, with their indexes.
    pub(super) definitions: Vec<(DefinitionId, usize)>,
    pub(super) unexpanded: Vec<NotExpanded>,
    pub(super) not_rendered: Vec<NotRendered>,
}

/// An object that makes others.
pub(super) struct NotExpanded {
    /// Its index.
    pub(super) object: usize,
    pub(super) reason: SkipReason,
    pub(super) provides: Provides,
}

impl Scan {
    pub(super) fn new(objects: Arc<Vec<Object>>) -> Scan {
        let mut scan = Scan::default();
        for (index, object) in objects.iter().enumerate() {
            match FluxObject::read(&object.node) {
                Some(FluxObject::Kustomization(found)) => {
                    scan.kustomizations.push(Arc::new(found));
                }
                Some(FluxObject::HelmRelease(named)) => {
                    let target = object.node.at(&["spec", "targetNamespace"]);
                    let target = target.and_then(Node::text).filter(|name| !name.is_empty());
                    let namespace = target.unwrap_or(&named.subject.namespace).to_owned();
                    let names = makes::names_of_release(&object.node);
                    let provides = Provides::Named { namespace, names };
                    scan.skip(index, SkipReason::Chart, provides, &named);
                }
                Some(FluxObject::ResourceSet(named)) => {
                    let provides = match makes::resource_set_may_define(&object.node) {
                        true => Provides::Anything,
                        false => Provides::Nothing,
                    };
                    scan.skip(index, SkipReason::ResourceSet, provides, &named);
                }
                None => scan
                    .definitions
                    .extend(definition(object).map(|id| (id, index))),
            }
        }
        scan.objects = objects;
        scan
    }

    /// What a folder that cannot be built would have led to.
    pub(super) fn as_written(sources: &Sources, build: &FolderBuild) -> Scan {
        let written = written_kustomizations(sources, &build.folder);
        Scan {
            kustomizations: written.into_iter().map(Arc::new).collect(),
            ..Scan::default()
        }
    }

    fn skip(&mut self, object: usize, reason: SkipReason, provides: Provides, named: &Named) {
        self.unexpanded.push(NotExpanded {
            object,
            reason,
            provides,
        });
        self.not_rendered.push(NotRendered {
            reason,
            what: named.subject.to_string(),
            location: Location::Span(named.name_span),
        });
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
