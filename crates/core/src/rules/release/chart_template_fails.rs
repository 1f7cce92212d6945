declare_rule! {
    /// ## What it does
    /// Reports a template of a chart that cannot be read, or that fails with the values of a HelmRelease.
    /// A function gets something that it cannot take, or a field is looked up in what has none. Where the template names a value, that value is shown,
    /// else the version of the chart.
    ///
    /// ## Why it matters
    /// Nothing of the release is installed or upgraded.
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
    ///   values:
    ///     image: nginx
    /// # charts/web/Chart.yaml
    /// apiVersion: v2
    /// name: web
    /// version: 1.0.0
    /// # charts/web/templates/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   host: {{ .Values.image.tag }}
    /// ```
    ///
    /// ## How to fix
    /// Change the value to what the template expects. In a chart that is not in the tree, a default that the value replaces tells what that is.
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
    ///   values:
    ///     image:
    ///       tag: 1.27.0
    /// ```
    RULE {
        code: crate::codes::CHART_TEMPLATE_FAILS,
        name: "chart-template-fails",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, template guide: <https://helm.sh/docs/chart_template_guide/>",
        ],
    }
}
