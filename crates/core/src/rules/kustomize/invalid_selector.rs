declare_rule! {
    /// ## What it does
    /// Reports a selector that does not parse. It is a regular expression in a target or an image name, or
    /// a `labelSelector` or `annotationSelector`.
    ///
    /// ## Why it matters
    /// `group`, `version`, `kind`, `name` and `namespace` of a target are regular expressions that must fit
    /// the whole value. One that does not parse makes the build fail; in the name of an image it makes
    /// kustomize crash.
    ///
    /// ## Example
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - target:
    ///       kind: Service
    ///       name: web-(
    ///     patch: |-
    ///       - op: add
    ///         path: /metadata/labels
    ///         value: {team: shop}
    /// # web.yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web-shop
    /// ```
    ///
    /// ## How to fix
    /// Close brackets, and put a `\` before a character that is meant as such. `.*` stands for any text.
    /// ```yaml
    /// # kustomization.yaml
    /// resources:
    ///   - web.yaml
    /// patches:
    ///   - target:
    ///       kind: Service
    ///       name: web-.*
    ///     patch: |-
    ///       - op: add
    ///         path: /metadata/labels
    ///         value: {team: shop}
    /// ```
    RULE {
        code: tidegate_kustomize::codes::INVALID_SELECTOR,
        name: "invalid-selector",
        severity: Error,
        since: "0.1.0",
        scope: Build,
        fix: None,
        sources: [
            "The regular expressions of Go: <https://github.com/google/re2/wiki/Syntax>",
            "Selectors of labels: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>",
        ],
    }
}
