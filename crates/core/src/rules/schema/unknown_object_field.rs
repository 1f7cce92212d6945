declare_rule! {
    /// ## What it does
    /// Reports a field that the kind of a rendered object does not have, where the API server
    /// refuses the object for it. These are custom resources, and the few kinds of Kubernetes that
    /// Flux applies as they are written.
    ///
    /// ## Why it matters
    /// Flux applies nothing of a Kustomization that has such an object.
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
    ///   interval: 1h
    ///   url: https://example.com/apps.git
    ///   timeOut: 30s
    /// ```
    ///
    /// ## How to fix
    /// Write the field as its kind has it. `tidegate schema show GitRepository.spec` lists the
    /// fields.
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
    ///   timeout: 30s
    /// ```
    RULE {
        code: crate::codes::UNKNOWN_OBJECT_FIELD,
        name: "unknown-object-field",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: Sometimes,
        sources: [
            "<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>",
        ],
    }
}
