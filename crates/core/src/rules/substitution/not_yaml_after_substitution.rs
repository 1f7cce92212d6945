declare_rule! {
    /// ## What it does
    /// Reports an object whose text is no YAML any more once its variables are put in, at the variable, with the place of its
    /// value.
    ///
    /// ## Why it matters
    /// Flux puts variables into the text of the built object, in which the quotes of the source are gone. A value such as
    /// `*/5 * * * *`, `- a`, `a: b` or `fd00::` then reads as something else, the Kustomization fails and nothing of it is applied.
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
    ///       SCHEDULE: "*/5 * * * *"
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   schedule: "${SCHEDULE}"
    /// ```
    ///
    /// ## How to fix
    /// Put the quotes into the value, or more text beside the variable.
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
    ///       SCHEDULE: "'*/5 * * * *'"
    /// ```
    RULE {
        code: crate::codes::NOT_YAML,
        name: "not-yaml-after-substitution",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
