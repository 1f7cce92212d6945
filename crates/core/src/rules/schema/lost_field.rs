declare_rule! {
    /// ## What it does
    /// Reports a field of a rendered object that its kind of Kubernetes does not have.
    ///
    /// ## Why it matters
    /// Flux reads these objects into the types of Kubernetes before it applies them, and drops what
    /// has no place there. The API server never sees the field, so nobody is told: the object is
    /// applied, and what the field was to do does not happen.
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
    ///   seletor:
    ///     app: web
    ///   ports:
    ///     - port: 80
    /// ```
    ///
    /// ## How to fix
    /// Write the field as its kind has it, at its place.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// spec:
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - port: 80
    /// ```
    RULE {
        code: crate::codes::LOST_FIELD,
        name: "lost-field",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: Sometimes,
        sources: [
            "<https://github.com/fluxcd/pkg/tree/main/ssa>",
        ],
    }
}
