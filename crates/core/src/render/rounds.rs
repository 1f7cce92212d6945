//! The rounds in which all clusters are rendered: what can be done in each is done at once, and
//! what several clusters have in common is done once.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxBuildHasher;
use tidegate_source::{Diagnostic, TreePath};

use crate::envsubst::Mode;
use crate::flux::FluxKustomization;
use crate::parallel::{self, Once};
use crate::render::definition::{Found, FoundKey, address};
use crate::render::link::Context;
use crate::render::make::{Made, Making, MakingKey};
use crate::render::reads::Read;
use crate::render::release::Releases;
use crate::render::scan::Scan;
use crate::render::substitute::Used;
use crate::render::variables::Variables;
use crate::render::walk::Walk;
use crate::render::{Builder, Defined, FolderBuild, Stage};

/// What to build.
#[derive(Clone)]
pub(super) enum Order {
    /// A folder that kustomize alone is known to build.
    Folder(TreePath),
    /// The entry of a cluster.
    Entry(TreePath),
    /// The folder of a Kustomization, in a source with this root.
    Kustomization {
        root: TreePath,
        folder: TreePath,
        kustomization: Arc<FluxKustomization>,
    },
}

/// Something to be done for a unit.
#[derive(Clone)]
pub(super) enum Job<'a> {
    /// Build its folder with its settings.
    Build(Order),
    /// Put its variables in.
    Substitute {
        build: Arc<FolderBuild>,
        kustomization: Arc<FluxKustomization>,
        found: Vec<(Read, Found<'a>)>,
        mode: Mode,
    },
    /// Have an object make others.
    Make(Making<'a>),
}

/// What tells one job from another, as long as both are kept.
#[derive(PartialEq, Eq, Hash)]
enum JobKey {
    Folder(TreePath),
    Entry(TreePath),
    Kustomization {
        root: TreePath,
        folder: TreePath,
        kustomization: usize,
    },
    Substitute {
        build: usize,
        kustomization: usize,
        found: Vec<FoundKey>,
        mode: Mode,
    },
    Make(MakingKey),
}

/// What came of a job.
enum Done {
    Built(Built),
    Substituted(Arc<Substituted>),
    Made(Arc<Made>),
}

/// A build, and what its objects mean for the cluster.
#[derive(Clone)]
pub(super) struct Built {
    pub(super) build: Arc<FolderBuild>,
    /// Of the folder as it is written, where the build failed.
    pub(super) scan: Arc<Scan>,
}

/// What variables made of a build.
pub(super) struct Substituted {
    pub(super) failed: Option<Stage>,
    pub(super) findings: Vec<Diagnostic>,
    /// Of the objects as far as they could be substituted, where that failed.
    pub(super) scan: Arc<Scan>,
}

/// Renders clusters.
pub(super) struct Rounds<'a> {
    builder: &'a Builder,
    releases: Releases,
    threads: NonZeroUsize,
    /// All jobs so far. They are kept, so that none has the key of one before it.
    jobs: Vec<Job<'a>>,
    results: Vec<Done>,
    by_key: HashMap<JobKey, usize, FxBuildHasher>,
    shared: Shared,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        builder: &'a Builder,
        releases: Releases,
        threads: NonZeroUsize,
    ) -> Rounds<'a> {
        Rounds {
            builder,
            releases,
            threads,
            jobs: Vec::new(),
            results: Vec::new(),
            by_key: HashMap::default(),
            shared: Shared::default(),
        }
    }

    /// Walks to the end. `progress` is called from any thread with how many jobs are done and how
    /// many are known so far.
    pub(super) fn run(
        &mut self,
        walks: &mut [Walk<'a>],
        context: Context<'_>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) {
        loop {
            let mut orders = Vec::new();
            for (walk, of_walk) in walks.iter_mut().enumerate() {
                for (unit, job) in of_walk.next_jobs() {
                    orders.push((walk, unit, self.job(job)));
                }
            }
            if orders.is_empty() {
                return;
            }
            self.work(progress);
            for (walk, unit, job) in orders {
                match &self.results[job] {
                    Done::Built(built) => walks[walk].built(unit, built),
                    Done::Substituted(substituted) => walks[walk].substituted(unit, substituted),
                    Done::Made(made) => walks[walk].made(unit, made),
                }
            }
            for walk in walks.iter_mut() {
                walk.link(context);
            }
        }
    }

    /// The index of a job, which may have been known before.
    fn job(&mut self, job: Job<'a>) -> usize {
        *self.by_key.entry(job.key()).or_insert_with(|| {
            self.jobs.push(job);
            self.jobs.len() - 1
        })
    }

    /// Does the jobs that are new.
    fn work(&mut self, progress: &(dyn Fn(usize, usize) + Sync)) {
        let known = self.jobs.len();
        let done = AtomicUsize::new(self.results.len());
        let new = &self.jobs[self.results.len()..];
        let (builder, releases, shared) = (self.builder, &self.releases, &self.shared);
        let results = parallel::map(self.threads, new, |job| {
            let result = job.run(builder, releases, shared);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, known);
            result
        });
        self.results.extend(results);
    }
}

impl Job<'_> {
    fn key(&self) -> JobKey {
        match self {
            Job::Build(Order::Folder(folder)) => JobKey::Folder(folder.clone()),
            Job::Build(Order::Entry(folder)) => JobKey::Entry(folder.clone()),
            Job::Build(Order::Kustomization {
                root,
                folder,
                kustomization,
            }) => JobKey::Kustomization {
                root: root.clone(),
                folder: folder.clone(),
                kustomization: address(&kustomization.node),
            },
            Job::Substitute {
                build,
                kustomization,
                found,
                mode,
            } => JobKey::Substitute {
                build: Arc::as_ptr(build).addr(),
                kustomization: address(&kustomization.node),
                found: found.iter().map(|(_, found)| found.key()).collect(),
                mode: *mode,
            },
            Job::Make(making) => JobKey::Make(making.key()),
        }
    }

    fn run(&self, builder: &Builder, releases: &Releases, shared: &Shared) -> Done {
        match self {
            Job::Build(order) => {
                let build = match order {
                    Order::Folder(folder) => builder.build_folder(folder),
                    Order::Entry(folder) => builder.build_entry(folder),
                    Order::Kustomization {
                        root,
                        folder,
                        kustomization,
                    } => builder.build(root, folder, kustomization),
                };
                let scan = shared.scan(&build, builder);
                Done::Built(Built { build, scan })
            }
            Job::Substitute {
                build,
                kustomization,
                found,
                mode,
            } => {
                let lookup = |kind, namespace: &str, name: &str| {
                    let is_it = |read: &Read| match read {
                        Read::Definition(id) => {
                            id.kind == kind && id.namespace == namespace && id.name == name
                        }
                        Read::Source(_) | Read::Providers(_) => false,
                    };
                    let found = found.iter().find(|(read, _)| is_it(read));
                    found.map_or(Defined::Missing, |(_, found)| found.defined())
                };
                let variables = build.substitutable.variables(kustomization, &lookup);
                let substitute = || {
                    let objects = &build.substitutable;
                    let sources = builder.sources();
                    let substituted =
                        objects.put_in(variables.as_ref(), kustomization, *mode, sources);
                    let unchanged = Arc::ptr_eq(&substituted.salvaged, objects.objects());
                    let (scan, refused) = match unchanged {
                        true => (shared.scan(build, builder), build.read.refused.clone()),
                        false => {
                            let salvaged = &substituted.salvaged;
                            let read = builder.read_objects(salvaged, kustomization);
                            (Arc::new(Scan::new(read.objects)), read.refused)
                        }
                    };
                    let failed = match substituted.objects {
                        None => Some(Stage::Substitute),
                        Some(_) => (!refused.is_empty()).then_some(Stage::Apply),
                    };
                    let mut findings = substituted.findings;
                    findings.extend(refused);
                    Arc::new(Substituted {
                        failed,
                        findings,
                        scan,
                    })
                };
                // Faults of the variables themselves are not among what tells them apart.
                let is_sound = |variables: &&Variables| variables.faults.is_empty();
                let Some(variables) = variables.as_ref().filter(is_sound) else {
                    return Done::Substituted(substitute());
                };
                let key = UsedKey {
                    build: Arc::as_ptr(build).addr(),
                    kustomization: address(&kustomization.node),
                    used: build.substitutable.used(variables),
                    mode: *mode,
                };
                Done::Substituted(shared.substituted.get(key, substitute))
            }
            Job::Make(making) => Done::Made(making.run(releases, builder)),
        }
    }
}

/// What jobs share, apart from what their keys tell.
#[derive(Default)]
struct Shared {
    /// By the addresses of builds, which the builder keeps.
    scans: Once<usize, Scan>,
    substituted: Once<UsedKey, Substituted>,
}

impl Shared {
    /// The scan of a build.
    fn scan(&self, build: &Arc<FolderBuild>, builder: &Builder) -> Arc<Scan> {
        self.scans.get(Arc::as_ptr(build).addr(), || {
            Arc::new(match &build.objects {
                Ok(_) => Scan::new(Arc::clone(&build.read.objects)),
                Err(_) => Scan::as_written(builder.sources(), build),
            })
        })
    }
}

/// What tells one result of a substitution from another.
#[derive(PartialEq, Eq, Hash)]
struct UsedKey {
    build: usize,
    kustomization: usize,
    used: Used,
    mode: Mode,
}
