declare_rule! {
    /// ## What it does
    /// Reports a HelmRelease whose chart comes from a HelmRepository, OCIRepository or HelmChart that the cluster does not have.
    ///
    /// ## Why it matters
    /// The release waits for that object, and nothing is installed. Where something that is not rendered could provide it, it is counted as not
    /// rendered instead.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: helm.toolkit.fluxcd.io/v2
    /// kind: HelmRelease
    /// metadata:
    ///   name: web
    ///   namespace: flux-system
    /// spec:
    ///   interval: 10m
    ///   chartRef:
    ///     kind: HelmChart
    ///     name: wbe
    /// # clusters/live/chart.yaml
    /// apiVersion: source.toolkit.fluxcd.io/v1
    /// kind: HelmChart
    /// metadata:
    ///   name: web
    ///   namespace: flux-system
    /// spec:
    ///   interval: 10m
    ///   chart: ./charts/web
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # charts/web/Chart.yaml
    /// apiVersion: v2
    /// name: web
    /// version: 1.0.0
    /// ```
    ///
    /// ## How to fix
    /// Name an object that is there. Without a `namespace`, it is looked for in that of the HelmRelease.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: helm.toolkit.fluxcd.io/v2
    /// kind: HelmRelease
    /// metadata:
    ///   name: web
    ///   namespace: flux-system
    /// spec:
    ///   interval: 10m
    ///   chartRef:
    ///     kind: HelmChart
    ///     name: web
    /// ```
    RULE {
        code: crate::codes::CHART_SOURCE_MISSING,
        name: "chart-source-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmRelease: <https://fluxcd.io/flux/components/helm/helmreleases/>",
        ],
    }
}
