declare_rule! {
    /// ## What it does
    /// Reports a `${VARIABLE}` that neither `postBuild.substitute` nor an object of `substituteFrom` defines, and that
    /// has no default.
    ///
    /// Only what Flux substitutes is looked at: the Kustomization has variables, and the object is not kept out by
    /// `kustomize.toolkit.fluxcd.io/substitute: disabled`. A variable that an encrypted Secret, an undeclared source or
    /// something that is not rendered may define is unknown, and not reported.
    ///
    /// ## Why it matters
    /// In strict mode, the default since Flux 2.9 (gate `StrictPostBuildSubstitutions`), the Kustomization fails and nothing of it
    /// is applied. Before, the variable becomes empty without a word: `https://${HOST}/` is applied as `https:///`. It is a
    /// warning then.
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
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOTS}/
    /// ```
    ///
    /// ## How to fix
    /// Write the name that is defined, define the variable, or give it a default: `${HOST:=example.com}`. Text that is not meant
    /// for Flux is written `$${HOST}`.
    /// ```yaml
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: default
    /// data:
    ///   url: https://${HOST}/
    /// ```
    RULE {
        code: crate::codes::UNDEFINED_VARIABLE,
        name: "undefined-variable",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: Sometimes,
        sources: [
            "Flux, Kustomization, post build variable substitution: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>",
        ],
    }
}
