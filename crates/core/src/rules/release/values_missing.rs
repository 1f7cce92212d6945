declare_rule! {
    /// ## What it does
    /// Reports an entry of `valuesFrom` that names a ConfigMap or Secret which nothing provides, or a key that it lacks.
    ///
    /// ## Why it matters
    /// helm-controller cannot put the values together, and nothing is installed or upgraded. An entry with `optional: true` is passed over instead.
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
    ///   web.yaml: |
    ///     host: web.example.com
    /// ```
    ///
    /// ## How to fix
    /// Name a key that is there, or add it. Where something outside of the tree makes the object, declare it in `tidegate.toml`.
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
    ///       valuesKey: web.yaml
    /// ```
    RULE {
        code: crate::codes::VALUES_MISSING,
        name: "values-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmRelease, values: <https://fluxcd.io/flux/components/helm/helmreleases/#values>",
        ],
    }
}
