declare_rule! {
    /// ## What it does
    /// Reports a value of the right type that the API server refuses all the same. It is a number
    /// out of its range, a text that does not match a pattern, a selector that does not select the
    /// labels of its own template, or whatever else the code of Kubernetes asks of its kinds.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization. Most of
    /// these rules are in no published schema.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: website
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29
    /// ```
    ///
    /// ## How to fix
    /// Change the value as the message says.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29
    /// ```
    RULE {
        code: crate::codes::INVALID_VALUE,
        name: "invalid-value",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/kubernetes-api/>",
        ],
    }
}
