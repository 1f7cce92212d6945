declare_rule! {
    /// ## What it does
    /// Reports an object that is a kustomization for kustomize: one of the API group
    /// `kustomize.config.k8s.io`.
    ///
    /// ## Why it matters
    /// Flux leaves it out: it is a configuration, and no object of the cluster. Most often the group
    /// is mistaken: a Flux Kustomization belongs to `kustomize.toolkit.fluxcd.io`.
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
    /// # apps/more.yaml
    /// apiVersion: kustomize.config.k8s.io/v1beta1
    /// kind: Kustomization
    /// metadata:
    ///   name: more
    /// namespace: shop
    /// ```
    ///
    /// ## How to fix
    /// Take the file out of what is built, or give the object the group that is meant.
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
    /// # apps/more.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: more
    ///   namespace: flux-system
    /// spec:
    ///   path: ./more
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # more/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: more
    /// ```
    RULE {
        code: crate::codes::KUSTOMIZATION_NOT_APPLIED,
        name: "kustomization-not-applied",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "fluxcd/pkg, ssa: how a build is read",
        ],
    }
}
