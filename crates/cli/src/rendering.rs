//! Rendering a tree as it is packed, from the root that its paths lead to.

use tidegate_core::render::{TreeRender, render_tree};
use tidegate_core::{Cluster, TreePacking};

use crate::commands::Failure;
use crate::place::WorkingFolder;
use crate::plan::{Asked, Plan};
use crate::tree::Tree;

/// A tree, rendered.
pub(crate) struct Rendered {
    /// The one that was asked for, or one whose root lies above it.
    pub(crate) tree: Tree,
    pub(crate) plan: Plan,
    pub(crate) render: TreeRender,
}

/// What rendering came to.
pub(crate) enum Answer {
    Rendered(Box<Rendered>),
    /// The config has errors.
    Misconfigured,
    /// There is no cluster and no kustomization.
    Nothing,
}

/// Takes some of the clusters that a tree has.
type Choose<'a> = dyn Fn(&[Cluster]) -> Result<Vec<Cluster>, Failure> + 'a;

/// What is the same however a tree is packed.
pub(crate) struct Rendering<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) working: &'a WorkingFolder,
    /// Which of the clusters of the tree are rendered.
    pub(crate) choose: &'a Choose<'a>,
    /// Told how many steps are done and how many are known so far, from any thread.
    pub(crate) progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl Rendering<'_> {
    /// Renders a tree. How it is packed is told in it: where that may make a difference, it is rendered
    /// again as it is packed; and again from above where its paths lead there.
    pub(crate) fn of(&self, tree: Tree) -> Result<Answer, Failure> {
        let came = self.as_packed(tree)?;
        if let Answer::Rendered(rendered) = &came
            && let Some(above) = rendered.tree.above(&rendered.render.lost_paths)?
        {
            return self.as_packed(above);
        }
        Ok(came)
    }

    fn as_packed(&self, tree: Tree) -> Result<Answer, Failure> {
        let came = self.packed(tree, &TreePacking::default())?;
        match came {
            Answer::Rendered(rendered) => {
                let packing = rendered.render.packing();
                match packing.matters(rendered.tree.system()) {
                    true => self.packed(rendered.tree, &packing),
                    false => Ok(Answer::Rendered(rendered)),
                }
            }
            came => Ok(came),
        }
    }

    fn packed(&self, tree: Tree, packing: &TreePacking) -> Result<Answer, Failure> {
        let mut plan = Plan::new(&self.asked, &tree, packing, self.working)?;
        if !plan.configured.is_sound() {
            return Ok(Answer::Misconfigured);
        }
        plan.options.clusters = (self.choose)(&plan.options.clusters)?;
        let render = render_tree(&plan.sources, &plan.options, self.progress);
        Ok(match render {
            Ok(render) => Answer::Rendered(Box::new(Rendered { tree, plan, render })),
            Err(_) => Answer::Nothing,
        })
    }
}
