declare_rule! {
    /// ## What it does
    /// Reports a chart that cannot be loaded or used.
    /// A file cannot be read, `Chart.yaml` lacks what it must have, a dependency is missing, or a values file does not exist.
    ///
    /// ## Why it matters
    /// Nothing of the release is installed.
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
    /// Mend the chart where it is in the tree, else take another version of it.
    /// ```yaml
    /// # charts/web/Chart.yaml
    /// apiVersion: v2
    /// name: web
    /// version: 1.0.0
    /// ```
    RULE {
        code: crate::codes::INVALID_CHART,
        name: "invalid-chart",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, charts: <https://helm.sh/docs/topics/charts/>",
        ],
    }
}
