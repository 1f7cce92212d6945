//! Objects that make other objects: ResourceSets and HelmReleases.
//!
//! A maker is a unit of the walk as a Kustomization is. What it reads of other objects
//! ([`Read::read_by`](super::reads::Read::read_by): the ConfigMaps and Secrets of `valuesFrom`, the source of a chart, input providers) is
//! looked up in what the cluster renders. Where some of it is not there yet, the maker waits until all
//! else is done. Then its [`Making`] is run, once for all clusters that have the same object and
//! find the same. What comes of it is linked as the objects of a Kustomization are: those that make or apply
//! others start, and who reads a ConfigMap of it is rendered again. When something that it reads
//! changes, the maker is run again, at most as often as a Kustomization is.
//!
//! For a kind of maker to be expanded, [`Making::run`] has to know it, and nothing else: it gives a
//! [`Made`] with the objects, or with why there are none.

use std::sync::Arc;

use tidegate_helm::AskedApis;
use tidegate_kustomize::Object;
use tidegate_source::{Diagnostic, Location, NotChecked, NotRendered, SkipReason};
use tidegate_yaml::Node;

use crate::config::{ProviderInputs, Version};
use crate::flux::{Maker, makes};
use crate::release::{Located, NotLocated};
use crate::render::definition::{Found, FoundKey, Provides, address};
use crate::render::reads::Read;
use crate::render::release::{Releases, Surroundings};
use crate::render::scan::Scan;
use crate::render::{Applier, Builder, Outcome, Stage};
use crate::resource_set::{BuildError, Cause, Given, build};

/// An object that makes others, and what it reads.
#[derive(Clone)]
pub(super) struct Making<'a> {
    /// A ResourceSet or a HelmRelease.
    pub(super) applier: Applier,
    /// What it reads, and what is found of that.
    pub(super) found: Vec<(Read, Found<'a>)>,
    /// What the config says of the inputs of providers in the namespace of a ResourceSet.
    pub(super) inputs: Vec<&'a ProviderInputs>,
    /// What else decides what a HelmRelease gives.
    pub(super) surroundings: Option<Arc<Surroundings>>,
}

/// What tells one [`Making`] from another, as long as both are kept.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct MakingKey {
    maker: usize,
    found: Vec<FoundKey>,
    inputs: Vec<usize>,
    surroundings: Option<Arc<Surroundings>>,
}

/// What tells one [`Making`] of a HelmRelease from another, whatever APIs the cluster has.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct MakingInKey {
    making: MakingKey,
    located: Result<Located, NotLocated>,
    kubernetes: Version,
}

/// What came of an object that makes others.
pub(super) struct Made {
    pub(super) outcome: Outcome,
    /// Of the objects; of none where there are none.
    pub(super) scan: Arc<Scan>,
    /// What is wrong. The trails start behind the object itself.
    pub(super) findings: Vec<Diagnostic>,
    /// What could not be rendered.
    pub(super) not_rendered: Vec<NotRendered>,
    /// What was not checked.
    pub(super) not_checked: Vec<NotChecked>,
    /// What a chart asks of the APIs of the cluster, so that with others it might give something else.
    pub(super) asks_for_apis: Option<AskedApis>,
}

impl Making<'_> {
    /// What tells it from others but the APIs of the cluster.
    pub(super) fn key_in(&self, surroundings: &Surroundings) -> MakingInKey {
        let Surroundings {
            located,
            kubernetes,
            apis: _,
        } = surroundings;
        MakingInKey {
            making: MakingKey {
                surroundings: None,
                ..self.key()
            },
            located: located.clone(),
            kubernetes: *kubernetes,
        }
    }

    pub(super) fn key(&self) -> MakingKey {
        MakingKey {
            maker: self.applier.node().map_or(0, address),
            found: self.found.iter().map(|(_, found)| found.key()).collect(),
            inputs: self
                .inputs
                .iter()
                .map(|one| std::ptr::from_ref(*one).addr())
                .collect(),
            surroundings: self.surroundings.clone(),
        }
    }

    pub(super) fn run(&self, releases: &Releases, builder: &Builder) -> Arc<Made> {
        Arc::new(match &self.applier {
            Applier::ResourceSet(set) => self.resource_set(set, builder),
            Applier::HelmRelease(release) => match &self.surroundings {
                Some(surroundings) => return releases.make(release, surroundings, self),
                None => Made::not_rendered(SkipReason::Chart, release),
            },
            Applier::Entry | Applier::Kustomization(_) => Made::of_objects(Vec::new()),
        })
    }

    fn resource_set(&self, set: &Maker, builder: &Builder) -> Made {
        let providers = self.found.iter().flat_map(|(_, found)| found.nodes());
        let given = Given {
            inputs: None,
            providers: Some(providers.cloned().collect()),
            exported: Some(self.inputs.iter().map(|one| one.inputs.clone()).collect()),
        };
        let mut made = match build(&set.node, &given, builder.sources()) {
            Ok(built) => {
                let objects = built.steps.into_iter().flat_map(|step| step.objects);
                let mut made = Made::of_objects(objects.map(Object::new).collect());
                made.findings = built.findings;
                made
            }
            Err(error) if error.cause == Cause::Nothing => Made::of_objects(Vec::new()),
            Err(BuildError {
                cause: Cause::Inputs(provider),
                ..
            }) => {
                let mut made = Made::not_rendered(SkipReason::ResourceSet, set);
                for one in &mut made.not_rendered {
                    one.what = format!("{}: {provider}", one.what);
                }
                made
            }
            Err(error) => Made::failed(Stage::Template, vec![*error.finding]),
        };
        for finding in &mut made.findings {
            finding.subject = Some(set.subject.clone());
        }
        made
    }
}

impl Made {
    pub(super) fn of_objects(objects: Vec<Object>) -> Made {
        let objects = Arc::new(objects);
        Made {
            outcome: Outcome::Objects(Arc::clone(&objects)),
            scan: Arc::new(Scan::new(objects)),
            findings: Vec::new(),
            not_rendered: Vec::new(),
            not_checked: Vec::new(),
            asks_for_apis: None,
        }
    }

    /// The cluster applies nothing of it.
    pub(super) fn failed(stage: Stage, findings: Vec<Diagnostic>) -> Made {
        Made {
            outcome: Outcome::Failed(stage),
            scan: Arc::default(),
            findings,
            not_rendered: Vec::new(),
            not_checked: Vec::new(),
            asks_for_apis: None,
        }
    }

    /// What it makes is not known.
    pub(super) fn not_rendered(reason: SkipReason, maker: &Maker) -> Made {
        Made {
            outcome: Outcome::NotRendered(reason),
            scan: Arc::default(),
            findings: Vec::new(),
            not_rendered: vec![NotRendered {
                reason,
                what: maker.subject.to_string(),
                location: Location::Span(maker.name_span),
            }],
            not_checked: Vec::new(),
            asks_for_apis: None,
        }
    }
}

/// Which ConfigMaps and Secrets something could provide while it is not rendered.
pub(super) fn could_provide(applier: &Applier) -> Provides {
    match applier {
        Applier::Entry | Applier::Kustomization(_) => Provides::Anything,
        Applier::ResourceSet(set) => match makes::resource_set_may_define(&set.node) {
            true => Provides::Anything,
            false => Provides::Nothing,
        },
        Applier::HelmRelease(release) => {
            let target = release.node.at(&["spec", "targetNamespace"]);
            let target = target.and_then(Node::text).filter(|name| !name.is_empty());
            Provides::Named {
                namespace: target.unwrap_or(&release.subject.namespace).to_owned(),
                names: makes::names_of_release(&release.node),
            }
        }
    }
}
