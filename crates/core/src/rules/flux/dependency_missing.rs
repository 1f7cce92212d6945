declare_rule! {
    /// ## What it does
    /// Reports an entry of `spec.dependsOn` that names no object of the cluster. It looks at
    /// Kustomizations, HelmReleases and ResourceSets.
    ///
    /// What a ResourceSet, a chart or a source outside of the tree may provide is not reported but counted.
    /// A chart is taken to provide objects of Flux if its name or its values speak of them.
    ///
    /// ## Why it matters
    /// Flux applies nothing of the object until the other exists and is ready. An entry without a
    /// `namespace` looks into the namespace of the object that it is in.
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
    ///     - name: infrastucture
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
    /// Write the name of a Kustomization of the same cluster, and its namespace if that is another one.
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
    /// ```
    RULE {
        code: crate::codes::DEPENDENCY_MISSING,
        name: "dependency-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization, dependencies: <https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>",
            "Flux, HelmRelease, dependencies: <https://fluxcd.io/flux/components/helm/helmreleases/#dependencies>",
        ],
    }
}
