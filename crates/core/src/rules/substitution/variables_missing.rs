declare_rule! {
    /// ## What it does
    /// Reports an entry of `postBuild.substituteFrom` whose ConfigMap or Secret nothing in the tree provides and the
    /// configuration does not declare. Its variables then count as unknown, and are not reported one by one.
    ///
    /// ## Why it matters
    /// Flux fails with `not found` for each object that it puts variables into, and applies nothing. With `optional: true` the
    /// object may be absent, but its variables are then not set, which fails in strict mode.
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
    ///     substituteFrom:
    ///       - kind: ConfigMap
    ///         name: cluster-vars
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOST}/
    /// ```
    ///
    /// ## How to fix
    /// Add the object to what the cluster renders, in the namespace of the Kustomization; or declare it in `tidegate.toml` where
    /// something else makes it.
    /// ```yaml
    /// # clusters/live/vars.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: cluster-vars
    ///   namespace: flux-system
    /// data:
    ///   HOST: shop.example.com
    /// ```
    RULE {
        code: crate::codes::VARIABLES_MISSING,
        name: "variables-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
