declare_rule! {
    /// ## What it does
    /// Reports an entry of `configurations`, `openapi` or `crds` that is not valid or contradicts another.
    ///
    /// ## Why it matters
    /// These files say which fields kustomize changes, and how it merges lists. If they disagree, the build
    /// fails.
    ///
    /// ## Example
    /// One says that the label is to be made where it is missing, the other that it is not:
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// configurations:
    ///   - labels.yaml
    /// labels:
    ///   - pairs:
    ///       team: shop
    /// # labels.yaml
    /// commonLabels:
    ///   - path: spec/podLabels
    ///     kind: Web
    ///     create: true
    ///   - path: spec/podLabels
    ///     kind: Web
    ///     create: false
    /// # web.yaml
    /// apiVersion: example.com/v1
    /// kind: Web
    /// metadata:
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    /// Keep one entry for each field, with the same `create` in all files.
    /// ```yaml
    /// # labels.yaml
    /// commonLabels:
    ///   - path: spec/podLabels
    ///     kind: Web
    ///     create: true
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_CONFIGURATION,
        name: "invalid-configuration",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://github.com/kubernetes-sigs/kustomize/tree/master/examples/transformerconfigs>",
        ],
    }
}
