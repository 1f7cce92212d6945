declare_rule! {
    /// ## What it does
    /// Reports a JSON patch operation that cannot be done. Its path is not there, its `test` does not hold,
    /// or it is not a valid operation.
    ///
    /// ## Why it matters
    /// The build fails with the first operation that cannot be done, so Flux applies nothing. A path must
    /// exist for `remove`, `test`, and what `move` and `copy` read; for `add` and `replace` all of it but
    /// the last part must. (By the RFC `replace` needs the last part too; kustomize adds it, so a misspelt
    /// `replace` goes through and makes a field that nobody reads.) `/` within a key is written `~1`, and
    /// `~` is written `~0`.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - target:
    ///       kind: Deployment
    ///     patch: |-
    ///       - op: add
    ///         path: /spec/strategy/type
    ///         value: Recreate
    /// # web.yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 1
    /// ```
    ///
    /// ## How to fix
    /// Write a path that the object has at that point of the build, or add what is above it first.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - target:
    ///       kind: Deployment
    ///     patch: |-
    ///       - op: add
    ///         path: /spec/strategy
    ///         value:
    ///           type: Recreate
    /// ```
    RULE {
        code: tidegate_kustomize::codes::JSON_PATCH_FAILED,
        name: "json-patch-failed",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "RFC 6902: <https://www.rfc-editor.org/rfc/rfc6902>",
        ],
    }
}
