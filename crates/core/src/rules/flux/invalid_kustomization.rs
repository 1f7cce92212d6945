declare_rule! {
    /// ## What it does
    /// Reports a field of a Flux Kustomization whose value has another type than the API gives it,
    /// and durations that are none.
    ///
    /// A Kustomization without `spec.sourceRef` is reported too.
    ///
    /// ## Why it matters
    /// The API server refuses the object, so nothing of the Kustomization is applied, and the
    /// Kustomization that holds it fails as well. Values that variables put in are looked at too:
    /// `"${PRUNE}"` loses its quotes.
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
    ///   prune: "yes"
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
    /// Write the value as the API wants it: `true` without quotes, a number in quotes where text is
    /// wanted, a duration with its unit.
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
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: crate::codes::INVALID_KUSTOMIZATION,
        name: "invalid-kustomization",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization API: <https://fluxcd.io/flux/components/kustomize/api/v1/>",
        ],
    }
}
