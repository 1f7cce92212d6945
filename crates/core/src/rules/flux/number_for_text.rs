declare_rule! {
    /// ## What it does
    /// Reports a number or boolean where text belongs, in the kustomization at the `spec.path` of a
    /// Flux Kustomization.
    ///
    /// ## Why it matters
    /// kustomize-controller writes this one file anew before it is built, and makes text of such a
    /// value: the tag `1.10` becomes `1.1`, and `on` becomes `true`. In any other kustomization, and
    /// with `kustomize build`, it is an error.
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
    /// # apps/kustomization.yaml
    /// resources:
    ///   - namespace.yaml
    /// images:
    ///   - name: shop
    ///     newTag: 1.10
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
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
    /// # apps/kustomization.yaml
    /// resources:
    ///   - namespace.yaml
    /// images:
    ///   - name: shop
    ///     newTag: "1.10"
    /// ```
    RULE {
        code: crate::codes::NUMBER_FOR_TEXT,
        name: "number-for-text",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
