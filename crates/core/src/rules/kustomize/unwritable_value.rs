declare_rule! {
    /// ## What it does
    /// Reports a value that the output of a build cannot hold. These are infinity, not-a-number, and text
    /// with characters that YAML does not allow.
    ///
    /// ## Why it matters
    /// kustomize writes its output by way of JSON and fails at the end of a build that went well until
    /// then, with a message that names neither the object nor the file.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - limits.yaml
    /// # limits.yaml
    /// apiVersion: example.com/v1
    /// kind: Limits
    /// metadata:
    ///   name: limits
    /// spec:
    ///   most: .inf
    /// ```
    ///
    /// ## How to fix
    /// Write a number, or put the word in quotes if text is meant.
    /// ```yaml
    /// # limits.yaml
    /// apiVersion: example.com/v1
    /// kind: Limits
    /// metadata:
    ///   name: limits
    /// spec:
    ///   most: ".inf"
    /// ```
    RULE {
        code: tidegate_kustomize::codes::UNWRITABLE,
        name: "unwritable-value",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "JSON has no infinity: <https://www.rfc-editor.org/rfc/rfc8259#section-6>",
        ],
    }
}
