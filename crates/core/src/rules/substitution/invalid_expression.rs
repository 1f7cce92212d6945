declare_rule! {
    /// ## What it does
    /// Reports a `${...}` that Flux cannot read. Such are `${1}`, `${@}`, `${A-default}`, `${ A }`, one that is not closed, and
    /// all else that shells know and Flux does not.
    ///
    /// ## Why it matters
    /// The Kustomization fails, in strict mode and without it, and nothing of it is applied. Scripts in ConfigMaps and dashboards are where
    /// this comes from most often.
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
    ///       HOST: shop.example.com
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOST-localhost}/
    /// ```
    ///
    /// ## How to fix
    /// Write what Flux knows, as in `${HOST:-localhost}`. Where the text is not meant for Flux, write `$${`, or keep the object out with the
    /// annotation `kustomize.toolkit.fluxcd.io/substitute: disabled`.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOST:-localhost}/
    /// ```
    RULE {
        code: crate::codes::EXPRESSION,
        name: "invalid-expression",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
