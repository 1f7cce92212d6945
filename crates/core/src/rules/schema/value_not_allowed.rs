declare_rule! {
    /// ## What it does
    /// Reports a value that is none of those that its field takes.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization.
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
    ///   type: NodePrt
    ///   ports:
    ///     - port: 80
    /// ```
    ///
    /// ## How to fix
    /// Write one of the values that the help lists; upper and lower case count.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   type: NodePort
    ///   ports:
    ///     - port: 80
    /// ```
    RULE {
        code: crate::codes::VALUE_NOT_ALLOWED,
        name: "value-not-allowed",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: Sometimes,
        sources: [
            "<https://kubernetes.io/docs/reference/kubernetes-api/>",
        ],
    }
}
