//! Joins a kustomization to the transformers that need more than its accumulator.

use crate::Result;
use crate::accumulate::{Accumulated, Target};
use crate::decode::Text;
use crate::kustomization::{Patch, ReplacementField};
use crate::patch::Patcher;
use crate::{replacement, vars};
use tidegate_source::Diagnostic;

impl Target<'_> {
    pub(crate) fn apply_openapi(&self, _acc: &mut Accumulated) -> Result<()> {
        Ok(())
    }
    pub(crate) fn add_crds(&self, _acc: &mut Accumulated, _errors: &mut Vec<Diagnostic>) {}
    /// Applies an entry of `patches`.
    pub(crate) fn apply_patch(&self, acc: &mut Accumulated, patch: &Patch) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
        };
        patcher.apply(&mut acc.resources, patch)
    }

    /// Applies an entry of `patchesJson6902`.
    pub(crate) fn apply_json_patch(&self, acc: &mut Accumulated, patch: &Patch) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
        };
        patcher.apply_json(&mut acc.resources, patch)
    }

    /// Applies `patchesStrategicMerge`.
    pub(crate) fn apply_patches_strategic_merge(&self, acc: &mut Accumulated) -> Result<()> {
        self.apply_strategic_merges(acc, &self.kustomization.patches_strategic_merge, None)
    }

    /// Applies patches that are named in `paths` and written in `patches`.
    pub(crate) fn apply_strategic_merges(
        &self,
        acc: &mut Accumulated,
        paths: &[Text],
        patches: Option<&Text>,
    ) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
        };
        patcher.apply_strategic_merges(&mut acc.resources, paths, patches)
    }

    /// Applies entries of `replacements`: files are read before anything is replaced.
    pub(crate) fn apply_replacements(
        &self,
        acc: &mut Accumulated,
        replacements: &[ReplacementField],
    ) -> Result<()> {
        let mut all = Vec::with_capacity(replacements.len());
        for field in replacements {
            all.extend(replacement::load(field, self.loader)?);
        }
        for replacement in &all {
            replacement::replace(&mut acc.resources, replacement, self.loader.sources())?;
        }
        Ok(())
    }
}

/// Replaces the variables of a whole build.
pub(crate) fn resolve_variables(acc: &mut Accumulated) -> Result<()> {
    let specs = &acc.config.var_reference;
    vars::replace(&mut acc.resources, &acc.vars, specs, &mut acc.warnings)
}
