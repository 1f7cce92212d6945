declare_rule! {
    /// ## What it does
    /// Reports a label that is no text any more once its variables are put in.
    ///
    /// ## Why it matters
    /// Flux sets labels of its own on each object. Where one label is a number, a boolean or null, it cannot read the labels, and all of them
    /// vanish: selectors find nothing.
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
    ///   postBuild:
    ///     substitute:
    ///       REVISION: "7"
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    ///   labels:
    ///     app: shop
    ///     revision: ${REVISION}
    /// ```
    ///
    /// ## How to fix
    /// Put more text beside the variable, or quotes into its value.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    ///   labels:
    ///     app: shop
    ///     revision: r${REVISION}
    /// ```
    RULE {
        code: crate::codes::LABELS_LOST,
        name: "labels-lost",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
