declare_rule! {
    /// ## What it does
    /// Reports a ResourceSet that takes inputs from a ResourceSetInputProvider that its namespace does not have.
    ///
    /// Where something that was not rendered could provide it, the ResourceSet is counted as not rendered
    /// instead.
    ///
    /// ## Why it matters
    /// The Flux Operator makes nothing of the ResourceSet until the provider exists. What it applied before
    /// stays as it is.
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
    ///   inputsFrom:
    ///     - name: tenants
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.name >>
    /// ```
    ///
    /// ## How to fix
    /// Add the provider to the namespace of the ResourceSet, correct the name, or declare in `inputs` of
    /// `tidegate.toml` what a provider exports that is not in the tree.
    /// ```yaml
    /// # clusters/live/tenants.yaml
    /// apiVersion: fluxcd.controlplane.io/v1
    /// kind: ResourceSetInputProvider
    /// metadata:
    ///   name: tenants
    ///   namespace: flux-system
    /// spec:
    ///   type: Static
    ///   defaultValues:
    ///     name: shop
    /// ```
    RULE {
        code: crate::codes::INPUT_PROVIDER_MISSING,
        name: "input-provider-missing",
        severity: Error,
        since: "0.1.0",
        scope: Graph,
        fix: None,
        sources: [
            "<https://fluxoperator.dev/docs/crd/resourceset/>",
        ],
    }
}
