declare_rule! {
    /// ## What it does
    /// Reports a document that is listed as a resource and is no object of Kubernetes. It has no `kind` or
    /// no `metadata.name`, or is no mapping at all.
    ///
    /// The items of a list such as `kind: List` are objects too.
    ///
    /// ## Why it matters
    /// kustomize fails with "missing metadata.name in object" or the like, and Flux with it. Often the
    /// file is meant for something else: a patch, the values of a chart, a kustomization.yaml that was
    /// listed as a file instead of its folder.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - service.yaml
    /// # service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   labels:
    ///     app: web
    /// ```
    ///
    /// ## How to fix
    /// Add what is missing. A patch goes under `patches`, a folder is named without its kustomization.yaml.
    /// ```yaml
    /// # service.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// ```
    RULE {
        code: tidegate_kustomize::codes::NOT_A_RESOURCE,
        name: "not-a-resource",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "Required fields of an object: <https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields>",
        ],
    }
}
