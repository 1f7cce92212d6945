declare_rule! {
    /// ## What it does
    /// Reports a custom resource that breaks a rule of its definition: a CEL expression in
    /// `x-kubernetes-validations`.
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
    ///   interval: 1h
    ///   url: https://example.com/apps.git
    ///   serviceAccountName: reader
    /// ```
    ///
    /// ## How to fix
    /// Change the object so that it meets the rule, which the message tells.
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
    ///   provider: aws
    ///   serviceAccountName: reader
    /// ```
    RULE {
        code: crate::codes::RULE_NOT_MET,
        name: "rule-not-met",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/using-api/cel/>",
        ],
    }
}
