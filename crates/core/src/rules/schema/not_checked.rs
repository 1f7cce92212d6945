declare_rule! {
    /// ## What it does
    /// Reports the objects of a kind of which nothing is known, with `--require-complete`. Without
    /// the flag they are counted in the summary.
    ///
    /// ## Why it matters
    /// A kind that is not built into Kubernetes is defined by a CustomResourceDefinition. Where it
    /// is not in the tree, and not among those that come with tidegate, nothing can be said of its
    /// objects.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: example.com/v1
    /// kind: Website
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// ```
    ///
    /// ## How to fix
    /// Have the CustomResourceDefinition in the tree, or add a file that has it with `tidegate
    /// schema add`.
    /// ```yaml
    /// # clusters/live/definition.yaml
    /// apiVersion: apiextensions.k8s.io/v1
    /// kind: CustomResourceDefinition
    /// metadata:
    ///   name: websites.example.com
    /// spec:
    ///   group: example.com
    ///   scope: Namespaced
    ///   names:
    ///     kind: Website
    ///     plural: websites
    ///     singular: website
    ///     listKind: WebsiteList
    ///   versions:
    ///     - name: v1
    ///       served: true
    ///       storage: true
    ///       schema:
    ///         openAPIV3Schema:
    ///           type: object
    /// ```
    RULE {
        code: crate::codes::NOT_CHECKED,
        name: "not-checked",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>",
        ],
    }
}
