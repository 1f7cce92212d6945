declare_rule! {
    /// ## What it does
    /// Reports a chart whose `kubeVersion` does not allow the version of Kubernetes that the cluster has.
    ///
    /// ## Why it matters
    /// Helm refuses to install or upgrade the release.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: helm.toolkit.fluxcd.io/v2
    /// kind: HelmRelease
    /// metadata:
    ///   name: web
    ///   namespace: apps
    /// spec:
    ///   interval: 10m
    ///   chart:
    ///     spec:
    ///       chart: ./charts/web
    ///       sourceRef:
    ///         kind: GitRepository
    ///         name: flux-system
    ///         namespace: flux-system
    /// # charts/web/Chart.yaml
    /// apiVersion: v2
    /// name: web
    /// version: 1.0.0
    /// kubeVersion: '>= 2.0'
    /// # charts/web/templates/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   host: web.example.com
    /// ```
    ///
    /// ## How to fix
    /// Take a version of the chart that is for this Kubernetes. The version of a cluster is `kubernetes` in `tidegate.toml`.
    /// ```yaml
    /// # charts/web/Chart.yaml
    /// apiVersion: v2
    /// name: web
    /// version: 1.0.0
    /// kubeVersion: '>= 1.30.0-0'
    /// ```
    RULE {
        code: crate::codes::KUBERNETES_REFUSED,
        name: "kubernetes-refused",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, the `kubeVersion` field: <https://helm.sh/docs/topics/charts/#the-kubeversion-field>",
        ],
    }
}
