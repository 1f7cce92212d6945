declare_rule! {
    /// ## What it does
    /// Reports values that cannot be read or put together.
    /// The text of a key of `valuesFrom` is not YAML or no mapping, a `targetPath` leads into something that is no mapping, or the chart's own values do
    /// not fit.
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
    ///   valuesFrom:
    ///     - kind: ConfigMap
    ///       name: web-values
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
    ///   host: '{{ .Values.host }}'
    /// # clusters/live/values.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web-values
    ///   namespace: apps
    /// data:
    ///   values.yaml: |
    ///     - host: web.example.com
    /// ```
    ///
    /// ## How to fix
    /// Mend the text. Values are a mapping from the names that the chart gives them.
    /// ```yaml
    /// # clusters/live/values.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web-values
    ///   namespace: apps
    /// data:
    ///   values.yaml: |
    ///     host: web.example.com
    /// ```
    RULE {
        code: crate::codes::INVALID_VALUES,
        name: "invalid-values",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmRelease, values: <https://fluxcd.io/flux/components/helm/helmreleases/#values>",
        ],
    }
}
