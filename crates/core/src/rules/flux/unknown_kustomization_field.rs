declare_rule! {
    /// ## What it does
    /// Reports a field of a Flux Kustomization that the API does not know. Where a known field is
    /// spelt nearly like it, that one is suggested.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of the Kustomization that holds it.
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
    ///   targetNamspace: shop
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
    /// Write the field as the API spells it, or take it out.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   targetNamespace: shop
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
    RULE {
        code: crate::codes::UNKNOWN_KUSTOMIZATION_FIELD,
        name: "unknown-kustomization-field",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization API: <https://fluxcd.io/flux/components/kustomize/api/v1/>",
        ],
    }
}
