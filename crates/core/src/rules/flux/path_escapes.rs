declare_rule! {
    /// ## What it does
    /// Reports a Flux Kustomization whose `spec.path` leads above the root of its source.
    ///
    /// ## Why it matters
    /// Flux joins the path to the root of the artifact in a way that cannot leave it: a `..` at the root
    /// is dropped without a word. So the Kustomization applies another folder than the one that is
    /// written, if there is one.
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
    ///   path: ../../apps
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
    /// Write the path from the root of the source. It does not matter where the file with the
    /// Kustomization is.
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
    /// ```
    RULE {
        code: crate::codes::PATH_ESCAPES,
        name: "path-escapes",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, path: <https://fluxcd.io/flux/components/kustomize/kustomizations/#path>",
        ],
    }
}
