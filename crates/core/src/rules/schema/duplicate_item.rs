declare_rule! {
    /// ## What it does
    /// Reports an item of a list that is there already. Where items are told apart by a key, such
    /// as the name of a variable or a container, equal keys are enough.
    ///
    /// ## Why it matters
    /// A server-side apply refuses the object, and Flux applies nothing of its Kustomization.
    /// `kubectl create` takes some of these with a warning.
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
    ///       env:
    ///         - name: LEVEL
    ///           value: info
    ///         - name: LEVEL
    ///           value: debug
    /// ```
    ///
    /// ## How to fix
    /// Take one of them out.
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
    ///       env:
    ///         - name: LEVEL
    ///           value: debug
    /// ```
    RULE {
        code: crate::codes::DUPLICATE_ITEM,
        name: "duplicate-item",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/reference/using-api/server-side-apply/>",
        ],
    }
}
