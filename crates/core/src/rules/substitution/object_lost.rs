declare_rule! {
    /// ## What it does
    /// Reports an object whose name, kind or apiVersion is no text any more, or empty, once its variables are put in.
    ///
    /// ## Why it matters
    /// Flux leaves such an object out and says nothing: the Kustomization is ready, and the object is missing, or pruned.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
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
    ///     substitute:
    ///       TENANT: "42"
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: ${TENANT}
    ///   namespace: default
    /// ```
    ///
    /// ## How to fix
    /// Put more text beside the variable, or quotes into its value.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: tenant-${TENANT}
    ///   namespace: default
    /// ```
    RULE {
        code: crate::codes::OBJECT_LOST,
        name: "object-lost",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
