declare_rule! {
    /// ## What it does
    /// Reports values of a HelmRelease that no template of the chart reads, whatever the other values are, with the key that was likely meant.
    ///
    /// ## Why it matters
    /// Helm takes any values. A key that is misspelt, in the wrong place, or gone since an earlier version of the chart has no effect, and nobody
    /// says so: the release is installed with the chart's defaults. What a chart hands on as a whole, to `toYaml` or to a library, is not
    /// reported, nor is what the chart's own values or its schema name.
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
    ///     ingress:
    ///       hots: web.example.com
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
    ///   host: {{ .Values.ingress.host | default "localhost" }}
    /// ```
    ///
    /// ## How to fix
    /// Write the key as the chart reads it, or remove it.
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
    ///     ingress:
    ///       host: web.example.com
    /// ```
    RULE {
        code: crate::codes::UNREAD_VALUE,
        name: "unread-value",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, values files: <https://helm.sh/docs/chart_template_guide/values_files/>",
        ],
    }
}
