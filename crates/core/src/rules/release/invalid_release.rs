declare_rule! {
    /// ## What it does
    /// Reports a HelmRelease that cannot be installed whatever its chart is: Helm does not take its name, or source-controller its source.
    ///
    /// ## Why it matters
    /// helm-controller fails, and nothing is installed or upgraded.
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
    ///   releaseName: Web_1
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
    ///
    /// ## How to fix
    /// Write a name of small letters, digits, `-` and `.`; a HelmRepository of type `oci` has a URL that starts with `oci://`.
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
    ///   releaseName: web-1
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
