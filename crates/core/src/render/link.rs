//! What the objects of a unit do to the rest of its cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use tidegate_source::{Sources, TreePath};

use crate::flux::FluxKustomization;
use crate::render::definition::DefinedBy;
use crate::render::follow::{Followed, Target, follow};
use crate::render::reads::Read;
use crate::render::scan::Scan;
use crate::render::unit::Unit;
use crate::render::walk::Walk;
use crate::render::{Applier, Outcome, endless};
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
            let named = scans.flat_map(|scan| scan.kustomizations()).cloned();
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
        self.link_provided(index, before.as_deref(), Some(&scan));
        let mut before: BTreeSet<usize> = std::mem::take(&mut self.units[index].children)
            .into_iter()
            .collect();
        for applier in &scan.appliers {
            let kustomization = applier.kustomization();
            if kustomization.is_some_and(|one| self.leads_to_itself(index, one)) {
                continue;
            }
            match self.known(applier) {
                Some(child) if before.remove(&child) => self.units[index].children.push(child),
                // Another one renders the same, or this one does so twice.
                Some(_) => {}
                None => self.start(index, applier, context),
            }
        }
        for child in before {
            self.remove(child);
        }
    }

    /// The same object, if the cluster has it already.
    fn known(&self, applier: &Applier) -> Option<usize> {
        let object = applier.node()?;
        let mut same = self.by_name.get(&name_of(applier)?)?.iter().copied();
        same.find(|index| self.units[*index].is(object))
    }

    /// Whether the objects of an entry say for the first time how it is itself built: they hold the
    /// Kustomization that applies it, as `flux bootstrap` writes it.
    fn is_to_build_as_itself(&mut self, index: usize, scan: &Scan) -> bool {
        if self.units[index].parent.is_some() {
            return false;
        }
        let mut all = scan.kustomizations();
        let Some(itself) = all.find(|one| self.leads_to_itself(index, one)) else {
            return false;
        };
        let tree = self.tree.as_ref();
        let escapes = tree.is_some_and(|tree| join(&tree.root, &itself.path).1);
        let unit = &mut self.units[index];
        if unit.is(&itself.node) || unit.rounds >= endless::MOST_ROUNDS {
            return false;
        }
        unit.findings
            .extend(escapes.then(|| spec_path::escapes(itself)));
        let before = unit.kustomization().cloned();
        unit.set_applier(Applier::Kustomization(Arc::clone(itself)));
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

    /// Makes what a unit renders now known in place of what it rendered before.
    fn link_provided(&mut self, index: usize, before: Option<&Scan>, now: Option<&Scan>) {
        let mut changed: BTreeSet<&Read> = BTreeSet::new();
        for (read, _) in before.iter().flat_map(|scan| &scan.provided) {
            self.definitions.remove(read, index);
            changed.insert(read);
        }
        for (read, object) in now.iter().flat_map(|scan| &scan.provided) {
            let by = DefinedBy {
                applied: index,
                object: *object,
            };
            self.definitions.insert(read, by);
            changed.insert(read);
        }
        for read in changed {
            for reader in self.readers.get(read).cloned().unwrap_or_default() {
                if self.units[reader].can_read() {
                    self.queue(reader);
                }
            }
        }
        let before = before.map_or(&[][..], |scan| &scan.apis);
        self.apis
            .replace(before, now.map_or(&[][..], |scan| &scan.apis));
        self.count_unknown(index, now.is_some());
    }

    /// Counts what a unit could provide as long as it is not rendered.
    fn count_unknown(&mut self, index: usize, is_live: bool) {
        let unit = &mut self.units[index];
        let now = unit.unknown().filter(|_| is_live);
        if let Some(before) = std::mem::replace(&mut unit.could_provide, now) {
            self.unknowns.remove(&before);
        }
        if let Some(now) = &unit.could_provide {
            self.unknowns.add(now);
        }
    }

    /// Starts what a unit renders that applies objects itself.
    fn start(&mut self, parent: usize, applier: &Applier, context: Context<'_>) {
        if let Some(finding) = self.endless(parent, applier, context.sources) {
            self.units[parent].findings.push(finding);
            return;
        }
        let index = self.units.len();
        self.units[parent].children.push(index);
        let mut unit = Unit::new(parent, applier.clone());
        if let (Some(kustomization), Some(tree)) = (applier.kustomization(), &self.tree) {
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
        self.units.push(unit);
        self.count_unknown(index, true);
        self.name(index);
        self.read(index);
        if applier.maker().is_some() {
            self.queue(index);
        }
    }

    fn name(&mut self, index: usize) {
        if let Some(name) = name_of(&self.units[index].by) {
            self.by_name.entry(name).or_default().push(index);
        }
    }

    fn read(&mut self, index: usize) {
        for read in &self.units[index].reads {
            self.readers.entry(read.clone()).or_default().push(index);
        }
    }

    /// Takes out what is rendered no longer, and what is below it.
    fn remove(&mut self, index: usize) {
        let unit = &mut self.units[index];
        unit.live = false;
        let children = std::mem::take(&mut unit.children);
        let linked = unit.linked.take();
        self.link_provided(index, linked.as_deref(), None);
        if let Some(name) = name_of(&self.units[index].by)
            && let Some(all) = self.by_name.get_mut(&name)
        {
            all.retain(|one| *one != index);
        }
        for child in children {
            self.remove(child);
        }
    }
}

fn name_of(applier: &Applier) -> Option<(String, String)> {
    let subject = applier.subject()?;
    Some((subject.namespace.clone(), subject.name.clone()))
}
