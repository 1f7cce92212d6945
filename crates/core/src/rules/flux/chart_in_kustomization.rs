declare_rule! {
    /// ## What it does
    /// Reports a Helm chart that a kustomization names in `helmCharts` or by a generator, where Flux
    /// builds it.
    ///
    /// ## Why it matters
    /// `kustomize build --enable-helm` runs helm for it. kustomize-controller runs no programs: the
    /// build fails, and nothing of the Kustomization is applied.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/kustomization.yaml
    /// helmCharts:
    ///   - name: podinfo
    ///     repo: https://stefanprodan.github.io/podinfo
    ///     version: 6.9.0
    ///     releaseName: podinfo
    /// ```
    ///
    /// ## How to fix
    /// Write a HelmRelease for the chart, which helm-controller installs.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: kustomize.toolkit.fluxcd.io/v1
    /// kind: Kustomization
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   path: ./apps
    ///   prune: true
    ///   interval: 10m
    ///   sourceRef:
    ///     kind: GitRepository
    ///     name: flux-system
    /// # apps/kustomization.yaml
    /// resources:
    ///   - namespace.yaml
    /// # apps/namespace.yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    RULE {
        code: crate::codes::CHART_IN_KUSTOMIZATION,
        name: "chart-in-kustomization",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "Flux, Helm releases: <https://fluxcd.io/flux/components/helm/helmreleases/>",
        ],
    }
}
