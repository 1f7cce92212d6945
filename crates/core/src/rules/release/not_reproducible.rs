declare_rule! {
    /// ## What it does
    /// Reports a chart that calls functions whose result is another one each time, such as `randAlphaNum`, `genCA` or `now`.
    ///
    /// ## Why it matters
    /// Each upgrade of the release may give other passwords or certificates, and restart what uses them. What is shown of such objects is one of
    /// many results. Many charts look first whether the cluster has the object already, which cannot be told from the tree.
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
    /// # charts/web/templates/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   host: {{ randAlphaNum 8 }}
    /// ```
    ///
    /// ## How to fix
    /// Give the chart the value, or the name of a Secret that has it.
    /// ```yaml
    /// # charts/web/templates/settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   host: {{ .Values.host | default "x" }}
    /// ```
    RULE {
        code: crate::codes::NOT_REPRODUCIBLE,
        name: "not-reproducible",
        severity: Info,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, template functions: <https://helm.sh/docs/chart_template_guide/function_list/>",
        ],
    }
}
