declare_rule! {
    /// ## What it does
    /// Reports a replacement that cannot be done. Its source is not one object, its source or target has no
    /// such field, or its options do not fit the values.
    ///
    /// ## Why it matters
    /// The build fails. A target that selects no object at all, however, is passed over without a word, by
    /// kustomize as well as by Flux.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replacements:
    ///   - source:
    ///       kind: Service
    ///       name: web
    ///       fieldPath: spec.clusterIp
    ///     targets:
    ///       - select:
    ///           kind: Service
    ///         fieldPaths:
    ///           - metadata.annotations.address
    ///         options:
    ///           create: true
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   clusterIP: 10.0.0.7
    /// ```
    ///
    /// ## How to fix
    /// Name fields that the objects have. A target field that is to be made needs `options: {create: true}`.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// replacements:
    ///   - source:
    ///       kind: Service
    ///       name: web
    ///       fieldPath: spec.clusterIP
    ///     targets:
    ///       - select:
    ///           kind: Service
    ///         fieldPaths:
    ///           - metadata.annotations.address
    ///         options:
    ///           create: true
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_REPLACEMENT,
        name: "invalid-replacement",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/>",
        ],
    }
}
