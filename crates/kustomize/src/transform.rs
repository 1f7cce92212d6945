//! Joins a kustomization to the transformers that need more than its accumulator.

use tidegate_source::{Diagnostic, Span};

use crate::accumulate::{Accumulated, SchemaInForce, Target};
use crate::decode::Text;
use crate::kustomization::{Patch, ReplacementField};
use crate::patch::Patcher;
use crate::{Result, openapi, replacement, vars};

impl Target<'_> {
    /// Puts the schema that the field `openapi` names in force, unless there was one before.
    pub(crate) fn apply_openapi(&self, acc: &mut Accumulated) -> Result<()> {
        let Some(field) = &self.kustomization.openapi else {
            return Ok(());
        };
        if acc.schema.set_by.is_some() {
            // The file must be there even so.
            if let Some(path) = &field.path {
                self.loader.load(path, "openapi")?;
            }
            return Ok(());
        }
        if let Some((schema, name)) = openapi::schema(field, self.loader)? {
            acc.schema = SchemaInForce {
                schema,
                set_by: Some(name),
            };
        }
        Ok(())
    }

    /// Adds what the files of `crds` say about fields.
    pub(crate) fn add_crds(&self, acc: &mut Accumulated, errors: &mut Vec<Diagnostic>) {
        let paths = &self.kustomization.crds;
        if paths.is_empty() {
            return;
        }
        let merged = openapi::crd_config(paths, self.loader)
            .and_then(|config| acc.config.merged(&config, self.kustomization.span));
        match merged {
            Ok(config) => acc.config = config,
            Err(finding) => errors.push(*finding),
        }
    }

    /// Applies an entry of `patches`.
    pub(crate) fn apply_patch(&self, acc: &mut Accumulated, patch: &Patch) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
            complete: acc.not_rendered.is_empty(),
        };
        patcher.apply(&mut acc.resources, patch, &mut acc.warnings)
    }

    /// Applies an entry of `patchesJson6902`.
    pub(crate) fn apply_json_patch(&self, acc: &mut Accumulated, patch: &Patch) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
            complete: acc.not_rendered.is_empty(),
        };
        patcher.apply_json(&mut acc.resources, patch, &mut acc.warnings)
    }

    /// Applies `patchesStrategicMerge`.
    pub(crate) fn apply_patches_strategic_merge(&self, acc: &mut Accumulated) -> Result<()> {
        let paths = &self.kustomization.patches_strategic_merge;
        if paths.is_empty() {
            return Ok(());
        }
        self.apply_strategic_merges(acc, paths, None, self.kustomization.span)?;
        self.done(acc, "PatchStrategicMergeTransformer");
        Ok(())
    }

    /// Applies patches that are named in `paths` and written in `patches`.
    pub(crate) fn apply_strategic_merges(
        &self,
        acc: &mut Accumulated,
        paths: &[Text],
        patches: Option<&Text>,
        span: Span,
    ) -> Result<()> {
        let patcher = Patcher {
            loader: self.loader,
            schema: &acc.schema.schema,
            complete: acc.not_rendered.is_empty(),
        };
        patcher.apply_strategic_merges(&mut acc.resources, paths, patches, span, &mut acc.warnings)
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
        replacement::replace_all(&mut acc.resources, &all, self.loader.sources())
    }
}

/// Replaces the variables of a whole build.
pub(crate) fn resolve_variables(acc: &mut Accumulated) -> Result<()> {
    let specs = &acc.config.var_reference;
    vars::replace(&mut acc.resources, &acc.vars, specs, &mut acc.warnings)
}
