declare_rule! {
    /// ## What it does
    /// Reports a field of a kustomization that kustomize has deprecated. These are `bases`, `imageTags`,
    /// `commonLabels`, `patchesStrategicMerge`, `patchesJson6902` and `vars`.
    ///
    /// ## Why it matters
    /// It works today, and a later kustomize, which a later Flux brings along, drops it. Each has had a
    /// successor for years, so the change can be made now.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// bases:
    ///   - base
    /// # base/kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// # base/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Use the successor that the help names: `resources` for `bases`, `images` for `imageTags`, `labels`
    /// with `includeSelectors: true` for `commonLabels`, `patches` for both kinds of patches,
    /// `replacements` for `vars`. `kustomize edit fix` rewrites most of them.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - base
    /// ```
    RULE {
        code: tidegate_kustomize::codes::DEPRECATED_FIELD,
        name: "deprecated-field",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
