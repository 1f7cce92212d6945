declare_rule! {
    /// ## What it does
    /// Reports a ResourceSet whose objects cannot be made: a template fails with one of the inputs, or
    /// what it prints are no objects.
    ///
    /// ## Why it matters
    /// The Flux Operator applies nothing of the ResourceSet, and leaves what it applied before as it
    /// was.
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
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.nmae >>
    /// ```
    ///
    /// ## How to fix
    /// Write the key as the inputs have it. A key that only some inputs have is read with
    /// `index inputs "name"`, which gives nothing where it is absent.
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
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.name >>
    /// ```
    RULE {
        code: crate::codes::TEMPLATE_FAILS,
        name: "template-fails",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://fluxoperator.dev/docs/crd/resourceset/>",
        ],
    }
}
