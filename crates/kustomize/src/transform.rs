//! Joins a kustomization to the transformers that need more than its accumulator.

use tidegate_source::Span;

use crate::Result;
use crate::accumulate::{Accumulated, Target};
use crate::decode::Text;
use crate::kustomization::{Patch, ReplacementField};
use tidegate_source::Diagnostic;

impl Target<'_> {
    pub(crate) fn apply_openapi(&self, _acc: &mut Accumulated) -> Result<()> {
        Ok(())
    }
    pub(crate) fn add_crds(&self, _acc: &mut Accumulated, _errors: &mut Vec<Diagnostic>) {}
    pub(crate) fn apply_patch(&self, _acc: &mut Accumulated, _patch: &Patch) -> Result<()> {
        Ok(())
    }
    pub(crate) fn apply_json_patch(&self, _acc: &mut Accumulated, _patch: &Patch) -> Result<()> {
        Ok(())
    }
    pub(crate) fn apply_patches_strategic_merge(&self, acc: &mut Accumulated) -> Result<()> {
        let paths = &self.kustomization.patches_strategic_merge;
        if paths.is_empty() {
            return Ok(());
        }
        self.apply_strategic_merges(acc, paths, None, self.kustomization.span)
    }
    pub(crate) fn apply_strategic_merges(
        &self,
        _acc: &mut Accumulated,
        _paths: &[Text],
        _patches: Option<&Text>,
        _entry: Span,
    ) -> Result<()> {
        Ok(())
    }
    pub(crate) fn apply_replacements(
        &self,
        _acc: &mut Accumulated,
        _replacements: &[ReplacementField],
    ) -> Result<()> {
        Ok(())
    }
}

pub(crate) fn resolve_variables(_acc: &mut Accumulated) -> Result<()> {
    Ok(())
}
