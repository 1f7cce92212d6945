//! A HelmRelease as a unit of the walk: what it finds in its cluster, and what comes of it.

use std::sync::{Arc, Mutex, PoisonError};

use tidegate_helm::{AskedApis, Capabilities, KubeVersion};
use tidegate_schema::{Catalog, KubernetesVersion};
use tidegate_source::{Location, NotChecked, NotCheckedReason, NotRendered, SkipReason};

use crate::config::Version;
use crate::flux::{ChartReference, HelmRelease, Maker, SourceRef};
use crate::parallel::Once;
use crate::release::{
    Asked, Expanded, Expander, FoundSource, Located, NoObjects, NotAtHand, NotLocated, OwnTree,
    locate,
};
use crate::render::apis::ApiList;
use crate::render::definition::Found;
use crate::render::make::{Made, Making, MakingInKey};
use crate::render::reads::Read;
use crate::render::{Defined, Outcome, Stage};
use crate::tree::Tree;

/// What decides what a HelmRelease gives, beside itself and the values that it reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Surroundings {
    pub(super) located: Result<Located, NotLocated>,
    pub(super) kubernetes: Version,
    pub(super) apis: ApiList,
}

/// What releases are made with.
pub(super) struct Releases {
    pub(super) expander: Expander,
    /// What templates are told of a version of Kubernetes and these APIs.
    capabilities: Once<(Version, ApiList), Capabilities>,
    made: Once<MakingInKey, MadeWith>,
}

/// What came of a release, by the APIs that the cluster had.
type MadeWith = Mutex<Vec<(ApiList, Arc<Made>)>>;

/// Finds the chart of a HelmRelease through what was found of what it reads, and what `look_up` finds.
pub(super) fn locate_chart<'a>(
    release: &Maker,
    found: &[(Read, Found<'a>)],
    look_up: impl Fn(&Read) -> Found<'a>,
    tree: &Tree,
) -> Result<Located, NotLocated> {
    let release = HelmRelease::read(&release.node);
    // A HelmChart names its source in turn.
    let mut sources: Vec<(Read, Found<'a>)> = found.to_vec();
    let lookup_in = |sources: &[(Read, Found<'a>)], read: &Read| {
        sources.iter().position(|(known, _)| known == read)
    };
    let first = |kind: &str, namespace: &str, name: &str| {
        let read = source_read(kind, namespace, name);
        match lookup_in(&sources, &read) {
            Some(index) => found_source(&sources[index].1),
            None => FoundSource::Missing,
        }
    };
    let further: Vec<ChartReference> = crate::release::sources_of(&release, &first);
    for reference in further {
        let read = source_read(&reference.kind, &reference.namespace, &reference.name);
        if lookup_in(&sources, &read).is_none() {
            let found = look_up(&read);
            sources.push((read, found));
        }
    }
    let lookup = |kind: &str, namespace: &str, name: &str| {
        let read = source_read(kind, namespace, name);
        match lookup_in(&sources, &read) {
            Some(index) => found_source(&sources[index].1),
            None => FoundSource::Missing,
        }
    };
    let own = OwnTree {
        root: &tree.root,
        is_own: &|source| tree.is_own(source),
    };
    locate(&release, &lookup, own)
}

fn source_read(kind: &str, namespace: &str, name: &str) -> Read {
    Read::Source(SourceRef {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    })
}

fn found_source<'f>(found: &'f Found<'_>) -> FoundSource<'f> {
    match found.nodes().first() {
        Some(node) => FoundSource::Object(node),
        None if matches!(found, Found::Missing) => FoundSource::Missing,
        None => FoundSource::Unknown,
    }
}

impl Releases {
    pub(super) fn new(expander: Expander) -> Releases {
        Releases {
            expander,
            capabilities: Once::default(),
            made: Once::default(),
        }
    }

    /// What comes of a HelmRelease: the same for clusters whose other APIs make no difference to it.
    pub(super) fn make(
        &self,
        release: &Maker,
        surroundings: &Surroundings,
        making: &Making<'_>,
    ) -> Arc<Made> {
        let known = self.made.get(making.key_in(surroundings), Arc::default);
        // Whoever else wants it waits: what comes of it may be the same.
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = &surroundings.apis;
        let is_same = |apis: &ApiList, made: &Made| {
            let asked = made.asks_for_apis.as_ref();
            apis == now || !asked.is_some_and(|asked| asked.differ(&apis.apis, &now.apis))
        };
        if let Some((_, made)) = known.iter().find(|(apis, made)| is_same(apis, made)) {
            return Arc::clone(made);
        }
        let made = Arc::new(self.make_anew(release, surroundings, making));
        known.push((now.clone(), Arc::clone(&made)));
        made
    }

    fn make_anew(&self, release: &Maker, surroundings: &Surroundings, making: &Making<'_>) -> Made {
        let Surroundings {
            located,
            kubernetes,
            apis,
        } = surroundings;
        let capabilities = self.capabilities.get((*kubernetes, apis.clone()), || {
            Arc::new(capabilities(*kubernetes, apis))
        });
        let lookup = |kind, namespace: &str, name: &str| {
            let is_it = |read: &Read| match read {
                Read::Definition(id) => {
                    id.kind == kind && id.namespace == namespace && id.name == name
                }
                Read::Source(_) | Read::Providers(_) => false,
            };
            let found = making.found.iter().find(|(read, _)| is_it(read));
            found.map_or(Defined::Missing, |(_, found)| found.defined())
        };
        let expanded = self.expander.expand(Asked {
            release: &HelmRelease::read(&release.node),
            located,
            capabilities: &capabilities,
            lookup: &lookup,
        });
        match expanded {
            Ok(Expanded {
                mut objects,
                hooks,
                findings,
                unchecked,
                asked_apis,
            }) => {
                // They are applied, too, and say themselves that they are hooks.
                objects.extend(hooks);
                let made = Made::of_objects(objects);
                Made {
                    findings,
                    not_checked: unchecked
                        .then(|| NotChecked {
                            reason: NotCheckedReason::ValuesSchema,
                            api_version: release.subject.api_version.clone(),
                            kind: release.subject.kind.clone(),
                            name: format!("{}/{}", release.subject.namespace, release.subject.name),
                            objects: 1,
                            location: Location::Span(release.name_span),
                        })
                        .into_iter()
                        .collect(),
                    asks_for_apis: Some(asked_apis),
                    ..made
                }
            }
            Err(NoObjects::Failed(findings)) => {
                let made = Made::failed(Stage::Template, findings);
                Made {
                    // With another API it might not fail.
                    asks_for_apis: Some(AskedApis::anything()),
                    ..made
                }
            }
            Err(NoObjects::NotAtHand(NotAtHand { what, span })) => {
                let made = Made::of_objects(Vec::new());
                Made {
                    outcome: Outcome::NotRendered(SkipReason::Chart),
                    not_rendered: vec![NotRendered {
                        reason: SkipReason::Chart,
                        what: format!("{}: {what}", release.subject),
                        location: Location::Span(span),
                    }],
                    ..made
                }
            }
        }
    }
}

/// The capabilities of a cluster: the APIs of its Kubernetes, and those that it has besides.
fn capabilities(version: Version, apis: &ApiList) -> Capabilities {
    let Version { major, minor } = version;
    let catalog = Catalog::kubernetes(KubernetesVersion::new(major, minor));
    let mut all: Vec<String> = Vec::new();
    for kind in catalog.served() {
        let api_version = kind.api_version();
        all.push(format!("{api_version}/{}", kind.name));
        all.push(api_version);
    }
    all.extend(apis.apis.iter().cloned());
    all.sort_unstable();
    all.dedup();
    let defaults = Capabilities::default();
    Capabilities {
        kube_version: KubeVersion::parse(&format!("v{major}.{minor}.0"))
            .unwrap_or(defaults.kube_version),
        api_versions: all,
        helm_version: defaults.helm_version,
    }
}
