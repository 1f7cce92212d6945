declare_rule! {
    /// ## What it does
    /// Reports a HelmRelease that asks for a version of a chart which its source does not have.
    /// What a source has is known once `tidegate charts fetch` has asked it. It may be a range of versions, too.
    ///
    /// ## Why it matters
    /// source-controller finds no version, and nothing is installed or upgraded. A version that was taken back is not noticed before the next
    /// cluster is made.
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
    ///       chart: podinfo
    ///       version: 6.1.44
    ///       sourceRef:
    ///         kind: HelmRepository
    ///         name: podinfo
    /// ```
    ///
    /// ## How to fix
    /// Name a version that the source has: the help lists the nearest.
    RULE {
        code: crate::codes::CHART_VERSION_NOT_OFFERED,
        name: "chart-version-not-offered",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Flux, HelmChart, version: <https://fluxcd.io/flux/components/source/helmcharts/#version>",
        ],
    }
}
