declare_rule! {
    /// ## What it does
    /// Reports a Kustomization with objects in a namespace, or of a kind, that another Kustomization makes,
    /// where it does not wait for that one. It is an error where the other waits for it.
    ///
    /// What is in one Kustomization is in order by itself: Flux applies namespaces and definitions first. A
    /// Kustomization also comes after the one that applies it. It cannot wait for a ResourceSet or a
    /// HelmRelease, and is tried again: of these only what never ends well is reported.
    ///
    /// ## Why it matters
    /// Flux tries all objects before it applies any. So nothing of the Kustomization is applied until the
    /// other happens to be done: a new cluster takes longer to come up, with errors that are none. Where
    /// the other waits for it, it never comes up.
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
    /// # clusters/live/namespaces.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: namespaces
    ///   namespace: flux-system
    /// spec:
    ///   path: ./namespaces
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: shop
    /// data:
    ///   colour: a
    /// # namespaces/shop.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Depend on the other, or move what is needed into the Kustomization that needs it.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   dependsOn:
    ///     - name: namespaces
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::PROVIDER_NOT_FIRST,
        name: "provider-not-first",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, dependencies: <https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>",
        ],
    }
}
