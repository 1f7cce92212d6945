declare_rule! {
    /// ## What it does
    /// Reports a field that kustomize does not know, in the kustomization at the `spec.path` of a
    /// Flux Kustomization.
    ///
    /// ## Why it matters
    /// kustomize-controller reads this one file, adds the settings of the Kustomization, and writes
    /// it back before it is built. What it does not know is lost on the way, so a misspelt field does
    /// nothing. In any other kustomization, and with `kustomize build`, the same field is an error.
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
    /// comonLabels:
    ///   team: shop
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Write the field as kustomize spells it, or take it out.
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
    /// labels:
    ///   - pairs:
    ///       team: shop
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: crate::codes::DROPPED_FIELD,
        name: "dropped-field",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: Sometimes,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
