declare_rule! {
    /// ## What it does
    /// Reports objects of Flux that wait for each other. Besides `dependsOn` it counts that a Kustomization
    /// with `wait` or `healthChecks` is ready only when what it applies is, and that an object has to be
    /// applied before it can be ready.
    ///
    /// Each circle is one finding, with every step of it marked. It is reported until one entry of
    /// `dependsOn` is taken out.
    ///
    /// ## Why it matters
    /// None of them is ever ready. Flux reports `DependencyNotReady` and tries again, for ever. In a
    /// cluster that was there before, nothing new is applied from then on.
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
    ///     - name: database
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # clusters/live/database.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: database
    ///   namespace: flux-system
    /// spec:
    ///   dependsOn:
    ///     - name: apps
    ///   path: ./database
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
    /// # database/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: database
    /// ```
    ///
    /// ## How to fix
    /// Take out the entry that is not needed. Where both need something of the other, move that to a third
    /// Kustomization which both depend on.
    /// ```yaml
    /// # clusters/live/database.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: database
    ///   namespace: flux-system
    /// spec:
    ///   path: ./database
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::DEPENDENCY_CYCLE,
        name: "dependency-cycle",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, dependencies: <https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>",
            "Flux, Kustomization, wait: <https://fluxcd.io/flux/components/kustomize/kustomizations/#wait>",
        ],
    }
}
