declare_rule! {
    /// ## What it does
    /// Reports a field that may not be set beside others, such as two sources of one volume.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29
    ///   volumes:
    ///     - name: cache
    ///       emptyDir: {}
    ///       hostPath:
    ///         path: /var/cache
    /// ```
    ///
    /// ## How to fix
    /// Take one of the fields out.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29
    ///   volumes:
    ///     - name: cache
    ///       emptyDir: {}
    /// ```
    RULE {
        code: crate::codes::FORBIDDEN_VALUE,
        name: "forbidden-value",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/kubernetes-api/>",
        ],
    }
}
