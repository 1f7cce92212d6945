declare_rule! {
    /// ## What it does
    /// Reports a field of an object that a transformer must change and whose value has the wrong type.
    /// Labels that are a list are one.
    ///
    /// ## Why it matters
    /// The build fails in the transformer, though the object is at fault: with `labels`, `namespace`,
    /// `images` and the like kustomize must walk into the object and finds something else than the API has
    /// there. The API server would refuse the object too.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// labels:
    ///   - pairs:
    ///       team: shop
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels:
    ///     - app
    /// ```
    ///
    /// ## How to fix
    /// Write the field of the object as its API wants it.
    /// ```yaml
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// ```
    RULE {
        code: tidegate_kustomize::codes::UNSUITABLE_FIELD,
        name: "unsuitable-field",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>",
        ],
    }
}
