declare_rule! {
    /// ## What it does
    /// Reports a template of a chart that prints what is not YAML.
    /// Mostly a value must be in quotes, or is not indented.
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
    ///     host: 'a: b'
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
    ///   host: {{ .Values.host }}
    /// ```
    ///
    /// ## How to fix
    /// In a chart of the tree, print the value with `quote` or `toYaml`. Else change the value.
    /// ```yaml
    /// # charts/web/templates/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   host: {{ quote .Values.host }}
    /// ```
    RULE {
        code: crate::codes::CHART_OUTPUT_NOT_YAML,
        name: "chart-output-not-yaml",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, template guide: <https://helm.sh/docs/chart_template_guide/functions_and_pipelines/>",
        ],
    }
}
