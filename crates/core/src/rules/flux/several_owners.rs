declare_rule! {
    /// ## What it does
    /// Reports an object that several Kustomizations of a cluster apply. It is an error where they apply it
    /// with different content.
    ///
    /// ## Why it matters
    /// Each takes the object over with every reconciliation: Flux notes the owner in its labels. Where the
    /// content differs, it changes back and forth.
    ///
    /// Where one of them no longer has the object and prunes, it deletes it if its labels are on it just
    /// then, although the other still has it. With a Namespace or a volume claim, data goes with it.
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
    /// # clusters/live/jobs.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: jobs
    ///   namespace: flux-system
    /// spec:
    ///   path: ./jobs
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/shop.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// # jobs/shop.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ## How to fix
    /// Keep the object in one of them and let the others depend on it.
    /// ```yaml
    /// # jobs/shop.yaml (removed)
    /// # jobs/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: shop
    /// data:
    ///   colour: a
    /// # clusters/live/jobs.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: jobs
    ///   namespace: flux-system
    /// spec:
    ///   dependsOn:
    ///     - name: apps
    ///   path: ./jobs
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// ```
    RULE {
        code: crate::codes::SEVERAL_OWNERS,
        name: "several-owners",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, Kustomization, prune: <https://fluxcd.io/flux/components/kustomize/kustomizations/#prune>",
        ],
    }
}
