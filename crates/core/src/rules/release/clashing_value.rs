declare_rule! {
    /// ## What it does
    /// Reports values of a HelmRelease that are a map where the chart's own value is none, or the other way around.
    ///
    /// ## Why it matters
    /// Helm prints a warning that nobody sees in the cluster, and goes on with the value that is given. A template that looks for a key in it
    /// fails, and one that prints it prints `map[...]`.
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
    ///   image: {{ toYaml .Values.image | quote }}
    /// # charts/web/values.yaml
    /// image:
    ///   repository: nginx
    ///   tag: latest
    /// ```
    ///
    /// ## How to fix
    /// Give the value the form that it has in the chart.
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
    ///       repository: nginx
    /// ```
    RULE {
        code: crate::codes::CLASHING_VALUE,
        name: "clashing-value",
        severity: Warning,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, values files: <https://helm.sh/docs/chart_template_guide/values_files/>",
        ],
    }
}
