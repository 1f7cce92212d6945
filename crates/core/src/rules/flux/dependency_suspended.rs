declare_rule! {
    /// ## What it does
    /// Reports a Kustomization that depends on one which is suspended, where both have the same source.
    ///
    /// ## Why it matters
    /// Flux waits until the other has applied the same revision of the source. One that is suspended
    /// applies no new revision, so what depends on it stops with the next commit.
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
    ///   dependsOn:
    ///     - name: infrastructure
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # clusters/live/infrastructure.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: infrastructure
    ///   namespace: flux-system
    /// spec:
    ///   suspend: true
    ///   path: ./infrastructure
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// # infrastructure/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: ingress
    /// ```
    ///
    /// ## How to fix
    /// Resume the other, or suspend both.
    /// ```yaml
    /// # clusters/live/infrastructure.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: infrastructure
    ///   namespace: flux-system
    /// spec:
    ///   path: ./infrastructure
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::DEPENDENCY_SUSPENDED,
        name: "dependency-suspended",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, dependencies: <https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>",
        ],
    }
}
