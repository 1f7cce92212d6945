declare_rule! {
    /// ## What it does
    /// Reports a key that is no name of a variable, in `postBuild.substitute` or in an object that `substituteFrom` names. A name has letters,
    /// digits and `_`, and does not start with a digit.
    ///
    /// ## Why it matters
    /// One such key makes Flux refuse all variables of the Kustomization, whether any object uses it or not, and nothing is
    /// applied.
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
    ///       HOST: shop.example.com
    ///       api-port: "8080"
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOST}/
    /// ```
    ///
    /// ## How to fix
    /// Rename the key, or move it to an object that is not in `substituteFrom`.
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
    ///       HOST: shop.example.com
    ///       api_port: "8080"
    /// ```
    RULE {
        code: crate::codes::VARIABLE_NAME,
        name: "invalid-variable-name",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
