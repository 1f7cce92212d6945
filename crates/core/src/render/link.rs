//! What the objects of a Kustomization do to the rest of its cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use tidegate_source::{Sources, TreePath};

use crate::flux::FluxKustomization;
use crate::render::definition::{DefinedBy, DefinitionId};
use crate::render::follow::{Followed, Target, follow};
use crate::render::scan::Scan;
use crate::render::unit::Unit;
use crate::render::walk::Walk;
use crate::render::{Outcome, endless};
use crate::spec_path;
use crate::tree::{Tree, join};

/// What is the same for all clusters.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) sources: &'a Sources,
    /// The folder that was searched for clusters.
    pub(super) start: &'a TreePath,
}

impl Walk<'_> {
    /// Links what was rendered since the last call.
    pub(super) fn link(&mut self, context: Context<'_>) {
        if self.tree.is_none() {
            let entries = &self.units[..self.entries.len()];
            if entries.iter().any(|entry| entry.scan.is_none()) {
                return;
            }
            let scans = entries.iter().filter_map(|entry| entry.scan.as_ref());
            let named = scans.flat_map(|scan| &scan.kustomizations).cloned();
            let named: Vec<Arc<FluxKustomization>> = named.collect();
            let system = context.sources.system();
            self.tree = Some(Tree::infer(
                system,
                context.start,
                &self.entries,
                &named,
                &self.settings,
            ));
        }
        let mut to_link = std::mem::take(&mut self.to_link);
        to_link.sort_unstable();
        to_link.dedup();
        for index in to_link {
            if self.units[index].live {
                self.link_one(index, context);
            }
        }
    }

    fn link_one(&mut self, index: usize, context: Context<'_>) {
        let Some(scan) = self.units[index].scan.clone() else {
            return;
        };
        if self.is_to_build_as_itself(index, &scan) {
            self.to_build.push(index);
            return;
        }
        let before = self.units[index].linked.replace(Arc::clone(&scan));
        self.link_definitions(index, before.as_deref(), Some(&scan));
        let mut before: BTreeSet<usize> = std::mem::take(&mut self.units[index].children)
            .into_iter()
            .collect();
        for kustomization in &scan.kustomizations {
            if self.leads_to_itself(index, kustomization) {
                continue;
            }
            match self.known(kustomization) {
                Some(child) if before.remove(&child) => self.units[index].children.push(child),
                // Another Kustomization renders the same, or this one does so twice.
                Some(_) => {}
                None => self.start(index, kustomization, context),
            }
        }
        for child in before {
            self.remove(child);
        }
    }

    /// The same Kustomization, if the cluster has it already.
    fn known(&self, kustomization: &FluxKustomization) -> Option<usize> {
        let mut same = self.by_name.get(&name_of(kustomization))?.iter().copied();
        same.find(|index| self.units[*index].is(kustomization))
    }

    /// Whether the objects of an entry say for the first time how it is itself built: they hold the
    /// Kustomization that applies it, as `flux bootstrap` writes it.
    fn is_to_build_as_itself(&mut self, index: usize, scan: &Scan) -> bool {
        if self.units[index].parent.is_some() {
            return false;
        }
        let mut all = scan.kustomizations.iter();
        let Some(itself) = all.find(|one| self.leads_to_itself(index, one)) else {
            return false;
        };
        let tree = self.tree.as_ref();
        let escapes = tree.is_some_and(|tree| join(&tree.root, &itself.path).1);
        let unit = &mut self.units[index];
        if unit.is(itself) || unit.rounds >= endless::MOST_ROUNDS {
            return false;
        }
        unit.findings
            .extend(escapes.then(|| spec_path::escapes(itself)));
        let before = unit.kustomization.take();
        unit.set_kustomization(Arc::clone(itself));
        unit.rounds += 1;
        self.name(index);
        self.read(index);
        let says_more =
            |one: &FluxKustomization| !one.settings().is_empty() || one.post_build().is_some();
        says_more(itself) || before.is_some_and(|before| says_more(&before))
    }

    /// Whether a Kustomization among the objects of an entry is the one that applies the entry.
    fn leads_to_itself(&self, index: usize, kustomization: &FluxKustomization) -> bool {
        let unit = &self.units[index];
        let (None, Some(tree)) = (unit.parent, &self.tree) else {
            return false;
        };
        tree.is_own(&kustomization.source)
            && Some(join(&tree.root, &kustomization.path).0) == unit.folder
    }

    /// Makes what a Kustomization renders now known in place of what it rendered before.
    fn link_definitions(&mut self, index: usize, before: Option<&Scan>, now: Option<&Scan>) {
        let mut changed: BTreeSet<&DefinitionId> = BTreeSet::new();
        for (id, _) in before.iter().flat_map(|scan| &scan.definitions) {
            self.definitions.remove(id, index);
            changed.insert(id);
        }
        for (id, object) in now.iter().flat_map(|scan| &scan.definitions) {
            let by = DefinedBy {
                applied: index,
                object: *object,
            };
            self.definitions.insert(id, by);
            changed.insert(id);
        }
        for id in changed {
            for reader in self.readers.get(id).cloned().unwrap_or_default() {
                if self.units[reader].built.is_some() {
                    self.queue(reader);
                }
            }
        }
        self.unknowns.replace(before, now);
        let unit = &mut self.units[index];
        let unknown = now.is_some() && unit.is_unknown();
        self.unknowns.count(unit.unknown, unknown);
        unit.unknown = unknown;
    }

    /// Starts a Kustomization.
    fn start(
        &mut self,
        parent: usize,
        kustomization: &Arc<FluxKustomization>,
        context: Context<'_>,
    ) {
        if let Some(finding) = self.endless(parent, kustomization) {
            self.units[parent].findings.push(finding);
            return;
        }
        let index = self.units.len();
        self.units[parent].children.push(index);
        let mut unit = Unit::new(parent, Arc::clone(kustomization));
        if let Some(tree) = &self.tree {
            let Context { sources, start } = context;
            let Followed {
                target,
                findings,
                left_out,
            } = follow(sources, tree, start, &self.entries, kustomization);
            unit.findings = findings;
            unit.not_rendered = left_out;
            match target {
                Target::Folder(folder) => {
                    unit.folder = Some(folder);
                    self.to_build.push(index);
                }
                Target::Failed(stage) => unit.outcome = Some(Outcome::Failed(stage)),
                Target::Unknown(reason) => unit.outcome = Some(Outcome::NotRendered(reason)),
            }
        }
        unit.unknown = unit.is_unknown();
        self.unknowns.count(false, unit.unknown);
        self.units.push(unit);
        self.name(index);
        self.read(index);
    }

    fn name(&mut self, index: usize) {
        if let Some(kustomization) = &self.units[index].kustomization {
            let name = name_of(kustomization);
            self.by_name.entry(name).or_default().push(index);
        }
    }

    fn read(&mut self, index: usize) {
        for id in &self.units[index].reads {
            self.readers.entry(id.clone()).or_default().push(index);
        }
    }

    /// Takes out a Kustomization that is rendered no longer, and those below it.
    fn remove(&mut self, index: usize) {
        let unit = &mut self.units[index];
        unit.live = false;
        let children = std::mem::take(&mut unit.children);
        let linked = unit.linked.take();
        self.link_definitions(index, linked.as_deref(), None);
        if let Some(kustomization) = &self.units[index].kustomization
            && let Some(all) = self.by_name.get_mut(&name_of(kustomization))
        {
            all.retain(|one| *one != index);
        }
        for child in children {
            self.remove(child);
        }
    }
}

fn name_of(kustomization: &FluxKustomization) -> (String, String) {
    let subject = &kustomization.subject;
    (subject.namespace.clone(), subject.name.clone())
}
