//! The walk through one cluster: which Kustomizations it has, and what is to be done next.
//!
//! A Kustomization is built, its variables are put in, and what comes of it is linked: its
//! children start, and those that read a ConfigMap or Secret which it renders have their variables
//! put in again. One whose definitions are not there yet waits until all others are done, as it
//! would in a cluster.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_source::TreePath;

use crate::config::Settings;
use crate::render::definition::{DefinitionId, Definitions, Found, Unknowns};
use crate::render::rounds::{Built, Job, Order, Substituted};
use crate::render::scan::Scan;
use crate::render::unit::Unit;
use crate::render::{Outcome, Stage, endless};
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
    /// The Kustomizations of a namespace and name.
    pub(super) by_name: HashMap<(String, String), Vec<usize>, FxBuildHasher>,
    /// The Kustomizations that read a definition.
    pub(super) readers: HashMap<DefinitionId, Vec<usize>, FxBuildHasher>,
    pub(super) to_build: Vec<usize>,
    /// Those whose variables are to be put in, for the first time or again.
    pub(super) to_substitute: Vec<usize>,
    /// Those whose definitions are not all there.
    waiting: Vec<usize>,
    /// How many objects were rendered, all rounds together.
    objects: usize,
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
            by_name: HashMap::default(),
            readers: HashMap::default(),
            to_substitute: Vec::new(),
            waiting: Vec::new(),
            objects: 0,
            to_link: Vec::new(),
        }
    }

    /// What can be done now, with the Kustomization it is for; nothing at the end of the walk.
    pub(super) fn next_jobs(&mut self) -> Vec<(usize, Job<'a>)> {
        let mut jobs = Vec::new();
        for index in self.next_builds() {
            let unit = &self.units[index];
            if let (true, Some(folder)) = (unit.live, &unit.folder) {
                let folder = folder.clone();
                let order = match (&unit.kustomization, &self.tree) {
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
        for index in std::mem::take(&mut self.to_substitute) {
            let unit = &mut self.units[index];
            unit.queued = false;
            if !unit.live {
                continue;
            }
            let found = self.look_up(index);
            if self.units[index].substituted.is_some() {
                jobs.extend(self.substitute_again(index, found));
            } else if found.iter().all(Found::is_known) {
                jobs.extend(self.substitute(index, found));
            } else {
                self.waiting.push(index);
            }
        }
        if jobs.is_empty() {
            let mut waiting = std::mem::take(&mut self.waiting);
            waiting.sort_unstable();
            waiting.dedup();
            for index in waiting {
                let unit = &self.units[index];
                if unit.live && unit.substituted.is_none() {
                    let found = self.look_up(index);
                    jobs.extend(self.substitute(index, found));
                }
            }
        }
        if jobs.is_empty() {
            jobs = self.no_longer_missing();
        }
        jobs
    }

    /// Some of what is to be built; the rest of it, once it is known how much that renders.
    fn next_builds(&mut self) -> Vec<usize> {
        if self.objects > endless::MOST_OBJECTS {
            let left = std::mem::take(&mut self.to_build);
            if let Some(index) = left.first() {
                let unit = &mut self.units[*index];
                let finding = unit
                    .kustomization
                    .as_ref()
                    .map(|one| endless::too_many(one));
                unit.findings.extend(finding);
            }
        }
        let now = self.to_build.len().min(endless::MOST_AT_ONCE);
        self.to_build.drain(..now).collect()
    }

    /// Puts variables in again where a definition was missing before something turned up that may
    /// provide it.
    fn no_longer_missing(&mut self) -> Vec<(usize, Job<'a>)> {
        let is_missing = |found: &Found<'_>| matches!(found, Found::Missing);
        let mut jobs = Vec::new();
        for index in 0..self.units.len() {
            let unit = &self.units[index];
            if unit.live && unit.found.iter().any(is_missing) {
                let found = self.look_up(index);
                jobs.extend(self.substitute_again(index, found));
            }
        }
        jobs
    }

    fn look_up(&self, index: usize) -> Vec<Found<'a>> {
        let one = |id: &DefinitionId| {
            let by = self.definitions.get(id);
            let scan = by.and_then(|by| self.units[by.applied].linked.as_ref());
            if let (Some(by), Some(scan)) = (by, scan) {
                return Found::Object(Arc::clone(scan), by.object);
            }
            let mut declared = self.settings.provides();
            match declared.find(|one| id.is(one)) {
                Some(provided) => Found::Provided(provided),
                None if self.is_incomplete() || self.may_be_provided(id, index) => Found::Unknown,
                None => Found::Missing,
            }
        };
        self.units[index].reads.iter().map(one).collect()
    }

    /// Whether something that is not rendered could provide a definition for a Kustomization. What is
    /// applied because of the Kustomization itself cannot: it comes later.
    fn may_be_provided(&self, id: &DefinitionId, index: usize) -> bool {
        let all = self.unknowns.providers(id);
        if all == 0 {
            return false;
        }
        let mut own = Unknowns::default();
        let mut below = vec![index];
        while let Some(index) = below.pop() {
            let unit = &self.units[index];
            own.replace(None, unit.linked.as_deref());
            own.count(false, unit.unknown);
            below.extend(&unit.children);
        }
        all > own.providers(id)
    }

    /// Whether what is applied to the cluster is not known as a whole, as the tree has no clusters.
    fn is_incomplete(&self) -> bool {
        self.cluster.is_none()
    }

    fn substitute(&mut self, index: usize, found: Vec<Found<'a>>) -> Option<(usize, Job<'a>)> {
        let unit = &mut self.units[index];
        let reads = unit.reads.iter().cloned();
        let job = Job::Substitute {
            build: Arc::clone(&unit.built.as_ref()?.build),
            kustomization: Arc::clone(unit.kustomization.as_ref()?),
            found: reads.zip(found.iter().cloned()).collect(),
            mode: self.settings.substitution,
        };
        unit.found = found;
        unit.rounds += 1;
        Some((index, job))
    }

    fn substitute_again(
        &mut self,
        index: usize,
        found: Vec<Found<'a>>,
    ) -> Option<(usize, Job<'a>)> {
        let unit = &mut self.units[index];
        let mut both = found.iter().zip(&unit.found);
        if both.all(|(one, other)| one.same_value(other)) {
            return None;
        }
        match unit.rounds.cmp(&endless::MOST_ROUNDS) {
            Ordering::Less => return self.substitute(index, found),
            Ordering::Equal => {
                unit.rounds += 1;
                let kustomization = unit.kustomization.as_ref()?;
                unit.findings.push(endless::unsettled(kustomization));
            }
            Ordering::Greater => {}
        }
        None
    }

    /// Has the variables of a Kustomization put in, if it is not to be done already.
    pub(super) fn queue(&mut self, index: usize) {
        let unit = &mut self.units[index];
        if !unit.queued {
            unit.queued = true;
            self.to_substitute.push(index);
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
                let failed = built.build.failed(unit.kustomization.as_deref());
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

    fn rendered(&mut self, index: usize, outcome: Outcome, scan: &Arc<Scan>) {
        let unit = &mut self.units[index];
        unit.outcome = Some(outcome);
        unit.scan = Some(Arc::clone(scan));
        self.objects += scan.objects.len();
        self.to_link.push(index);
    }
}
