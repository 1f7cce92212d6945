declare_rule! {
    /// ## What it does
    /// Reports a value of another type than its field takes, such as a number where text belongs.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization. Often
    /// quotes are missing or too many: labels, annotations and variables of containers are text,
    /// ports and replicas are numbers.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   ports:
    ///     - port: '80'
    /// ```
    ///
    /// ## How to fix
    /// Write a value of the type that the message names.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   ports:
    ///     - port: 80
    /// ```
    RULE {
        code: crate::codes::MISTYPED_VALUE,
        name: "mistyped-value",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/kubernetes-api/>",
        ],
    }
}
