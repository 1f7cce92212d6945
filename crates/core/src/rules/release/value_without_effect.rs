declare_rule! {
    /// ## What it does
    /// Reports values of a HelmRelease that templates do not come to, as a switch beside them, such as `enabled`, is false. It is off unless
    /// `tidegate.toml` gives it a level.
    ///
    /// ## Why it matters
    /// Values that are kept for later are harmless, but a part of a chart that was thought to be on may be off.
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
    ///     ingress:
    ///       host: web.example.com
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
    ///   on: "{{ .Values.ingress.enabled }}"
    ///   host: {{ if .Values.ingress.enabled }}{{ .Values.ingress.host }}{{ end }}
    /// # charts/web/values.yaml
    /// ingress:
    ///   enabled: false
    /// # tidegate.toml
    /// [rules]
    /// value-without-effect = "info"
    /// ```
    ///
    /// ## How to fix
    /// Switch it on, or remove the values.
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
    ///     ingress:
    ///       enabled: true
    ///       host: web.example.com
    /// ```
    RULE {
        code: crate::codes::VALUE_WITHOUT_EFFECT,
        name: "value-without-effect",
        severity: Info,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "Helm, values files: <https://helm.sh/docs/chart_template_guide/values_files/>",
        ],
    }
}
