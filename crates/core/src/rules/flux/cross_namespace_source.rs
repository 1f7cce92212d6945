declare_rule! {
    /// ## What it does
    /// Reports a Kustomization or HelmRelease whose source is in another namespace, where that is
    /// forbidden. It is forbidden by `multitenant` in a FluxInstance, by `--no-cross-namespace-refs`
    /// among the arguments of kustomize-controller, and by `no_cross_namespace_refs` in `tidegate.toml`.
    ///
    /// ## Why it matters
    /// Flux reports `AccessDenied` and does not try again: without that, every tenant could deploy what
    /// others may read.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/flux.yaml
    /// apiVersion: fluxcd.controlplane.io/v1
    /// kind: FluxInstance
    /// metadata:
    ///   name: flux
    ///   namespace: flux-system
    /// spec:
    ///   distribution:
    ///     version: 2.x
    ///     registry: ghcr.io/fluxcd
    ///   cluster:
    ///     multitenant: true
    /// # clusters/live/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: team
    /// # clusters/live/team.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: team
    ///   namespace: team
    /// spec:
    ///   path: ./team
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    ///     namespace: flux-system
    /// # team/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: team
    /// data:
    ///   colour: a
    /// ```
    ///
    /// ## How to fix
    /// Use a source of the same namespace.
    /// ```yaml
    /// # clusters/live/team.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: team
    ///   namespace: team
    /// spec:
    ///   path: ./team
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::CROSS_NAMESPACE_SOURCE,
        name: "cross-namespace-source",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, multi-tenancy: <https://fluxcd.io/flux/installation/configuration/multitenancy/>",
        ],
    }
}
