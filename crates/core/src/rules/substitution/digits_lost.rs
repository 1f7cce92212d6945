declare_rule! {
    /// ## What it does
    /// Reports a whole number beyond 2^53 in an object that Flux puts variables into.
    ///
    /// ## Why it matters
    /// Flux reads each such object as JSON, whose numbers it holds as doubles, even where the object has no variable: 9007199254740993 is applied as
    /// 9007199254740992.
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
    /// # apps/widget.yaml
    /// apiVersion: example.com/v1
    /// kind: Widget
    /// metadata:
    ///   name: w
    ///   namespace: default
    /// spec:
    ///   serial: 9007199254740993
    /// ```
    ///
    /// ## How to fix
    /// Write the number in quotes where the field takes text, or keep the object out of substitution.
    /// ```yaml
    /// # apps/widget.yaml
    /// apiVersion: example.com/v1
    /// kind: Widget
    /// metadata:
    ///   name: w
    ///   namespace: default
    ///   annotations:
    ///     kustomize.toolkit.fluxcd.io/substitute: disabled
    /// spec:
    ///   serial: 9007199254740993
    /// ```
    RULE {
        code: crate::codes::DIGITS_LOST,
        name: "digits-lost",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
