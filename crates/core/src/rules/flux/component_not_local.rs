declare_rule! {
    /// ## What it does
    /// Reports an entry of `spec.components` that is no folder of the source: an absolute path or a
    /// URL. A path that leads out of the source is a warning where `ignoreMissingComponents` lets
    /// Flux pass over it.
    ///
    /// ## Why it matters
    /// Flux refuses such a component, whatever `ignoreMissingComponents` says, and applies nothing of
    /// the Kustomization.
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
    ///   components:
    ///     - /components/tls
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
    /// ```
    ///
    /// ## How to fix
    /// Write the path relative to `spec.path`.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   components:
    ///     - ../components/tls
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
    /// # components/tls/kustomization.yaml
    /// apiVersion: kustomize.config.k8s.io/v1alpha1
    /// kind: Component
    /// namePrefix: tls-
    /// ```
    RULE {
        code: crate::codes::COMPONENT_NOT_LOCAL,
        name: "component-not-local",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "Flux, Kustomization, components: <https://fluxcd.io/flux/components/kustomize/kustomizations/#components>",
        ],
    }
}
