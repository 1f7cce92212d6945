//! A walk that has ended, as others see it.

use tidegate_source::{SkipReason, TrailStep, TreePath};

use crate::render::cluster::chain;
use crate::render::definition::{DefinedBy, Found};
use crate::render::walk::Walk;
use crate::render::{Applied, ClusterRender, Outcome};
use crate::tree::Tree;

impl Walk<'_> {
    /// How many units are above one.
    pub(super) fn depth(&self, index: usize) -> usize {
        let above = |index: &usize| self.units[*index].parent;
        std::iter::successors(above(&index), above).count()
    }

    /// What leads to the objects of a unit, itself included.
    pub(super) fn chain(&self, index: Option<usize>) -> Vec<TrailStep> {
        chain(index, |index| {
            let unit = &self.units[index];
            (unit.parent, &unit.by)
        })
    }

    /// What was rendered: each unit is followed by its children, in the order of their
    /// objects, whichever was rendered first.
    pub(super) fn finish(&self) -> ClusterRender {
        let order = self.order();
        let mut place = vec![0; self.units.len()];
        for (at, index) in order.iter().enumerate() {
            place[*index] = at;
        }
        let mut applied = Vec::with_capacity(order.len());
        for index in &order {
            let unit = &self.units[*index];
            let nothing = || Outcome::NotRendered(SkipReason::Substitution);
            applied.push(Applied {
                by: unit.by.clone(),
                parent: unit.parent.map(|parent| place[parent]),
                folder: unit.folder.clone(),
                suspended: unit.by.is_suspended(),
                unknown_variables: unit
                    .found
                    .iter()
                    .any(|found| matches!(found, Found::Unknown)),
                outcome: unit.outcome.clone().unwrap_or_else(nothing),
            });
        }
        let definitions = self.definitions.iter().map(|(id, by)| {
            let by = DefinedBy {
                applied: place[by.applied],
                ..by
            };
            (id.clone(), by)
        });
        ClusterRender {
            cluster: self.cluster.clone(),
            root: self
                .tree
                .as_ref()
                .map_or_else(TreePath::root, |tree| tree.root.clone()),
            own_sources: self.tree.as_ref().map_or_else(Vec::new, Tree::own_sources),
            applied,
            definitions: definitions.collect(),
        }
    }

    fn order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.units.len());
        let mut next: Vec<usize> = (0..self.entries.len()).rev().collect();
        while let Some(index) = next.pop() {
            order.push(index);
            next.extend(self.units[index].children.iter().rev());
        }
        order
    }
}
