declare_rule! {
    /// ## What it does
    /// Reports a key that is not text: a number, a boolean, null, a list or a mapping.
    ///
    /// ## Why it matters
    /// Objects of Kubernetes are JSON, whose keys are text. kustomize refuses such a key instead of
    /// guessing how to write it. The usual victims are the data of a ConfigMap, where ports, versions or
    /// `true` stand as keys.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - ports.yaml
    /// # ports.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: ports
    /// data:
    ///   8080: http
    /// ```
    ///
    /// ## How to fix
    /// Put the key in quotes.
    /// ```yaml
    /// # ports.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: ports
    /// data:
    ///   "8080": http
    /// ```
    RULE {
        code: tidegate_yaml::codes::KEY_NOT_TEXT,
        name: "key-not-text",
        severity: Error,
        since: "0.1.0",
        scope: Document,
        fix: None,
        sources: [
            "JSON has text as keys only: <https://www.rfc-editor.org/rfc/rfc8259#section-4>",
        ],
    }
}
