declare_rule! {
    /// ## What it does
    /// Reports two objects of a Kustomization that have the same kind, namespace and name once their variables are put in.
    ///
    /// ## Why it matters
    /// kustomize, which puts each object back after substitution, finds two of them: the Kustomization fails with `id matched 2 resources` and
    /// nothing of it is applied.
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
    ///   name: settings-${REGION}
    ///   namespace: default
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings-eu
    ///   namespace: default
    /// ```
    ///
    /// ## How to fix
    /// Give the objects names that stay different.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings-${REGION}
    ///   namespace: default
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings-all
    ///   namespace: default
    /// ```
    RULE {
        code: crate::codes::NAMES_COLLIDE,
        name: "names-collide",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
