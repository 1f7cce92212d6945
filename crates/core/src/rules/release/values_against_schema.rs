declare_rule! {
    /// ## What it does
    /// Reports values that are not as `values.schema.json` of the chart wants them.
    ///
    /// ## Why it matters
    /// Helm refuses them before it looks at any template, and nothing of the release is installed or upgraded. `disableSchemaValidation` turns that
    /// off, and templates that count on the schema may then print nonsense.
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
    ///     replicas: many
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
    ///   host: web.example.com
    /// # charts/web/values.schema.json
    /// {"properties": {"replicas": {"type": "integer"}}}
    /// ```
    ///
    /// ## How to fix
    /// Change the values as the schema asks for.
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
    ///     replicas: 2
    /// ```
    RULE {
        code: crate::codes::VALUES_AGAINST_SCHEMA,
        name: "values-against-schema",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, schema files: <https://helm.sh/docs/topics/charts/#schema-files>",
        ],
    }
}
