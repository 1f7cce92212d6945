declare_rule! {
    /// ## What it does
    /// Reports a field that must be there and is not, or that is empty where it may not be.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/source.yaml
    /// apiVersion: source.toolkit.fluxcd.io/v1
    /// kind: GitRepository
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   url: https://example.com/apps.git
    /// ```
    ///
    /// ## How to fix
    /// Add the field.
    /// ```yaml
    /// # clusters/live/source.yaml
    /// apiVersion: source.toolkit.fluxcd.io/v1
    /// kind: GitRepository
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   interval: 1h
    ///   url: https://example.com/apps.git
    /// ```
    RULE {
        code: crate::codes::MISSING_VALUE,
        name: "missing-value",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/kubernetes-api/>",
        ],
    }
}
