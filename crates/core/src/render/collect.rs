//! What came of all walks: the clusters, and what was found in them, each thing that several
//! clusters share once.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use tidegate_source::{Diagnostic, NotChecked, NotRendered};

use crate::render::walk::Walk;

/// What was found, and how much was rendered.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) findings: Vec<Diagnostic>,
    pub(super) not_rendered: Vec<NotRendered>,
    pub(super) not_checked: Vec<NotChecked>,
    /// How many folders were built, each combination with settings once.
    pub(super) builds: usize,
    /// How many objects these builds gave, and objects that make others.
    pub(super) objects: usize,
}

/// Findings, and who shares them.
struct Shared<'a> {
    findings: &'a [Diagnostic],
    clusters: Vec<String>,
    /// The shortest way there: the walk, the unit, and how many are above it.
    way: (usize, usize, usize),
}

/// Gathers the findings of what is shared, by its address.
#[derive(Default)]
struct Gathered<'a> {
    shared: Vec<Shared<'a>>,
    by_address: HashMap<usize, usize, FxBuildHasher>,
}

impl<'a> Gathered<'a> {
    /// Takes in findings that a unit of a walk has. Returns whether they are new.
    fn add(
        &mut self,
        address: usize,
        findings: &'a [Diagnostic],
        cluster: Option<&String>,
        way: (usize, usize, usize),
    ) -> bool {
        let known = self.by_address.len();
        let index = *self.by_address.entry(address).or_insert(self.shared.len());
        if index == self.shared.len() {
            self.shared.push(Shared {
                findings,
                clusters: Vec::new(),
                way,
            });
        }
        let shared = &mut self.shared[index];
        // The units of a cluster follow each other.
        if shared.clusters.last() != cluster {
            shared.clusters.extend(cluster.cloned());
        }
        if way.2 < shared.way.2 {
            shared.way = way;
        }
        known < self.by_address.len()
    }
}

impl Collected {
    /// Collects what was found in all clusters.
    pub(super) fn new(walks: &[Walk<'_>]) -> Collected {
        let mut collected = Collected::default();
        let mut gathered = Gathered::default();
        for (number, walk) in walks.iter().enumerate() {
            let cluster = walk.cluster.as_ref();
            for (index, unit) in walk.units.iter().enumerate().filter(|(_, unit)| unit.live) {
                let way = (number, index, walk.depth(index));
                if let Some(built) = &unit.built {
                    let build = &built.build;
                    let address = Arc::as_ptr(build).addr();
                    if gathered.add(address, &build.findings, cluster, way) {
                        collected.builds += 1;
                        collected.objects += build.objects.as_ref().map_or(0, |all| all.len());
                        collected
                            .not_rendered
                            .extend_from_slice(&build.not_rendered);
                    }
                }
                if let (Some(built), None) = (&unit.built, &unit.substituted) {
                    let read = &built.build.read;
                    let address = std::ptr::from_ref(read).addr();
                    gathered.add(address, &read.refused, cluster, way);
                }
                if let Some(substituted) = &unit.substituted {
                    let address = Arc::as_ptr(substituted).addr();
                    gathered.add(address, &substituted.findings, cluster, way);
                }
                if let Some(made) = &unit.made {
                    let address = Arc::as_ptr(made).addr();
                    if gathered.add(address, &made.findings, cluster, way) {
                        collected.objects += made.scan.objects.len();
                        collected.not_rendered.extend_from_slice(&made.not_rendered);
                        collected.not_checked.extend_from_slice(&made.not_checked);
                    }
                }
                collected.not_rendered.extend(unit.not_rendered.clone());
                for mut finding in unit.findings.iter().cloned() {
                    finding.trail = walk.chain(unit.parent);
                    finding.clusters = cluster.cloned().into_iter().collect();
                    collected.findings.push(finding);
                }
            }
        }
        for Shared {
            findings,
            clusters,
            way: (walk, index, _),
        } in gathered.shared
        {
            let chain = match findings.is_empty() {
                true => continue,
                false => walks[walk].chain(Some(index)),
            };
            for mut finding in findings.iter().cloned() {
                finding.clusters.clone_from(&clusters);
                finding.trail.splice(0..0, chain.iter().cloned());
                collected.findings.push(finding);
            }
        }
        collected
    }
}
