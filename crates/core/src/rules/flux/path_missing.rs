declare_rule! {
    /// ## What it does
    /// Reports a Flux Kustomization whose `spec.path` is not a folder of its source.
    ///
    /// The path is looked up below the root of the source, which is the folder that is packed into the
    /// artifact, and not below the file that holds the Kustomization.
    ///
    /// ## Why it matters
    /// kustomize-controller reports `ArtifactFailed` and applies nothing. Objects that
    /// an earlier path had brought stay as they are, unwatched, and every Kustomization that depends on
    /// this one waits for it.
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
    ///   path: ./apps/prodution
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/production/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Write the path of a folder that exists, from the root of the source.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps/production
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::PATH_MISSING,
        name: "path-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization, path: <https://fluxcd.io/flux/components/kustomize/kustomizations/#path>",
        ],
    }
}
