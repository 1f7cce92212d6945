//! The walk through one cluster: what applies objects to it, and what is to be done next.
//!
//! A Kustomization is built, its variables are put in, and what comes of it is linked: its
//! children start, and those that read a ConfigMap or Secret which it renders are rendered again. One
//! whose definitions are not there yet waits until all others are done, as it would in a cluster. It is
//! the same with what [makes](super::make) objects.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_source::TreePath;

use crate::config::{Provided, ProviderInputs, Settings};
use crate::render::apis::Apis;
use crate::render::definition::{Definitions, Found, Unknowns};
use crate::render::make::{Made, Making};
use crate::render::reads::Read;
use crate::render::release::{Surroundings, locate_chart};
use crate::render::rounds::{Built, Job, Order, Substituted};
use crate::render::scan::Scan;
use crate::render::unit::Unit;
use crate::render::{Applier, Outcome, Stage, endless};
use crate::tree::Tree;

/// The walk through one cluster.
pub(super) struct Walk<'a> {
    pub(super) cluster: Option<String>,
    pub(super) settings: Settings<'a>,
    pub(super) entries: Vec<TreePath>,
    /// Known once the entries are rendered.
    pub(super) tree: Option<Tree>,
    pub(super) units: Vec<Unit<'a>>,
    pub(super) definitions: Definitions,
    pub(super) unknowns: Unknowns,
    /// Those that it has beside Kubernetes' own.
    pub(super) apis: Apis,
    /// Those of a namespace and name.
    pub(super) by_name: HashMap<(String, String), Vec<usize>, FxBuildHasher>,
    /// Those that read something.
    pub(super) readers: HashMap<Read, Vec<usize>, FxBuildHasher>,
    pub(super) to_build: Vec<usize>,
    /// Those that are to be rendered with what they read, for the first time or again.
    pub(super) to_read: Vec<usize>,
    /// Those for which not all of that is there.
    waiting: Vec<usize>,
    /// How many objects were rendered, all rounds together.
    objects: usize,
    /// Whether it was said that these are too many.
    has_too_many: bool,
    /// Those that were rendered and are not linked yet.
    pub(super) to_link: Vec<usize>,
}

impl<'a> Walk<'a> {
    /// A walk from the folders of entries.
    pub(super) fn new(
        cluster: Option<String>,
        entries: Vec<TreePath>,
        settings: Settings<'a>,
    ) -> Walk<'a> {
        let units: Vec<Unit<'_>> = entries.iter().map(Unit::of_entry).collect();
        Walk {
            cluster,
            settings,
            entries,
            tree: None,
            to_build: (0..units.len()).collect(),
            units,
            definitions: Definitions::default(),
            unknowns: Unknowns::default(),
            apis: Apis::default(),
            by_name: HashMap::default(),
            readers: HashMap::default(),
            to_read: Vec::new(),
            waiting: Vec::new(),
            objects: 0,
            has_too_many: false,
            to_link: Vec::new(),
        }
    }

    /// What can be done now, with the index of what it is for; nothing at the end of the walk.
    pub(super) fn next_jobs(&mut self) -> Vec<(usize, Job<'a>)> {
        let mut jobs = Vec::new();
        for index in self.next_builds() {
            let unit = &self.units[index];
            if let (true, Some(folder)) = (unit.live, &unit.folder) {
                let folder = folder.clone();
                let order = match (unit.kustomization(), &self.tree) {
                    (Some(kustomization), Some(tree)) => Order::Kustomization {
                        root: tree.root.clone(),
                        folder,
                        kustomization: Arc::clone(kustomization),
                    },
                    _ if self.cluster.is_some() => Order::Entry(folder),
                    _ => Order::Folder(folder),
                };
                jobs.push((index, Job::Build(order)));
            }
        }
        loop {
            for index in self.next_readers() {
                let unit = &mut self.units[index];
                unit.queued = false;
                if !unit.live {
                    continue;
                }
                let found = self.look_up(index);
                if self.units[index].has_read() {
                    jobs.extend(self.read_again(index, found));
                } else if found.iter().all(Found::is_known) {
                    jobs.extend(self.read_now(index, found));
                } else {
                    self.waiting.push(index);
                }
            }
            if self.to_read.is_empty() || !jobs.is_empty() {
                break;
            }
        }
        if jobs.is_empty() {
            for index in self.next_waiting() {
                let found = self.look_up(index);
                jobs.extend(self.read_now(index, found));
            }
        }
        if jobs.is_empty() {
            jobs = self.no_longer_missing();
        }
        if jobs.is_empty() {
            jobs = self.with_other_apis();
        }
        jobs
    }

    /// Those that are to be rendered with what they read: some of what makes objects, and the rest of
    /// it once it is known how much that makes.
    fn next_readers(&mut self) -> Vec<usize> {
        let mut now = Vec::new();
        let mut makers = 0;
        for index in std::mem::take(&mut self.to_read) {
            if self.units[index].by.maker().is_none() {
                now.push(index);
            } else if self.is_too_much(index) {
                self.units[index].queued = false;
            } else if makers < endless::MOST_MADE_AT_ONCE {
                makers += 1;
                now.push(index);
            } else {
                self.to_read.push(index);
            }
        }
        now
    }

    /// Those that have waited long enough: some that make objects, or else all others.
    fn next_waiting(&mut self) -> Vec<usize> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_unstable();
        waiting.dedup();
        waiting.retain(|index| {
            let unit = &self.units[*index];
            unit.live && !unit.has_read()
        });
        let is_maker = |index: &usize| self.units[*index].by.maker().is_some();
        let (mut makers, others): (Vec<usize>, Vec<usize>) =
            waiting.into_iter().partition(is_maker);
        match makers.first() {
            Some(first) if !self.is_too_much(*first) => {
                let now = makers.len().min(endless::MOST_MADE_AT_ONCE);
                self.waiting = makers.split_off(now);
                self.waiting.extend(others);
                makers
            }
            _ => others,
        }
    }

    /// Whether the cluster renders more than can be, so that one of its units is left out. The first
    /// one says so.
    fn is_too_much(&mut self, index: usize) -> bool {
        if self.objects <= endless::MOST_OBJECTS {
            return false;
        }
        if !std::mem::replace(&mut self.has_too_many, true) {
            let unit = &mut self.units[index];
            unit.findings.extend(endless::too_many(&unit.by));
        }
        true
    }

    /// Some of what is to be built; the rest of it, once it is known how much that renders.
    fn next_builds(&mut self) -> Vec<usize> {
        if let Some(first) = self.to_build.first().copied()
            && self.is_too_much(first)
        {
            self.to_build.clear();
        }
        let now = self.to_build.len().min(endless::MOST_AT_ONCE);
        self.to_build.drain(..now).collect()
    }

    /// Renders again what missed something before something turned up that may provide it, or for
    /// which it is known by now that nothing does.
    fn no_longer_missing(&mut self) -> Vec<(usize, Job<'a>)> {
        let mut jobs = Vec::new();
        for index in 0..self.units.len() {
            let unit = &self.units[index];
            if unit.live && unit.has_read() && !unit.found.iter().all(Found::is_known) {
                let found = self.look_up(index);
                jobs.extend(self.read_again(index, found));
            }
        }
        jobs
    }

    /// Renders again the charts that asked for APIs before all of them were known.
    fn with_other_apis(&mut self) -> Vec<(usize, Job<'a>)> {
        let apis = self.apis.list();
        let mut jobs = Vec::new();
        for index in 0..self.units.len() {
            let unit = &self.units[index];
            let asked = unit
                .made
                .as_ref()
                .and_then(|made| made.asks_for_apis.as_ref());
            let others = unit.apis.as_ref().filter(|known| **known != apis);
            let is_other = asked.zip(others);
            let is_other =
                is_other.is_some_and(|(asked, known)| asked.differ(&known.apis, &apis.apis));
            if unit.live && is_other && unit.rounds < endless::MOST_ROUNDS {
                let found = self.look_up(index);
                jobs.extend(self.read_now(index, found));
            }
        }
        jobs
    }

    fn look_up(&self, index: usize) -> Vec<Found<'a>> {
        let reads = self.units[index].reads.iter();
        reads.map(|read| self.look_up_one(read, index)).collect()
    }

    fn look_up_one(&self, read: &Read, index: usize) -> Found<'a> {
        let objects = self.definitions.get(read).iter().filter_map(|by| {
            let scan = self.units[by.applied].linked.as_ref()?;
            Some((Arc::clone(scan), by.object))
        });
        if let Read::Providers(_) = read {
            let objects: Vec<(Arc<Scan>, usize)> = objects.collect();
            if !objects.is_empty() {
                return Found::Objects(objects);
            }
        } else if let Some((scan, object)) = objects.into_iter().next() {
            return Found::Object(scan, object);
        }
        let mut declared = self.settings.provides();
        let is_it = |one: &&Provided| matches!(read, Read::Definition(id) if id.is(one));
        match declared.find(is_it) {
            Some(provided) => Found::Provided(provided),
            None if self.is_incomplete() || self.may_be_provided(read, index) => Found::Unknown,
            None => Found::Missing,
        }
    }

    /// Whether something that is not rendered could provide what a unit reads. What is applied because
    /// of the unit itself cannot: it comes later.
    fn may_be_provided(&self, read: &Read, index: usize) -> bool {
        let all = self.unknowns.providers(read);
        if all == 0 {
            return false;
        }
        let mut own = Unknowns::default();
        let mut below = vec![index];
        while let Some(index) = below.pop() {
            let unit = &self.units[index];
            unit.could_provide.iter().for_each(|one| own.add(one));
            below.extend(&unit.children);
        }
        all > own.providers(read)
    }

    /// Whether what is applied to the cluster is not known as a whole, as the tree has no clusters.
    fn is_incomplete(&self) -> bool {
        self.cluster.is_none()
    }

    /// What renders a unit with what was found of what it reads.
    fn read_now(&mut self, index: usize, found: Vec<Found<'a>>) -> Option<(usize, Job<'a>)> {
        let surroundings = self.surroundings(index, &found);
        let unit = &mut self.units[index];
        unit.apis = surroundings.as_ref().map(|one| one.apis.clone());
        let reads = unit.reads.iter().cloned().zip(found.iter().cloned());
        let job = match &unit.by {
            Applier::Entry => return None,
            Applier::Kustomization(kustomization) => Job::Substitute {
                build: Arc::clone(&unit.built.as_ref()?.build),
                kustomization: Arc::clone(kustomization),
                found: reads.collect(),
                mode: self.settings.substitution,
            },
            Applier::ResourceSet(_) | Applier::HelmRelease(_) => Job::Make(Making {
                applier: unit.by.clone(),
                inputs: {
                    let is_read = |one: &&ProviderInputs| {
                        let from = |read: &Read| matches!(read, Read::Providers(of) if *of == one.inputs.namespace);
                        unit.reads.iter().any(from)
                    };
                    self.settings.inputs().filter(is_read).collect()
                },
                found: reads.collect(),
                surroundings,
            }),
        };
        unit.found = found;
        unit.rounds += 1;
        Some((index, job))
    }

    /// What decides what a HelmRelease gives, beside itself and its values; none for anything else.
    fn surroundings(&mut self, index: usize, found: &[Found<'a>]) -> Option<Arc<Surroundings>> {
        let apis = self.apis.list();
        let unit = &self.units[index];
        let (Applier::HelmRelease(release), Some(tree)) = (&unit.by, &self.tree) else {
            return None;
        };
        let reads = unit.reads.iter().cloned().zip(found.iter().cloned());
        let reads: Vec<(Read, Found<'a>)> = reads.collect();
        let look_up = |read: &Read| self.look_up_one(read, index);
        Some(Arc::new(Surroundings {
            located: locate_chart(release, &reads, look_up, tree),
            kubernetes: self.settings.kubernetes,
            apis,
        }))
    }

    /// The same, if something that makes a difference was found that was not before.
    fn read_again(&mut self, index: usize, found: Vec<Found<'a>>) -> Option<(usize, Job<'a>)> {
        let unit = &mut self.units[index];
        let mut both = found.iter().zip(&unit.found);
        if both.all(|(one, other)| one.same_value(other)) {
            return None;
        }
        match unit.rounds.cmp(&endless::MOST_ROUNDS) {
            Ordering::Less => return self.read_now(index, found),
            Ordering::Equal => {
                unit.rounds += 1;
                unit.findings.extend(endless::unsettled(&unit.by));
            }
            Ordering::Greater => {}
        }
        None
    }

    /// Has a unit rendered with what it reads, if it is not to be done already.
    pub(super) fn queue(&mut self, index: usize) {
        let unit = &mut self.units[index];
        if !unit.queued {
            unit.queued = true;
            self.to_read.push(index);
        }
    }

    /// Takes in the build of a Kustomization.
    pub(super) fn built(&mut self, index: usize, built: &Built) {
        let unit = &mut self.units[index];
        unit.built = Some(built.clone());
        unit.substituted = None;
        match &built.build.objects {
            Ok(_) if unit.has_variables() => self.queue(index),
            Ok(_) => {
                let outcome = match built.build.read.refused.is_empty() {
                    true => Outcome::Objects(Arc::clone(&built.scan.objects)),
                    false => Outcome::Failed(Stage::Apply),
                };
                self.rendered(index, outcome, &built.scan);
            }
            Err(stage) => {
                let failed = built.build.failed(unit.kustomization().map(Arc::as_ref));
                let outcome = Outcome::Failed(failed.unwrap_or(*stage));
                self.rendered(index, outcome, &built.scan);
            }
        }
    }

    /// Takes in what came of its variables.
    pub(super) fn substituted(&mut self, index: usize, substituted: &Arc<Substituted>) {
        self.units[index].substituted = Some(Arc::clone(substituted));
        let outcome = match substituted.failed {
            Some(stage) => Outcome::Failed(stage),
            None => Outcome::Objects(Arc::clone(&substituted.scan.objects)),
        };
        self.rendered(index, outcome, &substituted.scan);
    }

    /// Takes in what an object made.
    pub(super) fn made(&mut self, index: usize, made: &Arc<Made>) {
        self.units[index].made = Some(Arc::clone(made));
        self.rendered(index, made.outcome.clone(), &made.scan);
    }

    fn rendered(&mut self, index: usize, outcome: Outcome, scan: &Arc<Scan>) {
        let unit = &mut self.units[index];
        unit.outcome = Some(outcome);
        unit.scan = Some(Arc::clone(scan));
        self.objects += scan.objects.len();
        self.to_link.push(index);
    }
}
