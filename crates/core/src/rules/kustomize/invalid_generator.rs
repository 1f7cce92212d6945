declare_rule! {
    /// ## What it does
    /// Reports a `configMapGenerator` or `secretGenerator` that cannot make its object. A literal is not
    /// `key=value`, a key is there twice or not allowed, or the `behavior` does not fit.
    ///
    /// ## Why it matters
    /// The build fails. Keys of a ConfigMap or Secret are made of letters, digits, `-`, `_` and `.`;
    /// `behavior: merge` and `replace` need an object of a base to change, and without `behavior` there
    /// must be none.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// configMapGenerator:
    ///   - name: settings
    ///     literals:
    ///       - LOG_LEVEL=info
    ///       - LOG_LEVEL=debug
    /// ```
    ///
    /// ## How to fix
    /// Keep each key once. To change a key of a base, write a generator with the same name and
    /// `behavior: merge` in the overlay.
    /// ```yaml
    /// # kustomization.yaml
    /// configMapGenerator:
    ///   - name: settings
    ///     literals:
    ///       - LOG_LEVEL=debug
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_GENERATOR,
        name: "invalid-generator",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/>",
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator/>",
        ],
    }
}
