declare_rule! {
    /// ## What it does
    /// Reports a key that a mapping has twice.
    ///
    /// In a resource this is an error, unless a patch takes the whole mapping out: then it is a warning. It is
    /// a warning too where kustomize takes one of the two: the last in a kustomization.yaml and in a JSON
    /// patch, the first in a strategic merge patch.
    ///
    /// ## Why it matters
    /// One of the two values is lost, and which one depends on who reads the file. kustomize refuses to
    /// build a resource with such a mapping. It comes about when a block is pasted a second time, or when
    /// two people add the same field in one merge.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - settings.yaml
    /// # settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   LOG_LEVEL: debug
    ///   CACHE: "on"
    ///   LOG_LEVEL: info
    /// ```
    ///
    /// ## How to fix
    /// Remove one of the two, or merge what is below them.
    /// ```yaml
    /// # settings.yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    /// data:
    ///   LOG_LEVEL: info
    ///   CACHE: "on"
    /// ```
    RULE {
        code: tidegate_yaml::codes::DUPLICATE_KEY,
        name: "duplicate-key",
        severity: Error,
        since: "0.1.0",
        scope: Document,
        fix: None,
        sources: [
            "YAML 1.2.2, unique keys: <https://yaml.org/spec/1.2.2/#3213-node-comparison>",
        ],
    }
}
