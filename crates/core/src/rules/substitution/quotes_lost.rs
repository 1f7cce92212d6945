declare_rule! {
    /// ## What it does
    /// Reports text that becomes a number, a boolean, null, a mapping or a list when a variable is put in.
    /// It is an error where the field is known to take nothing but text, and a warning where the source has it in quotes.
    ///
    /// ## Why it matters
    /// Flux puts variables into the text of the built object, in which the quotes of the source are gone: `"${PORT}"` is written
    /// `${PORT}`, and read as a number. The API server refuses the object, or takes the value for something else.
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
    ///       PORT: "8080"
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   port: "${PORT}"
    /// ```
    ///
    /// ## How to fix
    /// Put the quotes into the value of the variable, or more text beside it.
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
    ///       PORT: "'8080'"
    /// ```
    RULE {
        code: crate::codes::QUOTES_LOST,
        name: "quotes-lost",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
