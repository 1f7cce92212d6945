declare_rule! {
    /// ## What it does
    /// Reports a YAML file with objects that no cluster applies. It looks around the folders that clusters
    /// do apply.
    ///
    /// Charts, hidden files, files without `apiVersion`, `kind` and a name, and Components that no one asks
    /// for are not reported. While there is a ResourceSet or a source that was not rendered and could reach
    /// a file, the file is counted instead. Nothing is reported where clusters are left out of the check.
    ///
    /// ## Why it matters
    /// What is in the file is not in any cluster: an alert that never fires, a policy that does not hold.
    /// Most often the entry in `resources` was forgotten.
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
    ///   - shop.yaml
    /// # apps/shop.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// # apps/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   namespace: shop
    /// data:
    ///   colour: a
    /// ```
    ///
    /// ## How to fix
    /// Name the file in `resources`, or remove it.
    /// ```yaml
    /// # apps/kustomization.yaml
    /// resources:
    ///   - shop.yaml
    ///   - settings.yaml
    /// ```
    RULE {
        code: crate::codes::UNREACHED_FILE,
        name: "unreached-file",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
        ],
    }
}
