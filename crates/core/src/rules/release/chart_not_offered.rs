declare_rule! {
    /// ## What it does
    /// Reports a HelmRelease that asks for a chart which its source does not have.
    /// What a source has is known once `tidegate charts fetch` has asked it.
    ///
    /// ## Why it matters
    /// source-controller finds no chart, and nothing is installed or upgraded.
    ///
    /// ## Example
    /// ```yaml
    /// apiVersion: helm.toolkit.fluxcd.io/v2
    /// kind: HelmRelease
    /// metadata:
    ///   name: web
    ///   namespace: apps
    /// spec:
    ///   chart:
    ///     spec:
    ///       chart: pod-info
    ///       version: 6.1.4
    ///       sourceRef:
    ///         kind: HelmRepository
    ///         name: podinfo
    /// ```
    ///
    /// ## How to fix
    /// Name a chart that the source has: the help lists those with a similar name. Or name another source.
    RULE {
        code: crate::codes::CHART_NOT_OFFERED,
        name: "chart-not-offered",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmChart: <https://fluxcd.io/flux/components/source/helmcharts/>",
        ],
    }
}
