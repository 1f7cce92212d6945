declare_rule! {
    /// ## What it does
    /// Reports values that a chart refuses: a template calls `fail`, or `required` for a value that is not there.
    /// The message is the chart's own.
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
    ///     name: web
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
    ///   host: {{ required "host is required" .Values.host }}
    ///   name: {{ .Values.name }}
    /// ```
    ///
    /// ## How to fix
    /// Change the values as the chart asks for.
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
    ///     name: web
    ///     host: web.example.com
    /// ```
    RULE {
        code: crate::codes::CHART_REFUSES,
        name: "chart-refuses",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, the `required` function: <https://helm.sh/docs/howto/charts_tips_and_tricks/#using-the-required-function>",
        ],
    }
}
