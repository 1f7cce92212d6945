declare_rule! {
    /// ## What it does
    /// Reports a name, namespace, label, annotation or finalizer that no object may have.
    ///
    /// ## Why it matters
    /// The API server refuses the object, and Flux applies nothing of its Kustomization. Prefixes,
    /// variables and generators can make a name too long or bring in letters that it may not have.
    ///
    /// ## Example
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web_settings
    ///   namespace: shop
    /// ```
    ///
    /// ## How to fix
    /// Use small letters, digits and `-` in names; a label has at most 63 characters.
    /// ```yaml
    /// # clusters/live/web.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web-settings
    ///   namespace: shop
    /// ```
    RULE {
        code: crate::codes::INVALID_METADATA,
        name: "invalid-metadata",
        severity: Error,
        since: "0.1.0",
        scope: Object,
        fix: None,
        sources: [
            "<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>",
            "<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>",
        ],
    }
}
