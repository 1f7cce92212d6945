declare_rule! {
    /// ## What it does
    /// Reports a ResourceSet with `inputs: []` whose templates read inputs. It is an error where they fail
    /// without, and a warning where they do not.
    ///
    /// ## Why it matters
    /// To the Flux Operator an empty list is no list at all: it does not run the templates for none of the
    /// inputs, but once, without any. A template that reads `inputs.name` then fails, and nothing of the
    /// ResourceSet is applied; what it applied before stays.
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
    ///   inputs: []
    ///   resourcesTemplate: |
    ///     apiVersion: v1
    ///     kind: Namespace
    ///     metadata:
    ///       name: << inputs.name >>
    /// ```
    ///
    /// ## How to fix
    /// List inputs, or take the ResourceSet out until there are some.
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
        code: crate::codes::EMPTY_INPUTS,
        name: "empty-inputs",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://fluxoperator.dev/docs/crd/resourceset/>",
        ],
    }
}
