declare_rule! {
    /// ## What it does
    /// Reports two keys of one mapping that are the same once their variables are put in.
    ///
    /// ## Why it matters
    /// The last of the two counts, in the order of the sorted keys, and the other value is lost without a word.
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
    ///       REGION: eu
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   ${REGION}: a
    ///   eu: b
    /// ```
    ///
    /// ## How to fix
    /// Give the keys names that stay different.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   ${REGION}: a
    ///   us: b
    /// ```
    RULE {
        code: crate::codes::KEYS_COLLIDE,
        name: "keys-collide",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
