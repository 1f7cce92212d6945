declare_rule! {
    /// ## What it does
    /// Reports a HelmRelease that cannot be installed whatever its chart is: it names no chart or two, a source that cannot have one, a policy
    /// that does not exist, or a release name that Helm does not take.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and with it all of the Kustomization that applies it; or helm-controller fails and installs nothing.
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
    ///   values: {}
    /// ```
    ///
    /// ## How to fix
    /// Name the chart, either below `chart` or by `chartRef`.
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
    ///   host: web.example.com
    /// ```
    RULE {
        code: crate::codes::INVALID_RELEASE,
        name: "invalid-release",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmRelease: <https://fluxcd.io/flux/components/helm/helmreleases/>",
        ],
    }
}
