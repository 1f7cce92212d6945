declare_rule! {
    /// ## What it does
    /// Reports a key of the inputs of a ResourceSet that none of its templates reads. What a template takes as
    /// a whole (`range`, `toYaml inputs`) counts as read, and so does every key whose name is in a template.
    ///
    /// ## Why it matters
    /// What was meant to be set is not: most often the name is misspelt here or in the template.
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
    ///   inputs:
    ///     - name: shop
    ///       quota: 10
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.name >>
    /// ```
    ///
    /// ## How to fix
    /// Take the key out, or read it in a template.
    /// ```yaml
    /// # clusters/live/apps.yaml
    /// apiVersion: fluxcd.controlplane.io/v1
    /// kind: ResourceSet
    /// metadata:
    ///   name: apps
    ///   namespace: flux-system
    /// spec:
    ///   inputs:
    ///     - name: shop
    ///       quota: 10
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.name >>
    ///       annotations:
    ///         quota: << inputs.quota | quote >>
    /// ```
    RULE {
        code: crate::codes::UNREAD_INPUT,
        name: "unread-input",
        severity: Warning,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://fluxoperator.dev/docs/crd/resourceset/>",
        ],
    }
}
