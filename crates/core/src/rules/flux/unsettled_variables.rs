declare_rule! {
    /// ## What it does
    /// Reports a Flux Kustomization whose variables change with each reconciliation.
    ///
    /// A ConfigMap or Secret that `substituteFrom` reads is made, perhaps by way of others, from
    /// its own value.
    ///
    /// It is rendered sixteen times, then no further.
    ///
    /// ## Why it matters
    /// The cluster never comes to rest: each reconciliation applies something else.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: flux-system
    /// data:
    ///   region: eu
    /// ---
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    ///   postBuild:
    ///     substituteFrom:
    ///       - kind: ConfigMap
    ///         name: settings
    ///       - kind: ConfigMap
    ///         name: derived
    ///         optional: true
    /// # apps/derived.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: derived
    ///   namespace: flux-system
    /// data:
    ///   region: ${region}-1
    /// ```
    ///
    /// ## How to fix
    /// Give what is derived a name of its own.
    /// ```yaml
    /// # apps/derived.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: derived
    ///   namespace: flux-system
    /// data:
    ///   zone: ${region}-1
    /// ```
    RULE {
        code: crate::codes::UNSETTLED_VARIABLES,
        name: "unsettled-variables",
        severity: Error,
        since: "0.2.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
