declare_rule! {
    /// ## What it does
    /// Reports a label whose value is a number, a boolean or null.
    ///
    /// ## Why it matters
    /// Flux adds labels of its own to each object it applies. Where one label is no text, it takes
    /// the object to have no labels at all, so the others vanish with it.
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
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     team: shop
    ///     tier: 1
    /// ```
    ///
    /// ## How to fix
    /// Put the value in quotes.
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
    ///   labels:
    ///     team: shop
    ///     tier: "1"
    /// ```
    RULE {
        code: crate::codes::METADATA_NOT_TEXT,
        name: "metadata-not-text",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "fluxcd/pkg, ssa: how labels are set",
        ],
    }
}
