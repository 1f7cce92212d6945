declare_rule! {
    /// ## What it does
    /// Reports a patch that is none, or that does not fit the object it is merged into. A patch is a part
    /// of an object (strategic merge) or a list of operations (JSON 6902).
    ///
    /// ## Why it matters
    /// The build fails. kustomize guesses the kind of a patch from its text, so a slip in a list of
    /// operations makes it try the other kind, and its message is then about something that was never meant.
    ///
    /// ## Example
    /// A list of operations selects nothing by itself, so it needs a target:
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - patch: |-
    ///       - op: replace
    ///         path: /spec/type
    ///         value: NodePort
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   type: ClusterIP
    /// ```
    ///
    /// ## How to fix
    /// Give a list of operations a `target`. A part of an object needs `apiVersion`, `kind` and
    /// `metadata.name`, or a `target` too.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - target:
    ///       kind: Service
    ///       name: web
    ///     patch: |-
    ///       - op: replace
    ///         path: /spec/type
    ///         value: NodePort
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_PATCH,
        name: "invalid-patch",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/>",
        ],
    }
}
