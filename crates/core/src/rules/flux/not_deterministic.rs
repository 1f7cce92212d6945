declare_rule! {
    /// ## What it does
    /// Reports a template of a ResourceSet that prints something else each time it is run, because a function
    /// in it reads the clock.
    ///
    /// ## Why it matters
    /// Each reconciliation applies other objects than the one before, and what was checked is not what is
    /// applied.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: fluxcd.controlplane.io/v1
    /// kind: ResourceSet
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: ConfigMap
    ///     metadata:
    ///       name: built
    ///       namespace: flux-system
    ///     data:
    ///       age: << ago (toDate "2006-01-02" "2026-01-02") | quote >>
    /// ```
    ///
    /// ## How to fix
    /// Take the value from an input.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: fluxcd.controlplane.io/v1
    /// kind: ResourceSet
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   inputs:
    ///     - date: "2026-01-02"
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: ConfigMap
    ///     metadata:
    ///       name: built
    ///       namespace: flux-system
    ///     data:
    ///       date: << inputs.date | quote >>
    /// ```
    RULE {
        code: crate::codes::NOT_DETERMINISTIC,
        name: "not-deterministic",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://fluxoperator.dev/docs/crd/resourceset/>",
        ],
    }
}
